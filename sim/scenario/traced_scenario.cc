// Puts the stack together first, as compute in others' traces is reckoned at its precision; then reads the traces.
#include "sim/scenario/traced_scenario.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/base/error.h"
#include "sim/scenario/parts.h"
#include "workloads/chakra/trace_program.h"

namespace orrery {
namespace {

constexpr std::string_view kTracedModel = "Chakra traces";

// Out of a chip: what the fastest of its links carries.
Bandwidth fastest_link_out(const Fabric& fabric) {
  Bandwidth fastest;
  for (const Link& link : fabric.links())
    if (link.kind != LinkKind::kOnPackage && fabric.vertices()[link.from].kind == VertexKind::kEngine)
      fastest = std::max(fastest, link.bandwidth);
  return fastest;
}

// 16 bits as people train, or what the chip has that is nearest.
Precision usual_precision(const Chip& chip) {
  for (const Precision precision : {Precision::kBf16, Precision::kFp16, Precision::kTf32, Precision::kFp32})
    if (chip.matrix_peak[static_cast<std::size_t>(precision)] > FlopRate()) return precision;
  return Precision::kBf16;
}

Stack unnamed_stack(const Chip& chip) {
  Stack stack;
  stack.name = chip.library.empty() ? "no software stack" : "collectives by " + chip.library;
  stack.compute = usual_precision(chip);
  stack.all_reduce = stack.all_gather = stack.reduce_scatter = std::string(kTunersChoice);
  return stack;
}

}  // namespace

Scenario traced_scenario(const Library& library, const TracedJob& job, std::shared_ptr<const Cluster> cluster) {
  const Chip& chip = cluster->fabric.chip_spec();
  if (job.ranks > cluster->fabric.chip_count())
    throw InputError(
        SourceSpan{job.prefix.string(), 0, 0, 1, ""},
        fmt::format("traces of {} ranks, but the cluster has {} chips", job.ranks, cluster->fabric.chip_count()));
  Scenario scenario;
  scenario.name = job.prefix.filename().string();
  scenario.model.name = kTracedModel;
  scenario.plan.data = scenario.plan.batch = static_cast<std::int64_t>(job.ranks);
  scenario.stack = job.stack ? load_stack(library, *job.stack) : unnamed_stack(chip);
  if (job.stack)
    if (const auto fault = stack_fault(scenario.stack, chip)) job.stack->fail(*fault);

  const chakra::NodeRules rules{.chip = &chip,
                                .precision = scenario.stack.compute,
                                .roofline = job.roofline,
                                .link = fastest_link_out(cluster->fabric),
                                .algorithm = std::string(kTunersChoice)};
  chakra::TracedProgram traced = chakra::read_traces(job.prefix, job.ranks, job.groups, rules);
  if (traced.facts && !job.stack) {
    scenario.stack.name = traced.facts->stack;
    if (chip.matrix_peak[static_cast<std::size_t>(traced.facts->precision)] > FlopRate())
      scenario.stack.compute = traced.facts->precision;
    scenario.stack.communication = traced.facts->costs;
    if (!traced.facts->asks_library)
      scenario.stack.all_reduce = scenario.stack.all_gather = scenario.stack.reduce_scatter = "ring";
  }
  if (traced.facts && job.roofline)
    traced.warnings.emplace_back("these traces say their times to the picosecond: --roofline has no effect");
  scenario.library = library_asked(library, scenario.stack, chip);
  scenario.traced = std::make_shared<const Program>(std::move(traced.program));
  scenario.warnings = std::move(traced.warnings);
  scenario.cluster = std::move(cluster);
  return scenario;
}

}  // namespace orrery
