// Sorts a role's ops by stream and sums up what its host does before each of them.
//
// Host times: within an epoch (from one host sync to the next) the host begins to queue op i at a fixed offset, the sum
// of what it takes to queue the ops before it. A segment that the host begins to queue at h can end no sooner than h +
// host_path, so it starts no sooner than h + host_path − duration; a communication op no sooner than h + host_op.
#include "sim/kernel/plan.h"

#include <algorithm>
#include <tuple>

namespace orrery::kernel {
namespace {

// What keeps lanes apart: dimension, way round it (0 … size − 1), channel.
using LaneKey = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>;

LaneKey lane_key(const Grid& grid, const MessageOp& message, bool reverse) {
  const std::int64_t size = grid.dimensions[message.dimension].size;
  const std::int64_t delta = reverse ? -std::int64_t{message.delta} : std::int64_t{message.delta};
  return {message.dimension, static_cast<std::uint32_t>((delta % size + size) % size), message.channel};
}

// Host time to queue one op.
Duration host_time(const Program& program, const Op& op) {
  switch (op.kind) {
    case OpKind::kCompute:
      return program.segments[SegmentId(op.body)].host_time;
    case OpKind::kCollective:
    case OpKind::kSend:
    case OpKind::kRecv:
      return program.host_op;
    case OpKind::kDelay:
    case OpKind::kHostSync:
      break;
  }
  return Duration();
}

// The number of the next message in its lane.
std::uint32_t count_up(std::vector<Plan::Lane>& lanes, LaneKind kind) {
  auto lane =
      std::lower_bound(lanes.begin(), lanes.end(), kind, [](const Plan::Lane& a, LaneKind b) { return a.kind < b; });
  if (lane == lanes.end() || lane->kind != kind) lane = lanes.insert(lane, {kind, 0});
  return lane->count++;
}

}  // namespace

Plan::Plan(const Program& program)
    : streams_(static_cast<std::uint32_t>(program.streams.size())),
      groups_(static_cast<std::uint32_t>(program.groups.size())),
      collective_counts_(program.roles.size() * program.groups.size(), 0),
      sends_(program.roles.size()),
      receives_(program.roles.size()) {
  find_equal_collectives(program);
  find_lane_kinds(program);
  std::size_t ops = 0;
  std::size_t waits = 0;
  for (const Role& role : program.roles) {
    ops += role.ops.size() + streams_;
    for (const Op& op : role.ops) waits += op.wait_count;
  }
  ops_.reserve(ops);
  waits_.reserve(waits);
  for (std::uint32_t role = 0; role < program.roles.size(); ++role) add_role(program, role);
}

void Plan::find_equal_collectives(const Program& program) {
  using Key = std::tuple<CollectiveKind, GroupSpecId, Bytes, std::uint32_t>;
  std::map<Key, std::uint32_t> first;
  for (std::uint32_t i = 0; i < program.collectives.size(); ++i) {
    const CollectiveOp& op = program.collectives[i];
    equal_collective_.push_back(first.try_emplace(Key{op.kind, op.group, op.bytes, op.algorithm}, i).first->second);
  }
}

void Plan::find_lane_kinds(const Program& program) {
  std::map<LaneKey, LaneKind> kinds;
  const auto kind = [&](const MessageOp& message, bool reverse) {
    const auto next = static_cast<LaneKind>(kinds.size());
    return kinds.try_emplace(lane_key(program.grid, message, reverse), next).first->second;
  };
  for (const MessageOp& message : program.messages) {
    kind_of_send_.push_back(kind(message, false));
    kind_of_receive_.push_back(kind(message, true));
  }
}

void Plan::add_role(const Program& program, std::uint32_t role_index) {
  const Role& role = program.roles[role_index];

  // Where each stream's ops will stand.
  std::vector<std::uint32_t> next(streams_, 0);
  for (const Op& op : role.ops) ++next[op.stream];
  auto place = static_cast<std::uint32_t>(ops_.size());
  for (std::uint32_t& n : next) {
    const std::uint32_t count = n;
    first_.push_back(n = place);
    place += count + 1;
  }
  ops_.resize(place);

  Duration queued;  // since the epoch began
  for (std::uint32_t i = 0; i < role.ops.size(); ++i) {
    const Op& op = role.ops[i];
    PlannedOp& planned = ops_[next[op.stream]];
    planned.op = i;
    planned.body = op.body;
    planned.kind = op.kind;
    planned.epoch = next[kHostStream];
    planned.first_wait = static_cast<std::uint32_t>(waits_.size());
    planned.wait_count = op.wait_count;
    for (std::uint32_t w = 0; w < op.wait_count; ++w) {
      const Wait& wait = role.waits[op.first_wait + w];
      waits_.push_back({wait.stream, first(role_index, wait.stream) + wait.count});
    }

    const Duration begins = queued;
    queued += host_time(program, op);
    planned.earliest = queued;
    switch (op.kind) {
      case OpKind::kCompute: {
        const Segment& segment = program.segments[SegmentId(op.body)];
        planned.earliest = begins + segment.host_path - segment.duration;
        break;
      }
      case OpKind::kCollective: {
        planned.body = equal_collective_[op.body];
        planned.number = collective_counts_[role_index * groups_ + program.collectives[op.body].group.index()]++;
        break;
      }
      case OpKind::kSend:
        planned.number = count_up(sends_[role_index], kind_of_send_[op.body]);
        break;
      case OpKind::kRecv:
        planned.number = count_up(receives_[role_index], kind_of_receive_[op.body]);
        break;
      case OpKind::kHostSync:
        queued = Duration();
        break;
      case OpKind::kDelay:
        break;
    }
    ++next[op.stream];
  }
  for (const std::uint32_t n : next) ops_[n].end = true;
}

}  // namespace orrery::kernel
