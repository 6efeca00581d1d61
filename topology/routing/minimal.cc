// The routing `minimal`: one fixed path to each destination, as short as any.
#include "topology/routing/static_walk.h"

namespace orrery {
namespace {

RoutingMaker read_minimal(const RoutingText&, const Fabric&) { return &make_minimal_routing; }

const Routings::Entry kMinimal{
    {"minimal", "one fixed shortest path to each destination, spread evenly over links (D-mod-k)", &read_minimal}};

}  // namespace

std::unique_ptr<Routing> make_minimal_routing(const Fabric& fabric) { return std::make_unique<StaticRouting>(fabric); }

}  // namespace orrery
