// Collectives and messages placed on the machine as a few activities in a row, found once and played often.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/collective/lower.h"

namespace orrery::kernel {

struct Phase {
  std::uint32_t first_use = 0;
  std::uint32_t use_count = 0;
  std::uint32_t first_path = 0;
  std::uint32_t path_count = 0;
  std::uint32_t first_link = 0;
  std::uint32_t link_count = 0;
  Bytes bytes;
  double weight = 1;
  double most = 0;
  Duration latency;
};

using PhasesId = Id<struct PhasesTag>;

// All lowered phases of a run, and how often each was played.
class PhaseBook {
 public:
  PhasesId add(const std::vector<FluidPhase>& phases);

  [[nodiscard]] std::uint32_t count(PhasesId id) const { return entries_[id].count; }
  // The k-th phase as an activity; valid until the next add().
  [[nodiscard]] Activity activity(PhasesId id, std::uint32_t k, std::uint32_t tag) const {
    const Phase& phase = phases_[entries_[id].first + k];
    return {.uses = {uses_.data() + phase.first_use, phase.use_count},
            .amount = 1,
            .weight = phase.weight,
            .latency = phase.latency,
            .tag = tag,
            .most = phase.most,
            .paths = {paths_.data() + phase.first_path, phase.path_count},
            .links = {links_.data() + phase.first_link, phase.link_count},
            .bytes = phase.bytes};
  }
  void played(PhasesId id) { ++entries_[id].times; }
  // Adds what all that was played drew, per resource.
  void add_work(std::vector<double>& work) const;

 private:
  struct Entry {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
    std::uint64_t times = 0;
  };
  Table<PhasesId, Entry> entries_;
  std::vector<Phase> phases_;
  std::vector<Use> uses_;
  std::vector<Path> paths_;
  std::vector<ResourceId> links_;
};

}  // namespace orrery::kernel
