// Reads the standstill off the slots: what never comes and what can't move first, then who waits for whom.
#include "sim/kernel/stuck.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "sim/kernel/describe.h"

namespace orrery::kernel {
namespace {

// Causes come before their consequences.
enum class Standing : std::size_t { kCause, kMeeting, kBlocked };

struct Line {
  Standing standing;
  std::string text;
};

class Words {
 public:
  explicit Words(const Standstill& standstill)
      : s_(standstill), program_(*standstill.job.program), resources_(*standstill.job.fabric) {}

  // What a slot waits for; nothing if it was said for another slot already.
  std::optional<Line> of(const Slot& slot) {
    const PlannedOp& planned = s_.plan[slot.head];
    if (slot.state == SlotState::kBlocked) return Line{Standing::kBlocked, blocked(slot)};
    switch (planned.kind) {
      case OpKind::kCollective:
        return collective(slot, planned);
      case OpKind::kSend:
      case OpKind::kRecv:
        return message(slot, planned);
      default:
        return Line{Standing::kCause, still(slot, {chip(slot.rank)})};
    }
  }

 private:
  std::uint32_t role(RankId rank) const { return program_.role_of_rank[rank.index()]; }
  ChipId chip(RankId rank) const { return (*s_.job.placement)[rank]; }
  const Op& op(const Slot& slot) const { return program_.roles[role(slot.rank)].ops[s_.plan[slot.head].op]; }
  std::string who(const Slot& slot) const {
    return fmt::format("{}: {}", describe(program_, slot.rank), describe(program_, op(slot)));
  }

  std::string blocked(const Slot& slot) const {
    const PlannedOp& before = s_.plan[slot.wait_head - 1];  // the last op that it waits for
    return fmt::format("{} waits for op {} of stream '{}' ({})", who(slot),
                       slot.wait_head - s_.plan.first(role(slot.rank), slot.wait_stream),
                       program_.streams[slot.wait_stream],
                       describe_short(program_, program_.roles[role(slot.rank)].ops[before.op]));
  }

  // An activity of these chips is under way and will never end.
  std::string still(const Slot& slot, const std::vector<ChipId>& chips) const {
    return who(slot) + " is under way but stands still" + dead_resource(chips);
  }
  std::string dead_resource(const std::vector<ChipId>& chips) const {
    const std::span<const double> capacities = s_.disturbances.capacities();
    if (std::find(capacities.begin(), capacities.end(), 0.0) == capacities.end()) return {};
    const Fabric& fabric = *s_.job.fabric;
    for (const ChipId chip : chips) {
      const std::string& name = fabric.vertices()[fabric.engine(chip)].name;
      if (capacities[resources_.engine(chip).index()] == 0)
        return fmt::format(": {} {}", name, dead(resources_.engine(chip), "computes nothing"));
      if (capacities[resources_.hbm(chip).index()] == 0)
        return fmt::format(": the HBM of {} {}", name, dead(resources_.hbm(chip), "has no bandwidth"));
    }
    Routes routes(fabric, s_.routing);
    for (std::size_t distance = 1; distance < chips.size(); ++distance) {
      for (std::size_t i = 0; i < chips.size(); ++i) {
        const PathBundle& paths = routes.paths(chips[i], chips[(i + distance) % chips.size()]);
        for (std::size_t path = 0; path < paths.size(); ++path)
          for (const LinkId id : paths[path].links)
            if (capacities[resources_.link(id).index()] == 0) return dead_link(id);
      }
    }
    // A way that a message takes beside those.
    for (std::size_t i = 0; i < fabric.links().size(); ++i)
      if (s_.disturbances.changed(resources_.link(LinkId(i))) && capacities[resources_.link(LinkId(i)).index()] == 0)
        return dead_link(LinkId(i));
    return {};
  }
  std::string dead_link(LinkId id) const {
    const Fabric& fabric = *s_.job.fabric;
    const Link& link = fabric.links()[id];
    return fmt::format(": the link from {} to {} {}", fabric.vertices()[link.from].name,
                       fabric.vertices()[link.to].name, dead(resources_.link(id), "has no bandwidth"));
  }
  // Since when, if it wasn't so from the beginning.
  std::string dead(ResourceId resource, std::string_view always) const {
    const std::optional<Time> since = s_.disturbances.changed(resource);
    return since ? fmt::format("is down since {}", to_text(*since - Time())) : std::string(always);
  }

  // Whether a member stands at the collective of this number on the group.
  bool has_come(RankId rank, GroupSpecId group, std::uint32_t number) const {
    for (std::size_t stream = 0; stream < program_.streams.size(); ++stream) {
      const Slot& slot = s_.slots[SlotId(rank.index() * program_.streams.size() + stream)];
      const PlannedOp& planned = s_.plan[slot.head];
      if (slot.state == SlotState::kMeeting && planned.kind == OpKind::kCollective && planned.number == number &&
          program_.collectives[planned.body].group == group)
        return true;
    }
    return false;
  }

  // One member speaks for all that are there.
  std::optional<Line> collective(const Slot& slot, const PlannedOp& planned) {
    const GroupSpecId group = program_.collectives[planned.body].group;
    const CommunicatorId communicator = s_.communicators.of(slot.rank, group);
    if (!said_.emplace(communicator, planned.number).second) return std::nullopt;
    const std::span<const RankId> members = s_.communicators.members(communicator);
    std::vector<RankId> late;
    std::vector<RankId> never;
    std::vector<ChipId> chips;
    for (const RankId member : members) {
      chips.push_back(chip(member));
      if (slot.state != SlotState::kMeeting || has_come(member, group, planned.number)) continue;
      (s_.plan.collectives(role(member), group) > planned.number ? late : never).push_back(member);
    }
    if (slot.state != SlotState::kMeeting) return Line{Standing::kCause, still(slot, chips)};
    const std::string present =
        fmt::format("{}, with {} of the {} members of group '{}', waits for ", who(slot),
                    members.size() - late.size() - never.size(), members.size(), program_.groups[group.index()].name);
    if (never.empty()) return Line{Standing::kMeeting, present + list_ranks(late)};
    return Line{Standing::kCause,
                present + list_ranks(never) + ", which never " + (never.size() == 1 ? "comes" : "come")};
  }

  std::optional<Line> message(const Slot& slot, const PlannedOp& planned) const {
    const bool sends = planned.kind == OpKind::kSend;
    const MessageOp& message = program_.messages[planned.body];
    const RankId peer = program_.peer(message, slot.rank);
    if (slot.state != SlotState::kMeeting) {
      if (!sends) return std::nullopt;  // the sender speaks
      return Line{Standing::kCause, still(slot, {chip(slot.rank), chip(peer)})};
    }
    std::uint32_t count = 0;  // partners that there are
    const LaneKind kind = sends ? s_.plan.kind_of_send(planned.body) : s_.plan.kind_of_receive(planned.body);
    for (const Plan::Lane& lane : sends ? s_.plan.receives(role(peer)) : s_.plan.sends(role(peer)))
      if (lane.kind == kind) count = lane.count;
    const std::string text = fmt::format("{} waits for a {} rank {} on channel {}", who(slot),
                                         sends ? "recv by" : "send from", peer.index(), message.channel);
    if (count <= planned.number) return Line{Standing::kCause, text + ", which never comes"};
    return Line{Standing::kMeeting, text};
  }

  const Standstill& s_;
  const Program& program_;
  Resources resources_;
  std::set<std::pair<CommunicatorId, std::uint32_t>> said_;
};

}  // namespace

std::string describe_standstill(const Standstill& standstill) {
  constexpr std::size_t kMostLines = 8;
  Words words(standstill);
  std::array<std::vector<std::string>, 3> lines;  // by standing
  const auto full = [&](Standing standing) { return lines[static_cast<std::size_t>(standing)].size() >= kMostLines; };
  std::size_t waiting = 0;
  std::size_t ranks = 0;
  RankId last;
  for (const Slot& slot : standstill.slots) {
    if (slot.state == SlotState::kEmpty) continue;
    ++waiting;
    if (slot.rank != last) ++ranks;
    last = slot.rank;
    if (full(Standing::kCause) || (slot.state == SlotState::kBlocked && full(Standing::kBlocked))) continue;
    if (std::optional<Line> line = words.of(slot); line && !full(line->standing))
      lines[static_cast<std::size_t>(line->standing)].push_back(std::move(line->text));
  }
  std::string text = fmt::format(
      "the run can't finish: after {} nothing moves; {} of {} ops are done, {} stream{} of {} rank{} can't go on:",
      to_text(standstill.now - Time()), standstill.done, standstill.ops, waiting, waiting == 1 ? "" : "s", ranks,
      ranks == 1 ? "" : "s");
  std::size_t said = 0;
  for (const std::vector<std::string>& kind : lines)
    for (const std::string& line : kind)
      if (said++ < kMostLines) text += "\n  " + line;
  return text;
}

}  // namespace orrery::kernel
