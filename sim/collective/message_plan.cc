// Sizes, routes and waits of planned messages.
#include "sim/collective/message_plan.h"

#include <cmath>

#include "sim/collective/placed.h"

namespace orrery {

Bytes MessagePlan::size(const PlannedMessage& message, Bytes all) const {
  Bytes size = message.bytes + Bytes(divide(all.count(), pieces, Rounding::kUp)) * message.pieces;
  // What a share's binary fraction is off by is no byte.
  if (message.share > 0)
    size += Bytes(static_cast<std::int64_t>(std::ceil(all.as_double() * message.share * (1 - 1e-15))));
  return size;
}

StepwiseMessages lower_plan(const MessagePlan& plan, Bytes bytes, std::span<const ChipId> members,
                            const CommunicationCosts& costs, Routes& routes, const Resources& resources) {
  const Placed placed(members, costs, routes, resources);
  StepwiseMessages out;
  out.after = plan.after;
  out.messages.reserve(plan.messages.size());
  std::vector<Use> uses;
  const auto length = [](const auto& rows) { return static_cast<std::uint32_t>(rows.size()); };
  for (const PlannedMessage& planned : plan.messages) {
    Message message;
    message.from = planned.from;
    message.to = planned.to;
    message.first_after = planned.first_after;
    message.after_count = planned.after_count;
    if (planned.from != planned.to) {
      const Transfer transfer{.from = planned.from, .to = planned.to, .reduces = planned.reduces};
      uses.clear();
      message.latency = placed.append(transfer, 1, uses);
      if (planned.after_count == 0) message.latency = saturating_sum(message.latency, costs.launch);
      merge(uses);
      message.bytes = plan.size(planned, bytes);
      message.most = costs.ceiling;
      message.first_use = length(out.uses);
      message.use_count = length(uses);
      out.uses.insert(out.uses.end(), uses.begin(), uses.end());
      message.first_path = length(out.paths);
      message.first_link = length(out.links);
      placed.append_paths(transfer, out.paths, out.links);
      message.path_count = length(out.paths) - message.first_path;
      message.link_count = length(out.links) - message.first_link;
    }
    out.messages.push_back(message);
  }
  return out;
}

}  // namespace orrery
