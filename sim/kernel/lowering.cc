// One lowering for each communicator and distinct collective; a Schedule is written only for that.
#include "sim/kernel/lowering.h"

#include "sim/collective/placed.h"

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
      joules_(&options.joules),
      drawing_(!options.joules.empty()),
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
  chips_.clear();
  for (const RankId rank : communicators_->members(communicator)) chips_.push_back((*placement_)[rank]);
  Group group = group_of(*fabric_, chips_);
  group.copies = op.copies;
  const std::string& name = program_->algorithms[op.algorithm];
  Choice choice{.algorithm = CollectiveAlgorithms::find(name), .method = nullptr, .costs = costs_, .believed = {}};
  const std::string_view named = named_to_tuner(name);
  if (name == kTunersChoice || !named.empty()) choice = tuner_.choose(op.kind, group, chips_, op.bytes, routes_, named);
  group.chunk = choice.costs.chunk;
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

void Lowering::add_draw(Draw& draw, const Use& use, double units) const {
  const std::size_t resource = use.resource.index();
  const double joules = units * use.amount * (*joules_)[resource];
  (resource < 2 * fabric_->chip_count() ? draw.memory : draw.links) += joules;
}

PhasesId Lowering::keep(std::vector<FluidPhase> phases, std::uint32_t copies) {
  // CORRECTNESS: what a member draws is reckoned before folding, so it is the same folded and unfolded.
  if (drawing_) {
    Draw& draw = phase_draws_.emplace_back();
    for (const FluidPhase& phase : phases)
      for (const Use& use : phase.uses) add_draw(draw, use, 1);
  }
  if (fold_ != nullptr) fold(phases, copies);
  return phase_book_.add(phases);
}

PhasesId Lowering::phases(CommunicatorId communicator, std::uint32_t collective) {
  PhasesId& id = phases_[key(communicator, collective)];
  if (!id.valid())
    id = keep(lower(communicator, collective), fold_ != nullptr ? fold_->communicators_like(communicator.index()) : 1);
  return id;
}

ExchangeId Lowering::exchange(CommunicatorId communicator, std::uint32_t collective) {
  ExchangeId& id = exchanges_[key(communicator, collective)];
  if (!id.valid()) {
    const auto [schedule, costs] = write(communicator, collective);
    StepwiseMessages messages = lower_stepwise(*schedule, chips_, costs, routes_, *resources_);
    if (drawing_) {
      Draw& draw = exchange_draws_.emplace_back();
      for (const Message& message : messages.messages)
        for (std::uint32_t u = message.first_use; u < message.first_use + message.use_count; ++u)
          add_draw(draw, messages.uses[u], message.bytes.as_double());
    }
    id = exchange_book_.add(std::move(messages), chips_.size());
  }
  return id;
}

PhasesId Lowering::transfer(RankId from, RankId to, Bytes bytes) {
  return keep(lower(from, to, bytes), fold_ != nullptr ? fold_->class_size(from) : 1);
}

void Lowering::add_work(std::vector<double>& work) const {
  phase_book_.add_work(work);
  exchange_book_.add_work(work);
}

}  // namespace orrery::kernel
