// Low-rank adapters: which matrices of a frozen model are trained by a product of two narrow ones beside them.
//
// Law. Beside a frozen W of h×n stand A (h×r) and B (r×n): y = x·W + (x·A)·B, r·(h + n) weights to learn. Gradients of
// W are never made; that of x still is. Everything else is frozen too: norms, biases, tables.
//
// Source: Hu et al. 2021 (arXiv 2106.09685); frozen weights in nf4, made 16-bit before each product: Dettmers et al.
// 2023 (arXiv 2305.14314).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/base/yaml.h"

namespace orrery {

struct Adapters {
  std::int64_t rank = 0;  // 0: none; the model itself is trained
  bool query = false;     // of which matrices, each with an A of its own
  bool key = false;
  bool value = false;
  bool output = false;  // of attention
  bool mlp_in = false;  // of a gated MLP two
  bool mlp_out = false;
  bool nf4 = false;  // frozen weights of linear layers are kept in nf4

  [[nodiscard]] bool any() const { return rank > 0; }
  [[nodiscard]] bool on_attention() const { return query || key || value || output; }
  [[nodiscard]] bool on_mlp() const { return mlp_in || mlp_out; }
  [[nodiscard]] std::vector<std::string> names() const;  // of the matrices: "query", …
  friend bool operator==(const Adapters&, const Adapters&) = default;
};

// What a plan's `train:` says: {lora: {rank: 16, on: [query, value], frozen: nf4}}. `on` lists query, key, value,
// output, mlp_in, mlp_out, or attention and mlp for all of theirs; absent: attention. `frozen: bf16 | nf4` is optional.
[[nodiscard]] Adapters read_adapters(const yaml::Node& train);

}  // namespace orrery
