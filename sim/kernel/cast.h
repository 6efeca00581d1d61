// Who is on stage in a run: every rank, or one of each class of a fold, which plays for all of it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/kernel/communicators.h"
#include "sim/kernel/fold.h"

namespace orrery::kernel {

class Cast {
 public:
  // `fold` may be nullptr; both must outlive this.
  Cast(const Program& program, const Fold* fold);

  [[nodiscard]] std::span<const RankId> players() const { return players_; }
  [[nodiscard]] std::size_t size() const { return players_.size(); }
  // Where the player of this rank stands among the players.
  [[nodiscard]] std::uint32_t place(RankId rank) const { return place_[rank.index()]; }
  // How many ranks a player plays.
  [[nodiscard]] std::uint32_t copies(RankId player) const { return fold_ != nullptr ? fold_->class_size(player) : 1; }

  [[nodiscard]] CommunicatorId communicator(CommunicatorId id) const {
    return fold_ != nullptr ? CommunicatorId(fold_->communicator(id.index())) : id;
  }
  // How many players come to a communicator of so many members.
  [[nodiscard]] std::size_t arrivals(CommunicatorId id, std::size_t members) const {
    return fold_ != nullptr ? fold_->arrivals(id.index()) : members;
  }
  [[nodiscard]] ResourceId resource(ResourceId id) const { return fold_ != nullptr ? fold_->resource(id) : id; }

 private:
  const Fold* fold_;
  std::vector<RankId> players_;
  std::vector<std::uint32_t> place_;  // by rank
};

}  // namespace orrery::kernel
