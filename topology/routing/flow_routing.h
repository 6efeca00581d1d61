// What routings by flow have in common: a pair's bytes over so many flows, each by a path that its hash decides.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "topology/routing/hashed_walk.h"
#include "topology/routing/routing.h"

namespace orrery {

class FlowRouting : public Routing {
 public:
  FlowRouting(std::uint64_t seed, std::uint64_t flows) : seed_(seed), flows_(flows) {}
  void find(ChipId from, ChipId to, PathBundle& bundle) final {
    for (std::uint64_t flow = 0; flow < flows_; ++flow) {
      path_.clear();
      append(from, to, hash_of_flow(seed_, from, to, flow), path_);
      bundle.add(path_, 1 / static_cast<double>(flows_));
    }
  }

 private:
  virtual void append(ChipId from, ChipId to, std::uint64_t hash, std::vector<LinkId>& path) = 0;

  std::uint64_t seed_;
  std::uint64_t flows_;  // of a pair
  std::vector<LinkId> path_;
};

// The keys seed and flows.
template <class Kind>
RoutingMaker read_flow_routing(const RoutingText& text, const Fabric&) {
  return [seed = text.seed(), flows = text.flows()](const Fabric& fabric) {
    return std::make_unique<Kind>(fabric, seed, flows);
  };
}

}  // namespace orrery
