// Every distinct role once: ranks that do the same share one.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "sim/kernel/program.h"

namespace orrery::chakra {

class RoleBook {
 public:
  // Which of the distinct ones a rank's role is. It is new if it does something else than any before; then, without a
  // name of its own, it is called after the rank.
  std::uint32_t keep(Role role, RankId rank);
  [[nodiscard]] const std::vector<Role>& roles() const { return roles_; }

 private:
  std::vector<Role> roles_;
  std::unordered_multimap<std::uint64_t, std::uint32_t> by_hash_;
};

}  // namespace orrery::chakra
