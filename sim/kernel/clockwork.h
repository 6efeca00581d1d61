// The state of one job's run and the laws by which it moves; what moves the clock and the network is the Ensemble.
#pragma once

#include <string>
#include <vector>

#include "sim/kernel/cast.h"
#include "sim/kernel/communicators.h"
#include "sim/kernel/compute.h"
#include "sim/kernel/disturbances.h"
#include "sim/kernel/engine.h"
#include "sim/kernel/exchanges.h"
#include "sim/kernel/gatherings.h"
#include "sim/kernel/lanes.h"
#include "sim/kernel/lowering.h"
#include "sim/kernel/plan.h"
#include "sim/kernel/slot.h"
#include "sim/kernel/timers.h"

namespace orrery::kernel {

// A tag says what an activity belongs to: its kind in the two highest bits, an index below.
namespace tags {
inline constexpr std::uint32_t kSegment = 0U << 30U;   // SlotId
inline constexpr std::uint32_t kPhase = 1U << 30U;     // GatheringId
inline constexpr std::uint32_t kMessage = 2U << 30U;   // a flight of Exchanges
inline constexpr std::uint32_t kDelivery = 3U << 30U;  // index into Clockwork::deliveries_
inline constexpr std::uint32_t kKindBits = 3U << 30U;
}  // namespace tags

class Clockwork {
 public:
  // Checked. Keeps references to all.
  Clockwork(const Tenant& tenant, const RunOptions& options, Network& network);

  // The rhythm of an instant, by the job's own clock: move_to() it, say what is over then, settle().
  void begin();  // at 0, before the first settle()
  void move_to(Time now) { now_ = now; }
  void activity_over(std::uint32_t tag);
  void timers_over();
  void settle();  // starts all that can start

  [[nodiscard]] Time next_timer() const { return timers_.next(); }
  [[nodiscard]] bool finished() const { return done_ == ops_; }
  [[nodiscard]] std::uint64_t ops() const { return ops_; }
  [[nodiscard]] std::uint64_t done() const { return done_; }
  [[nodiscard]] std::uint64_t events() const { return events_; }
  [[nodiscard]] RunResult result() const;                                                  // when finished
  [[nodiscard]] std::string standstill(Time now, const Disturbances& disturbances) const;  // when nothing moves

 private:
  // A message under way.
  struct Delivery {
    SlotId sender;
    SlotId receiver;
    PhasesId phases;
    std::uint32_t phase = 0;
  };

  void timer_over(SlotId slot);
  void complete(SlotId slot);
  void end(SlotId slot);

  // An op on its way: the head of a stream is tried, blocked, held by the host, and enters.
  void attempt(SlotId slot, std::uint16_t cause);
  void enter(SlotId slot);
  void enter_collective(SlotId slot, const PlannedOp& op);
  void enter_message(SlotId slot, const PlannedOp& op);

  void begin_phases(GatheringId gathering);
  void next_phase(GatheringId gathering);
  void begin_exchange(GatheringId gathering);
  void begin_delivery(const Lanes::Meeting& meeting);
  void next_phase_of_delivery(std::uint32_t delivery);

  [[nodiscard]] SlotId slot_of(RankId rank, std::uint32_t stream) const {
    return SlotId(std::size_t{cast_.place(rank)} * streams_ + stream);
  }
  [[nodiscard]] std::vector<double> work() const;

  const Job& job_;
  const std::vector<SpanSink*>& sinks_;
  const RunOptions& options_;
  const Program& program_;
  std::uint32_t streams_;
  Resources resources_;
  Plan plan_;
  Communicators communicators_;
  Cast cast_;
  Compute compute_;
  Lowering lowering_;
  Network* network_;
  Exchanges exchanges_;
  Gatherings gatherings_;
  Lanes lanes_;
  Timers timers_;

  Time now_;
  Time finished_;  // when the last op ended
  Slots slots_;
  std::vector<Time> epoch_began_;  // by rank: its last host sync
  std::vector<Time> begun_;        // of a staggered Program, by rank: its first segment
  Duration longest_;               // from then to the end of its last op so far, of any rank
  std::vector<SlotId> ending_;     // in order of ending
  std::vector<SlotId> members_over_;
  std::vector<SlotId> seats_;
  std::vector<Delivery> deliveries_;
  std::vector<std::uint32_t> free_deliveries_;
  std::uint64_t ops_ = 0;   // in the Program, all ranks together
  std::uint64_t done_ = 0;  // of them
  std::uint64_t events_ = 0;
};

}  // namespace orrery::kernel
