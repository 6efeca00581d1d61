// `orrery sweep FILE`: runs a scenario along what a file changes in it, and answers the file's question.
#include "sim/report/sweep.h"

#include <fmt/format.h>

#include <iostream>
#include <memory>
#include <new>

#include "sim/base/error.h"
#include "sim/base/write_file.h"
#include "sim/scenario/sweep_file.h"
#include "tools/orrery/fold_option.h"
#include "tools/orrery/scenario_file.h"
#include "tools/orrery/simulate.h"
#include "tools/orrery/terminal.h"
#include "tools/orrery/verb.h"

namespace orrery {
namespace {

struct SweepRequest {
  std::string file;
  std::vector<std::string> assignments;
  std::string json;
  std::string csv;
  std::string svg;
  bool quiet = false;
  bool no_color = false;
};

std::vector<std::string> measure_names() {
  std::vector<std::string> names;
  for (const Measure& measure : measures()) names.emplace_back(measure.name);
  return names;
}

class Sweeping {
 public:
  Sweeping(const SweepRequest& request, const SweepFile& file) : file_(&file), bar_(!request.quiet) {
    for (const std::string& assignment : request.assignments) over_.push_back(yaml::Override::parse(assignment));
  }

  Sweep run() {
    Sweep sweep{.question = file_->question,
                .along = file_->along,
                .named_points = file_->named_points,
                .measure = find_measure(file_->measure),
                .relative = file_->relative,
                .least = file_->least,
                .lines = {}};
    for (const SweepFile::Line& line : file_->lines) {
      SweepLine& made = sweep.lines.emplace_back(SweepLine{line.name, {}});
      for (std::size_t p = 0; p < file_->points.size(); ++p) made.points.push_back(run(line, p));
    }
    return sweep;
  }
  [[nodiscard]] std::uint64_t events() const { return events_; }

 private:
  SweepPoint run(const SweepFile::Line& line, std::size_t index) {
    const SweepFile::Point& point = file_->points[index];
    SweepPoint made{point.label, point.x, "", std::nullopt};
    std::vector<yaml::Override> overrides = line.set;
    overrides.insert(overrides.end(), point.set.begin(), point.set.end());
    if (!line.by_point.empty())
      overrides.insert(overrides.end(), line.by_point[index].begin(), line.by_point[index].end());
    overrides.insert(overrides.end(), over_.begin(), over_.end());
    const auto before = static_cast<double>(done_++);
    const auto total = static_cast<double>(file_->lines.size() * file_->points.size());
    Watchers watchers;
    watchers.progress = [&](double fraction) { bar_.show((before + fraction) / total); };
    try {
      const std::unique_ptr<const Readied> readied = ready(
          [&](Extent extent) { return load_scenario(library_, line.scenario, overrides, extent); }, Folding::kAuto);
      const Simulation simulation = simulate(readied->prepared, readied->fold, watchers);
      events_ += simulation.result.events;
      made.report = simulation.report;
    } catch (const InputError& error) {
      made.refusal = error.message();
    } catch (const RunError& error) {
      made.refusal = error.what();
    } catch (const std::bad_alloc&) {
      made.refusal = "simulating this takes more memory than this machine gives";
    }
    return made;
  }

  const SweepFile* file_;
  Library library_ = Library::standard();
  ProgressBar bar_;
  std::vector<yaml::Override> over_;
  std::uint64_t events_ = 0;
  std::size_t done_ = 0;
};

int sweep_all(const SweepRequest& request) {
  const Stopwatch watch;
  const Library library = Library::standard();
  const SweepFile file = load_sweep(library, find_scenario(library, request.file), measure_names());
  std::optional<Sweeping> sweeping(std::in_place, request, file);
  const Sweep sweep = sweeping->run();
  const std::string cost = own_cost(watch, sweeping->events());
  sweeping.reset();  // and with it the bar
  if (!request.json.empty() && request.json != "-") write_file(request.json, to_json(sweep));
  if (!request.csv.empty()) write_file(request.csv, to_csv(sweep));
  if (!request.svg.empty()) write_file(request.svg, to_svg(sweep));
  std::cout << (request.json == "-" ? to_json(sweep) : to_text(sweep, stdout_takes_colour() && !request.no_color))
            << std::flush;
  if (!request.quiet) std::cerr << cost << '\n';
  return kDone;
}

std::function<int()> declare_sweep(CLI::App& command) {
  const auto request = std::make_shared<SweepRequest>();
  command.add_option("file", request->file, "a sweep: scenarios, what changes in them, and which figure answers")
      ->required()
      ->type_name("FILE");
  command.add_option("--set", request->assignments, "put a value over every run's: --set cluster=dgx_a100")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  command.add_option("--json", request->json, "write it as JSON; `-` prints it instead of the text")->type_name("OUT");
  command.add_option("--csv", request->csv, "write every run as a line of CSV")->type_name("OUT");
  command.add_option("--svg", request->svg, "draw it")->type_name("OUT");
  command.add_flag("--quiet", request->quiet, "no progress bar, nothing about the simulator itself");
  command.add_flag("--no-color", request->no_color, "no colours on a terminal");
  return [request] { return sweep_all(*request); };
}

const Verbs::Entry kSweep{{"sweep", "Run a scenario along what changes in it, and answer a question", &declare_sweep}};

}  // namespace
}  // namespace orrery
