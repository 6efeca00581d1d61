// One file, read and checked: cluster, model, plan, stack, network. YAML ends here.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/library.h"
#include "sim/kernel/engine.h"
#include "topology/cluster.h"
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
  Cluster cluster;
  DecoderModel model;
  Plan plan;
  Stack stack;
  std::string placement = "packed";
  std::string network = "fluid";
  Granularity granularity = Granularity::kFluid;
  std::optional<Measured> measured;
  std::string resolved;               // the whole input as YAML text, includes and overrides applied
  std::vector<std::string> warnings;  // inputs that change nothing here
};

[[nodiscard]] Scenario load_scenario(const Library& library, const std::filesystem::path& file,
                                     const std::vector<yaml::Override>& overrides = {});

}  // namespace orrery
