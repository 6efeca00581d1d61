// Two words, and the models that leave no choice.
#include "sim/scenario/granularity.h"

#include <fmt/format.h>

namespace orrery {

Granularity read_granularity(const std::optional<yaml::Node>& node, const NetworkKind& network) {
  if (!node) return network.is_stepwise ? Granularity::kStepwise : Granularity::kFluid;
  const bool is_fluid = node->choice("granularity", {"fluid", "stepwise"}) == 0;
  if (is_fluid && network.is_stepwise)
    node->fail(fmt::format("the network model '{}' moves messages: only 'stepwise' goes with it", network.name));
  return is_fluid ? Granularity::kFluid : Granularity::kStepwise;
}

}  // namespace orrery
