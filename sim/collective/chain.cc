// The heaviest walk along messages that wait for each other, channel by channel.
#include "sim/collective/chain.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace orrery {

namespace {

constexpr std::uint32_t kNoHop = 0xFFFF'FFFFU;

using TransferIds = std::vector<std::uint32_t>;

// One hop out of each position of a channel.
struct Hop {
  std::uint32_t to = kNoHop;
  Duration latency;
  std::int32_t end = 0;  // repeats in which it is active: 0 … end − 1
};

// The switch, −1, stands before the members: the sum wraps round to 0.
std::size_t place_of(std::int32_t position) { return static_cast<std::size_t>(position) + 1; }

// Fills `hops` when the channel is a set of rings in which every hop is active in every repeat. Transfers between the
// same two positions may follow each other (an all-reduce that first adds, then hands on).
bool find_rings(const Step& step, std::span<const Duration> latency, const TransferIds& ids, std::vector<Hop>& hops) {
  std::fill(hops.begin(), hops.end(), Hop());
  std::vector<bool> receives(hops.size(), false);
  std::size_t senders = 0;
  for (const std::uint32_t t : ids) {
    const Transfer& transfer = step.transfers[t];
    Hop& hop = hops[place_of(transfer.from)];
    if (hop.to == kNoHop) {
      if (receives[place_of(transfer.to)]) return false;
      receives[place_of(transfer.to)] = true;
      hop = {static_cast<std::uint32_t>(place_of(transfer.to)), latency[t], 0};
      ++senders;
    }
    if (hop.to != place_of(transfer.to) || transfer.first != hop.end) return false;
    hop.end += transfer.count;
  }
  for (const Hop& hop : hops)
    if (hop.to != kNoHop && (hop.end != step.repeats || hops[hop.to].to == kNoHop)) return false;
  return senders > 0;
}

// The heaviest `repeats` hops in a row of any ring.
Duration heaviest_stretch(const std::vector<Hop>& hops, std::int64_t repeats) {
  Duration heaviest;
  std::vector<bool> seen(hops.size(), false);
  std::vector<Duration> ring;
  for (std::size_t start = 0; start < hops.size(); ++start) {
    if (seen[start] || hops[start].to == kNoHop) continue;
    ring.clear();
    for (std::size_t p = start; !seen[p]; p = hops[p].to) {
      seen[p] = true;
      ring.push_back(hops[p].latency);
    }
    const auto length = static_cast<std::int64_t>(ring.size());
    Duration whole;
    for (const Duration hop : ring) whole = saturating_sum(whole, hop);
    const Duration turns = saturating_product(whole, repeats / length);
    const auto rest = static_cast<std::size_t>(repeats % length);
    Duration window;
    for (std::size_t k = 0; k < rest; ++k) window = saturating_sum(window, ring[k]);
    Duration best = window;
    for (std::size_t k = 0; k < ring.size() && whole < Duration::max(); ++k) {
      window = window - ring[k] + ring[(k + rest) % ring.size()];
      best = std::max(best, window);
    }
    heaviest = std::max(heaviest, saturating_sum(turns, best));
  }
  return heaviest;
}

// D, repeat by repeat.
Duration walk(const Step& step, std::span<const Duration> latency, const TransferIds& ids, std::size_t members) {
  std::vector<Duration> before(members + 1);
  std::vector<Duration> after(members + 1);
  std::int32_t last_begin = 0;
  for (const std::uint32_t t : ids) last_begin = std::max(last_begin, step.transfers[t].first);
  for (std::int32_t repeat = 0; repeat < step.repeats; ++repeat) {
    bool changed = false;
    for (const std::uint32_t t : ids) {
      const Transfer& transfer = step.transfers[t];
      if (repeat < transfer.first || repeat >= transfer.first + transfer.count) continue;
      const Duration arrival = saturating_sum(before[place_of(transfer.from)], latency[t]);
      if (arrival <= after[place_of(transfer.to)]) continue;
      after[place_of(transfer.to)] = arrival;
      changed = true;
    }
    if (!changed && repeat >= last_begin) break;
    before = after;
  }
  return *std::max_element(after.begin(), after.end());
}

}  // namespace

Duration longest_chain(const Step& step, std::span<const Duration> latency, std::size_t members) {
  std::int32_t channels = 1;
  for (const Transfer& transfer : step.transfers) channels = std::max(channels, transfer.channel + 1);
  std::vector<TransferIds> by_channel(static_cast<std::size_t>(channels));
  for (std::uint32_t t = 0; t < step.transfers.size(); ++t)
    by_channel[static_cast<std::size_t>(step.transfers[t].channel)].push_back(t);
  Duration longest;
  std::vector<Hop> hops(members + 1);
  for (const TransferIds& ids : by_channel) {
    const bool rings = find_rings(step, latency, ids, hops);
    longest = std::max(longest, rings ? heaviest_stretch(hops, step.repeats) : walk(step, latency, ids, members));
  }
  return longest;
}

}  // namespace orrery
