// Puts ops into words from the Program's own names.
#include "sim/kernel/describe.h"

#include <fmt/format.h>

namespace orrery::kernel {
namespace {

std::string_view kind_of(const Program& program, const Op& op) {
  switch (op.kind) {
    case OpKind::kCompute:
      return "compute";
    case OpKind::kCollective:
      return to_name(program.collectives[op.body].kind);
    case OpKind::kSend:
      return "send";
    case OpKind::kRecv:
      return "recv";
    case OpKind::kDelay:
      return "delay";
    case OpKind::kHostSync:
      return "host sync";
  }
  return "op";
}

}  // namespace

std::string describe(const Program& program, RankId rank) {
  return fmt::format("rank {} ({})", rank.index(), program.roles[program.role_of_rank[rank.index()]].name);
}

std::string describe_short(const Program& program, const Op& op) {
  std::string text = fmt::format("{} '{}", kind_of(program, op), program.names[op.name]);
  if (op.layer >= 0) text += fmt::format(" layer {}", op.layer);
  if (op.microbatch >= 0) text += fmt::format(" microbatch {}", op.microbatch);
  return text + "'";
}

std::string describe(const Program& program, const Op& op) {
  return fmt::format("{} on stream '{}'", describe_short(program, op), program.streams[op.stream]);
}

std::string list_ranks(const std::vector<RankId>& ranks) {
  constexpr std::size_t kMost = 8;
  std::string text = ranks.size() == 1 ? "rank " : "ranks ";
  for (std::size_t i = 0; i < ranks.size() && i < kMost; ++i)
    text += fmt::format("{}{}", i == 0 ? "" : ", ", ranks[i].index());
  if (ranks.size() > kMost) text += fmt::format(" and {} more", ranks.size() - kMost);
  return text;
}

}  // namespace orrery::kernel
