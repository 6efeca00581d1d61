// How a plan asks for gradients to be compressed, and how that is set.
#pragma once

#include <cstdint>
#include <string>

#include "sim/base/yaml.h"

namespace orrery {

struct CompressionChoice {
  std::string kind;       // a Compressors name; empty: none
  std::int64_t rank = 4;  // of low-rank factors
  double share = 0.01;    // of gradients that are sent

  [[nodiscard]] bool any() const { return !kind.empty(); }
  friend bool operator==(const CompressionChoice&, const CompressionChoice&) = default;
};

// A plan's `gradient_compression:`: one_bit, none, or {kind: powersgd, rank: 4}, {kind: top_k, share: 1 %}; rank and
// share are optional, and InputErrors where the kind hasn't got them.
[[nodiscard]] CompressionChoice read_compression(const yaml::Node& node);

}  // namespace orrery
