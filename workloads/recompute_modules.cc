// Reads lists of modules.
#include "workloads/recompute_modules.h"

#include "workloads/named_flags.h"

namespace orrery {
namespace {

constexpr FlagNames<RecomputeModules, 7> kModules = {{
    {"core_attention", &RecomputeModules::core_attention},
    {"norms", &RecomputeModules::norms},
    {"mlp_activation", &RecomputeModules::mlp_activation},
    {"latent_up", &RecomputeModules::latent_up},
    {"mlp", &RecomputeModules::mlp},
    {"experts", &RecomputeModules::experts},
    {"shared_experts", &RecomputeModules::shared_experts},
}};

}  // namespace

std::vector<std::string> RecomputeModules::names() const { return names_set(*this, kModules); }

RecomputeModules read_recompute_modules(const yaml::Node& list) {
  const RecomputeModules modules = read_flags(list, "module", kModules);
  if (modules == RecomputeModules{}) list.fail("no module is formed again", {"recompute: none says so"});
  return modules;
}

}  // namespace orrery
