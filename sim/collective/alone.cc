// Writes the schedule, places it, plays it on a network of its own.
#include "sim/collective/alone.h"

#include <utility>

#include "sim/collective/nodes.h"
#include "sim/collective/placed.h"
#include "sim/collective/play.h"

namespace orrery {

Alone::Alone(const Fabric& fabric, std::vector<ChipId> members, const CommunicationCosts& costs,
             const NetworkKind& network, bool stepwise, NetworkMaker make_network, const RoutingMaker& routing)
    : members_(std::move(members)),
      group_(group_of(fabric, members_)),
      costs_(costs),
      make_network_(make_network ? std::move(make_network) : NetworkMaker(network.make)),
      stepwise_(stepwise),
      routes_(fabric, routing),
      resources_(fabric) {}

Duration Alone::time(const CollectiveAlgorithm& algorithm, CollectiveKind kind, Bytes bytes,
                     const CommunicationCosts& costs) {
  Group group = group_;
  group.chunk = costs.chunk;
  const Schedule schedule = algorithm.write(kind, group, bytes);
  routes_.forget();
  const std::unique_ptr<Network> network = make_network_(resources_.wires());
  return stepwise_ ? play_stepwise(lower_stepwise(schedule, members_, costs, routes_, resources_), *network)
                   : play_fluid(lower_fluid(schedule, members_, costs, routes_, resources_), *network);
}

std::vector<Choice> Alone::choices(const CommunicationLibrary& library, CollectiveKind kind, Bytes bytes,
                                   std::string_view algorithm, std::string_view protocol) {
  return Tuner(&library, costs_, resources_).choices(kind, group_, members_, bytes, routes_, algorithm, protocol);
}

Duration Alone::time(const MessagePlan& plan, Bytes bytes) {
  routes_.forget();
  const std::unique_ptr<Network> network = make_network_(resources_.wires());
  return play_stepwise(lower_plan(plan, bytes, members_, costs_, routes_, resources_), *network);
}

std::size_t Alone::nodes() const { return by_node(group_).size(); }

bool Alone::has(const CollectiveAlgorithm& algorithm, CollectiveKind kind) const {
  return members_.size() < 2 || !algorithm.write(kind, group_, Bytes(1)).steps.empty();
}

}  // namespace orrery
