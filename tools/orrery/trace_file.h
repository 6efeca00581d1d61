// A run's trace on its way to a file: .pftrace for Perfetto, .json for Chrome's format.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "sim/report/trace.h"
#include "tools/orrery/atomic_stream.h"
#include "tools/orrery/simulate.h"

namespace orrery {

struct TraceRequest {
  std::vector<RankId> ranks;
  bool kernels = false;  // show them inside each op
  // Ops that touch this window, and of these kinds.
  Time from{};
  Time until = Time::max();
  TraceClasses classes = kEveryTraceClass;

  [[nodiscard]] bool counts() const { return classes[static_cast<std::size_t>(TraceClass::kCounters)]; }
};

// About as many bytes as a trace will have, from those that traces of many runs had: most for a window, which may hold
// less.
[[nodiscard]] double estimated_bytes(const Program& program, const TraceRequest& request, bool json);

// InputError when a trace's name ends neither in .pftrace nor in .json.
void check_trace_name(const std::filesystem::path& target);

// Watches a run; commit() puts the file in its place once the run is over. Destroyed before that, it leaves nothing.
class TraceFile {
 public:
  // The format follows the name, which is checked. `prepared` must outlive it.
  TraceFile(const std::filesystem::path& target, const Prepared& prepared, const TraceRequest& request);

  void watch(Watchers& watchers);
  void commit(const PowerSeries& power);

 private:
  AtomicStream out_;
  std::unique_ptr<TraceFormat> format_;
  std::vector<ResourceId> counted_;
  std::vector<RankId> ranks_;
  Trace trace_;
};

}  // namespace orrery
