// Routes and memories of transfers, added up.
#include "sim/collective/placed.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "sim/base/error.h"
#include "sim/collective/chain.h"
#include "sim/network/finish.h"
#include "topology/cliques.h"
#include "topology/filled_grid.h"

namespace orrery {

namespace {

// In order of resource, and within one in order of amount. Of very many it counts how many each resource has, as most
// of these are equal.
void sort_uses(std::vector<Use>& uses) {
  const auto by_amount = [](const Use& a, const Use& b) { return a.amount < b.amount; };
  constexpr std::size_t kMany = std::size_t{1} << 16U;
  if (uses.size() < kMany) {
    std::sort(uses.begin(), uses.end(), [&](const Use& a, const Use& b) {
      return a.resource != b.resource ? a.resource < b.resource : by_amount(a, b);
    });
    return;
  }
  std::vector<std::size_t> ends;
  for (const Use& use : uses) {
    if (use.resource.index() >= ends.size()) ends.resize(use.resource.index() + std::size_t{1}, 0);
    ++ends[use.resource.index()];
  }
  std::size_t end = 0;
  for (std::size_t& count : ends) end = count += end;
  std::vector<Use> sorted(uses.size());
  for (const Use& use : uses) sorted[--ends[use.resource.index()]] = use;
  // Each has become the place where its resource begins.
  for (std::size_t r = 0; r < ends.size(); ++r) {
    const auto first = sorted.begin() + static_cast<std::ptrdiff_t>(ends[r]);
    const auto last = sorted.begin() + static_cast<std::ptrdiff_t>(r + 1 < ends.size() ? ends[r + 1] : sorted.size());
    if (!std::is_sorted(first, last, by_amount)) std::sort(first, last, by_amount);
  }
  uses = std::move(sorted);
}

}  // namespace

void merge(std::vector<Use>& uses) {
  // By amount as well, so that equal sets of uses are summed in the same order.
  sort_uses(uses);
  std::size_t kept = 0;
  for (const Use& use : uses) {
    if (kept > 0 && uses[kept - 1].resource == use.resource) {
      uses[kept - 1].amount += use.amount;
    } else {
      uses[kept++] = use;
    }
  }
  uses.resize(kept);
}

Group group_of(const Fabric& fabric, std::span<const ChipId> members) {
  Group group;
  group.node.reserve(members.size());
  for (const ChipId chip : members) group.node.push_back(fabric.node_of(chip));
  group.dimensions = filled_grid(fabric, members);
  group.cliques = are_cliques(fabric, members);
  group.switches =
      [&fabric, all = std::vector<ChipId>(members.begin(), members.end())](std::span<const std::int32_t> positions) {
        std::vector<ChipId> chips;
        chips.reserve(positions.size());
        for (const std::int32_t position : positions) chips.push_back(all[static_cast<std::size_t>(position)]);
        return switch_tree(fabric, chips);
      };
  return group;
}

ChipId Placed::chip(std::int32_t position) const { return members_[static_cast<std::size_t>(position)]; }

Placed::Placed(std::span<const ChipId> members, const CommunicationCosts& costs, Routes& routes,
               const Resources& resources, std::span<const WayToSwitch> ways)
    : members_(members), costs_(costs), routes_(routes), resources_(resources) {
  for (const WayToSwitch& way : ways) {
    ways_[{way.below, way.above}] = &way.links.up;
    ways_[{way.above, way.below}] = &way.links.down;
  }
}

const std::vector<LinkId>* Placed::way(const Transfer& transfer) const {
  if (ways_.empty() || !(is_switch(transfer.from) || is_switch(transfer.to))) return nullptr;
  const auto found = ways_.find({transfer.from, transfer.to});
  return found == ways_.end() ? nullptr : found->second;
}

std::int32_t Placed::neighbour(std::int32_t position) const {
  const Fabric& fabric = routes_.fabric();
  if (pairs_.empty()) {
    for (std::size_t p = 0; p < members_.size(); ++p) {
      const auto place = static_cast<std::int32_t>(p);
      auto& [first, second] = pairs_.try_emplace(fabric.node_of(members_[p]), place, place).first->second;
      if (second == first) second = place;
    }
  }
  const auto [first, second] = pairs_.at(fabric.node_of(chip(position)));
  return position == first ? second : first;
}

const PathBundle& Placed::paths(const Transfer& transfer) const {
  if (!is_switch(transfer.from) && !is_switch(transfer.to))
    return routes_.paths(chip(transfer.from), chip(transfer.to));
  if (const std::vector<LinkId>* way = this->way(transfer)) {
    half_.clear();
    half_.add(*way, 1);
    return half_;
  }
  // The half between a member and the switch that lies on its way to another.
  const std::int32_t member = std::max(transfer.from, transfer.to);
  const ChipId other = chip(neighbour(member));
  const bool up = is_switch(transfer.to);
  const std::span<const LinkId> whole = up ? routes_.route(chip(member), other) : routes_.route(other, chip(member));
  const Fabric& fabric = routes_.fabric();
  for (std::size_t k = 0; k < whole.size(); ++k)
    if (fabric.vertices()[fabric.links()[whole[k]].to].kind == VertexKind::kSwitch) {
      half_.clear();
      half_.add(up ? whole.first(k + 1) : whole.subspan(k + 1), 1);
      return half_;
    }
  throw RunError(fmt::format("no switch between {} and {} could add or copy for them",
                             fabric.vertices()[fabric.engine(chip(member))].name,
                             fabric.vertices()[fabric.engine(other)].name));
}

Duration Placed::append(const Transfer& transfer, double bytes, std::vector<Use>& uses) const {
  const PathBundle& paths = this->paths(transfer);
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const SharedPath path = paths[i];
    for (const LinkId link : path.links) uses.push_back({resources_.link(link), bytes * wire(link) * path.share});
  }
  const double read = bytes * costs_.hbm_per_byte;
  // What a switch hands up holds the receiver's own part: it takes the place of what is there.
  const double written = read + (transfer.reduces && !is_switch(transfer.from) ? bytes : 0);
  if (read > 0 && !is_switch(transfer.from)) uses.push_back({resources_.hbm(chip(transfer.from)), read});
  if (written > 0 && !is_switch(transfer.to)) uses.push_back({resources_.hbm(chip(transfer.to)), written});
  const Duration step = step_cost(transfer);
  return costs_.knows_routes ? saturating_sum(routes_.longest_latency(paths), step) : step;
}

double Placed::wire(LinkId link) const {
  if (!costs_.network_wire) return costs_.wire;
  return routes_.fabric().links()[link].tier >= Tier::kHost ? *costs_.network_wire : costs_.wire;
}

bool Placed::leaves_node(const Transfer& transfer) const {
  if (is_switch(transfer.from) || is_switch(transfer.to)) return way(transfer) != nullptr;
  const Fabric& fabric = routes_.fabric();
  return fabric.node_of(chip(transfer.from)) != fabric.node_of(chip(transfer.to));
}

Duration Placed::step_cost(const Transfer& transfer) const {
  if (is_switch(transfer.from) && is_switch(transfer.to)) return Duration();
  return leaves_node(transfer) ? costs_.network_step.value_or(costs_.step) : costs_.step;
}

void Placed::append_paths(const Transfer& transfer, std::vector<Path>& paths, std::vector<ResourceId>& links) const {
  const PathBundle& found = this->paths(transfer);
  for (std::size_t i = 0; i < found.size(); ++i) {
    const SharedPath path = found[i];
    paths.push_back({static_cast<std::uint32_t>(path.links.size()), path.share});
    for (const LinkId link : path.links) links.push_back(resources_.link(link));
  }
}

Placed::Whole Placed::whole(const Step& step) const {
  Whole whole;
  std::vector<Duration> latencies;
  latencies.reserve(step.transfers.size());
  // Counted in pieces first: whole numbers add up exactly.
  for (const Transfer& transfer : step.transfers) {
    latencies.push_back(append(transfer, carried_pieces(transfer), whole.uses));
    // About as many as the first has.
    if (latencies.size() == 1) whole.uses.reserve(whole.uses.size() * step.transfers.size());
  }
  whole.latency = longest_chain(step, latencies, size());
  merge(whole.uses);
  if (step.bytes.count() == 0) whole.uses.clear();
  for (Use& use : whole.uses) {
    use.amount *= step.bytes.as_double();
    if (capacity(use.resource) > 0) whole.seconds = std::max(whole.seconds, use.amount / capacity(use.resource));
  }
  const double limit = ceilings_seconds(step);
  if (limit > 0 && !whole.uses.empty()) {
    whole.most = 1 / limit;
    whole.seconds = std::max(whole.seconds, limit);
  }
  return whole;
}

double Placed::ceilings_seconds(const Step& step) const {
  if (!std::isfinite(costs_.ceiling) && !std::isfinite(costs_.message_ceiling)) return 0;
  std::vector<double> sent(size(), 0);
  double longest = 0;  // transfer
  for (const Transfer& transfer : step.transfers) {
    if (is_switch(transfer.from)) continue;
    sent[static_cast<std::size_t>(transfer.from)] += carried_pieces(transfer);
    longest = std::max(longest, carried_pieces(transfer));
  }
  const double most_sent = *std::max_element(sent.begin(), sent.end());
  return step.bytes.as_double() * std::max(most_sent / costs_.ceiling, longest / costs_.message_ceiling);
}

double Placed::host_seconds(const Step& step) const {
  if (costs_.message_work == Duration()) return 0;
  std::vector<std::int64_t> messages(size(), 0);
  for (const Transfer& transfer : step.transfers) {
    if (!leaves_node(transfer)) continue;
    for (const std::int32_t position : {transfer.from, transfer.to})
      if (!is_switch(position)) messages[static_cast<std::size_t>(position)] += transfer.count;
  }
  const std::int64_t most = *std::max_element(messages.begin(), messages.end());
  return static_cast<double>(most) * costs_.message_work.in_seconds();
}

double Placed::network_ceiling_each(const Step& step) const {
  if (costs_.message_work == Duration() || step.bytes == Bytes()) return std::numeric_limits<double>::infinity();
  // As many as a member has in the repeat in which it has most: each end's beginnings and ends, in order of repeat.
  std::map<std::int32_t, std::vector<std::pair<std::int32_t, std::int32_t>>> changes;
  for (const Transfer& transfer : step.transfers) {
    if (!leaves_node(transfer)) continue;
    for (const std::int32_t position : {transfer.from, transfer.to}) {
      if (is_switch(position)) continue;
      changes[position].emplace_back(transfer.first, 1);
      changes[position].emplace_back(transfer.first + transfer.count, -1);
    }
  }
  std::int32_t most = 1;
  for (auto& [position, all] : changes) {
    std::sort(all.begin(), all.end());  // ends before beginnings of the same repeat
    std::int32_t now = 0;
    for (const auto& [repeat, more] : all) most = std::max(most, now += more);
  }
  return step.bytes.as_double() / (most * costs_.message_work.in_seconds());
}

double Placed::ceiling_each(const Step& step) const {
  if (!std::isfinite(costs_.ceiling)) return costs_.message_ceiling;
  // Transfers of one sender that are active in the same repeat, the most there are of any.
  std::vector<std::pair<std::int32_t, std::int32_t>> began;
  began.reserve(step.transfers.size());
  for (const Transfer& transfer : step.transfers)
    if (!is_switch(transfer.from)) began.emplace_back(transfer.from, transfer.first);
  std::sort(began.begin(), began.end());
  std::ptrdiff_t most = 1;
  for (auto first = began.begin(); first != began.end();) {
    const auto last = std::upper_bound(first, began.end(), *first);
    most = std::max(most, last - first);
    first = last;
  }
  return std::min(costs_.ceiling / static_cast<double>(most), costs_.message_ceiling);
}

Duration Placed::drain(const Step& step) const {
  if (costs_.drain == 0 || step.bytes.count() == 0) return Duration();
  const double rate = slowest_rate(step);
  std::int32_t pieces = 0;  // of the largest message
  for (const Transfer& transfer : step.transfers) pieces = std::max(pieces, transfer.pieces);
  return time_to_finish(costs_.drain * step.bytes.as_double() * pieces, rate);
}

double Placed::slowest_rate(const Step& step) const {
  double rate = ceiling_each(step);
  std::vector<Use> uses;
  for (const Transfer& transfer : step.transfers) {
    uses.clear();
    append(transfer, 1, uses);
    for (const Use& use : uses) rate = std::min(rate, capacity(use.resource) / use.amount);
  }
  return rate;
}

}  // namespace orrery
