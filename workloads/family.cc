// Finds a model file's family, and what all families answer alike.
#include "workloads/family.h"

#include <fmt/format.h>

#include <algorithm>

namespace orrery {

FlopRate Engine::peak(const Chip& chip) const {
  return (vector ? chip.vector_peak : chip.matrix_peak)[static_cast<std::size_t>(precision)];
}

FlopRate Engine::achievable(const Chip& chip) const {
  double tile = vector || chip.tiles.empty() ? 1 : 0;
  if (!vector)
    for (const Tile& one : chip.tiles) tile = std::max(tile, one.efficiency);
  return peak(chip) * (chip.sustained_clock * tile);
}

double Engine::joules_per_flop(const Chip& chip) const {
  const auto p = static_cast<std::size_t>(precision);
  if (!vector) return chip.power.joules_per_flop[p];
  const auto bf16 = static_cast<std::size_t>(Precision::kBf16);
  const double rate = peak(chip).flops_per_second();
  return rate > 0 ? chip.power.joules_per_flop[bf16] * chip.matrix_peak[bf16].flops_per_second() / rate : 0;
}

std::string to_text(const PlanEntry& entry) {
  if (const auto* number = std::get_if<std::int64_t>(&entry.value)) {
    std::string name = entry.key;
    std::replace(name.begin(), name.end(), '_', ' ');
    return fmt::format("{} {}", name, *number);
  }
  return std::get<std::string>(entry.value);
}

const Family* family_of(const yaml::Node& model) {
  if (!model.is_map()) return nullptr;
  const auto name = yaml::Map(model, "a model").optional("family");
  if (!name) return nullptr;
  const std::vector<std::string> names = Families::names();
  return Families::find(names[name->choice("family", names)]);
}

std::optional<std::string> engine_fault(const Workload& workload, const Chip& chip) {
  const Engine engine = workload.engine();
  if (engine.peak(chip) > FlopRate()) return std::nullopt;
  return fmt::format("{} computes no {} in {}, as {} with the stack {} demands", chip.name,
                     engine.vector ? "vectors" : "matrix products", to_name(engine.precision), workload.name(),
                     workload.stack().name);
}

std::string shortage(const MemoryUse& use) {
  if (use.fits()) return {};
  const auto largest = std::max_element(use.categories.begin(), use.categories.end(),
                                        [](const auto& a, const auto& b) { return a.bytes < b.bytes; });
  return fmt::format("needs {} of {}; largest: {} {}", to_text(use.total()), to_text(use.capacity), largest->name,
                     to_text(largest->bytes));
}

}  // namespace orrery
