// Algorithms see nodes only as equal or not: nodes numbered as they come up make groups alike equal.
#include "sim/kernel/schedules.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "sim/base/error.h"
#include "sim/collective/nodes.h"
#include "sim/collective/sectors.h"
#include "sim/kernel/excerpt.h"

namespace orrery::kernel {
namespace {

void number_as_they_come(std::vector<std::uint32_t>& nodes) {
  std::unordered_map<std::uint32_t, std::uint32_t> numbers;
  for (std::uint32_t& node : nodes)
    node = numbers.emplace(node, static_cast<std::uint32_t>(numbers.size())).first->second;
}

}  // namespace

const Schedule& Schedules::of(std::uint32_t collective, const CollectiveAlgorithm* algorithm, Group group) {
  number_as_they_come(group.node);
  Latest& latest = latest_[collective];
  if (!latest.nodes.empty() && latest.algorithm == algorithm && latest.nodes == group.node &&
      latest.dimensions == group.dimensions && latest.cliques == group.cliques && latest.chunk == group.chunk &&
      latest.schedule.ways.empty())
    return latest.schedule;
  const CollectiveOp& op = program_->collectives[collective];
  const bool is_cut = spans_excerpt(*program_, program_->groups[op.group.index()]);
  latest = {algorithm,     group.node,  group.dimensions,
            group.cliques, group.chunk, is_cut ? write_excerpt(op, algorithm, group) : write(op, algorithm, group)};
  return latest.schedule;
}

Schedule Schedules::write(const CollectiveOp& op, const CollectiveAlgorithm* algorithm, const Group& group) const {
  Schedule schedule;
  if (algorithm != nullptr) schedule = algorithm->write(op.kind, group, op.bytes);
  if (schedule.steps.empty() && group.size() > 1)
    throw RunError(fmt::format("the algorithm '{}' does no {} among {} ranks on {} nodes",
                               algorithm != nullptr ? algorithm->name : program_->algorithms[op.algorithm],
                               to_name(op.kind), group.size(), by_node(group).size()));
  return schedule;
}

Schedule Schedules::write_excerpt(const CollectiveOp& op, const CollectiveAlgorithm* algorithm,
                                  const Group& group) const {
  const Excerpt& excerpt = *program_->excerpt;
  const std::size_t kept = program_->grid.dimensions[excerpt.dimension].size / excerpt.share;
  const std::size_t share = group.size() / kept;  // members
  const std::size_t shares = excerpt.whole / excerpt.share;
  const std::uint32_t nodes =
      *std::max_element(group.node.begin(), group.node.begin() + static_cast<std::ptrdiff_t>(share)) + 1;
  Group whole;
  whole.switches = [&](std::span<const std::int32_t>) -> SwitchTree {
    throw NotAlike(fmt::format("'{}' goes through switches that an excerpt hasn't all of", algorithm->name));
  };
  whole.chunk = group.chunk;
  whole.cliques = group.cliques;
  whole.node.reserve(share * shares);
  for (std::uint32_t s = 0; s < shares; ++s)
    for (std::size_t p = 0; p < share; ++p) whole.node.push_back(s * nodes + group.node[p]);
  // CORRECTNESS: so do those that are there.
  if (!std::equal(group.node.begin(), group.node.end(), whole.node.begin()))
    throw NotAlike("the shares of a communicator don't stand on nodes alike");
  std::optional<Schedule> cut = cut_to_sectors(write(op, algorithm, whole), whole.size(), share, kept);
  if (!cut)
    throw NotAlike(
        fmt::format("in {} by '{}' among {} ranks not all do alike", to_name(op.kind), algorithm->name, whole.size()));
  return *std::move(cut);
}

}  // namespace orrery::kernel
