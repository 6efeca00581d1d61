// The heaviest walk along messages that wait for each other, channels that await each other together.
#include "sim/collective/chain.h"

#include <algorithm>
#include <cstdint>
#include <numeric>
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

// Fills `hops` when the channel is a set of rings in which every hop is active in every repeat. Transfers between the
// same two positions may follow each other (an all-reduce that first adds, then hands on).
bool find_rings(const Step& step, std::span<const Duration> latency, const TransferIds& ids, std::size_t members,
                std::vector<Hop>& hops) {
  std::fill(hops.begin(), hops.end(), Hop());
  std::vector<bool> receives(hops.size(), false);
  std::size_t senders = 0;
  for (const std::uint32_t t : ids) {
    const Transfer& transfer = step.transfers[t];
    const std::size_t to = place_of(transfer.to, members);
    Hop& hop = hops[place_of(transfer.from, members)];
    if (hop.to == kNoHop) {
      if (receives[to]) return false;
      receives[to] = true;
      hop = {static_cast<std::uint32_t>(to), latency[t], 0};
      ++senders;
    }
    if (hop.to != to || transfer.first != hop.end) return false;
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

// Channels that await each other, as one: which they are and what they carry.
struct Strand {
  std::vector<std::int32_t> channels;
  TransferIds transfers;
};

// D, repeat by repeat; at each place one for each channel.
Duration walk(const Step& step, std::span<const Duration> latency, const Strand& strand, std::size_t members,
              std::size_t places) {
  const std::size_t lanes = strand.channels.size();
  const auto lane = [&](std::int32_t channel) {
    const auto found = std::lower_bound(strand.channels.begin(), strand.channels.end(), channel);
    return static_cast<std::size_t>(found - strand.channels.begin());
  };
  std::vector<Duration> before(places * lanes);
  std::vector<Duration> after(places * lanes);
  std::int32_t last_begin = 0;
  for (const std::uint32_t t : strand.transfers) last_begin = std::max(last_begin, step.transfers[t].first);
  for (std::int32_t repeat = 0; repeat < step.repeats; ++repeat) {
    bool changed = false;
    for (const std::uint32_t t : strand.transfers) {
      const Transfer& transfer = step.transfers[t];
      if (repeat < transfer.first || repeat >= transfer.first + transfer.count) continue;
      const std::int32_t awaited = awaited_channel(transfer);
      const Duration ready =
          awaited == Transfer::kNothing ? Duration() : before[place_of(transfer.from, members) * lanes + lane(awaited)];
      Duration& there = after[place_of(transfer.to, members) * lanes + lane(transfer.channel)];
      const Duration arrival = saturating_sum(ready, latency[t]);
      if (arrival <= there) continue;
      there = arrival;
      changed = true;
    }
    if (!changed && repeat >= last_begin) break;
    before = after;
  }
  return *std::max_element(after.begin(), after.end());
}

std::vector<Strand> strands_of(const Step& step) {
  std::int32_t channels = 1;
  for (const Transfer& transfer : step.transfers)
    channels = std::max({channels, transfer.channel + 1, transfer.awaits + 1});
  // The lowest channel of each one's strand.
  std::vector<std::int32_t> lowest(static_cast<std::size_t>(channels));
  std::iota(lowest.begin(), lowest.end(), 0);
  const auto find = [&](std::int32_t channel) {
    while (lowest[static_cast<std::size_t>(channel)] != channel) channel = lowest[static_cast<std::size_t>(channel)];
    return channel;
  };
  for (const Transfer& transfer : step.transfers) {
    if (transfer.awaits < 0) continue;
    const auto [low, high] = std::minmax({find(transfer.awaits), find(transfer.channel)});
    lowest[static_cast<std::size_t>(high)] = low;
  }
  std::vector<Strand> strands(static_cast<std::size_t>(channels));
  for (std::int32_t c = 0; c < channels; ++c) strands[static_cast<std::size_t>(find(c))].channels.push_back(c);
  for (std::uint32_t t = 0; t < step.transfers.size(); ++t)
    strands[static_cast<std::size_t>(find(step.transfers[t].channel))].transfers.push_back(t);
  return strands;
}

}  // namespace

Duration longest_chain(const Step& step, std::span<const Duration> latency, std::size_t members) {
  const std::size_t places = places_of(step, members);
  Duration longest;
  std::vector<Hop> hops(places);
  for (const Strand& strand : strands_of(step)) {
    if (strand.transfers.empty()) continue;
    const bool rings = strand.channels.size() == 1 && find_rings(step, latency, strand.transfers, members, hops);
    longest =
        std::max(longest, rings ? heaviest_stretch(hops, step.repeats) : walk(step, latency, strand, members, places));
  }
  return longest;
}

}  // namespace orrery
