// The routing `spray`: a pair's bytes over all its shortest paths at once, split evenly at every hop.
//
//     {name: spray, paths: 64}
//
// What packet spraying comes to on average (Dixit, Prakash, Hu and Kompella, "On the Impact of Packet Spraying in Data
// Center Networks", INFOCOM 2013), with receivers that put packets in order at no cost. Its shares, and what happens
// where there are more than `paths` of them (64 when absent), are those of topology/routing/equal_split.h. In the fluid
// model a message takes a part of each link; in the packet model each path gets its share of the packets.
#include "topology/routing/equal_split.h"
#include "topology/routing/routing.h"

namespace orrery {
namespace {

constexpr std::size_t kSprayPaths = 64;
constexpr std::int64_t kMostSprayPaths = 1024;

class Spray final : public Routing {
 public:
  Spray(const Fabric& fabric, std::size_t most_paths) : split_(fabric, most_paths) {}
  void find(ChipId from, ChipId to, PathBundle& bundle) override { split_.split(from, to, bundle); }
  [[nodiscard]] std::uint64_t period() const override { return split_.is_whole() ? 1 : 0; }

 private:
  EqualSplit split_;
};

RoutingMaker read_spray(const RoutingText& text, const Fabric&) {
  std::size_t paths = kSprayPaths;
  if (const auto node = text.optional("paths")) paths = static_cast<std::size_t>(node->integer(1, kMostSprayPaths));
  return [paths](const Fabric& fabric) { return std::make_unique<Spray>(fabric, paths); };
}

const Routings::Entry kSpray{
    {"spray", "every message over all shortest paths, split evenly at each hop; key: paths (at most, 64)",
     &read_spray}};

}  // namespace
}  // namespace orrery
