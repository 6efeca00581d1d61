// What validate() can't see: names that must be registered, ranks that must have a chip.
#include "sim/kernel/check_job.h"

#include <fmt/format.h>

#include <cmath>

#include "sim/base/error.h"
#include "sim/collective/tuner.h"

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
    const std::string& said = program.algorithms[op.algorithm];
    if (said == kTunersChoice) continue;
    const std::string name = named_to_tuner(said).empty() ? said : std::string(named_to_tuner(said));
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

// Chips have one rank each, whoever's it is.
void check_neighbours(std::span<const Tenant> tenants) {
  const Fabric& fabric = *tenants.front().job.fabric;
  std::vector<const Tenant*> on(fabric.chip_count(), nullptr);
  for (const Tenant& tenant : tenants) {
    if (tenant.job.fabric != &fabric) throw RunError("jobs that run together are on one fabric");
    if (tenant.start < Duration()) throw RunError(fmt::format("job '{}' starts before 0", tenant.name));
    for (const ChipId chip : *tenant.job.placement) {
      const Tenant*& there = on[chip.index()];
      if (there != nullptr)
        throw RunError(fmt::format("jobs '{}' and '{}' are both placed on {}", there->name, tenant.name,
                                   fabric.vertices()[fabric.engine(chip)].name));
      there = &tenant;
    }
  }
}

void check_machine(const Fabric& fabric, const RunOptions& options) {
  const NetworkKind* network = Networks::find(options.network);
  if (network == nullptr) throw RunError(unknown_name("network model", options.network, Networks::names()));
  if (network->is_stepwise && options.granularity == Granularity::kFluid)
    throw RunError(
        fmt::format("the network model '{}' moves messages: it needs the stepwise granularity", options.network));
  const std::size_t resources = 2 * fabric.chip_count() + fabric.links().size();
  const auto check = [&](std::string_view what, ResourceId resource) {
    if (!resource.valid() || resource.index() >= resources)
      throw RunError(fmt::format("{} resource {} of {}", what, resource.index(), resources));
  };
  for (const ResourceId resource : options.counted) check("a counter is asked for", resource);
  for (const CapacityChange& change : options.changes) {
    check("a change is to be made to", change.resource);
    if (change.at < Time() || !std::isfinite(change.capacity) || change.capacity < 0)
      throw RunError("a change of a capacity needs a time and a capacity that aren't negative");
  }
}

void check_background(const Fabric& fabric, const RunOptions& options) {
  if (options.background.empty()) return;
  const auto no_chip = [&](ChipId chip) { return !chip.valid() || chip.index() >= fabric.chip_count(); };
  const auto no_rate = [](double rate) { return !std::isfinite(rate) || rate <= 0; };
  for (const BackgroundFlow& flow : options.background) {
    if (no_chip(flow.from) || no_chip(flow.to) || flow.from == flow.to)
      throw RunError("a background flow leads from a chip to another");
    if (no_rate(flow.share > 0 ? flow.share : flow.most)) throw RunError("a background flow needs a rate");
    if (flow.start < Time() || flow.stop < flow.start)
      throw RunError("a background flow starts at 0 or later and stops after that");
  }
}

}  // namespace

void check_tenants(std::span<const Tenant> tenants, const RunOptions& options) {
  for (const Tenant& tenant : tenants) {
    check_placement(tenant.job);
    check_algorithms(*tenant.job.program);
    check_costs(tenant.costs);
  }
  const Fabric& fabric = *tenants.front().job.fabric;
  if (tenants.size() > 1) check_neighbours(tenants);
  check_machine(fabric, options);
  check_background(fabric, options);
}

}  // namespace orrery::kernel
