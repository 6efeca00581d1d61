// The fluid model: activities share every resource they draw on, weighted max-min fair.
#include "sim/network/crowd_network.h"

namespace orrery {

namespace {

std::unique_ptr<Network> make_fluid(Wires wires) {
  return std::make_unique<CrowdNetwork>(std::move(wires.capacities), Sharing::kMaxMin);
}

const Networks::Entry kFluid{
    {"fluid", "activities share links, memories and engines max-min fair; no packets, no queues", &make_fluid}};

}  // namespace

}  // namespace orrery
