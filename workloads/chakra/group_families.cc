// First fit: a group joins the first family of its kind in which none of its members has a group yet.
#include "workloads/chakra/group_families.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

namespace orrery::chakra {
namespace {

struct Family {
  std::vector<std::uint32_t> groups;
  std::vector<bool> seated;  // by rank
};

// In which dimensions of the grid members of a group differ.
void note_dimensions(const Grid& grid, const std::vector<RankId>& members, std::vector<bool>& differ) {
  for (std::size_t d = 0; d < grid.dimensions.size(); ++d)
    for (const RankId member : members)
      if (grid.coordinate(member, d) != grid.coordinate(members.front(), d)) differ[d] = true;
}

}  // namespace

std::uint32_t GroupFamilies::add(const std::string& name, const std::vector<RankId>& members, std::uint32_t slot,
                                 const std::string& serves) {
  const auto [entry, added] =
      known_.try_emplace(std::make_pair(name, members), static_cast<std::uint32_t>(groups_.size()));
  if (added) groups_.push_back({name, members, slot, serves});
  return entry->second;
}

std::vector<GroupSpecId> GroupFamilies::into(Program& program) const {
  using Kind = std::tuple<std::string, std::uint32_t, std::size_t>;  // what it serves, or its slot; size
  std::map<Kind, std::vector<std::size_t>> of_kind;
  std::vector<Family> families;
  std::vector<GroupSpecId> spec(groups_.size());
  for (std::uint32_t g = 0; g < groups_.size(); ++g) {
    const Entry& group = groups_[g];
    const auto seated = [&](const Family& family) {
      return std::any_of(group.members.begin(), group.members.end(),
                         [&](RankId rank) { return static_cast<bool>(family.seated[rank.index()]); });
    };
    std::vector<std::size_t>& alike =
        of_kind[{group.serves, group.serves.empty() ? group.slot : 0, group.members.size()}];
    auto home = std::find_if(alike.begin(), alike.end(), [&](std::size_t f) { return !seated(families[f]); });
    if (home == alike.end()) {
      families.push_back({{}, std::vector<bool>(ranks_, false)});
      home = alike.insert(alike.end(), families.size() - 1);
    }
    families[*home].groups.push_back(g);
    for (const RankId member : group.members) families[*home].seated[member.index()] = true;
    spec[g] = GroupSpecId(*home);
  }

  std::set<std::string> taken;
  for (const Family& family : families) {
    const Entry& first = groups_[family.groups.front()];
    GroupSpec made;
    made.name = first.serves;
    if (made.name.empty() && first.members.size() == ranks_) made.name = "all ranks";
    if (made.name.empty())
      made.name = family.groups.size() == 1 ? fmt::format("group {}", first.name)
                                            : fmt::format("groups of {}", first.members.size());
    const std::string stem = made.name;
    for (int k = 2; first.serves.empty() && !taken.insert(made.name).second; ++k)
      made.name = fmt::format("{} ({})", stem, k);
    std::vector<bool> differ(program.grid.dimensions.size(), false);
    for (const std::uint32_t g : family.groups) {
      note_dimensions(program.grid, groups_[g].members, differ);
      made.listed.push_back(groups_[g].members);
    }
    for (std::uint32_t d = 0; d < differ.size(); ++d)
      if (differ[d]) made.dimensions.push_back(d);
    program.groups.push_back(std::move(made));
  }
  return spec;
}

}  // namespace orrery::chakra
