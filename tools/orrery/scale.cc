// `orrery scale FILE…`: a job at many sizes, weak and strong; where the curve breaks, and because of what.
#include <fmt/format.h>

#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include "sim/base/error.h"
#include "sim/base/write_file.h"
#include "sim/report/scaling.h"
#include "tools/orrery/fold_option.h"
#include "tools/orrery/scaled_scenario.h"
#include "tools/orrery/terminal.h"
#include "tools/orrery/verb.h"

namespace orrery {
namespace {

struct ScaleRequest {
  std::vector<std::string> files;
  ScenarioRequest changes;  // its file is empty
  std::string chips;
  std::optional<GrowingDimension> grows;
  std::optional<ScaleMode> mode;
  bool weak = false;
  bool strong = false;
  Folding fold = Folding::kAuto;
  std::string json;
  std::string csv;
  std::string svg;
  bool cost = false;
  bool strict = false;
  bool quiet = false;
  bool no_color = false;

  [[nodiscard]] ScaleChoice choice() const {
    ScaleChoice choice{.chips = {}, .grows = grows, .mode = mode};
    if (!chips.empty()) choice.chips = read_chip_counts(yaml::parse(chips, "--chips"));
    if (weak) choice.mode = ScaleMode::kWeak;
    if (strong) choice.mode = weak ? ScaleMode::kBoth : ScaleMode::kStrong;
    return choice;
  }
  // What standard output is for; empty: the table.
  [[nodiscard]] std::string printed() const {
    std::string found;
    for (const auto& [name, out] : {std::pair("--json", &json), std::pair("--csv", &csv), std::pair("--svg", &svg)}) {
      if (*out != "-") continue;
      if (!found.empty())
        throw InputError(SourceSpan{name, 0, 0, 1, ""}, "'-' stands for standard output, which " + found + " has");
      found = name;
    }
    return found;
  }
};

std::vector<bool> modes_of(ScaleMode mode) {  // of each: whether it is weak
  if (mode == ScaleMode::kBoth) return {true, false};
  return {mode == ScaleMode::kWeak};
}

// Simulates what is asked for, size by size.
class Scaling {
 public:
  explicit Scaling(const ScaleRequest& request) : request_(&request), bar_(!request.quiet) {
    const ScaleChoice choice = request.choice();
    for (const std::string& file : request.files) {
      ScenarioRequest one = request.changes;
      one.file = file;
      const ScaledScenario& scenario = scenarios_.emplace_back(one, choice);
      total_ += scenario.key().chips.size() * modes_of(scenario.key().mode).size();
      said_.insert(scenario.warnings().begin(), scenario.warnings().end());
    }
  }

  void run() {
    for (std::size_t file = 0; file < scenarios_.size(); ++file) {
      const std::size_t first = curves_.size();
      for (const bool weak : modes_of(scenarios_[file].key().mode)) {
        ScaleCurve curve = scenarios_[file].curve(weak);
        curve.file = file;
        const ScaleCurve* other = curves_.size() > first ? &curves_.back() : nullptr;
        for (std::size_t i = 0; i < scenarios_[file].key().chips.size(); ++i)
          curve.rows.push_back(row(scenarios_[file], weak, i, other));
        curves_.push_back(std::move(curve));
      }
    }
  }

  [[nodiscard]] const std::vector<ScaleCurve>& curves() const { return curves_; }
  [[nodiscard]] std::uint64_t events() const { return events_; }
  // Some size has no figures; because its run can't finish.
  [[nodiscard]] bool refused() const { return refused_; }
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  // `other`: the same file in the other mode, done before; null: there is none.
  ScaleRow row(const ScaledScenario& scenario, bool weak, std::size_t index, const ScaleCurve* other) {
    const std::int64_t chips = scenario.key().chips[index];
    const double before = static_cast<double>(done_++);
    // At the file's own size the batch is the same in both modes.
    if (other != nullptr && scenario.is_own_size(chips)) return other->rows[index];
    const auto progress = [&](double fraction) { bar_.show((before + fraction) / static_cast<double>(total_)); };
    ScaleRow row = scenario.row(weak, chips, request_->fold, progress);
    if (!request_->cost) row.cost.reset();
    refused_ = refused_ || !row.ran();
    failed_ = failed_ || row.failed;
    if (!row.ran()) return row;
    events_ += row.report->events;
    for (const std::string& warning : row.report->warnings)
      if (said_.insert(warning).second) std::cerr << fmt::format("warning: at {} chips: {}\n", chips, warning);
    return row;
  }

  const ScaleRequest* request_;
  ProgressBar bar_;
  std::vector<ScaledScenario> scenarios_;
  std::set<std::string> said_;
  std::vector<ScaleCurve> curves_;
  std::size_t total_ = 0;
  std::size_t done_ = 0;
  std::uint64_t events_ = 0;
  bool refused_ = false;
  bool failed_ = false;
};

void write_all(const ScaleRequest& request, const std::vector<ScaleCurve>& curves) {
  const auto write = [&](const std::string& out, std::string (*bytes)(const std::vector<ScaleCurve>&)) {
    if (out == "-") std::cout << bytes(curves);
    if (!out.empty() && out != "-") write_file(out, bytes(curves));
  };
  write(request.json, &orrery::to_json);
  write(request.csv, &orrery::to_csv);
  write(request.svg, &orrery::to_svg);
  if (request.printed().empty() && !request.quiet)
    std::cout << to_text(curves, stdout_takes_colour() && !request.no_color);
  std::cout.flush();
}

int scale(const ScaleRequest& request) {
  const Stopwatch watch;
  (void)request.printed();  // before anything takes time
  std::optional<Scaling> scaling(std::in_place, request);
  scaling->run();
  const std::vector<ScaleCurve> curves = scaling->curves();
  const std::string cost = own_cost(watch, scaling->events());
  const bool failed = scaling->failed();
  const bool refused = scaling->refused();
  scaling.reset();  // and with it the bar
  write_all(request, curves);
  if (!request.quiet) std::cerr << cost << '\n';
  if (failed) return kRunFailed;
  return request.strict && refused ? kRefused : kDone;
}

std::function<int()> declare_scale(CLI::App& command) {
  const auto request = std::make_shared<ScaleRequest>();
  command
      .add_option("files", request->files,
                  "scenarios: YAML files, or names that `orrery list scenarios` prints; several stand side by side")
      ->required()
      ->type_name("FILE");
  request->changes.declare_changes(command);
  command
      .add_option(
          "--chips", request->chips,
          "sizes: 64..1048576 (each twice the one before) or 64,128,3072 (default: scale.chips of the file, else "
          "from one rank of what grows as far as the cluster holds)")
      ->type_name("SIZES");
  const std::map<std::string, GrowingDimension> dimensions = {{"tensor", GrowingDimension::kTensor},
                                                              {"data", GrowingDimension::kData},
                                                              {"pipeline", GrowingDimension::kPipeline}};
  command
      .add_option("--grows", request->grows,
                  "the parallel dimension that takes the chips: tensor, data or pipeline (default: scale.grows of the "
                  "file, else data)")
      ->transform(CLI::CheckedTransformer(dimensions).description("{tensor,data,pipeline}"))
      ->type_name("");
  const std::map<std::string, ScaleMode> modes = {
      {"weak", ScaleMode::kWeak}, {"strong", ScaleMode::kStrong}, {"both", ScaleMode::kBoth}};
  CLI::Option* mode = command
                          .add_option("--mode", request->mode,
                                      "weak: the batch grows with the chips; strong: it stays; or both (default: "
                                      "scale.mode of the file, else weak)")
                          ->transform(CLI::CheckedTransformer(modes).description("{weak,strong,both}"))
                          ->type_name("");
  command.add_flag("--weak", request->weak, "short for --mode weak; with --strong: both")->excludes(mode);
  command.add_flag("--strong", request->strong, "short for --mode strong")->excludes(mode);
  declare_fold(command, request->fold);
  command.add_option("--json", request->json, "write the curves as JSON; `-` prints it instead of the tables")
      ->type_name("OUT");
  command.add_option("--csv", request->csv, "write a row for each size; `-` prints them instead of the tables")
      ->type_name("OUT");
  command.add_option("--svg", request->svg, "draw the curves; `-` prints the SVG instead of the tables")
      ->type_name("OUT");
  command.add_flag("--cost", request->cost,
                   "also say what simulating each size took: then equal inputs don't give equal bytes");
  command.add_flag("--strict", request->strict, "exit with 3 when a size does not divide, fit or stand on the cluster");
  command.add_flag("-q,--quiet", request->quiet, "no tables, no progress, no closing line");
  command.add_flag("--no-color", request->no_color, "no colour on a terminal either");
  return [request] { return scale(*request); };
}

const Verbs::Entry kScale{
    {"scale", "Simulate a job at many sizes, weak or strong: where the curve breaks, and why", &declare_scale}};

}  // namespace
}  // namespace orrery
