// Looks for the cheapest single change to a plan that makes it fit.
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "workloads/memory.h"

namespace orrery {
namespace {

struct Change {
  std::string text;  // as it would be typed into the plan
  Plan plan;
};

// From what costs no time to what costs chips. Changes that are none, or that the model forbids, are left out.
std::vector<Change> changes(const DecoderModel& model, const Plan& plan) {
  std::vector<Change> found;
  const auto offer = [&](bool useful, std::string text, auto change) {
    if (!useful) return;
    Change offered{std::move(text), plan};
    change(offered.plan);
    if (!plan_fault(offered.plan, model)) found.push_back(std::move(offered));
  };
  offer(plan.tensor > 1 && !plan.sequence_parallel, "sequence_parallel: true",
        [](Plan& p) { p.sequence_parallel = true; });
  offer(plan.replicas() > 1 && plan.zero == 0, "zero: 1", [](Plan& p) { p.zero = 1; });
  offer(plan.recompute == Recompute::kNone, "recompute: selective",
        [](Plan& p) { p.recompute = Recompute::kSelective; });
  offer(plan.microbatch > 1, "microbatch: 1", [](Plan& p) { p.microbatch = 1; });
  offer(plan.recompute != Recompute::kFull, "recompute: full", [](Plan& p) { p.recompute = Recompute::kFull; });
  // Stages first: they need no faster links than there are between nodes.
  for (const std::int64_t factor : {2, 4, 8}) {
    offer(true, fmt::format("pipeline: {}", factor * plan.pipeline), [&](Plan& p) { p.pipeline *= factor; });
    offer(true, fmt::format("tensor: {}", factor * plan.tensor), [&](Plan& p) { p.tensor *= factor; });
  }
  offer(plan.replicas() > 1 && plan.zero < 3 && plan.overlap_gradients, "zero: 3", [](Plan& p) { p.zero = 3; });
  return found;
}

}  // namespace

std::string advice(const DecoderModel& model, const Plan& plan, const Stack& stack, const Chip& chip) {
  const MemoryUse use = memory_use(model, plan, stack, chip);
  if (use.fits()) return {};
  std::vector<std::string> needs;
  if (use.total() > use.capacity) {
    const auto largest = std::max_element(use.categories.begin(), use.categories.end(),
                                          [](const auto& a, const auto& b) { return a.bytes < b.bytes; });
    needs.push_back(fmt::format("needs {} of {}; largest: {} {}", to_text(use.total()), to_text(use.capacity),
                                largest->name, to_text(largest->bytes)));
  }
  if (use.host > use.host_capacity)
    needs.push_back(
        fmt::format("needs {} of the {} that its host has for it", to_text(use.host), to_text(use.host_capacity)));
  std::string text = fmt::format("{}", fmt::join(needs, "; "));
  for (const Change& change : changes(model, plan))
    if (memory_use(model, change.plan, stack, chip).fits()) return text + "; " + change.text + " would fit";
  return text;
}

}  // namespace orrery
