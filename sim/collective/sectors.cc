// Compares each transfer with the one a sector further on.
#include "sim/collective/sectors.h"

#include <cstdint>

namespace orrery {
namespace {

std::int64_t modulo(std::int64_t a, std::int64_t n) { return (a % n + n) % n; }

// All but the pieces, of which neither granularity takes notice.
bool same_but_turned(const Transfer& a, const Transfer& b, std::int64_t turn, std::int64_t n) {
  return b.from == modulo(a.from + turn, n) && b.to == modulo(a.to + turn, n) && a.first == b.first &&
         a.count == b.count && a.reduces == b.reduces && a.channel == b.channel && a.pieces == b.pieces;
}

// The shorter way round, in positions.
std::int64_t distance(const Transfer& transfer, std::int64_t n) {
  const std::int64_t ahead = modulo(transfer.to - transfer.from, n);
  return 2 * ahead <= n ? ahead : ahead - n;
}

}  // namespace

std::optional<Schedule> cut_to_sectors(const Schedule& schedule, std::size_t n, std::size_t sector, std::size_t kept) {
  const auto whole = static_cast<std::int64_t>(n);
  const auto turn = static_cast<std::int64_t>(sector);
  const std::size_t sectors = n / sector;
  const auto size = static_cast<std::int64_t>(kept * sector);
  Schedule cut{{}, schedule.pieces};
  for (const Step& step : schedule.steps) {
    Step few{{}, step.bytes, step.repeats};
    // Channel by channel, the transfers of each going once round the circle.
    for (std::size_t begin = 0; begin < step.transfers.size();) {
      std::size_t end = begin;
      while (end < step.transfers.size() && step.transfers[end].channel == step.transfers[begin].channel) ++end;
      const std::size_t of_sector = (end - begin) / sectors;
      if (of_sector * sectors != end - begin) return std::nullopt;
      for (std::size_t t = begin; t < end; ++t) {
        const Transfer& here = step.transfers[t];
        const Transfer& next = step.transfers[t + of_sector < end ? t + of_sector : t + of_sector - (end - begin)];
        if (here.from < 0 || here.to < 0 || !same_but_turned(here, next, turn, whole)) return std::nullopt;
        if (here.from >= size) continue;
        const std::int64_t to = here.from + distance(here, whole);
        Transfer own = here;
        own.to = static_cast<std::int32_t>(modulo(to, size));
        const bool leaves = modulo(to, whole) / turn != here.from / turn;
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
