// Puts the stack together first, as compute in others' traces is reckoned at its precision; then reads the traces.
#include "sim/scenario/traced_scenario.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/base/error.h"
#include "sim/scenario/parts.h"
#include "workloads/chakra/trace_program.h"
#include "workloads/goal/goal_program.h"
#include "workloads/kineto/profile_program.h"
#include "workloads/pytorch_trace/execution_program.h"
#include "workloads/simai/workload_program.h"

namespace orrery {
namespace {

constexpr std::string_view kTracedModel = "Chakra traces";
constexpr std::string_view kProfiledModel = "PyTorch profiles";
constexpr std::string_view kExecutedModel = "PyTorch execution traces";
constexpr std::string_view kSimaiModel = "SimAI workload";
constexpr std::string_view kGoalModel = "GOAL schedule";

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

// What all have: who runs it, on what, with which stack.
Scenario begun(const Library& library, const std::filesystem::path& source, std::size_t ranks,
               const std::optional<yaml::Node>& stack, std::shared_ptr<const Cluster> cluster) {
  const Chip& chip = cluster->fabric.chip_spec();
  if (ranks > cluster->fabric.chip_count())
    fail_file(source,
              fmt::format("traces of {} ranks, but the cluster has {} chips", ranks, cluster->fabric.chip_count()));
  Scenario scenario;
  scenario.name = source.filename().string();
  scenario.plan.data = scenario.plan.batch = static_cast<std::int64_t>(ranks);
  scenario.stack = stack ? load_stack(library, *stack) : unnamed_stack(chip);
  if (stack)
    if (const auto fault = stack_fault(scenario.stack, chip)) stack->fail(*fault);
  scenario.cluster = std::move(cluster);
  return scenario;
}

std::size_t played_on(std::size_t recorded, const std::optional<std::uint32_t>& ranks) {
  return std::max<std::size_t>(recorded, ranks.value_or(0));
}

std::size_t played_on(std::size_t recorded, const std::optional<recorded::Growth>& growth) {
  return std::max<std::size_t>(recorded, growth ? growth->ranks : 0);
}

void grow(Program& program, const std::optional<recorded::Growth>& growth, const std::filesystem::path& source,
          std::vector<std::string>& warnings) {
  if (!growth) return;
  recorded::GrownProgram grown = recorded::grown(program, *growth, source.string());
  program = std::move(grown.program);
  warnings.insert(warnings.end(), grown.notes.begin(), grown.notes.end());
}

Duration faster(Duration time, double speedup) { return Duration::seconds(time.in_seconds() / speedup); }

// Kernels take less time; what the host takes to queue them stays.
void speed_up(Program& program, double speedup) {
  if (speedup == 1) return;
  for (KernelRow& kernel : program.kernels) kernel.duration = faster(kernel.duration, speedup);
  for (std::size_t i = 0; i < program.segments.size(); ++i) {
    Segment& segment = program.segments[SegmentId(i)];
    const Duration was = segment.duration;
    segment.duration = faster(was, speedup);
    segment.matrix_seconds /= speedup;
    segment.host_path = segment.duration + std::min(segment.host_time, std::max(segment.host_path, was) - was);
  }
}

Scenario finished(const Library& library, Scenario scenario, Program program, double speedup) {
  scenario.library = library_asked(library, scenario.stack, *scenario.cluster);
  speed_up(program, speedup);
  scenario.traced = std::make_shared<const Program>(std::move(program));
  return scenario;
}

}  // namespace

Scenario traced_scenario(const Library& library, const TracedJob& job, std::shared_ptr<const Cluster> cluster) {
  Scenario scenario = begun(library, job.prefix, played_on(job.ranks, job.growth), job.stack, std::move(cluster));
  scenario.model.name = kTracedModel;
  const Fabric& fabric = scenario.cluster->fabric;
  const Chip& chip = fabric.chip_spec();
  const chakra::NodeRules rules{.chip = &chip,
                                .precision = scenario.stack.compute,
                                .roofline = job.roofline,
                                .link = fastest_link_out(fabric),
                                .algorithm = std::string(kTunersChoice)};
  chakra::TracedProgram traced = chakra::read_traces(job.prefix, job.ranks, job.groups, rules);
  if (traced.facts && !job.stack) {
    scenario.stack.name = traced.facts->stack;
    if (chip.matrix_peak[static_cast<std::size_t>(traced.facts->precision)] > FlopRate())
      scenario.stack.compute = traced.facts->precision;
    if (const std::optional<Format>& products = traced.facts->products;
        products && chip.matrix_peak[static_cast<std::size_t>(products->engine)] > FlopRate()) {
      scenario.stack.fp8_products = true;
      scenario.stack.operands = *products;
      scenario.stack.fp8_share = traced.facts->products_share;
    }
    scenario.stack.communication = traced.facts->costs;
    if (!traced.facts->asks_library)
      scenario.stack.all_reduce = scenario.stack.all_gather = scenario.stack.reduce_scatter = "ring";
  }
  if (traced.facts && job.roofline)
    traced.warnings.emplace_back("these traces say their times to the picosecond: --roofline has no effect");
  scenario.warnings = std::move(traced.warnings);
  grow(traced.program, job.growth, job.prefix, scenario.warnings);
  return finished(library, std::move(scenario), std::move(traced.program), job.compute_speedup);
}

Scenario goal_scenario(const Library& library, const GoalJob& job, std::shared_ptr<const Cluster> cluster) {
  Scenario scenario =
      begun(library, job.file, played_on(job.schedule.ranks.size(), job.growth), job.stack, std::move(cluster));
  scenario.model.name = kGoalModel;
  Program program = goal::program_of(job.schedule);
  grow(program, job.growth, job.file, scenario.warnings);
  return finished(library, std::move(scenario), std::move(program), job.compute_speedup);
}

Scenario profiled_scenario(const Library& library, const ProfiledJob& job, std::shared_ptr<const Cluster> cluster) {
  Scenario scenario = begun(library, job.profiles.front().file, played_on(kineto::ranks_of(job.profiles), job.ranks),
                            job.stack, std::move(cluster));
  scenario.model.name = kProfiledModel;
  kineto::ProfiledProgram profiled = kineto::program_of(job.profiles, std::string(kTunersChoice), job.ranks);
  scenario.warnings = std::move(profiled.warnings);
  return finished(library, std::move(scenario), std::move(profiled.program), job.compute_speedup);
}

Scenario executed_scenario(const Library& library, const ExecutedJob& job, std::shared_ptr<const Cluster> cluster) {
  const std::size_t ranks = played_on(pytorch_trace::ranks_of(job.traces), job.ranks);
  Scenario scenario = begun(library, job.traces.front().file, ranks, job.stack, std::move(cluster));
  scenario.model.name = kExecutedModel;
  const pytorch_trace::Rules rules{.chip = &scenario.cluster->fabric.chip_spec(),
                                   .precision = scenario.stack.compute,
                                   .host_per_kernel = scenario.stack.host_per_kernel,
                                   .host_per_message = scenario.stack.host_per_message,
                                   .algorithm = std::string(kTunersChoice)};
  pytorch_trace::TracedOperators traced = pytorch_trace::program_of(job.traces, job.measured, rules, job.ranks);
  scenario.warnings = std::move(traced.warnings);
  return finished(library, std::move(scenario), std::move(traced.program), job.compute_speedup);
}

Scenario simai_scenario(const Library& library, const SimaiJob& job, std::shared_ptr<const Cluster> cluster) {
  Scenario scenario = begun(library, job.workload.file, job.workload.ranks, job.stack, std::move(cluster));
  scenario.model.name = kSimaiModel;
  simai::WorkloadProgram made = simai::program_of(job.workload, std::string(kTunersChoice));
  scenario.warnings = std::move(made.warnings);
  return finished(library, std::move(scenario), std::move(made.program), job.compute_speedup);
}

}  // namespace orrery
