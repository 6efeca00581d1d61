// Every communicator of the grid: which one a rank belongs to, its place in it, and who the others are.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/kernel/program.h"

namespace orrery::kernel {

using CommunicatorId = Id<struct CommunicatorTag>;  // those of one GroupSpec stand together

class Communicators {
 public:
  explicit Communicators(const Program& program);  // a valid one

  // Not valid() when the group leaves the rank out.
  [[nodiscard]] CommunicatorId of(RankId rank, GroupSpecId group) const {
    return seats_[rank.index() * groups_ + group.index()].communicator;
  }
  [[nodiscard]] std::uint32_t position(RankId rank, GroupSpecId group) const {
    return seats_[rank.index() * groups_ + group.index()].position;
  }
  // In order of rank, or as they are listed.
  [[nodiscard]] std::span<const RankId> members(CommunicatorId communicator) const {
    const std::uint32_t first = first_member_[communicator.index()];
    return {members_.data() + first, first_member_[communicator.index() + 1] - first};
  }
  [[nodiscard]] std::size_t size() const { return first_member_.size() - 1; }
  [[nodiscard]] CommunicatorId first(GroupSpecId group) const { return first_[group.index()]; }
  [[nodiscard]] std::size_t count(GroupSpecId group) const { return counts_[group.index()]; }

 private:
  struct Seat {
    CommunicatorId communicator;
    std::uint32_t position = 0;
  };
  void add(GroupSpecId group, std::span<const RankId> members);

  std::size_t groups_ = 0;
  std::vector<Seat> seats_;  // rank × group
  std::vector<RankId> members_;
  std::vector<std::uint32_t> first_member_;  // by communicator, and one past the last
  std::vector<CommunicatorId> first_;        // by group
  std::vector<std::size_t> counts_;          // by group
};

}  // namespace orrery::kernel
