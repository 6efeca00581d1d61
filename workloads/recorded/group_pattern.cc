// Arithmetic on strides.
#include "workloads/recorded/group_pattern.h"

namespace orrery::recorded {

std::vector<RankId> GroupPattern::members_of(std::uint32_t rank) const {
  std::vector<RankId> members;
  members.reserve(size);
  for (std::uint32_t i = 0; i < size; ++i) members.emplace_back(first_of(rank) + i * stride);
  return members;
}

std::optional<GroupPattern> pattern_of(const std::vector<std::uint32_t>& members, std::uint32_t world) {
  if (members.empty() || members.back() >= world) return std::nullopt;
  GroupPattern pattern{1, static_cast<std::uint32_t>(members.size())};
  if (members.size() > 1) {
    if (members[1] <= members[0]) return std::nullopt;
    pattern.stride = members[1] - members[0];
  }
  for (std::size_t i = 1; i < members.size(); ++i)
    if (members[i] - members[i - 1] != pattern.stride) return std::nullopt;
  if (world % pattern.block() != 0 || pattern.first_of(members.front()) != members.front()) return std::nullopt;
  return pattern;
}

std::optional<GroupPattern> carried_on(const GroupPattern& pattern, std::uint32_t world, std::uint32_t ranks) {
  const bool grows = pattern.block() == world && pattern.size > 1;
  if (ranks % (grows ? pattern.stride : pattern.block()) != 0) return std::nullopt;
  return grows ? GroupPattern{pattern.stride, ranks / pattern.stride} : pattern;
}

}  // namespace orrery::recorded
