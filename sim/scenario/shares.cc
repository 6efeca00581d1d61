// The fewest replicas that fill whole parts make a share.
#include "sim/scenario/shares.h"

#include <numeric>

namespace orrery {
namespace {

// Up to here all of a job is simulated in a second or two, and its reports can name each part.
constexpr std::int64_t kChipsBuiltWhole = 4096;

bool replicas_are_outermost(const Plan& plan) {
  for (auto name = plan.order.rbegin(); name != plan.order.rend() && *name != "data"; ++name)
    if (plan.ranks_along(*name) > 1) return false;
  return true;
}

}  // namespace

std::optional<Shares> shares_of(const Plan& plan, std::uint64_t part_chips) {
  // Data ranks aren't one dimension then.
  if (plan.expert > 1 || plan.sharded_over() < plan.replicas() || plan.local_sgd.sites > 1) return std::nullopt;
  if (part_chips == 0 || plan.chips() <= kChipsBuiltWhole || !replicas_are_outermost(plan)) return std::nullopt;
  const auto replica = static_cast<std::uint64_t>(plan.chips() / plan.data);  // chips
  const std::uint64_t size = part_chips / std::gcd(part_chips, replica);
  const auto replicas = static_cast<std::uint64_t>(plan.data);
  const Shares shares{.size = static_cast<std::uint32_t>(size)};
  if (replicas % size != 0 || replicas / size <= shares.built) return std::nullopt;
  return shares;
}

}  // namespace orrery
