// `orrery rl FILE`: an iteration of reinforcement learning, part by part: rollouts as responses end, then the rest.
#include "sim/report/rl.h"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <memory>

#include "sim/base/error.h"
#include "sim/base/write_file.h"
#include "sim/scenario/rl_file.h"
#include "tools/orrery/scenario_file.h"
#include "tools/orrery/simulate.h"
#include "tools/orrery/terminal.h"
#include "tools/orrery/verb.h"

namespace orrery {
namespace {

constexpr double kTail = 1.0 / 8;  // of the responses: when fewer go on, the rest is called a tail

struct RlRequest {
  std::string file;
  std::string json;
  bool quiet = false;
  bool no_color = false;
};

class Iteration {
 public:
  Iteration(const Library& library, const RlFile& file) : library_(&library), file_(&file) {}

  RlReport run() {
    RlReport report;
    report.name = file_->name;
    report.disaggregated = file_->disaggregated;
    report.resharding = file_->resharding.in_seconds();
    report.responses = file_->prompts;
    for (std::int64_t k = 0; k < file_->prompts; ++k) report.tokens += file_->responses.length(k, file_->prompts);
    report.longest = file_->responses.length(file_->prompts - 1, file_->prompts);
    if (file_->measured) report.measured = file_->measured->in_seconds();
    report.measured_source = file_->measured_source;
    report.parts.push_back(rollout(report));
    for (const RlFile::Part& part : file_->parts) {
      const Report step = simulated(part.scenario, {});
      report.parts.push_back({part.name, part.times, step.chips,
                              step.step.in_seconds() * static_cast<double>(part.times),
                              step.energy * static_cast<double>(part.times)});
    }
    return report;
  }
  [[nodiscard]] std::uint64_t events() const { return events_; }

 private:
  RlPart rollout(RlReport& report) {
    const std::int64_t engines = engines_of(file_->rollout);
    RlPart part{"rollout", 0, 0, 0, {}};
    double tail = 0;
    for (const RolloutStretch& stretch : stretches_of(file_->responses, file_->prompts)) {
      const std::int64_t each = (stretch.active + engines - 1) / engines;
      const std::int64_t cached = file_->prompt + stretch.first + stretch.steps / 2;
      const Report step = simulated(file_->rollout, {{"plan.batch", fmt::format("{}", each * engines)},
                                                     {"plan.cached", fmt::format("{}", cached)}});
      const double seconds = step.step.in_seconds() * static_cast<double>(stretch.steps);
      part.times += stretch.steps;
      part.chips = step.chips;
      part.seconds += seconds;
      part.energy += step.energy * static_cast<double>(stretch.steps);
      if (static_cast<double>(stretch.active) < kTail * static_cast<double>(file_->prompts)) tail += seconds;
    }
    report.tail = part.seconds > 0 ? tail / part.seconds : 0;
    return part;
  }

  // Ranks along `data` of the rollout's plan: each serves a share of the responses.
  [[nodiscard]] static std::int64_t engines_of(const std::filesystem::path& scenario) {
    yaml::Map map(yaml::load(scenario), "a scenario");
    yaml::Map plan(map.required("plan"), "a plan");
    const auto data = plan.optional("data");
    return data ? data->integer(1, std::int64_t{1} << 20U) : 1;
  }

  Report simulated(const std::filesystem::path& scenario, const std::vector<yaml::Override>& overrides) {
    const std::unique_ptr<const Readied> readied =
        ready([&](Extent extent) { return load_scenario(*library_, scenario, overrides, extent); }, Folding::kAuto);
    const Simulation simulation = simulate(readied->prepared, readied->fold);
    events_ += simulation.result.events;
    if (!simulation.report.memory.fits() && said_ != scenario) {
      said_ = scenario;
      std::cerr << fmt::format("warning: {} doesn't fit in memory\n", scenario.filename().string());
    }
    return simulation.report;
  }

  const Library* library_;
  const RlFile* file_;
  std::uint64_t events_ = 0;
  std::filesystem::path said_;
};

int iterate(const RlRequest& request) {
  const Stopwatch watch;
  const Library library = Library::standard();
  const RlFile file = load_rl(library, find_scenario(library, request.file));
  Iteration iteration(library, file);
  const RlReport report = iteration.run();
  if (!request.json.empty() && request.json != "-") write_file(request.json, to_json(report));
  std::cout << (request.json == "-" ? to_json(report) : to_text(report, stdout_takes_colour() && !request.no_color))
            << std::flush;
  if (!request.quiet) std::cerr << own_cost(watch, iteration.events()) << '\n';
  return kDone;
}

std::function<int()> declare_rl(CLI::App& command) {
  const auto request = std::make_shared<RlRequest>();
  command.add_option("file", request->file, "an iteration: a rollout, and the scenarios that follow it")
      ->required()
      ->type_name("FILE");
  command.add_option("--json", request->json, "write it as JSON; `-` prints it instead of the text")->type_name("OUT");
  command.add_flag("--quiet", request->quiet, "nothing about the simulator itself");
  command.add_flag("--no-color", request->no_color, "no colours on a terminal");
  return [request] { return iterate(*request); };
}

const Verbs::Entry kRl{{"rl", "Run an iteration of reinforcement learning: rollouts, then the rest", &declare_rl}};

}  // namespace
}  // namespace orrery
