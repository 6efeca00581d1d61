// Parts of a layer that a backward pass forms again instead of reading what the forward pass kept.
//
// Source: Megatron Core's --recompute-modules: core_attn, layernorm, moe_act, mla_up_proj, mlp, moe, shared_experts.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/base/yaml.h"

namespace orrery {

struct RecomputeModules {
  bool core_attention = false;  // what the core keeps: scores, or rows' sums
  bool norms = false;           // results of norms that linear layers read
  bool mlp_activation = false;  // what stands behind activations, in MLPs and experts
  bool latent_up = false;       // queries, keys and values, from the latents of latent attention
  bool mlp = false;             // all of an MLP but what it reads
  bool experts = false;         // all of an experts sub-layer but what it reads, rows sent once more
  bool shared_experts = false;  // of experts that every token takes, all but what they read

  [[nodiscard]] std::vector<std::string> names() const;  // "core_attention", …, in this order
  friend bool operator==(const RecomputeModules&, const RecomputeModules&) = default;
};

// A list of their names; InputError for one that is none or stands there twice, and for an empty list.
[[nodiscard]] RecomputeModules read_recompute_modules(const yaml::Node& list);

}  // namespace orrery
