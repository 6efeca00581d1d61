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
// another, and goes through the odd nodes the other way round: what leaves a node on one rail enters the next on the
// same rail, and each member's NIC sends for one ring and receives for one ring. (With an odd number of nodes the
// closing hop changes rails.) Behind a switch the way through a node doesn't matter: ring c leaves at member c xor 1
// (at c + 1 mod g where g is odd). Where every two members have a cable, and all nodes 3 to 64 members, each ring
// zigzags: members c, c + 1, c − 1, c + 2, … (mod g). With g even the g rings together then pass over every cable once
// each way.
//
// All in one node, or one to a node: a single ring in order of position. In one node of 3 to 64 members with a cable
// between every two: rings that together pass equally often over all cables, once each way with n odd (n − 1 rings),
// twice with n even (2(n − 1): on a node of eight MI300X RCCL has such 14). They are the zigzags of all but one member,
// who closes each, there and back: É. Lucas, "Récréations mathématiques" 2 (1883), after Walecki.
[[nodiscard]] std::vector<std::vector<std::int32_t>> rings(const Group& group);

}  // namespace orrery
