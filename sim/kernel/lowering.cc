// One lowering for each communicator and distinct collective; a Schedule is written only for that.
#include "sim/kernel/lowering.h"

namespace orrery::kernel {

Lowering::Lowering(const Tenant& tenant, const RunOptions& options, const Resources& resources,
                   const Communicators& communicators)
    : program_(tenant.job.program),
      fabric_(tenant.job.fabric),
      placement_(tenant.job.placement),
      costs_(tenant.costs),
      tuner_(tenant.library, tenant.costs, resources),
      schedules_(*program_),
      resources_(&resources),
      communicators_(&communicators),
      fold_(options.fold),
      routes_(*fabric_, options.make_routing),
      variants_(program_->groups.size(), 0) {
  for (const CollectiveOp& collective : program_->collectives)
    variant_.push_back(variants_[collective.group.index()]++);
  std::size_t keys = 0;
  for (std::size_t g = 0; g < variants_.size(); ++g) {
    first_key_.push_back(keys);
    keys += variants_[g] * communicators.count(GroupSpecId(g));
  }
  phases_.resize(keys);
  exchanges_.resize(keys);
}

std::size_t Lowering::key(CommunicatorId communicator, std::uint32_t collective) const {
  const GroupSpecId group = program_->collectives[collective].group;
  const std::size_t local = communicator.index() - communicators_->first(group).index();
  return first_key_[group.index()] + local * variants_[group.index()] + variant_[collective];
}

Lowering::Written Lowering::write(CommunicatorId communicator, std::uint32_t collective) {
  const CollectiveOp& op = program_->collectives[collective];
  Group group;
  chips_.clear();
  for (const RankId rank : communicators_->members(communicator)) {
    chips_.push_back((*placement_)[rank]);
    group.node.push_back(fabric_->node_of(chips_.back()));
  }
  group.copies = op.copies;
  const std::string& name = program_->algorithms[op.algorithm];
  Choice choice{.algorithm = CollectiveAlgorithms::find(name), .method = nullptr, .costs = costs_, .believed = {}};
  if (name == kTunersChoice) choice = tuner_.choose(op.kind, group, chips_, op.bytes, routes_);
  return {&schedules_.of(collective, choice.algorithm, std::move(group)), choice.costs};
}

std::vector<FluidPhase> Lowering::lower(CommunicatorId communicator, std::uint32_t collective) {
  const auto [schedule, costs] = write(communicator, collective);
  return lower_fluid(*schedule, chips_, costs, routes_, *resources_);
}

std::vector<FluidPhase> Lowering::lower(RankId from, RankId to, Bytes bytes) {
  const Schedule schedule{{Step{{Transfer{.from = 0, .to = 1}}, bytes, 1}}};
  chips_ = {(*placement_)[from], (*placement_)[to]};
  return lower_fluid(schedule, chips_, costs_, routes_, *resources_);
}

void Lowering::fold(std::vector<FluidPhase>& phases, std::uint32_t copies) const {
  for (FluidPhase& phase : phases) phase.uses = fold_->quotient(std::move(phase.uses), copies);
}

PhasesId Lowering::phases(CommunicatorId communicator, std::uint32_t collective) {
  PhasesId& id = phases_[key(communicator, collective)];
  if (!id.valid()) {
    std::vector<FluidPhase> phases = lower(communicator, collective);
    if (fold_ != nullptr) fold(phases, fold_->communicators_like(communicator.index()));
    id = phase_book_.add(phases);
  }
  return id;
}

ExchangeId Lowering::exchange(CommunicatorId communicator, std::uint32_t collective) {
  ExchangeId& id = exchanges_[key(communicator, collective)];
  if (!id.valid()) {
    const auto [schedule, costs] = write(communicator, collective);
    id = exchange_book_.add(lower_stepwise(*schedule, chips_, costs, routes_, *resources_), chips_.size());
  }
  return id;
}

PhasesId Lowering::transfer(RankId from, RankId to, Bytes bytes) {
  std::vector<FluidPhase> phases = lower(from, to, bytes);
  if (fold_ != nullptr) fold(phases, fold_->class_size(from));
  return phase_book_.add(phases);
}

void Lowering::add_work(std::vector<double>& work) const {
  phase_book_.add_work(work);
  exchange_book_.add_work(work);
}

}  // namespace orrery::kernel
