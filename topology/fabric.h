// The machine as a graph: vertices are chips' engines, HBM stacks, NICs, switches and hosts; edges are one-way links.
//
// The graph is a Boost.Graph adjacency_list that holds ids only; facts stand in tables beside it, keyed by id. It
// stands behind a pointer: a Fabric moves at no cost, where Boost 1.74 would copy its graph on std::move.
#pragma once

#include <boost/graph/adjacency_list.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/ids.h"
#include "sim/base/units.h"
#include "topology/chip.h"

namespace orrery {

using VertexId = Id<struct VertexTag>;
using LinkId = Id<struct LinkTag>;
using ChipId = Id<struct ChipTag>;

enum class VertexKind : std::uint8_t { kEngine, kHbm, kNic, kSwitch, kHost };
enum class LinkKind : std::uint8_t { kOnPackage, kNvlink, kPcie, kNetwork, kOptics };  // kNetwork: Ethernet, InfiniBand
// How far from the chip a link stands: the tiers that reports speak of.
enum class Tier : std::uint8_t { kHbm, kScaleUp, kHost, kRail, kSpine, kCore, kWan };
inline constexpr std::size_t kTierCount = 7;
[[nodiscard]] std::string_view to_name(VertexKind kind);
[[nodiscard]] std::string_view to_name(LinkKind kind);
[[nodiscard]] std::string_view to_name(Tier tier);

struct Vertex {
  VertexKind kind = VertexKind::kSwitch;
  ChipId chip;       // of an engine or HBM
  std::string name;  // "node3/gpu5", "su1/leaf4"
};

struct Link {
  VertexId from;
  VertexId to;
  Bandwidth bandwidth;    // one direction, as printed
  double efficiency = 1;  // payload ÷ printed (headers, flits, encoding): what a long transfer gets
  Duration latency;       // propagation + the receiving device's forwarding delay
  LinkKind kind = LinkKind::kNetwork;
  Tier tier = Tier::kRail;
  double joules_per_byte = 0;
  std::uint8_t dimension = 0;  // of a mesh or torus: among equally short ways, routes take the lowest dimension first
  bool is_return = false;      // the second direction of a cable: set by add_cable
};

// Grows only: ids are dense and in order of addition. A link's ends must exist.
class Fabric {
 public:
  using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, boost::no_property,
                                      boost::property<boost::edge_index_t, std::uint32_t>>;

  explicit Fabric(Chip chip) : chip_spec_(std::move(chip)), graph_(std::make_unique<Graph>()) {}

  VertexId add_vertex(Vertex vertex);
  LinkId add_link(Link link);
  // Both directions; returns the forward one (the reverse is the next id).
  LinkId add_cable(Link link);
  // An engine with its HBM and the on-package links between them. `node` groups chips that share a host or scale-up
  // domain.
  ChipId add_chip(std::uint32_t node, std::string name);

  [[nodiscard]] const Chip& chip_spec() const { return chip_spec_; }  // one kind of chip a fabric

  // Vertex descriptor = VertexId::index(), edge_index = LinkId::index().
  [[nodiscard]] const Graph& graph() const { return *graph_; }
  [[nodiscard]] std::size_t chip_count() const { return engines_.size(); }
  [[nodiscard]] VertexId engine(ChipId chip) const { return engines_[chip]; }
  [[nodiscard]] VertexId hbm(ChipId chip) const { return hbms_[chip]; }
  [[nodiscard]] std::uint32_t node_of(ChipId chip) const { return nodes_[chip]; }
  [[nodiscard]] std::uint32_t node_count() const { return node_count_; }
  [[nodiscard]] const Table<VertexId, Vertex>& vertices() const { return vertices_; }
  [[nodiscard]] const Table<LinkId, Link>& links() const { return links_; }
  [[nodiscard]] Link& link(LinkId id) { return links_[id]; }

 private:
  Chip chip_spec_;
  std::unique_ptr<Graph> graph_;
  Table<VertexId, Vertex> vertices_;
  Table<LinkId, Link> links_;
  Table<ChipId, VertexId> engines_;
  Table<ChipId, VertexId> hbms_;
  Table<ChipId, std::uint32_t> nodes_;
  std::uint32_t node_count_ = 0;
};

}  // namespace orrery
