// A network model as a file names it: `network: fluid`, or `network: {name: packet, control: credit}`.
#pragma once

#include <string>

#include "sim/base/yaml.h"
#include "sim/network/network.h"

namespace orrery {

struct NetworkChoice {
  const NetworkKind* kind = nullptr;
  NetworkMaker make;  // empty: kind->make will do
};

// InputError for a name that isn't registered and for parameters that the model doesn't have.
[[nodiscard]] NetworkChoice read_network(const yaml::Node& node);

}  // namespace orrery
