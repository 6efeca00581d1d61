// What a PCI Express link carries: transfers a second and lane, times lanes, less the line code.
//
// 2.5 and 5 GT/s spend two bits in ten on their code, 8 to 32 GT/s two in 130 (PCI Express Base Specification 3.0 to
// 5.0); 64 GT/s sends flits of 256 bytes with 242 of payload (6.0). 16 lanes at 16 GT/s: 31.5 GB/s each way.
#pragma once

#include "topology/fabric.h"

namespace orrery {

// `gigatransfers` as printed in "16.0 GT/s"; each way. At least 1 B/s, at most 64 GT/s and 64 lanes count.
[[nodiscard]] Bandwidth pcie_bandwidth(double gigatransfers, double lanes);

// A cable between two PCIe devices of one node, at an assumed latency; kPcieLatency is what it was.
[[nodiscard]] Link pcie_link(Bandwidth bandwidth);
inline constexpr Duration kPcieLatency = Duration::nanoseconds(300);

}  // namespace orrery
