// One kernel of fused attention: some queries of each head against some keys, and what it computes and moves.
#pragma once

#include "workloads/compute/kernel.h"
#include "workloads/decoder/shapes.h"

namespace orrery::decoder {

// Of one sequence. Its FLOPs count keys × queries in the model, `share` of them in the hardware.
struct FlashBlock {
  std::int64_t heads = 1;
  std::int64_t kv_heads = 1;
  std::int64_t queries = 1;
  std::int64_t keys = 1;       // that the queries meet, masked ones included
  std::int64_t keys_read = 1;  // fewer where the mask hides a part of them from all queries
  double share = 1;            // of scores that are formed
  double edge = 0;             // keys more than these that a query meets, since keys come in blocks
  std::int64_t times = 1;      // such blocks in a sequence
};

// Queries that are spread evenly over a sequence of `keys` tokens, or are all of it. With causal_skip (s + 1)/2s of the
// scores are formed.
[[nodiscard]] FlashBlock whole_block(const Shapes& shapes, std::int64_t queries, std::int64_t keys);
// All of each document against itself, or against what its window shows of it.
[[nodiscard]] FlashBlock document_block(const Shapes& shapes);

[[nodiscard]] Kernel flash_forward_kernel(const Shapes& shapes, const FlashBlock& block);
// The scores are formed again: five products against the forward pass's two.
[[nodiscard]] Kernel flash_backward_kernel(const Shapes& shapes, const FlashBlock& block);
// Before the backward pass: output × its gradient, summed along rows.
[[nodiscard]] Kernel flash_row_sums(const Shapes& shapes, const FlashBlock& block);

}  // namespace orrery::decoder
