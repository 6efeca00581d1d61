// A run as a trace: which ranks, in what detail; spans and counters become tracks, slices, arrows and samples.
#pragma once

#include <array>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "sim/kernel/engine.h"
#include "sim/report/arrows.h"
#include "sim/report/power.h"
#include "sim/report/trace_format.h"
#include "sim/scenario/background.h"
#include "sim/scenario/events.h"

namespace orrery {

// Something that happens to the machine at an instant.
struct TraceNote {
  std::string text;
  Time at;
};
// What disturbs a run, from its beginnings to its ends, in order of time.
[[nodiscard]] std::vector<TraceNote> notes_of(const std::vector<Event>& events,
                                              const std::vector<Background>& background);

// What a trace can show, by kinds of it.
enum class TraceClass : std::uint8_t { kCompute, kCollective, kMessage, kHost, kCounters };
inline constexpr std::size_t kTraceClassCount = 5;
inline constexpr std::array<std::string_view, kTraceClassCount> kTraceClassNames = {"compute", "collective", "message",
                                                                                    "host", "counters"};
using TraceClasses = std::array<bool, kTraceClassCount>;
inline constexpr TraceClasses kEveryTraceClass = {true, true, true, true, true};
// Delays and waits of the host are the host's.
[[nodiscard]] TraceClass class_of(OpKind kind);

struct TraceOptions {
  std::vector<RankId> ranks;  // in order, without repeats
  bool kernels = false;       // show the kernels inside each segment
  // Ops and samples that touch this window are shown, whole.
  Time from{};
  Time until = Time::max();
  TraceClasses classes = kEveryTraceClass;
  std::vector<TraceNote> notes{};  // in order of time; those after the last op are left out
};

// What a trace of these ranks counts: the HBMs of their chips and the links that leave or enter those chips and the
// NICs beside them. For RunOptions::counted.
[[nodiscard]] std::vector<ResourceId> counted_resources(const Job& job, const std::vector<RankId>& ranks);

// One process for each rank with a track for each stream that its role uses; slices are named after ops and last from
// begin to end (in `waited` stands what came before). An arrow leads from each send to its receive, where both ranks
// are shown and the message takes time. With `kernels`, a segment that was slowed stretches its kernels alike.
//
// Declares everything in its constructor, then streams; call finish() at the end. `format` and what `job` points to
// must outlive it.
class Trace : public SpanSink, public CounterSink {
 public:
  Trace(const Job& job, TraceOptions options, const std::vector<ResourceId>& counted, TraceFormat& format);
  void span(const Span& span) override;
  void counter(ResourceId resource, Time at, double load) override;
  // A process of its own: the machine's watts, at the facility's meter, and of a chip of each role. Before finish().
  void power(const PowerSeries& series);
  void finish();

 private:
  void declare_rank(const Job& job, RankId rank, const std::vector<std::vector<bool>>& used);
  void declare_counters(const Job& job, const std::vector<ResourceId>& counted);
  void place_kernels(const Span& span, const Segment& segment);
  [[nodiscard]] bool shown(RankId rank) const { return first_track_[rank.index()] != 0; }

  const Program* program_;
  TraceOptions options_;
  TraceFormat* format_;
  Arrows arrows_;
  std::uint32_t processes_ = 0;
  std::uint32_t tracks_ = 0;
  std::uint32_t counters_ = 0;
  std::uint32_t notes_track_ = 0;               // 0: there are none
  Time last_;                                   // end of an op so far
  std::vector<std::uint32_t> first_track_;      // by rank; 0: not shown
  std::vector<std::uint32_t> track_of_stream_;  // role × stream: place among the rank's tracks
  std::vector<std::uint32_t> counter_of_;       // by resource; 0: not counted
  std::vector<TraceSlice::Inner> inside_;
};

}  // namespace orrery
