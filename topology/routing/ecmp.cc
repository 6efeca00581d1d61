// The routing `ecmp`: a shortest path for each flow, every hop picked by a seeded hash, collisions and all.
//
//     {name: ecmp, seed: 7, flows: 4}
//
// Equal-cost multi-path as switches do it (Hopps, RFC 2992): each picks among its shortest next hops by a hash of the
// flow. A pair of chips is one flow, so that two pairs may share a cable while another is idle. With `flows` (queue
// pairs of a connection, say) a pair's bytes are split evenly over so many flows, each hashed by itself. No cable is
// weighted by its rate.
#include "topology/routing/hashed_walk.h"
#include "topology/routing/routing.h"

namespace orrery {
namespace {

class Ecmp final : public Routing {
 public:
  Ecmp(const Fabric& fabric, std::uint64_t seed, std::uint64_t flows) : walk_(fabric), seed_(seed), flows_(flows) {}
  void find(ChipId from, ChipId to, PathBundle& bundle) override {
    const Fabric& fabric = walk_.fabric();
    for (std::uint64_t flow = 0; flow < flows_; ++flow) {
      path_.clear();
      walk_.append(fabric.engine(from), fabric.engine(to), hash_of_flow(seed_, from, to, flow), path_);
      bundle.add(path_, 1 / static_cast<double>(flows_));
    }
  }

 private:
  HashedWalk walk_;
  std::uint64_t seed_;
  std::uint64_t flows_;
  std::vector<LinkId> path_;
};

RoutingMaker read_ecmp(const RoutingText& text, const Fabric&) {
  return [seed = text.seed(), flows = text.flows()](const Fabric& fabric) {
    return std::make_unique<Ecmp>(fabric, seed, flows);
  };
}

const Routings::Entry kEcmp{
    {"ecmp", "a shortest path a flow, each hop picked by a seeded hash; keys: seed, flows (of a pair)", &read_ecmp}};

}  // namespace
}  // namespace orrery
