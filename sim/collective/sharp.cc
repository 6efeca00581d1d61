// SHARP: the network's switches add on the way up a tree of them and copy on the way down, for heads met inside nodes.
//
// Of a vector of S bytes over m nodes of g members, member h of every node is head of a share S/g: the others of its
// node send it theirs, the share goes up a tree of switches over the nodes' heads h, whose root turns the sum round,
// and the head hands it on in its node. Each link of the tree carries S/g up and S/g down, however many nodes are below
// it; a head's NIC too, half of what a ring or a tree of members takes. Inside nodes 2S(g − 1)/g out of each member and
// into it. Hops: 2 inside, twice the height of the tree, each of a message's latency where a member is at one end, of
// the wire and the switch alone between switches: latency doesn't grow with m but with the network's tiers. Sources:
// Graham et al. 2016, "Scalable Hierarchical Aggregation Protocol (SHArP)", COM-HPC; NCCL (algorithm CollNetDirect,
// plugin nccl-rdma-sharp).
//
// How the tree is laid: topology/switch_tree.h. Within one node, or without switches between nodes, a schedule is
// empty.
#include "sim/collective/heads.h"

namespace orrery {

namespace {

Schedule write_sharp(CollectiveKind kind, const Group& group, Bytes bytes) {
  return through_network_switches(kind, group, Heads::Inside::kDirect, bytes);
}

const CollectiveAlgorithms::Entry kSharp{
    {"sharp", "the network's switches add up a tree of them and copy down: each link carries a byte once each way",
     kAnyMembers, &sums_for_all, &write_sharp, true}};

}  // namespace

}  // namespace orrery
