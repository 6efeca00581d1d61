// Reads the word after --trace-ranks.
#include "tools/orrery/traced_ranks.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "tools/orrery/option_word.h"

namespace orrery {
namespace {

[[noreturn]] void refuse(std::string_view wanted, std::string_view word, std::string message) {
  refuse_word("--trace-ranks", wanted, word, std::move(message), {"ranks: auto, all, or a list such as 0,8,64-71"});
}

std::size_t read_rank(std::string_view wanted, std::string_view word, std::size_t ranks) {
  std::size_t rank = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), rank);
  if (error != std::errc() || end != word.data() + word.size()) refuse(wanted, word, "not a rank");
  if (rank >= ranks) refuse(wanted, word, fmt::format("there is no rank {}: the last one is {}", word, ranks - 1));
  return rank;
}

std::vector<RankId> first_of_each_role(const Program& program) {
  std::vector<RankId> ranks;
  std::vector<bool> seen(program.roles.size(), false);
  for (std::size_t rank = 0; rank < program.role_of_rank.size(); ++rank) {
    const std::uint32_t role = program.role_of_rank[rank];
    if (!seen[role]) ranks.emplace_back(rank);
    seen[role] = true;
  }
  return ranks;
}

}  // namespace

std::vector<RankId> traced_ranks(std::string_view wanted, const Program& program) {
  const std::size_t ranks = program.role_of_rank.size();
  const bool automatic = wanted == "auto";
  if (automatic && ranks > kFewRanks) return first_of_each_role(program);

  std::vector<RankId> chosen;
  if (automatic || wanted == "all") {
    for (std::size_t rank = 0; rank < ranks; ++rank) chosen.emplace_back(rank);
    return chosen;
  }
  for (std::size_t at = 0; at <= wanted.size();) {
    const std::size_t comma = std::min(wanted.find(',', at), wanted.size());
    const std::string_view word = wanted.substr(at, comma - at);
    const std::size_t dash = word.find('-');
    const std::size_t first = read_rank(wanted, word.substr(0, dash), ranks);
    const std::size_t last = dash == std::string_view::npos ? first : read_rank(wanted, word.substr(dash + 1), ranks);
    if (last < first) refuse(wanted, word, "this range ends before it begins");
    for (std::size_t rank = first; rank <= last; ++rank) chosen.emplace_back(rank);
    at = comma + 1;
  }
  std::sort(chosen.begin(), chosen.end());
  chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
  return chosen;
}

}  // namespace orrery
