// Background flows as activities without an end, each behind a valve that its start and its stop turn.
//
// A valve is a resource of the flow's own beyond the fabric's: its capacity is the rate that the flow asks for while
// the flow lasts, and 0 before and after. So the network needs to know nothing of flows that come and go.
#pragma once

#include <vector>

#include "sim/kernel/engine.h"
#include "sim/network/resources.h"
#include "topology/routes.h"

namespace orrery::kernel {

class Interference {
 public:
  // The checked flows of the options, by their routing.
  Interference(const RunOptions& options, const Fabric& fabric, const Resources& resources);

  // What the network is to be made with: the fabric's resources, then the valves, all shut.
  [[nodiscard]] Wires wires(Wires fabric) const;
  // Turns of the valves.
  void add_changes(std::vector<CapacityChange>& changes) const;
  // Once, at 0.
  void start(Network& network) const;

 private:
  struct Flow {
    std::uint32_t first_use = 0;
    std::uint32_t use_count = 0;  // its valve is the last
    std::uint32_t first_path = 0;
    std::uint32_t path_count = 0;
    std::uint32_t first_link = 0;
    std::uint32_t link_count = 0;
    double rate = 0;
    Time start;
    Time stop;
  };
  std::size_t first_valve_;
  std::vector<Flow> flows_;
  std::vector<Use> uses_;  // per byte
  bool sends_messages_;
  std::vector<Path> paths_;
  std::vector<ResourceId> links_;
};

}  // namespace orrery::kernel
