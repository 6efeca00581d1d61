// What a role communicates in a step, added up from its ops.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "sim/kernel/program.h"

namespace orrery::test {

// Of one role: bytes by group and kind, as the collective names them, and of messages sent and received.
struct Traffic {
  std::map<std::pair<std::string, CollectiveKind>, std::int64_t> collectives;
  std::int64_t sent = 0;
  std::int64_t received = 0;

  std::int64_t operator()(const std::string& group, CollectiveKind kind) const {
    const auto found = collectives.find({group, kind});
    return found == collectives.end() ? 0 : found->second;
  }
};

inline bool in_layer(const Op& op) { return op.layer >= 0; }

inline Traffic traffic(
    const Program& program, const Role& role, bool (*counts)(const Op&) = [](const Op&) { return true; }) {
  Traffic sum;
  for (const Op& op : role.ops) {
    if (!counts(op)) continue;
    if (op.kind == OpKind::kSend) sum.sent += program.messages[op.body].bytes.count();
    if (op.kind == OpKind::kRecv) sum.received += program.messages[op.body].bytes.count();
    if (op.kind != OpKind::kCollective) continue;
    const CollectiveOp& collective = program.collectives[op.body];
    sum.collectives[{program.groups[collective.group.index()].name, collective.kind}] += collective.bytes.count();
  }
  return sum;
}

}  // namespace orrery::test
