// `orrery accuracy FILE…`: runs every scenario that has a measurement and compares.
#include "tools/orrery/accuracy.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "sim/base/write_file.h"
#include "tools/orrery/scenario_file.h"
#include "tools/orrery/simulate.h"
#include "tools/orrery/terminal.h"
#include "tools/orrery/verb.h"

namespace orrery {

double Accuracy::mean() const {
  double sum = 0;
  for (const AccuracyRow& row : rows) sum += std::abs(row.error);
  return sum / static_cast<double>(rows.size());
}

std::size_t Accuracy::worst() const {
  const auto larger = [](const AccuracyRow& a, const AccuracyRow& b) { return std::abs(a.error) < std::abs(b.error); };
  return static_cast<std::size_t>(std::max_element(rows.begin(), rows.end(), larger) - rows.begin());
}

std::string to_text(const Accuracy& accuracy) {
  std::size_t width = std::string_view("scenario").size();
  for (const AccuracyRow& row : accuracy.rows) width = std::max(width, row.scenario.size());
  std::string text =
      fmt::format("{:<{}}  {:>13}  {:>14}  {:>9}\n", "scenario", width, "measured (s)", "simulated (s)", "error (%)");
  for (const AccuracyRow& row : accuracy.rows)
    text += fmt::format("{:<{}}  {:>13.3f}  {:>14.3f}  {:>+9.2f}{}\n", row.scenario, width, row.measured.in_seconds(),
                        row.simulated.in_seconds(), 100 * row.error, row.fits ? "" : "  does not fit in memory");
  const AccuracyRow& worst = accuracy.rows[accuracy.worst()];
  text += fmt::format("\nmean absolute error {:.2f} %, worst {:.2f} % ({}), over {} runs\n", 100 * accuracy.mean(),
                      100 * std::abs(worst.error), worst.scenario, accuracy.rows.size());
  return text;
}

std::string to_json(const Accuracy& accuracy) {
  nlohmann::ordered_json json;
  json["rows"] = nlohmann::ordered_json::array();
  for (const AccuracyRow& row : accuracy.rows)
    json["rows"].push_back({{"scenario", row.scenario},
                            {"measured_step_time_s", row.measured.in_seconds()},
                            {"step_time_s", row.simulated.in_seconds()},
                            {"error", row.error},
                            {"fits_in_memory", row.fits},
                            {"source", row.source}});
  json["mean_absolute_error"] = accuracy.mean();
  json["worst_absolute_error"] = std::abs(accuracy.rows[accuracy.worst()].error);
  json["worst_scenario"] = accuracy.rows[accuracy.worst()].scenario;
  return json.dump(2) + "\n";
}

std::vector<ScalingRow> scaling_of(const Accuracy& accuracy) {
  std::vector<ScalingRow> rows;
  for (std::size_t r = 0; r < accuracy.rows.size(); ++r) {
    const AccuracyRow& row = accuracy.rows[r];
    const auto first = std::find_if(accuracy.rows.begin(), accuracy.rows.end(), [&](const AccuracyRow& other) {
      return other.model == row.model && other.batch == row.batch;
    });
    rows.push_back({.row = r,
                    .first = static_cast<std::size_t>(first - accuracy.rows.begin()),
                    .measured = row.measured_mfu() / first->measured_mfu(),
                    .simulated = row.mfu / first->mfu});
  }
  return rows;
}

std::string scaling_text(const Accuracy& accuracy) {
  constexpr std::string_view kHead = "model";
  std::size_t width = kHead.size();
  for (const AccuracyRow& row : accuracy.rows) width = std::max(width, row.model.size());
  std::string text =
      fmt::format("\n{:<{}}  {:>6}  {:>8}  {:>16}  {:>13}  {:>17}  {:>14}  {:>10}\n", kHead, width, "batch", "chips",
                  "MFU measured (%)", "simulated (%)", "kept measured (%)", "simulated (%)", "difference");
  double sum = 0;
  std::size_t later = 0;
  for (const ScalingRow& scaling : scaling_of(accuracy)) {
    const AccuracyRow& row = accuracy.rows[scaling.row];
    text += fmt::format("{:<{}}  {:>6}  {:>8}  {:>16.1f}  {:>13.1f}  ", row.model, width, row.batch, row.chips,
                        100 * row.measured_mfu(), 100 * row.mfu);
    if (scaling.row == scaling.first) {
      text += fmt::format("{:>17}  {:>14}\n", "first", "first");
      continue;
    }
    const double difference = scaling.simulated - scaling.measured;
    text += fmt::format("{:>17.1f}  {:>14.1f}  {:>+10.1f}\n", 100 * scaling.measured, 100 * scaling.simulated,
                        100 * difference);
    sum += std::abs(difference);
    ++later;
  }
  text += "\nkept: MFU as a share of that of the first row with this model and batch";
  if (later > 0)
    text += fmt::format("; mean absolute difference {:.1f} points over {} row{}",
                        100 * sum / static_cast<double>(later), later, later == 1 ? "" : "s");
  return text + "\n";
}

namespace {

struct AccuracyRequest {
  std::vector<std::string> files;
  std::vector<std::string> assignments;
  std::string json;
  bool scaling = false;
};

std::string to_json(const Accuracy& accuracy, bool scaling) {
  if (!scaling) return to_json(accuracy);
  nlohmann::ordered_json json = nlohmann::ordered_json::parse(to_json(accuracy));
  for (const ScalingRow& each : scaling_of(accuracy)) {
    const AccuracyRow& row = accuracy.rows[each.row];
    json["rows"][each.row].update({{"model", row.model},
                                   {"batch", row.batch},
                                   {"chips", row.chips},
                                   {"measured_mfu", row.measured_mfu()},
                                   {"mfu", row.mfu},
                                   {"scaling_from", accuracy.rows[each.first].scenario},
                                   {"measured_mfu_kept", each.measured},
                                   {"mfu_kept", each.simulated}});
  }
  return json.dump(2) + "\n";
}

// Files as they were named; of a folder, its scenarios in order of name.
std::vector<std::string> scenario_files(const std::vector<std::string>& words) {
  std::vector<std::string> files;
  for (const std::string& word : words) {
    if (!std::filesystem::is_directory(word)) {
      files.push_back(word);
      continue;
    }
    const std::size_t first = files.size();
    for (const auto& entry : std::filesystem::directory_iterator(word))
      if (entry.path().extension() == ".yaml") files.push_back(entry.path().string());
    std::sort(files.begin() + static_cast<std::ptrdiff_t>(first), files.end());
  }
  return files;
}

// The step that was measured: printed as such, or what the simulated step would have to be to give the printed rate.
Duration measured_step(const Report& report) {
  if (report.measured->step) return *report.measured->step;
  return Duration::seconds(report.step.in_seconds() / (1 + report.error));
}

int compare_all(const AccuracyRequest& request) {
  const Stopwatch watch;
  std::uint64_t events = 0;
  Accuracy accuracy;
  for (const std::string& file : scenario_files(request.files)) {
    const ScenarioRequest one{.file = file, .assignments = request.assignments, .network = {}, .routing = {}};
    const Scenario scenario = one.load();
    if (!scenario.measured) {
      std::cerr << fmt::format("{}: nothing measured to compare with\n", file);
      continue;
    }
    ProgressBar bar(true);
    const Prepared prepared(scenario);
    Watchers watchers;
    watchers.progress = [&](double done_fraction) { bar.show(done_fraction); };
    const Simulation simulation = simulate(prepared, fold_of(prepared, Folding::kAuto), watchers);
    const Report& report = simulation.report;
    events += simulation.result.events;
    accuracy.rows.push_back({.scenario = scenario.name,
                             .measured = measured_step(report),
                             .simulated = report.step,
                             .error = report.error,
                             .fits = report.memory.fits(),
                             .source = scenario.measured->source,
                             .model = report.model,
                             .batch = report.plan.batch,
                             .chips = report.chips,
                             .mfu = report.mfu});
  }
  if (accuracy.rows.empty()) {
    std::cerr << "orrery: error: none of these scenarios has a `measured` block\n";
    return kBadInput;
  }
  if (!request.json.empty() && request.json != "-") write_file(request.json, to_json(accuracy, request.scaling));
  const std::string text = to_text(accuracy) + (request.scaling ? scaling_text(accuracy) : "");
  std::cout << (request.json == "-" ? to_json(accuracy, request.scaling) : text) << std::flush;
  std::cerr << own_cost(watch, events) << '\n';
  return kDone;
}

std::function<int()> declare_accuracy(CLI::App& command) {
  const auto request = std::make_shared<AccuracyRequest>();
  command.add_option("files", request->files, "scenarios with a `measured` block, or folders of them")
      ->required()
      ->type_name("FILE");
  command.add_option("--set", request->assignments, "put a value over each file's: --set network=ideal")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  command.add_flag("--scaling", request->scaling,
                   "compare how MFU falls with size as well: each run against the first of its model and batch");
  command.add_option("--json", request->json, "write the table as JSON; `-` prints it instead of the text")
      ->type_name("OUT");
  return [request] { return compare_all(*request); };
}

const Verbs::Entry kAccuracy{{"accuracy", "Run scenarios that were measured and compare", &declare_accuracy}};

}  // namespace
}  // namespace orrery
