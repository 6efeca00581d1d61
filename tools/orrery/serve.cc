// `orrery serve FILE`: what a service can do in steady state, and what its requests wait for under a load.
#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <limits>
#include <memory>

#include "sim/base/write_file.h"
#include "sim/report/serving.h"
#include "sim/scenario/serve_file.h"
#include "tools/orrery/scenario_file.h"
#include "tools/orrery/simulate.h"
#include "tools/orrery/terminal.h"
#include "tools/orrery/verb.h"
#include "topology/routes.h"

namespace orrery {
namespace {

struct ServeRequest {
  std::string file;
  std::string json;
  bool quiet = false;
  bool no_color = false;
};

// What the same machine draws without work: idle chips, what stands around them, and the facility's share of both.
Joules standing_of(const Report& report) {
  Joules standing;
  Joules facility;
  for (const Report::EnergyPart& part : report.energy_parts) {
    if (part.name == "facility") facility = part.energy;
    if (part.name == "idle" || part.name == "node_overhead" || part.name == "switch_ports" ||
        part.name == "transceivers")
      standing += part.energy;
  }
  const double it = report.energy.value() - facility.value();
  return it > 0 ? standing * (report.energy.value() / it) : standing;
}

class Engines {
 public:
  Engines(const Library& library, const ServeFile& file) : library_(&library), file_(&file) {}

  ServingSteps steps() {
    ServingSteps steps;
    steps.prefill_side = side_of(file_->prefill, "prefill");
    steps.decode_side = side_of(file_->decode, "decode");
    if (!file_->apart && (steps.prefill_side.chips != steps.decode_side.chips ||
                          steps.prefill_side.engines != steps.decode_side.engines))
      throw InputError(
          file_->prefill.where,
          fmt::format("together, both scenarios stand on the same chips; here prompts are read on {} (data: {}), "
                      "tokens made on {} (data: {})",
                      steps.prefill_side.chips, steps.prefill_side.engines, steps.decode_side.chips,
                      steps.decode_side.engines));
    steps.prefill = [this](std::int64_t prompts, std::int64_t tokens, std::int64_t cached) {
      return step_of(file_->prefill, prefill_, prompts,
                     {{"plan.prompt", fmt::format("{}", tokens)}, {"plan.cached", fmt::format("{}", cached)}});
    };
    steps.decode = [this](std::int64_t sequences, std::int64_t cached) {
      return step_of(file_->decode, decode_, sequences, {{"plan.cached", fmt::format("{}", cached)}});
    };
    prefill_ = steps.prefill_side;
    decode_ = steps.decode_side;
    if (file_->apart) way(steps);
    return steps;
  }
  [[nodiscard]] std::uint64_t events() const { return events_; }

 private:
  [[nodiscard]] ServingSteps::Side side_of(const ServeFile::Side& named, std::string_view phase) const {
    const Scenario scenario = load_scenario(*library_, named.scenario, {}, Extent::kWhole);
    if (!scenario.workload || scenario.workload->family() != phase)
      throw InputError(named.where, fmt::format("this scenario's plan doesn't say `phase: {}`", phase));
    ServingSteps::Side side;
    side.chips = static_cast<std::size_t>(scenario.plan.chips());
    for (const PlanEntry& entry : scenario.workload->plan()) {
      const auto number = [&](std::string_view key, std::int64_t& value) {
        if (entry.key == key)
          if (const auto* integer = std::get_if<std::int64_t>(&entry.value)) value = *integer;
      };
      number("data", side.engines);
      number("tensor", side.ranks);
      number("batch", side.batch);
    }
    side.layers = std::max<std::int64_t>(1, scenario.model.layers);
    return side;
  }

  // From the first to the last chip that prompts are read on, or as the file says.
  void way(ServingSteps& steps) const {
    if (file_->transfer) {
      steps.bandwidth = file_->transfer->bandwidth.as_double();
      steps.latency = file_->transfer->latency.in_seconds();
      steps.over = "what the file says";
      return;
    }
    const Scenario scenario = load_scenario(*library_, file_->prefill.scenario, {}, Extent::kWhole);
    const Fabric& fabric = scenario.cluster->fabric;
    Routes routes(fabric);
    const std::span<const LinkId> route = routes.route(ChipId(0), ChipId(fabric.chip_count() - 1));
    steps.latency = routes.latency(route).in_seconds();
    double narrowest = std::numeric_limits<double>::infinity();
    for (const LinkId id : route) {
      const Link& link = fabric.links()[id];
      const double rate = link.bandwidth.as_double() * link.efficiency;
      if (rate >= narrowest) continue;
      narrowest = rate;
      steps.over = fmt::format("{} links of {}", to_name(link.tier), scenario.cluster->name);
    }
    if (route.empty())
      throw InputError(file_->prefill.where, "it stands on a single chip, from which caches have no way to others",
                       {"say how they go: transfer: {bandwidth: 50 GB/s, latency: 20 us}"});
    steps.bandwidth = narrowest;
  }

  // Of a batch whole, or in halves as far as every engine has two.
  ServingStep step_of(const ServeFile::Side& named, const ServingSteps::Side& side, std::int64_t batch,
                      std::vector<yaml::Override> overrides) {
    const bool halves = named.halves && batch >= 2 * side.engines;
    const std::int64_t run = halves ? (batch / side.engines + 1) / 2 * side.engines : batch;
    overrides.push_back({"plan.batch", fmt::format("{}", run)});
    const ServingStep step = simulated(named.scenario, overrides);
    return halves ? in_turns(step, side.layers) : step;
  }

  ServingStep simulated(const std::filesystem::path& scenario, const std::vector<yaml::Override>& overrides) {
    const std::unique_ptr<const Readied> readied =
        ready([&](Extent extent) { return load_scenario(*library_, scenario, overrides, extent); }, Folding::kAuto);
    const Simulation simulation = simulate(readied->prepared, readied->fold);
    events_ += simulation.result.events;
    const Report& report = simulation.report;
    ServingStep step;
    step.seconds = report.step.in_seconds();
    step.exposed = report.chi * step.seconds;
    step.energy = report.energy;
    step.standing = standing_of(report);
    step.dollars = report.cost_terms ? report.step_cost.total().value() : 0;
    for (const MemoryUse::Category& category : report.memory.categories)
      if (category.name == "cache") step.cache = category.bytes;
    step.spare = report.memory.capacity - report.memory.total();
    return step;
  }

  const Library* library_;
  const ServeFile* file_;
  ServingSteps::Side prefill_;
  ServingSteps::Side decode_;
  std::uint64_t events_ = 0;
};

int serve(const ServeRequest& request) {
  const Stopwatch watch;
  const Library library = Library::standard();
  const ServeFile file = load_serve(library, find_scenario(library, request.file));
  Engines engines(library, file);
  const ServingReport report = serving_of(file, engines.steps());
  if (!request.json.empty() && request.json != "-") write_file(request.json, to_json(report));
  std::cout << (request.json == "-" ? to_json(report) : to_text(report, stdout_takes_colour() && !request.no_color))
            << std::flush;
  if (!request.quiet) std::cerr << own_cost(watch, engines.events()) << '\n';
  return kDone;
}

std::function<int()> declare_serve(CLI::App& command) {
  const auto request = std::make_shared<ServeRequest>();
  command.add_option("file", request->file, "a service: requests, and the scenarios that read prompts and decode")
      ->required()
      ->type_name("FILE");
  command.add_option("--json", request->json, "write it as JSON; `-` prints it instead of the text")->type_name("OUT");
  command.add_flag("--quiet", request->quiet, "nothing about the simulator itself");
  command.add_flag("--no-color", request->no_color, "no colours on a terminal");
  return [request] { return serve(*request); };
}

const Verbs::Entry kServe{
    {"serve", "What a service does in steady state: prefill and decode, apart or together", &declare_serve}};

}  // namespace
}  // namespace orrery
