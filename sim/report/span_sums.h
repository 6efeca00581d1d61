// What a run spent on spans of each name; two runs of one job, side by side.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/kernel/engine.h"

namespace orrery {

// Spans of one name and kind ("compute", "all_reduce", "send", "delay", …), over all ranks.
struct SpanSum {
  std::string name;
  std::string kind;
  std::int64_t count = 0;
  Int128 total = 0;   // picoseconds from begin to end
  Int128 waited = 0;  // from ready to begin: for the last member of a collective, the other side of a message
};

// What a table of sums says, from whatever it was summed up.
struct SpanTable {
  std::vector<SpanSum> sums;  // in order of their first op
  std::size_t ranks = 1;
};

// Sums spans as they come; memory is a few words for each op of a role, whatever the number of ranks.
class SpanSums : public SpanSink {
 public:
  explicit SpanSums(const Program& program);
  void span(const Span& span) override;

  // Those that took place, in order of their first op.
  [[nodiscard]] std::vector<SpanSum> sums() const;
  [[nodiscard]] std::size_t ranks() const { return program_->role_of_rank.size(); }
  [[nodiscard]] SpanTable table() const { return {sums(), ranks()}; }

 private:
  const Program* program_;
  std::vector<std::vector<std::uint32_t>> sum_of_op_;  // [role][op]
  std::vector<SpanSum> sums_;
};

// A name and kind in both runs. Seconds are of a rank, on average.
struct SpanChange {
  std::string name;
  std::string kind;
  std::int64_t count_before = 0;
  std::int64_t count_after = 0;
  double before = 0;
  double after = 0;
  double waited_before = 0;
  double waited_after = 0;
  [[nodiscard]] double change() const { return after - before; }
};

// Those that changed most first; ties in the order of the first run, then of the second.
[[nodiscard]] std::vector<SpanChange> changes_of(const SpanSums& before, const SpanSums& after);

// Sums as CSV (name,kind,count,total_s,mean_s,waited_s: total and waited of a rank on average, the mean of one span)
// and as JSON under the same keys; the longest first.
[[nodiscard]] std::string spans_csv(const SpanTable& table);
[[nodiscard]] std::string spans_json(const SpanTable& table);
// Changes: name,kind,count_before,count_after,before_s,after_s,change_s,waited_before_s,waited_after_s.
[[nodiscard]] std::string changes_csv(const std::vector<SpanChange>& changes);
[[nodiscard]] std::string changes_json(const std::vector<SpanChange>& changes);

// A table of at most so many changes; says how many are left out and what they come to, and how many are none.
[[nodiscard]] std::string changes_text(const std::vector<SpanChange>& changes, std::size_t most);

}  // namespace orrery
