// Where a step's time went, seen from each rank's compute stream; the parts sum to the step exactly.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/kernel/engine.h"
#include "sim/kernel/fold.h"

namespace orrery {

// Picoseconds, summed over ranks; 128 bits, as a million ranks in a minute make more than 63.
struct Breakdown {
  std::int64_t ranks = 0;  // of an excerpt: those of the whole
  Int128 compute = 0;
  Int128 slowed = 0;  // of `compute`: longer than alone, by what ran beside it
  struct Exposed {
    std::string dimension;  // GroupSpec::name or the message's dimension: "tensor", "data", "pipeline", "embedding"
    Int128 time = 0;        // compute waited while that transfer was under way
  };
  std::vector<Exposed> exposed;  // of every dimension along which the Program communicates
  Int128 bubble = 0;  // compute waited for a pipeline peer that had nothing to send yet, or its rank's ops were over
  Int128 skew = 0;    // compute waited for other members to enter a collective
  Int128 host = 0;    // compute waited for the host to queue it
  Int128 other = 0;   // delays

  [[nodiscard]] Int128 communication() const;  // exposed, all dimensions
  [[nodiscard]] Int128 total() const;          // = step × ranks
  // Of one of the sums: seconds a rank.
  [[nodiscard]] double mean_seconds(Int128 sum) const;
};

// Collects it from the stream of spans, which come in order of their ends.
//
// The rule. Whatever a rank's compute stream isn't running, it is waiting for. An op that became ready at t waited, up
// to t, for the latest of: the op before it on its stream, the ops that it names in its waits, and the host (which
// queues in order, and goes on after a host sync once that is done). So the gap before a compute op is walked backwards
// from op to op, as far as the end of the compute op before it:
//   * while an op is under way, [begin, end): exposed communication of its dimension, or `other` for a delay;
//   * while it waits for its partners, [ready, begin): `bubble` for a message between stages, that is along a dimension
//     without a communicator of its own name (stages end at different times), and for a collective along such a
//     dimension; `skew` for other messages (a ring's) and other collectives;
//   * while the host hasn't queued an op whose waits are over: `host`.
// What is on the compute stream itself counts likewise. From the end of a rank's last op to the end of the step:
// `bubble` if messages travel between stages, else `skew`. Of a staggered Program each rank's step begins with its
// first segment, and ends as much later as the step is long.
//
// Memory: a few words for each rank and stream, and each span that has ended since its rank's compute stream last did.
class BreakdownSink : public SpanSink {
 public:
  // `fold`: of the run, if it has one.
  explicit BreakdownSink(const Program& program, const Fold* fold = nullptr);
  void span(const Span& span) override;
  [[nodiscard]] Breakdown finish(Time end) const;  // `end`: when the step ended; it began at 0

 private:
  // What an op counts as, known from its role alone.
  struct Accounts {
    std::uint32_t place = 0;      // among the ops of its stream
    std::uint32_t syncs = 0;      // host syncs before it
    std::uint16_t under_way = 0;  // index into sums_
    std::uint16_t waiting = 0;    // index into sums_
  };
  struct Kept {
    std::uint32_t op = 0;
    Time ready;
    Time begin;
    Time end;
  };
  struct Stream {
    std::uint32_t done = 0;
    std::vector<Kept> kept;  // the last of the `done`, in order
  };
  struct Walk;

  void add_role(const Role& role, const std::vector<bool>& along);  // `along`: dimensions that messages travel
  std::uint16_t sum_of(const std::string& dimension);
  [[nodiscard]] const Kept* find(RankId rank, std::uint32_t stream, std::uint32_t place) const;

  const Program* program_;
  std::vector<std::uint32_t> weights_;           // by rank: how many it stands for; 0: another stands for it
  std::vector<std::vector<Accounts>> accounts_;  // [role][op]
  std::vector<std::string> dimensions_;
  std::vector<Int128> sums_;  // fixed ones, then by dimension
  Int128 alone_ = 0;          // what compute would have taken
  bool pipelined_ = false;
  std::vector<Stream> streams_;  // rank × stream
  std::vector<Time> computed_;   // by rank: end of its compute stream so far
  std::vector<Time> begun_;      // of a staggered Program, by rank: its first segment, once it is known
};

}  // namespace orrery
