// One file, read and checked: cluster, model, plan, stack, network. YAML ends here.
//
//     name: GPT-3 175B on 1,024 A100        # optional; the file's name without .yaml
//     description: one line for the report  # optional
//     cluster: dgx_a100_superpod            # a name, a file or the mapping itself; so are model and stack
//     chips: 1024                           # optional; must equal tensor × context × pipeline × data
//     model: gpt3_175b
//     stack: megatron_lm
//     plan: {tensor: 8, pipeline: 8, data: 16, microbatch: 1, batch: 1536}   # workloads/plan.h, or the family's own
//     placement: packed                     # optional; or {name: random, seed: 7, tier: rail}: topology/placement.h
//     network: fluid                        # optional; or with parameters: {name: packet, control: credit}
//     granularity: fluid                    # optional; or stepwise
//     routing: minimal                      # or with parameters: {name: ecmp, seed: 7}; topology/routing
//     events: […]                           # optional: links that fail, slow chips (events.h)
//     background: […]                       # optional: traffic of others (background.h)
//     scale: {…}                            # optional: how `orrery scale` makes it larger (scale_key.h)
//     run: {tokens: 300e9}                  # optional: how long it trains (run_key.h)
//     cost: {…}                             # optional: over the cluster's, key by key (topology/cost_terms.h)
//     measured: {step: 18.13 s, model_flops_per_chip: 140 TFLOP/s, hardware_flops_per_chip: 148 TFLOP/s, source: …}
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/library.h"
#include "sim/kernel/engine.h"
#include "sim/scenario/background.h"
#include "sim/scenario/events.h"
#include "sim/scenario/run_key.h"
#include "sim/scenario/scale_key.h"
#include "sim/scenario/shares.h"
#include "topology/cluster.h"
#include "topology/placement.h"
#include "topology/routing/routing.h"
#include "workloads/family.h"
#include "workloads/memory.h"
#include "workloads/model.h"
#include "workloads/plan.h"
#include "workloads/stack.h"
#include "workloads/training_step.h"

namespace orrery {

// What was published about this very run.
struct Measured {
  std::optional<Duration> step;
  std::optional<FlopRate> model_flops_per_chip;     // MFU convention
  std::optional<FlopRate> hardware_flops_per_chip;  // HFU convention: recomputation counted
  std::string source;
};

struct Scenario {
  std::string name;
  std::string description;
  std::shared_ptr<const Cluster> cluster;  // jobs that run together have one
  DecoderModel model;
  Plan plan;
  Stack stack;
  std::optional<CommunicationLibrary> library;  // the chip's, where the stack asks it
  std::string placement = "packed";
  PlacementTerms placement_terms;  // that it goes by
  Placement placed;                // rank → chip where the file says it chip by chip; empty: by `placement`
  std::string network = "fluid";
  NetworkMaker make_network;  // with the parameters that the file gives; empty: it gives none
  Granularity granularity = Granularity::kFluid;
  std::string routing = "minimal";
  RoutingMaker make_routing;  // empty: minimal
  std::optional<Measured> measured;
  std::vector<Event> events;
  std::vector<Background> background;
  // What was recorded, where ranks play traces: then the model is but a name, and of the plan only the chips count.
  std::shared_ptr<const Program> traced;
  // What ranks do where the model is of a family of its own: then of `model` just the name counts, and of `plan` that
  // `data` is the chips and `batch` the samples of a step. Null: a decoder, or traces.
  std::shared_ptr<const Workload> workload;
  std::optional<Shares> shares;   // the cluster, program and placement are an excerpt, of these
  std::optional<ScaleKey> scale;  // for `orrery scale`: changes nothing in a run
  std::optional<RunKey> run;
  std::optional<CostTerms> cost;      // its own over the cluster's; absent: the cluster's hold as they stand
  std::string resolved;               // the whole input as YAML text, includes, overrides and named files put in
  std::vector<std::string> warnings;  // inputs that change nothing here
};

// What asks for more is refused before it is built.
struct ScenarioLimits {
  std::int64_t chips = std::int64_t{1} << 20U;
  FabricLimits fabric;
};

// How much of a job is built: all of it, or, where it is large and fills many parts of the machine alike, a few of
// them.
enum class Extent : std::uint8_t { kWhole, kExcerpt };

// InputError at whatever is wrong, in the file in which it stands. NotAlike, of an excerpt, where it has to be whole.
[[nodiscard]] Scenario load_scenario(const Library& library, const std::filesystem::path& file,
                                     const std::vector<yaml::Override>& overrides = {}, Extent extent = Extent::kWhole);
// The same of a document that is already read; leaves `resolved` empty. `file_name` names it if it has no name.
[[nodiscard]] Scenario read_scenario(const Library& library, const yaml::Node& root, const std::string& file_name,
                                     const ScenarioLimits& limits = {}, Extent extent = Extent::kWhole);

// NotAlike where the scenario has shares and they turn out not to be alike: read it once more, whole.
[[nodiscard]] Program program_of(const Scenario& scenario);
// Of the rank that holds most; whatever a decoder's plan could change to make it fit is advised. Not of traces.
[[nodiscard]] MemoryUse memory_of(const Scenario& scenario);
[[nodiscard]] std::string advice_of(const Scenario& scenario);  // empty: it fits
// rank → chip, by the placement that the scenario names.
[[nodiscard]] Placement placement_of(const Scenario& scenario);

}  // namespace orrery
