// Lowers each method's schedule with what the tuner believes, and sorts by the time that comes out.
#include "sim/collective/tuner.h"

#include <algorithm>

#include "sim/collective/nodes.h"
#include "sim/network/finish.h"

namespace orrery {

std::string_view named_to_tuner(std::string_view name) {
  const bool is_named =
      name.size() > kTunersChoice.size() && name.starts_with(kTunersChoice) && name[kTunersChoice.size()] == ':';
  return is_named ? name.substr(kTunersChoice.size() + 1) : std::string_view();
}

std::string for_tuner(std::string_view algorithm) { return std::string(kTunersChoice) + ':' + std::string(algorithm); }

std::vector<std::string> algorithm_names(CollectiveKind kind) {
  std::vector<std::string> names;
  for (const CollectiveAlgorithm* algorithm : CollectiveAlgorithms::all())
    if (algorithm->supports(kind)) names.emplace_back(algorithm->name);
  names.emplace_back(kTunersChoice);
  return names;
}

Duration lone_time(std::span<const FluidPhase> phases, const Resources& resources) {
  Duration sum;
  for (const FluidPhase& phase : phases) {
    double rate = phase.most;
    for (const Use& use : phase.uses) rate = std::min(rate, resources.capacities()[use.resource.index()] / use.amount);
    sum = saturating_sum(sum, phase.latency);
    if (!phase.uses.empty()) sum = saturating_sum(sum, time_to_finish(1, rate));
  }
  return sum;
}

std::vector<Choice> Tuner::choices(CollectiveKind kind, const Group& group, std::span<const ChipId> members,
                                   Bytes bytes, Routes& routes, std::string_view algorithm,
                                   std::string_view protocol) const {
  const Nodes by_node = orrery::by_node(group);
  const std::size_t nodes = by_node.size();
  const Spread spread{bytes, group.size(), nodes, least_members(by_node)};
  std::vector<Choice> choices;
  if (library_ == nullptr) return choices;
  const PluginTable::Band* plugins =
      library_->plugin ? library_->plugin->choice(kind, group.size(), nodes, bytes) : nullptr;
  Group weighed_for = group;
  for (const Method* method : library_->methods_for(kind, algorithm, protocol)) {
    if (group.size() > method->algorithm->most_members || nodes < method->least_nodes ||
        nodes > method->most_nodes.value_or(nodes))
      continue;
    Choice choice{method->algorithm, method, costs_of(*library_, *method, spread, others_), Duration()};
    const CommunicationCosts weighed =
        method->has_belief ? believed_costs(*library_, *method, spread, others_) : choice.costs;
    weighed_for.chunk = weighed.chunk;
    const Schedule schedule = method->algorithm->write(kind, weighed_for, bytes);
    if (schedule.steps.empty() && group.size() > 1) continue;  // not for such a group
    choice.believed = lone_time(lower_fluid(schedule, members, weighed, routes, *resources_), *resources_);
    // A plugin sets the cost of what it wants to nothing.
    if (plugins != nullptr && plugins->algorithm == method->algorithm && plugins->protocol == method->protocol)
      choice.believed = Duration();
    choices.push_back(choice);
  }
  // Ties go to the one that the file lists first.
  std::stable_sort(choices.begin(), choices.end(),
                   [](const Choice& a, const Choice& b) { return a.believed < b.believed; });
  return choices;
}

Choice Tuner::choose(CollectiveKind kind, const Group& group, std::span<const ChipId> members, Bytes bytes,
                     Routes& routes, std::string_view named) const {
  const std::vector<Choice> known = choices(kind, group, members, bytes, routes, named);
  if (!known.empty()) return known.front();
  if (!named.empty()) return {CollectiveAlgorithms::find(named), nullptr, others_, Duration()};
  Choice best{nullptr, nullptr, others_, Duration::max()};
  for (const CollectiveAlgorithm* algorithm : CollectiveAlgorithms::all()) {
    if (algorithm->only_named || !algorithm->supports(kind) || group.size() > algorithm->most_members) continue;
    const Schedule schedule = algorithm->write(kind, group, bytes);
    if (schedule.steps.empty() && group.size() > 1) continue;
    const Duration time = lone_time(lower_fluid(schedule, members, others_, routes, *resources_), *resources_);
    if (best.algorithm != nullptr && time >= best.believed) continue;
    best.algorithm = algorithm;
    best.believed = time;
  }
  return best;
}

}  // namespace orrery
