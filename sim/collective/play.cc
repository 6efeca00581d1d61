// The shortest possible engine: starts what waits for nothing, advances to the next event, starts what that sets free.
#include "sim/collective/play.h"

#include <fmt/format.h>

#include "sim/base/error.h"

namespace orrery {

namespace {

constexpr Time kStart;

}  // namespace

Duration play_fluid(std::span<const FluidPhase> phases, Network& network) {
  Time now = kStart;
  std::vector<std::uint32_t> done;
  for (std::uint32_t p = 0; p < phases.size(); ++p) {
    network.start({.uses = phases[p].uses,
                   .amount = 1,
                   .weight = phases[p].weight,
                   .latency = phases[p].latency,
                   .tag = p,
                   .most = phases[p].most,
                   .paths = phases[p].paths,
                   .links = phases[p].links,
                   .bytes = phases[p].bytes},
                  now);
    for (done.clear(); done.empty(); network.advance(now, done)) {
      now = network.next_event();
      if (now == Time::max())
        throw RunError(fmt::format("phase {} of {} stands still: a link has no capacity", p + 1, phases.size()));
    }
  }
  return now - kStart;
}

Duration play_stepwise(const StepwiseMessages& all, Network& network) {
  const auto count = static_cast<std::uint32_t>(all.messages.size());
  // Who waits for m: the lists of `after`, the other way round.
  std::vector<std::uint32_t> first_waiter(std::size_t{count} + 1, 0);
  std::vector<std::uint32_t> missing(count);
  const auto after = [&all](std::uint32_t m) {
    return std::span(all.after).subspan(all.messages[m].first_after, all.messages[m].after_count);
  };
  for (std::uint32_t m = 0; m < count; ++m) {
    missing[m] = all.messages[m].after_count;
    for (const std::uint32_t before : after(m)) ++first_waiter[before + 1];
  }
  for (std::uint32_t m = 0; m < count; ++m) first_waiter[m + 1] += first_waiter[m];
  std::vector<std::uint32_t> waiters(first_waiter[count]);
  std::vector<std::uint32_t> next(first_waiter.begin(), first_waiter.end() - 1);
  for (std::uint32_t m = 0; m < count; ++m)
    for (const std::uint32_t before : after(m)) waiters[next[before]++] = m;

  Time now = kStart;
  for (std::uint32_t m = 0; m < count; ++m)
    if (missing[m] == 0) network.start(all.activity(m, all.messages[m].latency, m), now);
  std::vector<Time> ready(count, now);
  std::vector<std::uint32_t> done;
  for (std::uint32_t arrived = 0; arrived < count;) {
    now = network.next_event();
    if (now == Time::max())
      throw RunError(fmt::format("{} of {} messages never arrive: a link has no capacity", count - arrived, count));
    done.clear();
    network.advance(now, done);
    for (const std::uint32_t m : done) {
      ++arrived;
      for (std::uint32_t w = first_waiter[m]; w < first_waiter[m + 1]; ++w) {
        const std::uint32_t waiter = waiters[w];
        if (!is_previous(all, m, waiter)) ready[waiter] = now;
        if (--missing[waiter] > 0) continue;
        network.start(all.activity(waiter, latency_left(all.messages[waiter], ready[waiter], now), waiter), now);
      }
    }
  }
  return now - kStart;
}

}  // namespace orrery
