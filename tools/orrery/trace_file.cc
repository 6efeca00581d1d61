// Chooses the format of a trace and what it counts.
#include "tools/orrery/trace_file.h"

#include "sim/base/error.h"
#include "sim/report/chrome.h"
#include "sim/report/perfetto.h"

namespace orrery {

void check_trace_name(const std::filesystem::path& target) {
  if (target.extension() != ".pftrace" && target.extension() != ".json")
    throw InputError(SourceSpan{target.string(), 0, 0, 1, ""},
                     "a trace's name ends in .pftrace (Perfetto) or .json (Chrome)");
}

TraceFile::TraceFile(const std::filesystem::path& target, const Prepared& prepared, const TraceRequest& request)
    : out_(target),
      format_(target.extension() == ".json" ? chrome_format(out_) : perfetto_format(out_)),
      counted_(counted_resources(prepared.job(), request.ranks)),
      ranks_(request.ranks),
      trace_(prepared.job(),
             {.ranks = request.ranks,
              .kernels = request.kernels,
              .notes = notes_of(prepared.scenario->events, prepared.scenario->background)},
             counted_, *format_) {}

void TraceFile::watch(Watchers& watchers) {
  watchers.members.push_back({&trace_, ranks_});
  watchers.counters.push_back(&trace_);
  watchers.counted = counted_;  // the same for every trace of one run: they show the same ranks
}

void TraceFile::commit(const PowerSeries& power) {
  trace_.power(power);
  trace_.finish();
  out_.commit();
}

}  // namespace orrery
