// Reads lists of modules.
#include "workloads/recompute_modules.h"

#include <array>
#include <utility>

namespace orrery {
namespace {

constexpr std::array<std::pair<const char*, bool RecomputeModules::*>, 7> kModules = {{
    {"core_attention", &RecomputeModules::core_attention},
    {"norms", &RecomputeModules::norms},
    {"mlp_activation", &RecomputeModules::mlp_activation},
    {"latent_up", &RecomputeModules::latent_up},
    {"mlp", &RecomputeModules::mlp},
    {"experts", &RecomputeModules::experts},
    {"shared_experts", &RecomputeModules::shared_experts},
}};

}  // namespace

std::vector<std::string> RecomputeModules::names() const {
  std::vector<std::string> names;
  for (const auto& [name, member] : kModules)
    if (this->*member) names.emplace_back(name);
  return names;
}

RecomputeModules read_recompute_modules(const yaml::Node& list) {
  std::vector<std::string> names;
  names.reserve(kModules.size());
  for (const auto& [name, member] : kModules) names.emplace_back(name);
  RecomputeModules modules;
  for (const yaml::Node& item : list.items()) {
    const std::size_t index = item.choice("module", names);
    bool& chosen = modules.*kModules[index].second;
    if (chosen) item.fail("'" + names[index] + "' stands here twice");
    chosen = true;
  }
  if (modules == RecomputeModules{}) list.fail("no module is formed again", {"recompute: none says so"});
  return modules;
}

}  // namespace orrery
