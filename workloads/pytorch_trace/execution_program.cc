// Seats measurements beside traces, hands collectives over, and says what had no cost.
#include "workloads/pytorch_trace/execution_program.h"

#include <fmt/format.h>

#include <map>

#include "sim/base/error.h"
#include "workloads/pytorch_trace/execution_role.h"
#include "workloads/recorded/recorded_job.h"

namespace orrery::pytorch_trace {
namespace {

std::vector<recorded::Recording> recordings_of(const std::vector<ExecutionTrace>& traces) {
  std::vector<recorded::Recording> recordings;
  recordings.reserve(traces.size());
  for (const ExecutionTrace& trace : traces) {
    recorded::Recording recording{trace.file, trace.rank, trace.world_size, {}};
    for (const Operator& op : trace.operators)
      if (op.communication) recording.communications.push_back(*op.communication);
    recordings.push_back(std::move(recording));
  }
  return recordings;
}

// By trace: its measurement, or nothing.
std::vector<const MeasuredKernels*> joined(const std::vector<ExecutionTrace>& traces,
                                           const std::vector<MeasuredKernels>& measured,
                                           std::vector<std::string>& warnings) {
  std::vector<const MeasuredKernels*> of(traces.size(), nullptr);
  for (std::size_t m = 0; m < measured.size(); ++m) {
    std::size_t t = 0;
    while (t < traces.size() && !(measured[m].rank && traces[t].rank == measured[m].rank)) ++t;
    if (t == traces.size()) {
      t = m;
      if (t >= traces.size() || (measured[m].rank && traces[t].rank))
        fail_file(measured[m].file,
                  measured[m].rank
                      ? fmt::format("is a profile of rank {}, of which there is no execution trace", *measured[m].rank)
                      : "is one profile more than there are execution traces");
    }
    if (of[t] != nullptr)
      fail_file(measured[m].file, fmt::format("measures {} again, as {} does", traces[t].file, of[t]->file));
    if (!measured[m].joins) {
      warnings.push_back(
          fmt::format("{} carries no 'Record function id', so its times can't be joined to operators: "
                      "shapes say how long they take",
                      measured[m].file));
      continue;
    }
    of[t] = &measured[m];
  }
  return of;
}

// "3 of fbgemm::permute, 1 of x"; the commonest first, a few of them.
std::string counted(const std::map<std::string, std::size_t>& names) {
  std::vector<std::pair<std::string, std::size_t>> sorted(names.begin(), names.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  constexpr std::size_t kMost = 4;
  std::string text;
  for (std::size_t i = 0; i < std::min(kMost, sorted.size()); ++i)
    text += fmt::format("{}{} of {}", i == 0 ? "" : ", ", sorted[i].second, sorted[i].first);
  if (sorted.size() > kMost) text += fmt::format(" and {} more names", sorted.size() - kMost);
  return text;
}

std::size_t total(const std::map<std::string, std::size_t>& names) {
  std::size_t sum = 0;
  for (const auto& [name, count] : names) sum += count;
  return sum;
}

}  // namespace

std::size_t ranks_of(const std::vector<ExecutionTrace>& traces) { return recorded::ranks_of(recordings_of(traces)); }

TracedOperators program_of(const std::vector<ExecutionTrace>& traces, const std::vector<MeasuredKernels>& measured,
                           const Rules& rules, std::optional<std::uint32_t> ranks) {
  std::vector<std::string> warnings;
  const std::vector<const MeasuredKernels*> times = joined(traces, measured, warnings);
  const recorded::RecordedJob job{.recordings = recordings_of(traces),
                                  .noun = "execution traces",
                                  .algorithm = rules.algorithm,
                                  .streams = {"host", "compute"},
                                  .ranks = ranks};
  std::vector<bool> told(traces.size(), false);  // several roles may come of one trace
  std::map<std::string, std::size_t> costless;
  std::map<std::string, std::size_t> foreign;
  std::size_t unmeasured = 0;
  recorded::RecordedProgram made = recorded::program_of(
      job, [&](std::size_t t, const std::vector<std::uint32_t>& collectives, chakra::TraceBook& book) {
        ExecutionRole written = write_role(traces[t], times[t], collectives, rules, book);
        if (!told[t]) {
          for (const auto& [name, count] : written.costless) costless[name] += count;
          for (const auto& [name, count] : written.foreign) foreign[name] += count;
          unmeasured += written.unmeasured;
        }
        told[t] = true;
        return std::move(written.role);
      });
  made.program.host_op = rules.host_per_message;
  std::size_t unknown = 0;
  for (const ExecutionTrace& trace : traces) unknown += trace.unknown;
  if (!costless.empty())
    warnings.push_back(fmt::format("{} operators run something of which no cost is known, and take no time: {}",
                                   total(costless), counted(costless)));
  if (!foreign.empty())
    warnings.push_back(fmt::format("{} operators aren't ATen's, and are taken to stream their tensors once: {}",
                                   total(foreign), counted(foreign)));
  if (unmeasured > 0)
    warnings.push_back(fmt::format("{} operators have no kernel in the profile, and take no time", unmeasured));
  if (unknown > 0)
    warnings.push_back(fmt::format("{} communications say no size, or aren't collectives, and are left out", unknown));
  warnings.insert(warnings.end(), made.warnings.begin(), made.warnings.end());
  return {std::move(made.program), std::move(warnings)};
}

}  // namespace orrery::pytorch_trace
