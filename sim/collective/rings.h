// In which orders a ring algorithm goes round a group: one ring for each member of a node, so that all its NICs work.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/collective/schedule.h"

namespace orrery {

// Rings over the group's positions; each holds every position once and closes from its last to its first.
//
// A ring visits node after node (in order of first position) and all members of a node in one stretch. With g members
// in each node (the least number of any) there are g rings. Ring c enters the even nodes at member c and leaves them at
// member c xor 1 (c + 1 mod g where g is odd), and goes through the odd nodes the other way round: what leaves a node
// on one rail enters the next on the same rail, and each member's NIC sends for one ring and receives for one ring.
// (With an odd number of nodes the closing hop changes rails.) All in one node, or one to a node: a single ring in
// order of position.
[[nodiscard]] std::vector<std::vector<std::int32_t>> rings(const Group& group);

}  // namespace orrery
