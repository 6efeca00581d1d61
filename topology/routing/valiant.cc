// The routing `valiant`: each flow by way of a random place, so that no pattern of traffic is a bad one.
//
//     {name: valiant, seed: 7, flows: 4}
//
// Valiant and Brebner, "Universal schemes for parallel communication" (STOC 1981): any permutation becomes two random
// ones, at twice the distance. The places are those of topology/routing/detours.h; chips that a detour can do nothing
// for keep to a shortest path, hashed as in `ecmp`. On a fat tree the way up is random anyhow: there it only costs.
#include "topology/routing/detours.h"
#include "topology/routing/routing.h"

namespace orrery {
namespace {

class Valiant final : public Routing {
 public:
  Valiant(const Fabric& fabric, std::uint64_t seed, std::uint64_t flows)
      : detours_(fabric), seed_(seed), flows_(flows) {}
  void find(ChipId from, ChipId to, PathBundle& bundle) override {
    for (std::uint64_t flow = 0; flow < flows_; ++flow) {
      path_.clear();
      const std::uint64_t hash = hash_of_flow(seed_, from, to, flow);
      if (detours_.has_any(from, to))
        detours_.append(from, to, hash, path_);
      else
        detours_.append_shortest(from, to, hash, path_);
      bundle.add(path_, 1 / static_cast<double>(flows_));
    }
  }

 private:
  Detours detours_;
  std::uint64_t seed_;
  std::uint64_t flows_;
  std::vector<LinkId> path_;
};

RoutingMaker read_valiant(const RoutingText& text, const Fabric&) {
  return [seed = text.seed(), flows = text.flows()](const Fabric& fabric) {
    return std::make_unique<Valiant>(fabric, seed, flows);
  };
}

const Routings::Entry kValiant{
    {"valiant", "each flow by way of a random switch (or chip, where chips are joined directly); keys: seed, flows",
     &read_valiant}};

}  // namespace
}  // namespace orrery
