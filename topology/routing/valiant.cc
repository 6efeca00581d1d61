// The routing `valiant`: each flow by way of a random place, so that no pattern of traffic is a bad one.
//
//     {name: valiant, seed: 7, flows: 4}
//
// Valiant and Brebner, "Universal schemes for parallel communication" (STOC 1981): any permutation becomes two random
// ones, at twice the distance. The places are those of topology/routing/detours.h; chips that a detour can do nothing
// for keep to a shortest path, hashed as in `ecmp`. On a fat tree the way up is random anyhow: there it only costs.
#include "topology/routing/detours.h"
#include "topology/routing/flow_routing.h"

namespace orrery {
namespace {

class Valiant final : public FlowRouting {
 public:
  Valiant(const Fabric& fabric, std::uint64_t seed, std::uint64_t flows) : FlowRouting(seed, flows), detours_(fabric) {}

 private:
  void append(ChipId from, ChipId to, std::uint64_t hash, std::vector<LinkId>& path) override {
    if (detours_.has_any(from, to))
      detours_.append(from, to, hash, path);
    else
      detours_.append_shortest(from, to, hash, path);
  }

  Detours detours_;
};

const Routings::Entry kValiant{
    {"valiant", "each flow by way of a random switch (or chip, where chips are joined directly); keys: seed, flows",
     &read_flow_routing<Valiant>}};

}  // namespace
}  // namespace orrery
