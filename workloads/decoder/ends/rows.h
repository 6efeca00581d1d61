// A few rows of the residual stream, worked on by themselves: those of masked tokens, or one of each sample.
//
// Their products' weights are held by all tensor ranks, each of which does the whole work; the model is counted it
// once.
#pragma once

#include <string>
#include <utility>

#include "workloads/decoder/linear.h"
#include "workloads/decoder/shapes.h"

namespace orrery::decoder {

// The same model and plan with `rows` rows, whole on every tensor rank.
[[nodiscard]] inline Shapes only_rows(const Shapes& shapes, std::int64_t rows) {
  Shapes few = shapes;
  few.tokens = rows;
  few.shard = rows;
  few.sequence_parallel = false;
  return few;
}

// A product that tensor ranks (and, of one row a sample, context ranks) do in common.
[[nodiscard]] inline Linear common_product(const Shapes& shapes, std::string name, std::int64_t in, std::int64_t out,
                                           std::int64_t rows, std::int64_t by = 1) {
  return {.name = std::move(name),
          .in = in,
          .out = out,
          .rows = rows,
          .bias = true,
          .flop_share = 1 / static_cast<double>(shapes.tensor * by)};
}

}  // namespace orrery::decoder
