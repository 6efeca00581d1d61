// Reads a scenario from the cheapest check to the dearest: names, numbers, then the fabric.
#include "sim/scenario/scenario.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/kernel/excerpt.h"
#include "sim/network/choice.h"
#include "sim/scenario/granularity.h"
#include "sim/scenario/parts.h"
#include "sim/scenario/unused.h"

namespace orrery {
namespace {

// "tensor 8 × pipeline 8 × data 16 = 1024"
std::string chips_text(const Scenario& scenario) {
  const Plan& plan = scenario.plan;
  if (!scenario.workload)
    return fmt::format("tensor {}{} × pipeline {} × data {} = {}", plan.tensor,
                       plan.context > 1 ? fmt::format(" × context {}", plan.context) : "", plan.pipeline, plan.data,
                       plan.chips());
  std::string text;
  for (const PlanEntry& entry : scenario.workload->plan()) text += (text.empty() ? "" : ", ") + to_text(entry);
  return text;
}

// `held`: chips of the whole cluster.
void check_chips(const std::optional<yaml::Node>& chips, const yaml::Node& plan_node, const Scenario& scenario,
                 std::int64_t most_chips, std::uint64_t held) {
  const Plan& plan = scenario.plan;
  const std::string product = chips_text(scenario);
  if (chips && chips->integer(1, most_chips) != plan.chips())
    chips->fail(fmt::format("the plan needs {} chips, not {}", plan.chips(), chips->text()), {product});
  if (plan.chips() > most_chips)
    plan_node.fail(fmt::format("the plan needs {} chips; at most {} can be simulated", plan.chips(), most_chips),
                   {product});
  if (static_cast<std::uint64_t>(plan.chips()) > held)
    plan_node.fail(fmt::format("the plan needs {} chips, but the cluster has {}", plan.chips(), held), {product});
}

std::uint64_t most_chips(const ScenarioLimits& limits) { return static_cast<std::uint64_t>(limits.chips); }

// The document once more with everything that it names put in its place, so that it stands on its own.
std::string resolve(const Library& library, const std::filesystem::path& file, std::vector<yaml::Override> overrides,
                    const yaml::Node& root) {
  yaml::Map map(root, "a scenario");
  const yaml::Node cluster = library.resolve(map.required("cluster"), "topology/clusters", "cluster");
  const yaml::Node model = library.resolve(map.required("model"), "workloads/models", "model");
  const yaml::Node stack = library.resolve(map.required("stack"), "workloads/stacks", "stack");
  overrides.push_back({"cluster", yaml::resolved_text(cluster)});
  if (const auto chip = yaml::Map(cluster, "a cluster").optional("chip"))
    overrides.push_back({"cluster.chip", yaml::resolved_text(library.resolve(*chip, "topology/chips", "chip"))});
  overrides.push_back({"model", yaml::resolved_text(model)});
  overrides.push_back({"stack", yaml::resolved_text(stack)});
  return yaml::resolved_text(yaml::load(file, overrides));
}

}  // namespace

Scenario read_scenario(const Library& library, const yaml::Node& root, const std::string& file_name,
                       const ScenarioLimits& limits, Extent extent) {
  yaml::Map map(root, "a scenario");
  std::string name = file_name;
  if (const auto node = map.optional("name")) name = node->text();
  std::string description;
  if (const auto node = map.optional("description")) description = node->text();
  PlacementChoice placement{Placements::find("packed"), {}, 0};
  const std::optional<yaml::Node> placement_node = map.optional("placement");
  if (placement_node) placement = read_placement(*placement_node);
  NetworkChoice network{Networks::find("fluid"), {}};
  if (const auto node = map.optional("network")) network = read_network(*node);
  const Granularity granularity = read_granularity(map.optional("granularity"), *network.kind);
  const std::optional<yaml::Node> routing_node = map.optional("routing");
  std::optional<Measured> measured;
  if (const auto node = map.optional("measured")) measured = read_measured(*node);
  std::optional<ScaleKey> scale;
  if (const auto node = map.optional("scale")) scale = read_scale(*node);
  const yaml::Node cluster_node = map.required("cluster");
  const yaml::Node model_node = map.required("model");
  const yaml::Node stack_node = map.required("stack");
  const yaml::Node plan_node = map.required("plan");
  const std::optional<yaml::Node> chips = map.optional("chips");
  const std::optional<yaml::Node> events = map.optional("events");
  const std::optional<yaml::Node> background = map.optional("background");
  const std::optional<yaml::Node> run_node = map.optional("run");
  const std::optional<yaml::Node> cost_node = map.optional("cost");
  map.finish();

  Scenario work;
  read_work(library, model_node, stack_node, plan_node, work);
  const Plan& plan = work.plan;
  const bool whole_samples = work.workload != nullptr || work.model.image.has_value();
  std::optional<RunKey> run;
  if (run_node) run = read_run(*run_node, plan.batch * (whole_samples ? 1 : plan.sequence));
  const yaml::Node cluster_file = library.resolve(cluster_node, "topology/clusters", "cluster");
  const std::uint64_t held = chips_held(cluster_file);
  check_chips(chips, plan_node, work, limits.chips, held);
  std::optional<Shares> shares;
  if (extent == Extent::kExcerpt && !work.workload && !background && placement.kind->name == "packed" &&
      placement.among == 0 && network.kind->name == "fluid" && granularity == Granularity::kFluid)
    shares = shares_of(plan, part_chips(cluster_file, static_cast<std::uint64_t>(plan.chips())));
  // Names and numbers mean in an excerpt what they mean in the whole; patterns mean more there.
  if (shares && events) shares->singled_out = true;
  if (shares && events && names_many(*events)) shares.reset();
  auto built = static_cast<std::size_t>(plan.chips() / plan.data * (shares ? shares->built_replicas() : plan.data));
  if (placement_node) built = std::max(built, chips_for(placement, *placement_node, built, held, most_chips(limits)));
  if (background) built = std::max(built, chips_for_background(*background, std::min(held, most_chips(limits))));
  Cluster cluster = read_cluster(library, cluster_file, built, limits.fabric);
  if (placement_node) check_units(placement, *placement_node, cluster.fabric);
  RoutingChoice routing{Routings::find("minimal"), {}};
  if (routing_node) routing = read_routing(*routing_node, cluster.fabric);
  check_work(work, cluster.fabric.chip_spec(), stack_node, plan_node);
  std::vector<Event> events_read;
  try {
    if (events) events_read = read_events(*events, cluster.fabric);
  } catch (const InputError&) {
    if (shares) throw NotAlike("an event happens in a part of the machine that isn't built");
    throw;
  }
  std::vector<Background> background_read;
  if (background) background_read = read_background(*background, cluster.fabric);
  std::optional<CommunicationLibrary> communication_library = library_asked(library, work.stack, cluster);
  std::optional<CostTerms> cost;
  if (cost_node) {
    cost = read_cost(*cost_node, cluster.fabric.chip_spec(), cluster.cost, false);
    if (cost->charge == CostTerms::Charge::kOwn && !run)
      cost_node->fail("charge: own charges a whole machine to a run, but there is none",
                      {"a run: {tokens: 300e9}, {epochs: 3, dataset_tokens: 1e12} or {steps: 100000}"});
    for (std::string& one : unused_costs(*cost_node, *cost)) work.warnings.push_back(std::move(one));
  }
  return Scenario{.name = std::move(name),
                  .description = std::move(description),
                  .cluster = std::make_shared<const Cluster>(std::move(cluster)),
                  .model = std::move(work.model),
                  .plan = std::move(work.plan),
                  .stack = std::move(work.stack),
                  .library = std::move(communication_library),
                  .placement = std::string(placement.kind->name),
                  .placement_terms = placement.terms,
                  .placed = {},
                  .network = std::string(network.kind->name),
                  .make_network = std::move(network.make),
                  .granularity = granularity,
                  .routing = std::string(routing.kind->name),
                  .make_routing = std::move(routing.make),
                  .measured = std::move(measured),
                  .events = std::move(events_read),
                  .background = std::move(background_read),
                  .traced = nullptr,
                  .workload = std::move(work.workload),
                  .shares = shares,
                  .scale = std::move(scale),
                  .run = run,
                  .cost = std::move(cost),
                  .resolved = {},
                  .warnings = std::move(work.warnings)};
}

Scenario load_scenario(const Library& library, const std::filesystem::path& file,
                       const std::vector<yaml::Override>& overrides, Extent extent) {
  const yaml::Node root = yaml::load(file, overrides);
  Scenario scenario = read_scenario(library, root, file.stem().string(), {}, extent);
  scenario.resolved = resolve(library, file, overrides, root);
  return scenario;
}

Program program_of(const Scenario& scenario) {
  if (scenario.traced) return *scenario.traced;
  if (scenario.workload) return scenario.workload->program(scenario.cluster->fabric.chip_spec());
  Program program = training_step(scenario.model, scenario.plan, scenario.stack, scenario.cluster->fabric.chip_spec());
  if (!scenario.shares) return program;
  if (const std::optional<std::string> fault = excerpt_fault(program, scenario.shares->size)) throw NotAlike(*fault);
  return excerpt_of(std::move(program), scenario.shares->size, scenario.shares->built, scenario.shares->singled_out);
}

MemoryUse memory_of(const Scenario& scenario) {
  const Chip& chip = scenario.cluster->fabric.chip_spec();
  return scenario.workload ? scenario.workload->memory(chip)
                           : memory_use(scenario.model, scenario.plan, scenario.stack, chip);
}

std::string advice_of(const Scenario& scenario) {
  const Chip& chip = scenario.cluster->fabric.chip_spec();
  return scenario.workload ? shortage(scenario.workload->memory(chip))
                           : advice(scenario.model, scenario.plan, scenario.stack, chip);
}

Placement placement_of(const Scenario& scenario) {
  if (!scenario.placed.empty()) return scenario.placed;
  const Plan& plan = scenario.plan;
  const std::int64_t replicas = scenario.shares ? scenario.shares->built_replicas() : plan.data;
  const Fabric& fabric = scenario.cluster->fabric;
  return Placements::find(scenario.placement)
      ->place(fabric, all_chips(fabric), static_cast<std::size_t>(plan.chips() / plan.data * replicas),
              scenario.placement_terms);
}

}  // namespace orrery
