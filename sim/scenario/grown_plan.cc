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

GrownPlan grow(const Plan& plan, GrowingDimension grows, bool weak, std::int64_t chips) {
  GrownPlan grown{plan, ""};
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

std::vector<yaml::Override> overrides_of(const GrownPlan& grown, bool names_chips) {
  const Plan& plan = grown.plan;
  std::vector<yaml::Override> overrides = {{"plan.tensor", fmt::format("{}", plan.tensor)},
                                           {"plan.pipeline", fmt::format("{}", plan.pipeline)},
                                           {"plan.data", fmt::format("{}", plan.data)},
                                           {"plan.batch", fmt::format("{}", plan.batch)}};
  if (names_chips) overrides.push_back({"chips", fmt::format("{}", plan.chips())});
  return overrides;
}

}  // namespace orrery
