// Jobs that run at once on one machine: the network that they share, what disturbs it, and the loop over instants.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "sim/kernel/clockwork.h"
#include "sim/kernel/counters.h"
#include "sim/kernel/disturbances.h"
#include "sim/kernel/interference.h"
#include "sim/kernel/shared_network.h"

namespace orrery::kernel {

class Ensemble {
 public:
  Ensemble(std::span<const Tenant> tenants, const RunOptions& options);  // checked; at least one
  std::vector<RunResult> play();

 private:
  // A job with its own clock, which shows 0 at `start` of the machine's.
  struct Player {
    const Tenant* tenant = nullptr;
    Duration start;
    std::unique_ptr<Network> door;  // none for a job alone: it stands in the network itself
    std::unique_ptr<Clockwork> clockwork;

    [[nodiscard]] Time local(Time now) const { return now - start; }
    [[nodiscard]] bool begun(Time now) const { return now >= Time() + start; }
    [[nodiscard]] Time next() const { return saturating_sum(clockwork->next_timer(), start); }
  };

  void begin_players(Time before);
  void hand_out();
  [[nodiscard]] Time next_event();
  [[nodiscard]] bool finished() const;
  void report_progress();
  [[noreturn]] void fail() const;

  const RunOptions& options_;
  Resources resources_;
  Interference interference_;
  Disturbances disturbances_;
  std::unique_ptr<Network> network_;
  SharedTags tags_;
  std::vector<Player> players_;
  Counters counters_;

  Time now_;
  std::vector<std::uint32_t> over_;
  std::uint64_t reported_ = 0;  // events
};

}  // namespace orrery::kernel
