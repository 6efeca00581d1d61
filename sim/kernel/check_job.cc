// What validate() can't see: names that must be registered, ranks that must have a chip.
#include "sim/kernel/check_job.h"

#include <fmt/format.h>

#include <cmath>

#include "sim/base/error.h"

namespace orrery::kernel {
namespace {

void check_placement(const Job& job) {
  const std::size_t ranks = job.program->grid.rank_count();
  const std::size_t chips = job.fabric->chip_count();
  if (job.placement->size() != ranks)
    throw RunError(fmt::format("{} ranks are placed, the program has {}", job.placement->size(), ranks));
  std::vector<RankId> on(chips);
  for (std::size_t r = 0; r < ranks; ++r) {
    const ChipId chip = (*job.placement)[RankId(r)];
    if (!chip.valid() || chip.index() >= chips)
      throw RunError(fmt::format("rank {} is placed on a chip that doesn't exist ({} chips)", r, chips));
    if (on[chip.index()].valid())
      throw RunError(fmt::format("ranks {} and {} are placed on one chip ({})", on[chip.index()].index(), r,
                                 job.fabric->vertices()[job.fabric->engine(chip)].name));
    on[chip.index()] = RankId(r);
  }
}

void check_algorithms(const Program& program) {
  for (const CollectiveOp& op : program.collectives) {
    const std::string& name = program.algorithms[op.algorithm];
    if (name == kTunersChoice) continue;
    const CollectiveAlgorithm* algorithm = CollectiveAlgorithms::find(name);
    if (algorithm == nullptr) throw RunError(unknown_name("collective algorithm", name, CollectiveAlgorithms::names()));
    if (!algorithm->supports(op.kind))
      throw RunError(fmt::format("collective algorithm '{}' does no {}", name, to_name(op.kind)));
  }
}

void check_costs(const CommunicationCosts& costs) {
  const auto wrong = [](double value) { return !std::isfinite(value) || value < 0; };
  if (costs.launch < Duration() || costs.step < Duration() || wrong(costs.engine_share) || wrong(costs.hbm_per_byte))
    throw RunError("communication costs may not be negative");
}

}  // namespace

void check_job(const Job& job, const RunOptions& options) {
  check_placement(job);
  check_algorithms(*job.program);
  check_costs(options.costs);
  if (Networks::find(options.network) == nullptr)
    throw RunError(unknown_name("network model", options.network, Networks::names()));
  if (Networks::find(options.network)->is_stepwise && options.granularity == Granularity::kFluid)
    throw RunError(
        fmt::format("the network model '{}' moves messages: it needs the stepwise granularity", options.network));
  const std::size_t resources = 2 * job.fabric->chip_count() + job.fabric->links().size();
  for (const ResourceId resource : options.counted)
    if (!resource.valid() || resource.index() >= resources)
      throw RunError(fmt::format("a counter is asked for resource {} of {}", resource.index(), resources));
}

}  // namespace orrery::kernel
