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

double estimated_bytes(const Program& program, const TraceRequest& request, bool json) {
  // Of an op alone, what counters add to it, and of a kernel inside it. Fabrics differ: counters are from a quarter to
  // twice of that.
  constexpr double kOpBytes[] = {90, 210};
  constexpr double kCounterBytes[] = {110, 390};
  constexpr double kKernelBytes[] = {60, 155};
  const std::size_t format = json ? 1 : 0;
  std::vector<double> of_role(program.roles.size(), 0);
  for (std::size_t role = 0; role < program.roles.size(); ++role)
    for (const Op& op : program.roles[role].ops) {
      if (request.counts()) of_role[role] += kCounterBytes[format];
      if (!request.classes[static_cast<std::size_t>(class_of(op.kind))]) continue;
      of_role[role] += kOpBytes[format];
      if (request.kernels && op.kind == OpKind::kCompute)
        of_role[role] += kKernelBytes[format] * program.segments[SegmentId(op.body)].kernel_count;
    }
  double bytes = 0;
  for (const RankId rank : request.ranks) bytes += of_role[program.role_of_rank[rank.index()]];
  return bytes;
}

TraceFile::TraceFile(const std::filesystem::path& target, const Prepared& prepared, const TraceRequest& request)
    : out_(target),
      format_(target.extension() == ".json" ? chrome_format(out_) : perfetto_format(out_)),
      counted_(request.counts() ? counted_resources(prepared.job(), request.ranks) : std::vector<ResourceId>()),
      ranks_(request.ranks),
      trace_(prepared.job(),
             {.ranks = request.ranks,
              .kernels = request.kernels,
              .from = request.from,
              .until = request.until,
              .classes = request.classes,
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
