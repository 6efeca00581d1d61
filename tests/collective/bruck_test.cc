// Bruck's algorithms, piece by piece: the rules of who sends which pieces are written out here once more, by sets.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sim/collective/schedule.h"

namespace orrery {
namespace {

constexpr std::int64_t kPiece = 1000;

Schedule write(CollectiveKind kind, std::int64_t n) {
  Group group;
  group.node.assign(static_cast<std::size_t>(n), 0);
  return CollectiveAlgorithms::find("bruck")->write(kind, group, Bytes(kPiece * n));
}

// By member and piece: whose contributions are in it.
using Held = std::vector<std::vector<std::set<std::int64_t>>>;

// Plays steps in which a message of c pieces carries those that begin with `first`: its sender's for a copy, its
// receiver's for a sum, which leaves the sender. Empty when every rule is kept.
std::string play(const std::vector<Step>& steps, std::int64_t n, Held& held) {
  for (const Step& step : steps) {
    const Held before = held;
    std::set<std::int64_t> receivers;
    const std::int64_t pieces = step.transfers[0].pieces;
    if (step.bytes != Bytes(kPiece)) return "a piece of another size";
    for (const Transfer& transfer : step.transfers) {
      const std::int64_t from = transfer.from;
      const std::int64_t to = transfer.to;
      if (from == to || !receivers.insert(to).second) return fmt::format("{} → {}", from, to);
      const std::int64_t first = transfer.reduces ? to : from;
      for (std::int64_t i = 0; i < pieces; ++i) {
        const auto piece = static_cast<std::size_t>((first + i) % n);
        const auto& content = before[static_cast<std::size_t>(from)][piece];
        auto& target = held[static_cast<std::size_t>(to)][piece];
        if (content.empty()) return fmt::format("{} → {}: piece {} isn't there", from, to, piece);
        if (!transfer.reduces && !target.empty()) return fmt::format("{} → {}: piece {} twice", from, to, piece);
        for (const std::int64_t who : content)
          if (!target.insert(who).second) return fmt::format("{} → {}: {} is added twice", from, to, who);
        if (transfer.reduces) {
          auto& left = held[static_cast<std::size_t>(from)][piece];
          for (const std::int64_t who : content) left.erase(who);
        }
      }
    }
  }
  return {};
}

Held empty(std::int64_t n) {
  return Held(static_cast<std::size_t>(n), std::vector<std::set<std::int64_t>>(static_cast<std::size_t>(n)));
}

std::set<std::int64_t> everyone(std::int64_t n) {
  std::set<std::int64_t> all;
  for (std::int64_t p = 0; p < n; ++p) all.insert(p);
  return all;
}

std::size_t log_steps(std::int64_t n) {
  std::size_t steps = 0;
  for (std::int64_t d = 1; d < n; d *= 2) ++steps;
  return steps;
}

}  // namespace

TEST_CASE("bruck: all-gather brings every piece to everyone once") {
  for (std::int64_t n = 2; n <= 33; ++n) {
    CAPTURE(n);
    Held held = empty(n);
    for (std::int64_t p = 0; p < n; ++p) held[static_cast<std::size_t>(p)][static_cast<std::size_t>(p)] = {p};
    const Schedule schedule = write(CollectiveKind::kAllGather, n);
    CHECK(schedule.steps.size() == log_steps(n));
    CHECK(play(schedule.steps, n, held) == "");
    std::int64_t sent = 0;
    for (const Step& step : schedule.steps) sent += step.bytes.count() * step.transfers[0].pieces;
    CHECK(sent == (n - 1) * kPiece);  // the least there is
    for (const auto& pieces : held)
      for (const auto& piece : pieces) CHECK(piece.size() == 1);
  }
}

TEST_CASE("bruck: reduce-scatter leaves each member the whole sum of its piece, all-reduce everyone all sums") {
  for (std::int64_t n = 2; n <= 33; ++n) {
    CAPTURE(n);
    Held held = empty(n);
    for (auto& pieces : held)
      for (auto& piece : pieces) piece = {&pieces - held.data()};
    CHECK(play(write(CollectiveKind::kReduceScatter, n).steps, n, held) == "");
    for (std::int64_t p = 0; p < n; ++p)
      CHECK(held[static_cast<std::size_t>(p)][static_cast<std::size_t>(p)] == everyone(n));

    // All-reduce goes on from there, with nothing but the sums.
    const std::vector<Step> both = write(CollectiveKind::kAllReduce, n).steps;
    CHECK(both.size() == 2 * log_steps(n));
    Held sums = empty(n);
    for (std::int64_t p = 0; p < n; ++p) sums[static_cast<std::size_t>(p)][static_cast<std::size_t>(p)] = everyone(n);
    const std::vector<Step> second(both.begin() + static_cast<std::ptrdiff_t>(log_steps(n)), both.end());
    CHECK(play(second, n, sums) == "");
    for (const auto& pieces : sums)
      for (const auto& piece : pieces) CHECK(piece == everyone(n));
  }
}

TEST_CASE("bruck: all-to-all brings every block to its destination") {
  for (std::int64_t n = 2; n <= 33; ++n) {
    CAPTURE(n);
    std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> at;  // (source, destination) → where it is
    for (std::int64_t s = 0; s < n; ++s)
      for (std::int64_t d = 0; d < n; ++d) at[{s, d}] = s;
    for (const Step& step : write(CollectiveKind::kAllToAll, n).steps) {
      const std::int64_t distance = (step.transfers[0].to - step.transfers[0].from + n) % n;
      std::vector<std::int64_t> moved(static_cast<std::size_t>(n), 0);
      for (auto& [block, where] : at) {
        if ((((block.second - where + n) % n) & distance) == 0) continue;
        ++moved[static_cast<std::size_t>(where)];
        where = (where + distance) % n;
      }
      for (const std::int64_t blocks : moved) CHECK(step.transfers[0].pieces == blocks);
    }
    for (const auto& [block, where] : at) CHECK(where == block.second);
  }
}

TEST_CASE("bruck: what it doesn't do") {
  CHECK_FALSE(CollectiveAlgorithms::find("bruck")->supports(CollectiveKind::kBroadcast));
  CHECK_FALSE(CollectiveAlgorithms::find("bruck")->supports(CollectiveKind::kSendRecv));
}

}  // namespace orrery
