// Who is whom in the grid: coordinates, communicators and peers of a rank.
#include "sim/kernel/program.h"

#include <algorithm>
#include <cassert>

namespace orrery {
namespace {

constexpr std::array<std::string_view, 6> kPhases = {"forward",   "backward",  "recompute",
                                                     "gradients", "optimizer", "other"};

}  // namespace

std::string_view to_name(Phase phase) { return kPhases[static_cast<std::size_t>(phase)]; }

std::size_t Grid::rank_count() const {
  std::size_t count = 1;
  for (const Dimension& dimension : dimensions) count *= dimension.size;
  return count;
}

std::uint32_t Grid::stride(std::size_t dimension) const {
  std::uint32_t stride = 1;
  for (std::size_t d = 0; d < dimension; ++d) stride *= dimensions[d].size;
  return stride;
}

std::uint32_t Grid::coordinate(RankId rank, std::size_t dimension) const {
  return rank.index() / stride(dimension) % dimensions[dimension].size;
}

std::vector<RankId> Program::members(GroupSpecId group, RankId of) const {
  const GroupSpec& spec = groups[group.index()];
  if (!spec.listed.empty()) {
    for (const std::vector<RankId>& members : spec.listed)
      if (std::find(members.begin(), members.end(), of) != members.end()) return members;
    return {};
  }
  std::uint32_t origin = of.index();  // the rank of this communicator whose coordinates inside it are all 0
  for (const std::uint32_t d : spec.dimensions) origin -= grid.coordinate(of, d) * grid.stride(d);

  std::vector<RankId> members{RankId(origin)};
  for (const std::uint32_t d : spec.dimensions) {
    const std::size_t so_far = members.size();
    for (std::uint32_t c = 1; c < grid.dimensions[d].size; ++c)
      for (std::size_t i = 0; i < so_far; ++i) members.emplace_back(members[i].index() + c * grid.stride(d));
  }
  if (!spec.only.empty()) {
    std::erase_if(members, [&](RankId rank) {
      const std::uint32_t coordinate = grid.coordinate(rank, spec.dimensions.front());
      return std::find(spec.only.begin(), spec.only.end(), coordinate) == spec.only.end();
    });
  }
  std::sort(members.begin(), members.end());
  return members;
}

RankId Program::peer(const MessageOp& message, RankId of) const {
  const std::int64_t size = grid.dimensions[message.dimension].size;
  const std::int64_t here = grid.coordinate(of, message.dimension);
  const std::int64_t there = ((here + message.delta) % size + size) % size;
  const std::int64_t rank = of.index() + (there - here) * static_cast<std::int64_t>(grid.stride(message.dimension));
  assert(rank >= 0);
  return RankId(static_cast<std::size_t>(rank));
}

}  // namespace orrery
