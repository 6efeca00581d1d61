// Loads of experts, summed by the rank that holds them.
#include "workloads/imbalance.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "sim/collective/blocks.h"

namespace orrery {

namespace {

constexpr double kMostImbalance = 1e6;
constexpr double kSteepest = 16;
constexpr double kMostLoad = 1e18;
constexpr std::uint64_t kSeed = 1;  // which expert is popular: any will do, always the same

double worst_of(const std::vector<double>& loads, std::int64_t ranks) {
  const double all = std::accumulate(loads.begin(), loads.end(), 0.0);
  if (loads.size() % static_cast<std::size_t>(ranks) != 0) return 1;
  const auto held = static_cast<std::ptrdiff_t>(loads.size()) / ranks;
  double worst = 0;
  for (auto first = loads.begin(); first != loads.end(); first += held)
    worst = std::max(worst, std::accumulate(first, first + held, 0.0));
  return std::max(1.0, worst * static_cast<double>(ranks) / all);
}

}  // namespace

double read_imbalance(const yaml::Node& node, const DecoderModel& model, std::int64_t ranks) {
  constexpr auto kForms = "an imbalance is a number, {zipf: 0.5} or {loads: [310, 295, …]}";
  if (node.is_sequence()) node.fail(kForms);
  if (!node.is_map()) return node.number(1, kMostImbalance);
  if (!model.experts) node.fail(fmt::format("the model '{}' has no experts", model.name));
  const std::int64_t count = model.experts->count;
  yaml::Map map(node, "an imbalance");
  const auto exponent = map.optional("zipf");
  const auto measured = map.optional("loads");
  map.finish();
  if (exponent.has_value() == measured.has_value()) node.fail(kForms);
  if (exponent)
    return worst_of(zipf_shares(static_cast<std::size_t>(count), exponent->number(0, kSteepest), kSeed), ranks);
  std::vector<double> loads;
  for (const yaml::Node& load : measured->items()) loads.push_back(load.number(0, kMostLoad));
  if (static_cast<std::int64_t>(loads.size()) != count)
    measured->fail(fmt::format("{} loads are given for the model's {} experts", loads.size(), count));
  if (std::all_of(loads.begin(), loads.end(), [](double load) { return load == 0; }))
    measured->fail("no expert got anything");
  return worst_of(loads, ranks);
}

}  // namespace orrery
