// Where a step's time went, seen from each rank's compute stream; the parts sum to the step exactly.
#pragma once

#include <string>
#include <vector>

#include "sim/kernel/engine.h"

namespace orrery {

// Picoseconds, summed over ranks (mean = sum ÷ ranks).
struct Breakdown {
  std::int64_t ranks = 0;
  std::int64_t compute = 0;
  struct Exposed {
    std::string dimension;  // GroupSpec::name or the message's dimension: "tensor", "data", "pipeline", "embedding"
    std::int64_t time = 0;  // compute waited while that transfer was under way
  };
  std::vector<Exposed> exposed;
  std::int64_t bubble =
      0;  // compute waited for a pipeline peer that had nothing to send yet, or the step had ended for this rank
  std::int64_t skew = 0;   // compute waited for other members to enter a collective
  std::int64_t host = 0;   // compute waited for the host to queue it
  std::int64_t other = 0;  // delays
};

// Collects it from the stream of spans; memory is a few words a rank and stream.
class BreakdownSink : public SpanSink {
 public:
  explicit BreakdownSink(const Program& program);
  void span(const Span& span) override;
  [[nodiscard]] Breakdown finish(Time end) const;  // `end`: when the step ended

 private:
  const Program* program_;
  std::vector<Span> last_;             // per rank × stream
  std::vector<std::int64_t> compute_;  // per rank: end of its compute stream so far
  Breakdown sum_;
};

}  // namespace orrery
