// Which sub-layers each layer of a model has, from a short text.
//
// A layer is written as its sub-layers' letters, layers stand apart, and a number before brackets repeats what is in
// them: "3(*-) 58(*E)" are three layers of attention and MLP, then 58 of attention and experts; "4(M- ME *E)" are
// twelve. The letters of hybrid models are those of NVIDIA's hybrid_override_pattern: M, *, -.
#pragma once

#include <string>
#include <vector>

#include "sim/base/yaml.h"

namespace orrery {

// InputError where a letter stands for nothing, brackets don't match, or there are more or fewer layers than `layers`.
[[nodiscard]] std::vector<std::string> read_layer_pattern(const yaml::Node& node, std::int64_t layers);

}  // namespace orrery
