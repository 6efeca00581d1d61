// Looks roles up by hash, and compares what they do.
#include "workloads/chakra/role_book.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "sim/base/scrambled.h"

namespace orrery::chakra {
namespace {

// All that an op does; what it is called is nobody's business.
auto deeds(const Op& op) {
  return std::make_tuple(op.kind, op.phase, op.stream, op.body, op.first_wait, op.wait_count, op.chunk, op.microbatch,
                         op.layer);
}

bool alike(const Role& a, const Role& b) {
  return std::equal(a.ops.begin(), a.ops.end(), b.ops.begin(), b.ops.end(),
                    [](const Op& x, const Op& y) { return deeds(x) == deeds(y); }) &&
         std::equal(a.waits.begin(), a.waits.end(), b.waits.begin(), b.waits.end(),
                    [](const Wait& x, const Wait& y) { return x.stream == y.stream && x.count == y.count; });
}

std::uint64_t hash_of(const Role& role) {
  std::uint64_t hash = role.ops.size();
  const auto stir = [&](std::uint64_t value) { hash = scrambled(hash ^ value); };
  for (const Op& op : role.ops) {
    stir((std::uint64_t{op.body} << 32U) | op.first_wait);
    stir((std::uint64_t{op.stream} << 32U) | static_cast<std::uint64_t>(op.kind));
  }
  for (const Wait& wait : role.waits) stir((std::uint64_t{wait.stream} << 32U) | wait.count);
  return hash;
}

}  // namespace

std::uint32_t RoleBook::keep(Role role, RankId rank) {
  const std::uint64_t hash = hash_of(role);
  const auto [first, last] = by_hash_.equal_range(hash);
  for (auto it = first; it != last; ++it)
    if (alike(roles_[it->second], role)) return it->second;
  if (role.name.empty()) role.name = fmt::format("as rank {}", rank.index());
  by_hash_.emplace(hash, static_cast<std::uint32_t>(roles_.size()));
  roles_.push_back(std::move(role));
  return static_cast<std::uint32_t>(roles_.size() - 1);
}

}  // namespace orrery::chakra
