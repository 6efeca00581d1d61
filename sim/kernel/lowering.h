// Finds a collective's or message's activities on the machine when it is first run, and keeps them.
#pragma once

#include <span>
#include <vector>

#include "sim/collective/tuner.h"
#include "sim/kernel/communicators.h"
#include "sim/kernel/engine.h"
#include "sim/kernel/exchanges.h"
#include "sim/kernel/fold.h"
#include "sim/kernel/phases.h"
#include "sim/kernel/schedules.h"
#include "sim/kernel/slot.h"
#include "topology/routes.h"

namespace orrery::kernel {

class Lowering {
 public:
  // Keeps pointers to all but the tenant.
  Lowering(const Tenant& tenant, const RunOptions& options, const Resources& resources,
           const Communicators& communicators);

  // As activities of their own, not kept. `collective`: index into Program::collectives.
  [[nodiscard]] std::vector<FluidPhase> lower(CommunicatorId communicator, std::uint32_t collective);
  [[nodiscard]] std::vector<FluidPhase> lower(RankId from, RankId to, Bytes bytes);

  // Found once and kept, folded where there is a fold.
  [[nodiscard]] PhasesId phases(CommunicatorId communicator, std::uint32_t collective);
  [[nodiscard]] ExchangeId exchange(CommunicatorId communicator, std::uint32_t collective);
  // Of one message; not kept by itself. `from` stands for its class.
  [[nodiscard]] PhasesId transfer(RankId from, RankId to, Bytes bytes);

  [[nodiscard]] PhaseBook& phase_book() { return phase_book_; }
  [[nodiscard]] ExchangeBook& exchange_book() { return exchange_book_; }
  [[nodiscard]] const Routes& routes() const { return routes_; }
  // What one playing of it draws, all members together, as it was before folding; 0 where nobody asked.
  [[nodiscard]] Draw draw(PhasesId phases) const { return drawing_ ? phase_draws_[phases.index()] : Draw(); }
  [[nodiscard]] Draw draw(ExchangeId exchange) const { return drawing_ ? exchange_draws_[exchange.index()] : Draw(); }
  // Adds what all that was played drew, per resource.
  void add_work(std::vector<double>& work) const;

 private:
  [[nodiscard]] std::size_t key(CommunicatorId communicator, std::uint32_t collective) const;
  struct Written {
    const Schedule* schedule = nullptr;  // until the next
    CommunicationCosts costs;
  };
  Written write(CommunicatorId communicator, std::uint32_t collective);
  void fold(std::vector<FluidPhase>& phases, std::uint32_t copies) const;
  void add_draw(Draw& draw, const Use& use, double units) const;
  [[nodiscard]] PhasesId keep(std::vector<FluidPhase> phases, std::uint32_t copies);

  const Program* program_;
  const Fabric* fabric_;
  const Placement* placement_;
  CommunicationCosts costs_;
  Tuner tuner_;
  Schedules schedules_;
  const Resources* resources_;
  const Communicators* communicators_;
  const Fold* fold_;
  Routes routes_;
  PhaseBook phase_book_;
  ExchangeBook exchange_book_;
  const std::vector<double>* joules_;    // RunOptions::joules
  bool drawing_ = false;                 // whether there are any
  std::vector<Draw> phase_draws_;        // by PhasesId
  std::vector<Draw> exchange_draws_;     // by ExchangeId
  std::vector<std::uint32_t> variant_;   // by collective: its place among those of its group
  std::vector<std::uint32_t> variants_;  // by group: how many collectives there are on it
  std::vector<std::size_t> first_key_;   // by group
  std::vector<PhasesId> phases_;         // by key
  std::vector<ExchangeId> exchanges_;    // by key
  std::vector<ChipId> chips_;            // of the group being lowered
};

}  // namespace orrery::kernel
