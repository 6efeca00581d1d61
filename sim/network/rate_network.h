// Activities that wait out a latency, then progress at the rates that a MaxMin gives them: what the rate models share.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "sim/fluid/growing_array.h"
#include "sim/network/agenda.h"
#include "sim/network/network.h"
#include "sim/network/waiting_lines.h"

namespace orrery {

// Remaining work is touched only when a rate changes; between changes it is amount − rate × time. An activity that
// stands still (rate 0), or that would take longer than 63 bits of picoseconds, has no event: with nothing else under
// way next_event() is Time::max().
class RateNetwork final : public Network {
 public:
  RateNetwork(std::vector<double> capacities, Sharing sharing) : rates_(std::move(capacities), sharing) {}

  void start(const Activity& activity, Time now) override;
  [[nodiscard]] Time next_event() override;
  void advance(Time now, std::vector<std::uint32_t>& done) override;
  void set_capacity(ResourceId resource, double capacity, Time now) override;
  [[nodiscard]] double load(ResourceId resource) const override { return rates_.load(resource); }

  // What is left at `now` of those under way.
  struct Rest {
    std::uint32_t tag = 0;
    double amount = 0;
    Duration latency;
  };
  [[nodiscard]] std::vector<Rest> rests(Time now);

 private:
  enum class Stage : std::uint8_t {
    kLatency,  // waits, and then draws on resources
    kDelay,    // waits, and then is done
    kAtWork,
    kOver,
  };
  struct Slot {
    double remaining = 0;  // at `since`
    double rate = 0;       // since then
    Time since;
    Time due = Time::max();  // its event
    std::uint64_t sequence = 0;
    std::uint32_t tag = 0;
    Stage stage = Stage::kLatency;
  };

  void move_to(Time now);
  [[nodiscard]] Time first_due() const { return std::min(events_.next(), waiting_.next()); }
  void take_due(Time now);
  void settle();
  void begin(ActivityId activity);

  MaxMin rates_;
  WaitingLines waiting_;  // activities whose latency a line takes
  Agenda events_;         // all other activities
  Time now_;
  bool unsettled_ = false;  // rates_ has changes that solve() hasn't seen
  std::uint64_t started_ = 0;
  GrowingArray<Slot> slots_;        // by ActivityId
  std::vector<std::uint32_t> due_;  // activities that advance() looks at
};

}  // namespace orrery
