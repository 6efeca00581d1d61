// Resolves all ranks' communicators in one pass a group.
#include "sim/kernel/communicators.h"

namespace orrery::kernel {

Communicators::Communicators(const Program& program)
    : groups_(program.groups.size()), seats_(program.grid.rank_count() * program.groups.size()), first_member_{0} {
  const std::size_t ranks = program.grid.rank_count();
  for (std::size_t g = 0; g < groups_; ++g) {
    first_.emplace_back(size());
    const GroupSpecId group(g);
    const std::vector<std::vector<RankId>>& listed = program.groups[g].listed;
    for (const std::vector<RankId>& members : listed) add(group, members);
    for (std::size_t r = 0; r < ranks && listed.empty(); ++r) {
      const RankId rank(r);
      if (of(rank, group).valid()) continue;
      const std::vector<RankId> members = program.members(group, rank);
      if (members.empty() || members.front() != rank) continue;  // `only` leaves it out
      add(group, members);
    }
    counts_.push_back(size() - first_.back().index());
  }
}

void Communicators::add(GroupSpecId group, std::span<const RankId> members) {
  const CommunicatorId communicator(size());
  for (std::uint32_t position = 0; position < members.size(); ++position) {
    seats_[members[position].index() * groups_ + group.index()] = {communicator, position};
    members_.push_back(members[position]);
  }
  first_member_.push_back(static_cast<std::uint32_t>(members_.size()));
}

}  // namespace orrery::kernel
