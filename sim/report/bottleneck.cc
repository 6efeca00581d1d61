// Lists what a step is spent on beside ideal arithmetic, and takes the largest.
#include "sim/report/bottleneck.h"

#include <fmt/format.h>

#include <algorithm>

#include "topology/routes.h"

namespace orrery {
namespace {

// Ranks that communicate along a dimension: of one communicator, or the two ends of a message. Empty if none do.
std::vector<RankId> partners(const Program& program, const std::string& dimension) {
  std::vector<bool> seen(program.roles.size(), false);
  for (std::size_t r = 0; r < program.role_of_rank.size(); ++r) {
    const std::uint32_t role = program.role_of_rank[r];
    if (seen[role]) continue;
    seen[role] = true;
    for (const Op& op : program.roles[role].ops) {
      if (op.kind == OpKind::kCollective) {
        const GroupSpecId group = program.collectives[op.body].group;
        if (program.groups[group.index()].name == dimension) return program.members(group, RankId(r));
      } else if (op.kind == OpKind::kSend || op.kind == OpKind::kRecv) {
        const MessageOp& message = program.messages[op.body];
        if (program.grid.dimensions[message.dimension].name == dimension)
          return {RankId(r), program.peer(message, RankId(r))};
      }
    }
  }
  return {};
}

// The tier of the slowest link between members of a communicator that are farthest apart, as nodes go.
std::string slowest_tier(const Program& program, const Scenario& scenario, const Placement& placement,
                         const std::string& dimension) {
  const Fabric& fabric = scenario.cluster->fabric;
  const std::vector<RankId> ranks = partners(program, dimension);
  if (ranks.size() < 2) return "a link";
  const ChipId from = placement[ranks[0]];
  ChipId to = placement[ranks[1]];
  for (const RankId rank : ranks) {
    if (fabric.node_of(placement[rank]) == fabric.node_of(from)) continue;
    to = placement[rank];
    break;
  }
  Routes routes(fabric, scenario.make_routing);
  const Link* slowest = nullptr;
  for (const LinkId id : routes.route(from, to)) {
    const Link& link = fabric.links()[id];
    const auto rate = [](const Link& l) { return l.bandwidth.as_double() * l.efficiency; };
    if (slowest == nullptr || rate(link) < rate(*slowest)) slowest = &link;
  }
  if (slowest == nullptr) return "a link";
  std::string tier(to_name(slowest->tier));
  std::replace(tier.begin(), tier.end(), '_', '-');
  return "a " + tier + " link";
}

bool slows_chips(const Scenario& scenario) {
  return std::any_of(scenario.events.begin(), scenario.events.end(),
                     [](const Event& event) { return event.told.kind != "link"; });
}

}  // namespace

std::optional<Report::Bottleneck> find_bottleneck(const Scenario& scenario, const Program& program,
                                                  const Placement& placement, const Breakdown& breakdown,
                                                  const ComputeWork& work, Duration step) {
  struct Candidate {
    std::string name;
    double cost = 0;   // seconds
    double saved = 0;  // at most
    std::string remedy;
    std::string dimension;  // of exposed communication
  };
  std::vector<Candidate> candidates;
  const auto add = [&](std::string name, double cost, double saved, std::string remedy, std::string dimension = "") {
    candidates.push_back({std::move(name), cost, saved, std::move(remedy), std::move(dimension)});
  };
  for (const Breakdown::Exposed& part : breakdown.exposed) {
    const double cost = breakdown.mean_seconds(part.time);
    add("exposed " + part.dimension + " communication", cost, cost / 2, "", part.dimension);
  }
  const double bubble = breakdown.mean_seconds(breakdown.bubble);
  add("the pipeline bubble", bubble, bubble / 2, "twice the microbatches");
  const double skew = breakdown.mean_seconds(breakdown.skew);
  add("waiting for other members of collectives", skew, skew, "ranks that keep step");
  const double host = breakdown.mean_seconds(breakdown.host);
  add("waiting for the host to queue kernels", host, host / 2, "a host twice as fast");
  const double other = breakdown.mean_seconds(breakdown.other);
  if (scenario.plan.offload.any()) {
    add("waiting for copies to the host and back", other, other / 2, "a host twice as fast, link and memory");
  } else {
    add("delays", other, other, "doing without them");
  }
  const double slowed = breakdown.mean_seconds(breakdown.slowed);
  if (slows_chips(scenario)) {
    add("compute on chips that are slowed", slowed, slowed, "chips at their full speed");
  } else {
    add("compute slowed by communication beside it", slowed, slowed, "communication that leaves engine and HBM alone");
  }
  add("recomputation of activations", work.recompute, work.recompute, "memory enough to do without it");
  add("kernels that the HBM holds back", work.memory_bound, std::min(work.memory / 2, work.alone), "HBM twice as fast");
  const std::string engine = scenario.workload && scenario.workload->engine().vector ? "vector" : "matrix";
  add("kernels below the " + engine + " engine's peak", std::max(0.0, work.alone - work.matrix - work.memory_bound),
      std::max(0.0, work.alone - work.matrix), "kernels at that peak");

  const auto top = std::max_element(candidates.begin(), candidates.end(),
                                    [](const Candidate& a, const Candidate& b) { return a.cost < b.cost; });
  if (top->cost <= 0 || step <= Duration()) return std::nullopt;
  if (!top->dimension.empty())
    top->remedy = slowest_tier(program, scenario, placement, top->dimension) + " twice as fast";
  return Report::Bottleneck{
      top->name, Duration::seconds(top->cost),
      fmt::format("{} would save at most {:.1f} % of the step", top->remedy, 100 * top->saved / step.in_seconds())};
}

}  // namespace orrery
