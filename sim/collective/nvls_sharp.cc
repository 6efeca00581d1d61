// NVLS with SHARP: switches add and copy inside nodes and between them.
//
// As sharp.cc between nodes and as nvls.cc inside: a member's NVLink carries S(1 + 1/g) each way, each link of the tree
// of network switches S/g up and down.
// Source: NCCL 2.17 and later (algorithm NVLS over several nodes, which wants a plugin for SHARP).
#include "sim/collective/heads.h"

namespace orrery {

namespace {

Schedule write_nvls_sharp(CollectiveKind kind, const Group& group, Bytes bytes) {
  return through_network_switches(kind, group, Heads::Inside::kSwitch, bytes);
}

const CollectiveAlgorithms::Entry kNvlsSharp{
    {"nvls_sharp", "switches add and copy inside nodes and up and down a tree of the network's", kAnyMembers,
     &sums_for_all, &write_nvls_sharp, true}};

}  // namespace

}  // namespace orrery
