// Reads the scenario out of the record, runs it as it was run, and compares.
#include "tools/orrery/record_replay.h"

#include <fmt/format.h>

#include <iostream>

#include "sim/base/error.h"
#include "sim/report/text_page.h"
#include "tools/orrery/fold_option.h"
#include "tools/orrery/terminal.h"
#include "tools/orrery/verb.h"

namespace orrery {
namespace {

Folding folding_of(const RunRecord& record, const std::string& file) {
  for (std::size_t i = 0; i < kFoldingNames.size(); ++i)
    if (record.folding == kFoldingNames[i]) return static_cast<Folding>(i);
  fail_file(file, "says a way to fold that there isn't");
}

// Numbers with six digits, which is more than their difference needs.
std::string shown(const std::string& value, bool is_number) {
  if (value.empty()) return "(nothing)";
  return is_number ? fmt::format("{:.6g}", std::stod(value)) : value;
}

}  // namespace

bool is_record(const std::string& name) { return name.ends_with(kRecordSuffix); }

RunRecord record_of(const std::string& name, const Scenario& scenario, Folding folding, bool whole,
                    const Report& report) {
  return {.version = ORRERY_VERSION,
          .name = name,
          .scenario = scenario.resolved,
          .folding = std::string(kFoldingNames[static_cast<std::size_t>(folding)]),
          .whole = whole,
          .result = to_json(report)};
}

int replay_record(const std::string& file, bool quiet) {
  const Stopwatch watch;
  const RunRecord record = read_record(file);
  const Folding folding = folding_of(record, file);
  const Library library = Library::standard();
  const yaml::Node root = yaml::parse(record.scenario, file);
  const std::unique_ptr<const Readied> readied =
      ready([&](Extent extent) { return read_scenario(library, root, record.name, {}, extent); }, folding,
            record.whole ? Extent::kWhole : Extent::kExcerpt);
  const Simulation simulation = simulate(readied->prepared, readied->fold);
  const std::string result = to_json(simulation.report);
  RunRecord again = record;
  again.result = result;
  if (!quiet) std::cerr << own_cost(watch, simulation.result.events) << '\n';
  if (again.digest() == record.digest()) {
    if (!quiet)
      std::cout << fmt::format("{}: the result is the same, fnv1a-128 {}\n", readied->scenario.name, record.digest());
    return kDone;
  }
  constexpr std::size_t kMostLines = 20;
  if (!quiet)
    std::cout << fmt::format("{}: the result differs: fnv1a-128 {} was recorded by version {}, and is {} now\n{}",
                             readied->scenario.name, record.digest(), record.version, again.digest(),
                             text_of(json_differences(record.result, result), kMostLines));
  return kRefused;
}

std::string text_of(const std::vector<Difference>& differences, std::size_t most) {
  std::string text;
  std::size_t width = 0;
  for (std::size_t i = 0; i < std::min(most, differences.size()); ++i)
    width = std::max(width, columns(differences[i].path));
  for (std::size_t i = 0; i < std::min(most, differences.size()); ++i) {
    const Difference& one = differences[i];
    constexpr double kPercent = 100;
    text += fmt::format("  {:{}}  {} → {}{}\n", one.path, width, shown(one.before, one.change != 0),
                        shown(one.after, one.change != 0),
                        one.change == 0 ? "" : fmt::format("  ({:+.3g} %)", one.change * kPercent));
  }
  if (most < differences.size()) text += fmt::format("  and {} more\n", differences.size() - most);
  return text;
}

}  // namespace orrery
