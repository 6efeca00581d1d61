// ops.csv of a run directory: for each role and stream, which ops ran, how often and for how long.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/kernel/engine.h"

namespace orrery {

// Sums spans as they come; memory is a few words for each op of a role, whatever the number of ranks.
class OpsTable : public SpanSink {
 public:
  explicit OpsTable(const Program& program);
  void span(const Span& span) override;

  // One row for each (role, stream, phase, op name), the longest total first, then in order of first occurrence. Sums
  // are over all ranks of the role; `share_of_step` is the total ÷ (step × those ranks), so the shares of a stream add
  // up to how busy it was. `waited_s` is from ready to begin: for the last member of a collective, the other side of a
  // message. Seconds are exact to the picosecond, the mean is rounded down to it.
  [[nodiscard]] std::string csv(Duration step) const;

 private:
  struct Row {
    std::uint32_t role = 0;
    const Op* op = nullptr;  // the first of its name
    std::int64_t count = 0;
    Int128 total = 0;  // picoseconds
    Int128 waited = 0;
    std::int64_t least = 0;
    std::int64_t most = 0;
  };

  const Program* program_;
  std::vector<std::vector<std::uint32_t>> row_of_op_;  // [role][op]
  std::vector<Row> rows_;
};

}  // namespace orrery
