// Two runs, one after the other, each with its sums.
#include "tools/orrery/compared_replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "sim/base/error.h"
#include "sim/base/write_file.h"
#include "tools/orrery/scenario_file.h"
#include "tools/orrery/simulate.h"
#include "tools/orrery/terminal.h"
#include "tools/orrery/verb.h"

namespace orrery {
namespace {

struct Played {
  explicit Played(const ReplayRequest& request)
      : readied(read_replayed(request), request.show.fold), sums(readied.prepared.program) {
    Watchers watchers;
    watchers.spans.push_back(&sums);
    const Simulation simulation = simulate(readied.prepared, readied.fold, watchers);
    step = simulation.result.step;
    events = simulation.result.events;
  }

  Readied readied;
  SpanSums sums;
  Duration step;
  std::uint64_t events = 0;
};

bool is_csv(const std::filesystem::path& target) { return target.extension() == ".csv"; }

}  // namespace

void check_spans_name(const std::filesystem::path& target) {
  if (!is_csv(target) && target.extension() != ".json")
    throw InputError(SourceSpan{target.string(), 0, 0, 1, ""},
                     "a table of spans has a name that ends in .csv or .json");
}

void write_spans(const std::filesystem::path& target, const SpanTable& table) {
  write_file(target, is_csv(target) ? spans_csv(table) : spans_json(table));
}

int compare_replays(const ReplayRequest& request) {
  const Stopwatch watch;
  if (!request.spans.empty()) check_spans_name(request.spans);
  const Played before(request);
  say_warnings(before.readied.scenario);
  const ReplayRequest other = other_of(request);
  const Played after(other);
  const std::vector<std::string>& said = before.readied.scenario.warnings;
  for (const std::string& warning : after.readied.scenario.warnings)
    if (std::find(said.begin(), said.end(), warning) == said.end()) std::cerr << "warning: " << warning << '\n';
  const std::vector<SpanChange> changes = changes_of(before.sums, after.sums);
  if (!request.spans.empty())
    write_file(request.spans, is_csv(request.spans) ? changes_csv(changes) : changes_json(changes));
  if (request.show.quiet) return kDone;
  constexpr double kPercent = 100;
  constexpr std::size_t kMostLines = 20;
  const double ratio = before.step > Duration() ? after.step.in_seconds() / before.step.in_seconds() - 1 : 0;
  std::cout << fmt::format("{}: {} per step on {} before, {} on {} after ({:+.1f} %)\n\n", before.readied.scenario.name,
                           to_text(before.step), how_played(request), to_text(after.step), how_played(other),
                           ratio * kPercent)
            << changes_text(changes, kMostLines) << "times: over all ranks; before and after: of a rank, on average\n";
  std::cout.flush();
  std::cerr << own_cost(watch, before.events + after.events) << '\n';
  return kDone;
}

}  // namespace orrery
