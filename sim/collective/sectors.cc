// Compares each transfer with the one a sector further on.
#include "sim/collective/sectors.h"

#include <algorithm>
#include <cstdint>
#include <span>

namespace orrery {
namespace {

std::int64_t modulo(std::int64_t a, std::int64_t n) { return (a % n + n) % n; }

// All but the pieces, of which neither granularity takes notice.
bool same_but_turned(const Transfer& a, const Transfer& b, std::int64_t turn, std::int64_t n) {
  return b.from == modulo(a.from + turn, n) && b.to == modulo(a.to + turn, n) && a.first == b.first &&
         a.count == b.count && a.reduces == b.reduces && a.channel == b.channel && a.awaits == b.awaits &&
         a.pieces == b.pieces;
}

// The shorter way round, in positions.
std::int64_t distance(const Transfer& transfer, std::int64_t n) {
  const std::int64_t ahead = modulo(transfer.to - transfer.from, n);
  return 2 * ahead <= n ? ahead : ahead - n;
}

// One channel's transfers, which go round the circle sector by sector, the one way or the other.
bool is_alike(std::span<const Transfer> channel, std::size_t sectors, std::int64_t sector, std::int64_t n) {
  const std::size_t of_sector = channel.size() / sectors;
  if (of_sector * sectors != channel.size()) return false;
  const auto turned = [&](std::int64_t turn) {
    for (std::size_t t = 0; t < channel.size(); ++t)
      if (!same_but_turned(channel[t], channel[(t + of_sector) % channel.size()], turn, n)) return false;
    return true;
  };
  const auto is_switch = [](const Transfer& transfer) { return transfer.from < 0 || transfer.to < 0; };
  return std::none_of(channel.begin(), channel.end(), is_switch) && (turned(sector) || turned(-sector));
}

}  // namespace

std::optional<Schedule> cut_to_sectors(const Schedule& schedule, std::size_t n, std::size_t sector, std::size_t kept) {
  const auto whole = static_cast<std::int64_t>(n);
  const auto turn = static_cast<std::int64_t>(sector);
  const auto size = static_cast<std::int64_t>(kept * sector);
  Schedule cut{{}, schedule.pieces};
  for (const Step& step : schedule.steps) {
    Step few{{}, step.bytes, step.repeats};
    const std::span<const Transfer> transfers = step.transfers;
    for (std::size_t begin = 0; begin < transfers.size();) {
      std::size_t end = begin;
      while (end < transfers.size() && transfers[end].channel == transfers[begin].channel) ++end;
      const std::span<const Transfer> channel = transfers.subspan(begin, end - begin);
      if (!is_alike(channel, n / sector, turn, whole)) return std::nullopt;
      for (const Transfer& transfer : channel) {
        if (transfer.from >= size) continue;
        const std::int64_t to = transfer.from + distance(transfer, whole);
        Transfer own = transfer;
        own.to = static_cast<std::int32_t>(modulo(to, size));
        const bool leaves = modulo(to, whole) / turn != own.from / turn;
        if (leaves != (own.to / turn != own.from / turn)) return std::nullopt;
        few.transfers.push_back(own);
      }
      begin = end;
    }
    cut.steps.push_back(std::move(few));
  }
  return cut;
}

}  // namespace orrery
