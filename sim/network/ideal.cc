// The ideal model: every activity runs as if it were alone on the machine.
#include "sim/network/rate_network.h"

namespace orrery {

namespace {

std::unique_ptr<Network> make_ideal(Wires wires) {
  return std::make_unique<RateNetwork>(std::move(wires.capacities), Sharing::kNone);
}

const Networks::Entry kIdeal{
    {"ideal", "every activity as if alone: latency and its narrowest resource, never contention", &make_ideal}};

}  // namespace

}  // namespace orrery
