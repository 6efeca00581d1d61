// Reads the jobs, builds a machine for all of them, then gives each its chips.
#include "sim/scenario/jobs.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/network/choice.h"
#include "sim/scenario/granularity.h"
#include "sim/scenario/machine_names.h"
#include "sim/scenario/parts.h"
#include "sim/scenario/trace_key.h"

namespace orrery {
namespace {

constexpr std::size_t kMostJobs = 256;
constexpr Duration kLatestJob = Duration::picoseconds(std::int64_t{1} << 61);

// A job before there is a machine to place it on.
struct Draft {
  yaml::Node node;
  std::optional<TraceKey> trace;
  yaml::Node stack_node;  // of a trace that names none, as its plan_node: the job itself
  yaml::Node plan_node;
  std::optional<yaml::Node> chips;
  std::optional<yaml::Node> placement_node;
  PlacementChoice placement;
  Scenario scenario;
  Duration start;
};

Draft read_draft(const Library& library, const yaml::Node& node, std::size_t number) {
  yaml::Map map(node, "a job");
  const std::optional<yaml::Node> trace = map.optional("trace");
  const std::optional<yaml::Node> trace_stack = trace ? map.optional("stack") : std::nullopt;
  Draft draft{.node = node,
              .trace = {},
              .stack_node = trace ? trace_stack.value_or(node) : map.required("stack"),
              .plan_node = trace ? node : map.required("plan"),
              .chips = map.optional("chips"),
              .placement_node = map.optional("placement"),
              .placement = {},
              .scenario = {},
              .start = {}};
  const yaml::Node model = trace ? node : map.required("model");
  Scenario& job = draft.scenario;
  job.name = fmt::format("job {}", number);
  if (const auto name = map.optional("name")) job.name = name->text();
  if (const auto measured = map.optional("measured")) job.measured = read_measured(*measured);
  if (const auto start = map.optional("start")) draft.start = start->duration(Duration(), kLatestJob);
  map.finish();
  if (draft.placement_node) {
    if (draft.chips) draft.placement_node->fail("`chips` says already where the job stands");
    draft.placement = read_placement(*draft.placement_node);
    job.placement = draft.placement.kind->name;
    job.placement_terms = draft.placement.terms;
  }
  if (trace) {
    draft.trace = read_trace(*trace, trace_stack);
    job.plan.data = static_cast<std::int64_t>(draft.trace->ranks);
  } else {
    read_work(library, model, draft.stack_node, draft.plan_node, job);
  }
  return draft;
}

std::vector<Draft> read_drafts(const Library& library, const yaml::Node& node) {
  if (!node.is_sequence() || node.items().empty()) node.fail("jobs are a list, of one at least");
  const std::vector<yaml::Node> items = node.items();
  if (items.size() > kMostJobs) node.fail(fmt::format("{} jobs are more than {}", items.size(), kMostJobs));
  std::vector<Draft> drafts;
  for (const yaml::Node& item : items) {
    drafts.push_back(read_draft(library, item, drafts.size() + 1));
    const std::string& name = drafts.back().scenario.name;
    for (std::size_t i = 0; i + 1 < drafts.size(); ++i)
      if (drafts[i].scenario.name == name) item.fail(fmt::format("two jobs are called {}", in_quotes(name)));
  }
  return drafts;
}

// How many chips are to be built: all that are named by number, room for the jobs that name none, and what placements
// choose from.
std::size_t chips_for_all(const std::vector<Draft>& drafts, std::uint64_t held, std::uint64_t most) {
  std::uint64_t next = 0;
  std::uint64_t chosen = 0;
  for (const Draft& draft : drafts) {
    const auto needs = static_cast<std::uint64_t>(draft.scenario.plan.chips());
    if (draft.placement_node)
      chosen = std::max<std::uint64_t>(chosen, chips_for(draft.placement, *draft.placement_node, needs, held, most));
    const std::uint64_t named = draft.chips ? chips_named(*draft.chips) : 0;
    next = std::max(named, draft.chips ? next : next + needs);
    if (next > most) draft.plan_node.fail(fmt::format("at most {} chips can be simulated", most));
    if (next > held)
      (draft.chips ? *draft.chips : draft.plan_node)
          .fail(fmt::format("with this job {} chips are needed, but the cluster has {}", next, held));
  }
  std::uint64_t all = 0;
  for (const Draft& draft : drafts) all += static_cast<std::uint64_t>(draft.scenario.plan.chips());
  return static_cast<std::size_t>(std::min(held, std::max({next, all, chosen})));
}

Placement place(const Draft& draft, const Fabric& fabric, std::size_t next) {
  const auto needs = static_cast<std::size_t>(draft.scenario.plan.chips());
  Placement placement;
  if (draft.chips) {
    const std::vector<ChipId> chips = MachineNames(fabric).chips(*draft.chips);
    if (chips.size() != needs) draft.chips->fail(fmt::format("the plan needs {} chips, not {}", needs, chips.size()));
    for (const ChipId chip : chips) placement.add(chip);
    return placement;
  }
  if (next + needs > fabric.chip_count())
    draft.plan_node.fail(fmt::format("the plan needs {} chips, but behind the jobs before it {} are left", needs,
                                     fabric.chip_count() - std::min(next, fabric.chip_count())));
  for (std::size_t rank = 0; rank < needs; ++rank) placement.add(ChipId(next + rank));
  return placement;
}

// What the jobs with `chips`, or with neither, leave is for those with a placement, in their order.
void place_by_name(std::vector<Draft>& drafts, const Fabric& fabric, const std::vector<const Draft*>& owner) {
  std::vector<bool> taken(owner.size());
  for (std::size_t c = 0; c < owner.size(); ++c) taken[c] = owner[c] != nullptr;
  for (Draft& draft : drafts) {
    if (!draft.placement_node) continue;
    check_units(draft.placement, *draft.placement_node, fabric);
    std::vector<ChipId> free;
    for (std::size_t c = 0; c < taken.size(); ++c)
      if (!taken[c] && (draft.placement.among == 0 || c < draft.placement.among)) free.emplace_back(c);
    const auto needs = static_cast<std::size_t>(draft.scenario.plan.chips());
    if (free.size() < needs)
      draft.placement_node->fail(
          fmt::format("the plan needs {} chips, but the other jobs leave {}", needs, free.size()));
    draft.scenario.placed = draft.placement.kind->place(fabric, free, needs, draft.placement.terms);
    for (const ChipId chip : draft.scenario.placed) taken[chip.index()] = true;
  }
}

// Each chip belongs to one job.
void place_all(std::vector<Draft>& drafts, const Fabric& fabric) {
  std::vector<const Draft*> owner(fabric.chip_count(), nullptr);
  std::size_t next = 0;
  for (Draft& draft : drafts) {
    if (draft.placement_node) continue;
    draft.scenario.placed = place(draft, fabric, next);
    for (const ChipId chip : draft.scenario.placed) {
      const Draft*& there = owner[chip.index()];
      if (there != nullptr)
        (draft.chips ? *draft.chips : draft.node)
            .fail(fmt::format("{} is already on {}", in_quotes(there->scenario.name),
                              fabric.vertices()[fabric.engine(chip)].name));
      there = &draft;
      next = std::max<std::size_t>(next, chip.index() + 1);
    }
  }
  place_by_name(drafts, fabric, owner);
}

// What was recorded takes the place of what the plan says; where it stands and what it is called stays.
void play_trace(Draft& draft, const Library& library, const std::shared_ptr<const Cluster>& cluster) {
  Scenario played = draft.trace->scenario(library, cluster);
  Scenario& job = draft.scenario;
  played.name = std::move(job.name);
  played.measured = std::move(job.measured);
  played.placement = std::move(job.placement);
  played.placement_terms = job.placement_terms;
  played.placed = std::move(job.placed);
  job = std::move(played);
}

}  // namespace

bool has_jobs(const yaml::Node& root) {
  return root.is_map() && yaml::Map(root, "a scenario").optional("jobs").has_value();
}

SharedScenario read_jobs(const Library& library, const yaml::Node& root, const std::string& file_name,
                         const ScenarioLimits& limits) {
  yaml::Map map(root, "a scenario with several jobs");
  SharedScenario shared;
  shared.name = file_name;
  if (const auto node = map.optional("name")) shared.name = node->text();
  if (const auto node = map.optional("description")) shared.description = node->text();
  NetworkChoice network{Networks::find("fluid"), {}};
  if (const auto node = map.optional("network")) network = read_network(*node);
  const Granularity granularity = read_granularity(map.optional("granularity"), *network.kind);
  const yaml::Node cluster_node = map.required("cluster");
  const yaml::Node jobs_node = map.required("jobs");
  const std::optional<yaml::Node> routing_node = map.optional("routing");
  const std::optional<yaml::Node> events_node = map.optional("events");
  const std::optional<yaml::Node> background_node = map.optional("background");
  map.finish();

  std::vector<Draft> drafts = read_drafts(library, jobs_node);
  const yaml::Node cluster_file = library.resolve(cluster_node, "topology/clusters", "cluster");
  const std::uint64_t held = chips_held(cluster_file);
  const auto most = static_cast<std::uint64_t>(limits.chips);
  std::size_t built = chips_for_all(drafts, held, most);
  if (background_node) built = std::max(built, chips_for_background(*background_node, std::min(held, most)));
  const auto cluster = std::make_shared<const Cluster>(read_cluster(library, cluster_file, built, limits.fabric));
  const Fabric& fabric = cluster->fabric;
  place_all(drafts, fabric);
  RoutingChoice routing{Routings::find("minimal"), {}};
  if (routing_node) routing = read_routing(*routing_node, fabric);
  std::vector<Event> events;
  if (events_node) events = read_events(*events_node, fabric);
  std::vector<Background> background;
  if (background_node) background = read_background(*background_node, fabric);

  for (Draft& draft : drafts) {
    if (draft.trace) {
      play_trace(draft, library, cluster);
    } else {
      check_work(draft.scenario, fabric.chip_spec(), draft.stack_node, draft.plan_node);
      draft.scenario.library = library_asked(library, draft.scenario.stack, *cluster);
    }
    Scenario& job = shared.jobs.emplace_back(std::move(draft.scenario));
    job.cluster = cluster;
    job.network = network.kind->name;
    job.make_network = network.make;
    job.granularity = granularity;
    job.routing = routing.kind->name;
    job.make_routing = routing.make;
    job.events = events;
    job.background = background;
    shared.starts.push_back(draft.start);
    for (const std::string& warning : job.warnings) shared.warnings.push_back(job.name + ": " + warning);
  }
  return shared;
}

SharedScenario load_jobs(const Library& library, const std::filesystem::path& file,
                         const std::vector<yaml::Override>& overrides) {
  return read_jobs(library, yaml::load(file, overrides), file.stem().string());
}

}  // namespace orrery
