// Numbers the messages of a step by the rank that sends and the place of the send in its role.
#include "sim/report/arrows.h"

#include <algorithm>

namespace orrery {

Arrows::Arrows(const Program& program) : program_(&program) {
  for (const Role& role : program.roles) {
    most_ops_ = std::max<std::uint64_t>(most_ops_, role.ops.size());
    std::map<Lane, std::vector<std::uint32_t>>& sends = sends_.emplace_back();
    std::vector<std::uint32_t>& places = place_.emplace_back(role.ops.size(), 0);
    std::map<Lane, std::uint32_t> received;
    for (std::uint32_t i = 0; i < role.ops.size(); ++i) {
      const Op& op = role.ops[i];
      if (op.kind == OpKind::kSend) {
        std::vector<std::uint32_t>& lane = sends[lane_of_send(program.messages[op.body])];
        places[i] = static_cast<std::uint32_t>(lane.size());
        lane.push_back(i);
      } else if (op.kind == OpKind::kRecv) {
        places[i] = received[lane_of_receive(program.messages[op.body])]++;
      }
    }
  }
}

Arrows::Lane Arrows::lane_of_send(const MessageOp& message) const {
  const std::int64_t size = program_->grid.dimensions[message.dimension].size;
  const std::int64_t delta = (message.delta % size + size) % size;
  return {delta == 0 ? 0 : message.dimension, static_cast<std::uint32_t>(delta), message.channel};
}

Arrows::Lane Arrows::lane_of_receive(const MessageOp& message) const {
  Lane lane = lane_of_send(message);
  if (lane.delta != 0) lane.delta = program_->grid.dimensions[message.dimension].size - lane.delta;
  return lane;
}

std::uint64_t Arrows::number(RankId rank, std::uint32_t op) const {
  const std::uint32_t role = program_->role_of_rank[rank.index()];
  const Op& message_op = program_->roles[role].ops[op];
  if (message_op.kind == OpKind::kSend) return 1 + rank.index() * most_ops_ + op;
  if (message_op.kind != OpKind::kRecv) return 0;
  const MessageOp& message = program_->messages[message_op.body];
  const RankId sender = program_->peer(message, rank);
  const auto& lanes = sends_[program_->role_of_rank[sender.index()]];
  const auto lane = lanes.find(lane_of_receive(message));
  if (lane == lanes.end() || place_[role][op] >= lane->second.size()) return 0;
  return 1 + sender.index() * most_ops_ + lane->second[place_[role][op]];
}

}  // namespace orrery
