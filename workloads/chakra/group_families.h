// Groups of ranks that play the same part for each of their members: "the second group that the rank uses, of eight".
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sim/kernel/program.h"

namespace orrery::chakra {

class GroupFamilies {
 public:
  explicit GroupFamilies(std::size_t ranks) : ranks_(ranks) {}

  // The group that a rank uses as its `slot`-th. `serves`: what it is for, if that is known. Equal name and members:
  // the same group.
  std::uint32_t add(const std::string& name, const std::vector<RankId>& members, std::uint32_t slot,
                    const std::string& serves);
  [[nodiscard]] std::size_t members(std::uint32_t group) const { return groups_[group].members.size(); }

  // Once all are there: into GroupSpecs, disjoint groups of one size and slot together. By group: which.
  [[nodiscard]] std::vector<GroupSpecId> into(Program& program) const;

 private:
  struct Entry {
    std::string name;
    std::vector<RankId> members;
    std::uint32_t slot = 0;  // of the rank that came first
    std::string serves;
  };
  std::size_t ranks_;
  std::vector<Entry> groups_;
  std::map<std::pair<std::string, std::vector<RankId>>, std::uint32_t> known_;
};

}  // namespace orrery::chakra
