// How many ends of network cables a job keeps lit: of what is built, the part that its chips need.
#pragma once

#include "topology/fabric.h"
#include "topology/placement.h"

namespace orrery {

struct CableEnds {
  double all = 0;
  double at_switches = 0;  // of them
};

// Counts links of the kinds network and optics. A cable that leads away from chips counts in full at a chip or NIC in
// use. Of those that lead up from a switch as many count as lead up to it and count themselves, if there are more: a
// leaf that serves one node of the 32 that it could needs one cable up, and a cluster of which a part is built has more
// cables at its upper switches than that part would need. Between switches at one distance from the chips all count
// that stand between some in use.
[[nodiscard]] CableEnds cable_ends(const Fabric& fabric, const Placement& placement);

}  // namespace orrery
