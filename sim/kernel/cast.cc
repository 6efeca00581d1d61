// Numbers the players.
#include "sim/kernel/cast.h"

namespace orrery::kernel {

Cast::Cast(const Program& program, const Fold* fold) : fold_(fold), place_(program.role_of_rank.size()) {
  for (std::size_t r = 0; r < place_.size(); ++r) {
    const RankId rank(r);
    const RankId player = fold != nullptr ? fold->representative(rank) : rank;
    // A class is represented by its first rank.
    if (player == rank) {
      place_[r] = static_cast<std::uint32_t>(players_.size());
      players_.push_back(rank);
    } else {
      place_[r] = place_[player.index()];
    }
  }
}

}  // namespace orrery::kernel
