// Whole numbers of ranks and sequences, or why there are none.
#include "sim/scenario/grown_plan.h"

#include <fmt/format.h>

namespace orrery {
namespace {

std::int64_t& ranks_along(Plan& plan, GrowingDimension dimension) {
  switch (dimension) {
    case GrowingDimension::kTensor:
      return plan.tensor;
    case GrowingDimension::kPipeline:
      return plan.pipeline;
    case GrowingDimension::kData:
      break;
  }
  return plan.data;
}

// "tensor 8 × pipeline 14"
std::string others_text(const Plan& plan, GrowingDimension grows) {
  std::string text;
  for (const auto dimension : {GrowingDimension::kTensor, GrowingDimension::kPipeline, GrowingDimension::kData}) {
    if (dimension == grows) continue;
    Plan copy = plan;
    text += fmt::format("{}{} {}", text.empty() ? "" : " × ", to_name(dimension), ranks_along(copy, dimension));
  }
  if (plan.context > 1) text += fmt::format(" × context {}", plan.context);
  return text;
}

std::int64_t others(Plan plan, GrowingDimension grows) {
  ranks_along(plan, grows) = 1;
  return plan.chips();
}

}  // namespace

GrownPlan grow(const Workload& workload, GrowingDimension grows, bool weak, std::int64_t chips) {
  const std::optional<Growth> growth = workload.growth();
  if (!growth || grows != GrowingDimension::kData)
    return {.plan = {},
            .refusal = fmt::format("{} of the family '{}' can't grow along {}", workload.name(), workload.family(),
                                   to_name(grows)),
            .of_family = chips};
  Plan plan;
  plan.data = growth->data;
  plan.batch = growth->batch;
  const std::int64_t fixed = workload.chips() / growth->data;
  if (chips % fixed != 0)
    return {
        .plan = plan, .refusal = fmt::format("not a multiple of the {} chips of a replica", fixed), .of_family = chips};
  GrownPlan grown = grow(plan, grows, weak, chips / fixed);
  grown.of_family = chips;
  if (!grown.refusal.empty())
    grown.refusal = fmt::format("the batch, {} for data {}, can't grow to {} in proportion", growth->batch,
                                growth->data, chips / fixed);
  return grown;
}

GrownPlan grow(const Plan& plan, GrowingDimension grows, bool weak, std::int64_t chips) {
  GrownPlan grown{.plan = plan, .refusal = ""};
  const std::int64_t fixed = others(plan, grows);
  std::int64_t& ranks = ranks_along(grown.plan, grows);
  const std::int64_t before = ranks;
  if (chips % fixed != 0) {
    grown.refusal = fmt::format("not a multiple of {} = {} chips", others_text(plan, grows), fixed);
    return grown;
  }
  ranks = chips / fixed;
  if (!weak) return grown;
  const Int128 sequences = static_cast<Int128>(plan.batch) * ranks;
  if (sequences % before != 0) {
    grown.refusal = fmt::format("the batch, {} sequences for {} {}, can't grow to {} in proportion", plan.batch,
                                to_name(grows), before, ranks);
    return grown;
  }
  grown.plan.batch = static_cast<std::int64_t>(sequences / before);
  return grown;
}

std::vector<std::int64_t> doubled_sizes(const Plan& plan, GrowingDimension grows, std::int64_t most) {
  std::vector<std::int64_t> sizes;
  for (std::int64_t chips = others(plan, grows); chips <= most; chips *= 2) sizes.push_back(chips);
  return sizes;
}

std::vector<std::int64_t> doubled_sizes(const Workload& workload, std::int64_t most) {
  const std::optional<Growth> growth = workload.growth();
  if (!growth) return {workload.chips()};
  std::vector<std::int64_t> sizes;
  for (std::int64_t chips = workload.chips() / growth->data; chips <= most; chips *= 2) sizes.push_back(chips);
  return sizes;
}

std::vector<yaml::Override> overrides_of(const GrownPlan& grown, bool names_chips) {
  const Plan& plan = grown.plan;
  if (grown.of_family > 0) {
    std::vector<yaml::Override> overrides = {{"plan.data", fmt::format("{}", plan.data)},
                                             {"plan.batch", fmt::format("{}", plan.batch)}};
    if (names_chips) overrides.push_back({"chips", fmt::format("{}", grown.of_family)});
    return overrides;
  }
  std::vector<yaml::Override> overrides = {{"plan.tensor", fmt::format("{}", plan.tensor)},
                                           {"plan.pipeline", fmt::format("{}", plan.pipeline)},
                                           {"plan.data", fmt::format("{}", plan.data)},
                                           {"plan.batch", fmt::format("{}", plan.batch)}};
  if (names_chips) overrides.push_back({"chips", fmt::format("{}", plan.chips())});
  return overrides;
}

}  // namespace orrery
