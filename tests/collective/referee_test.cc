// Sets of contributors, moved message by message; and proof that cheats are noticed.
#include "tests/collective/referee.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <utility>
#include <vector>

namespace orrery {

namespace {

using Contributors = std::set<std::int32_t>;
// By position, by piece: whose contributions it holds. Empty: nothing.
using Holdings = std::vector<std::vector<Contributors>>;

Contributors everyone(std::size_t positions) {
  Contributors all;
  for (std::size_t p = 0; p < positions; ++p) all.insert(static_cast<std::int32_t>(p));
  return all;
}

Holdings at_start(CollectiveKind kind, std::size_t positions) {
  Holdings held(positions, std::vector<Contributors>(positions));
  for (std::size_t p = 0; p < positions; ++p) {
    for (std::size_t q = 0; q < positions; ++q) {
      if (kind == CollectiveKind::kAllReduce || kind == CollectiveKind::kReduceScatter)
        held[p][q] = {static_cast<std::int32_t>(p)};
      if (kind == CollectiveKind::kAllGather && p == q) held[p][q] = everyone(positions);
    }
  }
  return held;
}

std::string at_end(CollectiveKind kind, const Holdings& held) {
  const std::size_t n = held.size();
  const Contributors all = everyone(n);
  std::set<std::size_t> finished;
  for (std::size_t p = 0; p < n; ++p) {
    std::size_t complete = 0;
    for (std::size_t q = 0; q < n; ++q) {
      if (held[p][q] != all) continue;
      ++complete;
      finished.insert(q);
    }
    if (kind != CollectiveKind::kReduceScatter && complete != n)
      return fmt::format("position {} ends with {} of {} pieces", p, complete, n);
    if (kind == CollectiveKind::kReduceScatter && complete < 1) return fmt::format("position {} ends with no piece", p);
  }
  if (finished.size() != n) return fmt::format("only {} pieces are finished anywhere", finished.size());
  return {};
}

// Adds what arrives. A sum must not count anyone twice; a copy must bring the finished piece.
std::string receive(Contributors& held, const Contributors& content, bool reduces, const Contributors& all) {
  if (content.empty()) return "an empty message";
  if (!reduces) {
    if (content != all) return "a copy of an unfinished piece";
    held = all;
    return {};
  }
  for (const std::int32_t who : content)
    if (!held.insert(who).second) return fmt::format("position {} is added twice", who);
  return {};
}

using Lane = std::vector<Transfer>;

// Transfers in the order listed, cut where a lane has had all its edges. An edge may be listed several times in a row.
std::vector<Lane> lanes(const Step& step, std::size_t edges) {
  std::vector<Lane> all;
  std::size_t seen = edges;
  for (const Transfer& transfer : step.transfers) {
    const bool same_edge = !all.empty() && !all.back().empty() && all.back().back().from == transfer.from &&
                           all.back().back().to == transfer.to;
    if (!same_edge) {
      if (seen == edges) {
        all.emplace_back();
        seen = 0;
      }
      ++seen;
    }
    all.back().push_back(transfer);
  }
  return all;
}

bool active(const Transfer& transfer, std::int32_t repeat) {
  return repeat >= transfer.first && repeat < transfer.first + transfer.count;
}

std::string relay_pieces(CollectiveKind kind, std::size_t n, const Lane& lane, std::int32_t repeats) {
  const Contributors all = everyone(n);
  Holdings held = at_start(kind, n);
  std::vector<std::int32_t> last(n);  // by position: the piece that came in last; at first its own
  for (std::size_t p = 0; p < n; ++p) last[p] = static_cast<std::int32_t>(p);
  for (std::int32_t repeat = 0; repeat < repeats; ++repeat) {
    struct Arrival {
      std::size_t to;
      std::int32_t piece;
      Contributors content;
      bool reduces;
    };
    std::vector<Arrival> arrivals;
    for (const Transfer& transfer : lane) {
      if (!active(transfer, repeat)) continue;
      const auto from = static_cast<std::size_t>(transfer.from);
      if (last[from] < 0) return fmt::format("repeat {}: position {} has nothing new to send", repeat, from);
      arrivals.push_back({static_cast<std::size_t>(transfer.to), last[from],
                          held[from][static_cast<std::size_t>(last[from])], transfer.reduces});
    }
    std::fill(last.begin(), last.end(), -1);
    for (const Arrival& arrival : arrivals) {
      if (last[arrival.to] >= 0) return fmt::format("repeat {}: position {} receives twice", repeat, arrival.to);
      last[arrival.to] = arrival.piece;
      Contributors& target = held[arrival.to][static_cast<std::size_t>(arrival.piece)];
      const std::string wrong = receive(target, arrival.content, arrival.reduces, all);
      if (!wrong.empty()) return fmt::format("repeat {}, to position {}: {}", repeat, arrival.to, wrong);
    }
  }
  return at_end(kind, held);
}

std::string relay_chunks(std::size_t n, const Lane& lane, std::int32_t repeats) {
  const std::int32_t chunks = lane.front().count;
  std::vector<std::deque<std::int32_t>> to_send(n);
  std::vector<std::int32_t> received(n, 0);
  for (std::int32_t k = 0; k < chunks; ++k) to_send[0].push_back(k);
  for (std::int32_t repeat = 0; repeat < repeats; ++repeat) {
    std::vector<std::pair<std::size_t, std::int32_t>> arrivals;
    for (const Transfer& transfer : lane) {
      if (!active(transfer, repeat)) continue;
      std::deque<std::int32_t>& queue = to_send[static_cast<std::size_t>(transfer.from)];
      if (queue.empty()) return fmt::format("repeat {}: position {} has nothing to send", repeat, transfer.from);
      arrivals.emplace_back(transfer.to, queue.front());
      queue.pop_front();
    }
    for (const auto& [to, chunk] : arrivals) {
      if (chunk != received[to]) return fmt::format("position {} gets chunk {} after {}", to, chunk, received[to]);
      ++received[to];
      to_send[to].push_back(chunk);
    }
  }
  for (std::size_t p = 1; p < n; ++p)
    if (received[p] != chunks) return fmt::format("position {} ends with {} of {} chunks", p, received[p], chunks);
  return {};
}

}  // namespace

std::string referee_relayed(CollectiveKind kind, std::size_t positions, const Schedule& schedule) {
  if (schedule.steps.size() != 1) return fmt::format("{} steps", schedule.steps.size());
  const Step& step = schedule.steps[0];
  const bool broadcast = kind == CollectiveKind::kBroadcast;
  for (const Lane& lane : lanes(step, broadcast ? positions - 1 : positions)) {
    const std::string wrong =
        broadcast ? relay_chunks(positions, lane, step.repeats) : relay_pieces(kind, positions, lane, step.repeats);
    if (!wrong.empty()) return wrong;
  }
  return {};
}

std::string referee_direct(CollectiveKind kind, std::size_t positions, const Schedule& schedule) {
  const Contributors all = everyone(positions);
  Holdings held = at_start(kind, positions);
  std::set<std::pair<std::int32_t, std::int32_t>> delivered;
  for (const Step& step : schedule.steps) {
    if (step.repeats != 1) return fmt::format("{} repeats", step.repeats);
    const Holdings before = held;
    for (const Transfer& transfer : step.transfers) {
      if (transfer.first != 0 || transfer.count != 1) return "a transfer outside the only repeat";
      if (transfer.from == transfer.to) return "a message to itself";
      const auto from = static_cast<std::size_t>(transfer.from);
      const auto to = static_cast<std::size_t>(transfer.to);
      if (kind == CollectiveKind::kBroadcast || kind == CollectiveKind::kAllToAll ||
          kind == CollectiveKind::kSendRecv) {
        if (transfer.reduces) return "a sum where there is none";
        if (kind != CollectiveKind::kAllToAll && from != 0) return "a sender that has nothing";
        if (!delivered.emplace(transfer.from, transfer.to).second) return "a block sent twice";
        continue;
      }
      const std::size_t piece = transfer.reduces ? to : from;
      const std::string wrong = receive(held[to][piece], before[from][piece], transfer.reduces, all);
      if (!wrong.empty()) return fmt::format("{} → {}: {}", from, to, wrong);
    }
  }
  switch (kind) {
    case CollectiveKind::kAllToAll:
      return delivered.size() == positions * (positions - 1) ? "" : fmt::format("{} blocks arrive", delivered.size());
    case CollectiveKind::kBroadcast:
      return delivered.size() == positions - 1 ? "" : fmt::format("{} receive", delivered.size());
    case CollectiveKind::kSendRecv:
      return delivered.size() == 1 ? "" : fmt::format("{} messages", delivered.size());
    default:
      return at_end(kind, held);
  }
}

TEST_CASE("the referee notices a schedule that doesn't deliver") {
  const Group group{{0, 0, 0, 1, 1, 1}};
  for (const CollectiveKind kind : {CollectiveKind::kAllReduce, CollectiveKind::kAllGather,
                                    CollectiveKind::kReduceScatter, CollectiveKind::kBroadcast}) {
    CAPTURE(to_name(kind));
    const Schedule good = CollectiveAlgorithms::find("ring")->write(kind, group, Bytes(5'000'000));
    Schedule bad = good;
    bad.steps[0].transfers.erase(bad.steps[0].transfers.begin() + 2);
    CHECK(referee_relayed(kind, 6, bad) != "");
    bad = good;
    --bad.steps[0].repeats;
    CHECK(referee_relayed(kind, 6, bad) != "");
    bad = good;
    std::swap(bad.steps[0].transfers[1].from, bad.steps[0].transfers[1].to);
    CHECK(referee_relayed(kind, 6, bad) != "");
    bad = good;
    for (Transfer& transfer : bad.steps[0].transfers) transfer.reduces = !transfer.reduces;
    if (kind == CollectiveKind::kAllReduce || kind == CollectiveKind::kReduceScatter)
      CHECK(referee_relayed(kind, 6, bad) != "");
    const Schedule direct = CollectiveAlgorithms::find("direct")->write(kind, group, Bytes(5'000'000));
    bad = direct;
    bad.steps[0].transfers.pop_back();
    CHECK(referee_direct(kind, 6, bad) != "");
    bad = direct;
    bad.steps[0].transfers[0] = bad.steps[0].transfers[1];
    if (kind != CollectiveKind::kAllGather) CHECK(referee_direct(kind, 6, bad) != "");
  }
}

}  // namespace orrery
