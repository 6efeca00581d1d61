// How a Fabric grows: vertices and links in order of id, the graph and the tables always in step.
#include "topology/fabric.h"

#include <array>
#include <cassert>

namespace orrery {
namespace {

constexpr std::array<std::string_view, 5> kVertexKinds = {"engine", "hbm", "nic", "switch", "host"};
constexpr std::array<std::string_view, 5> kLinkKinds = {"on_package", "nvlink", "pcie", "network", "optics"};
constexpr std::array<std::string_view, kTierCount> kTiers = {"hbm", "scale_up", "host", "rail", "spine", "core", "wan"};

}  // namespace

std::string_view to_name(VertexKind kind) { return kVertexKinds[static_cast<std::size_t>(kind)]; }
std::string_view to_name(LinkKind kind) { return kLinkKinds[static_cast<std::size_t>(kind)]; }
std::string_view to_name(Tier tier) { return kTiers[static_cast<std::size_t>(tier)]; }

VertexId Fabric::add_vertex(Vertex vertex) {
  const auto descriptor = boost::add_vertex(*graph_);
  const VertexId id = vertices_.add(std::move(vertex));
  assert(descriptor == id.index());
  static_cast<void>(descriptor);
  return id;
}

LinkId Fabric::add_link(Link link) {
  const LinkId id = links_.add(link);
  boost::add_edge(link.from.index(), link.to.index(), id.index(), *graph_);
  return id;
}

LinkId Fabric::add_cable(Link link) {
  const LinkId forward = add_link(link);
  std::swap(link.from, link.to);
  link.is_return = true;
  add_link(link);
  return forward;
}

ChipId Fabric::add_chip(std::uint32_t node, std::string name) {
  const ChipId chip(engines_.size());
  const VertexId hbm = add_vertex({VertexKind::kHbm, chip, name + "/hbm"});
  const VertexId engine = add_vertex({VertexKind::kEngine, chip, std::move(name)});
  engines_.add(engine);
  hbms_.add(hbm);
  nodes_.add(node);
  if (node >= node_count_) node_count_ = node + 1;
  add_cable({.from = engine,
             .to = hbm,
             .bandwidth = chip_spec_.hbm.bandwidth,
             .efficiency = chip_spec_.hbm.efficiency,
             .latency = chip_spec_.hbm.latency,
             .kind = LinkKind::kOnPackage,
             .tier = Tier::kHbm,
             .joules_per_byte = chip_spec_.power.joules_per_hbm_byte});
  return chip;
}

}  // namespace orrery
