// The routing `minimal`: one fixed path to each destination, as short as any.
#include "topology/routing/routing.h"
#include "topology/routing/static_walk.h"

namespace orrery {
namespace {

class Minimal final : public Routing {
 public:
  explicit Minimal(const Fabric& fabric) : walk_(fabric) {}
  void find(ChipId from, ChipId to, PathBundle& bundle) override {
    path_.clear();
    walk_.append(from, to, path_);
    bundle.add(path_, 1);
  }

 private:
  StaticWalk walk_;
  std::vector<LinkId> path_;
};

RoutingMaker read_minimal(const RoutingText&, const Fabric&) { return &make_minimal_routing; }

const Routings::Entry kMinimal{
    {"minimal", "one fixed shortest path to each destination, spread evenly over links (D-mod-k)", &read_minimal}};

}  // namespace

std::unique_ptr<Routing> make_minimal_routing(const Fabric& fabric) { return std::make_unique<Minimal>(fabric); }

}  // namespace orrery
