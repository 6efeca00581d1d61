// Looks for what could tell one share from another, and cuts the grid.
#include "sim/kernel/excerpt.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/collective/communication_library.h"

namespace orrery {
namespace {

// The last dimension of more than one rank.
std::uint32_t outermost(const Grid& grid) {
  auto d = static_cast<std::uint32_t>(grid.dimensions.size());
  while (d > 0 && grid.dimensions[d - 1].size == 1) --d;
  return d > 0 ? d - 1 : 0;
}

bool spans(const GroupSpec& group, std::uint32_t dimension) {
  return std::find(group.dimensions.begin(), group.dimensions.end(), dimension) != group.dimensions.end();
}

}  // namespace

std::optional<std::string> excerpt_fault(const Program& whole, std::uint32_t share) {
  if (whole.grid.dimensions.empty()) return "its grid has no dimensions";
  const std::uint32_t last = outermost(whole.grid);
  const Grid::Dimension& dimension = whole.grid.dimensions[last];
  if (dimension.size % share != 0)
    return fmt::format("{} coordinates of '{}' are no whole number of shares of {}", dimension.size, dimension.name,
                       share);
  const std::size_t ranks = std::size_t{whole.grid.stride(last)} * share;
  for (std::size_t r = ranks; r < whole.role_of_rank.size(); ++r)
    if (whole.role_of_rank[r] != whole.role_of_rank[r - ranks])
      return fmt::format("rank {} has another role than rank {}", r, r - ranks);
  for (const MessageOp& message : whole.messages)
    if (message.dimension == last) return fmt::format("messages travel along '{}'", dimension.name);
  for (const GroupSpec& group : whole.groups) {
    if (spans(group, last) && !group.only.empty())
      return fmt::format("group '{}' leaves some of '{}' out", group.name, dimension.name);
  }
  for (const CollectiveOp& collective : whole.collectives) {
    if (spans(whole.groups[collective.group.index()], last) && whole.algorithms[collective.algorithm] == kTunersChoice)
      return fmt::format("the algorithm of collectives along '{}' is chosen for the members that there are",
                         dimension.name);
  }
  return std::nullopt;
}

Program excerpt_of(Program whole, std::uint32_t share, std::uint32_t kept, bool singled_out) {
  const std::uint32_t last = outermost(whole.grid);
  Grid::Dimension& dimension = whole.grid.dimensions[last];
  whole.excerpt = Excerpt{last, dimension.size, share, singled_out};
  dimension.size = share * kept;
  whole.role_of_rank.resize(whole.grid.rank_count());
  whole.role_of_rank.shrink_to_fit();
  return whole;
}

bool spans_excerpt(const Program& program, const GroupSpec& group) {
  return program.excerpt && spans(group, program.excerpt->dimension);
}

std::uint32_t share_of(const Program& program, RankId rank) {
  return program.grid.coordinate(rank, program.excerpt->dimension) / program.excerpt->share;
}

std::uint32_t ranks_played(const Program& program, RankId rank) {
  if (!program.excerpt) return 1;
  const Excerpt& excerpt = *program.excerpt;
  const std::uint32_t kept = program.grid.dimensions[excerpt.dimension].size / excerpt.share;
  return share_of(program, rank) + 1 < kept ? 1 : excerpt.whole / excerpt.share - kept + 1;
}

double ranks_per_rank(const Program& program) {
  if (!program.excerpt) return 1;
  return static_cast<double>(program.excerpt->whole) /
         static_cast<double>(program.grid.dimensions[program.excerpt->dimension].size);
}

}  // namespace orrery
