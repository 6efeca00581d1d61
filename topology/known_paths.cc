// A row for each sender, as long as the receivers asked for.
#include "topology/known_paths.h"

#include <algorithm>

namespace orrery {

std::uint32_t KnownPaths::number_of(ChipId chip) {
  if (chip.index() >= numbers_.size()) numbers_.resize(chip.index() + std::size_t{1}, 0);
  std::uint32_t& number = numbers_[chip.index()];
  if (number == 0 && numbered_ < kMostChips) number = ++numbered_;
  return number;
}

std::optional<std::span<const LinkId>> KnownPaths::find(ChipId from, ChipId to) const {
  if (from.index() >= numbers_.size() || to.index() >= numbers_.size()) return std::nullopt;
  const std::uint32_t sender = numbers_[from.index()];
  const std::uint32_t receiver = numbers_[to.index()];
  if (sender == 0 || receiver == 0 || sender > paths_.size() || receiver > paths_[sender - 1].size())
    return std::nullopt;
  const Kept& kept = paths_[sender - 1][receiver - 1];
  if (kept.count == 0) return std::nullopt;
  return std::span(links_).subspan(kept.first, kept.count);
}

void KnownPaths::keep(ChipId from, ChipId to, std::span<const LinkId> path) {
  if (path.empty() || links_.size() + path.size() > kMostLinks) return;
  const std::uint32_t sender = number_of(from);
  const std::uint32_t receiver = number_of(to);
  if (sender == 0 || receiver == 0) return;
  if (paths_.size() < sender) paths_.resize(sender);
  std::vector<Kept>& row = paths_[sender - 1];
  if (row.size() < receiver) row.resize(receiver);
  row[receiver - 1] = {static_cast<std::uint32_t>(links_.size()), static_cast<std::uint32_t>(path.size())};
  links_.insert(links_.end(), path.begin(), path.end());
}

}  // namespace orrery
