// The routing `ecmp`: a shortest path for each flow, every hop picked by a seeded hash, collisions and all.
//
//     {name: ecmp, seed: 7, flows: 4}
//
// Equal-cost multi-path as switches do it (Hopps, RFC 2992): each picks among its shortest next hops by a hash of the
// flow. A pair of chips is one flow, so that two pairs may share a cable while another is idle. With `flows` (queue
// pairs of a connection, say) a pair's bytes are split evenly over so many flows, each hashed by itself. No cable is
// weighted by its rate.
#include "topology/routing/flow_routing.h"

namespace orrery {
namespace {

class Ecmp final : public FlowRouting {
 public:
  Ecmp(const Fabric& fabric, std::uint64_t seed, std::uint64_t flows) : FlowRouting(seed, flows), walk_(fabric) {}

 private:
  void append(ChipId from, ChipId to, std::uint64_t hash, std::vector<LinkId>& path) override {
    walk_.append(walk_.fabric().engine(from), walk_.fabric().engine(to), hash, path);
  }

  HashedWalk walk_;
};

const Routings::Entry kEcmp{{"ecmp",
                             "a shortest path a flow, each hop picked by a seeded hash; keys: seed, flows (of a pair)",
                             &read_flow_routing<Ecmp>}};

}  // namespace
}  // namespace orrery
