// Maximum flows between halves of the chips, by Boost's push-relabel.
#include "topology/bisection.h"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/push_relabel_max_flow.hpp>
#include <limits>
#include <vector>

#include "topology/colouring.h"

namespace orrery {
namespace {

// Residual network in flat arrays: vertex v's arcs are those with tail v, each knows its reverse.
class FlowNetwork {
 public:
  using Traits = boost::adjacency_list_traits<boost::vecS, boost::vecS, boost::directedS>;
  using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, boost::no_property,
                                      boost::property<boost::edge_index_t, std::size_t>>;
  using Edge = boost::graph_traits<Graph>::edge_descriptor;

  explicit FlowNetwork(std::size_t vertex_count) : graph_(vertex_count) {}

  // Boost's push-relabel wants each arc's reverse to be an arc of its own, of no capacity.
  void add(std::size_t from, std::size_t to, std::int64_t capacity) {
    const Edge forward = boost::add_edge(from, to, capacities_.size(), graph_).first;
    capacities_.push_back(capacity);
    const Edge backward = boost::add_edge(to, from, capacities_.size(), graph_).first;
    capacities_.push_back(0);
    reverses_.push_back(backward);
    reverses_.push_back(forward);
  }

  std::int64_t flow(std::size_t source, std::size_t sink) {
    const auto index = boost::get(boost::edge_index, graph_);
    std::vector<std::int64_t> residuals(capacities_.size());
    return boost::push_relabel_max_flow(
        graph_, source, sink, boost::make_iterator_property_map(capacities_.begin(), index),
        boost::make_iterator_property_map(residuals.begin(), index),
        boost::make_iterator_property_map(reverses_.begin(), index), boost::get(boost::vertex_index, graph_));
  }

 private:
  Graph graph_;
  std::vector<std::int64_t> capacities_;
  std::vector<Edge> reverses_;
};

// Where no link touches anything but engines, a split's flow is just what crosses it.
bool engines_only(const Fabric& fabric) {
  return std::all_of(fabric.vertices().begin(), fabric.vertices().end(), [](const Vertex& vertex) {
    return vertex.kind == VertexKind::kEngine || vertex.kind == VertexKind::kHbm;
  });
}

double crossing(const Fabric& fabric, const std::vector<bool>& side) {
  double sum = 0;
  for (const Link& link : fabric.links()) {
    if (link.kind == LinkKind::kOnPackage) continue;
    if (!side[fabric.vertices()[link.from].chip.index()] && side[fabric.vertices()[link.to].chip.index()])
      sum += link.bandwidth.as_double();
  }
  return sum;
}

// Bytes/s that stand for one unit of flow, so that all capacities together fit 2^60: 1 but for absurd rates.
std::int64_t flow_unit(const Fabric& fabric) {
  constexpr double kMostFlow = 0x1p60;
  double sum = 0;
  for (const Link& link : fabric.links()) sum += link.bandwidth.as_double();
  std::int64_t unit = 1;
  for (; sum > kMostFlow; sum /= 2) unit *= 2;
  return unit;
}

// Even divisors of n from the largest; n itself where it is odd.
std::vector<std::size_t> periods(std::size_t n) {
  if (n % 2 != 0) return {n};
  std::vector<std::size_t> found;
  for (std::size_t p = 2; p <= n; p += 2)
    if (n % p == 0) found.push_back(p);
  std::reverse(found.begin(), found.end());
  return found;
}

// Vertices by kind, and chips by their side.
Colouring colours_of_sides(const Fabric& fabric, const std::vector<bool>& side) {
  constexpr std::uint32_t kKinds = 5;
  Colouring colouring;
  colouring.count = 2 * kKinds;
  for (const Vertex& vertex : fabric.vertices()) {
    const bool is_far = vertex.kind == VertexKind::kEngine && side[vertex.chip.index()];
    colouring.colours.push_back(static_cast<std::uint32_t>(vertex.kind) + (is_far ? kKinds : 0));
  }
  return colouring;
}

// The maximum flow, empty where it would need more than `most_arcs`.
//
// CORRECTNESS: it is found between the colours of an equitable partition, each pair of them joined by the sum of its
// links. A flow between vertices adds up to one between colours. Conversely a flow between colours A and B is shared
// out over the links between them in proportion to their rates; since every vertex of A has the same rate to B, and of
// B from A, each then gets the same in and out, and what goes in goes out. So both have the same maximum.
std::optional<double> flow_within(const Fabric& fabric, const std::vector<bool>& side, std::size_t most_arcs) {
  const Colouring colouring = refine(fabric, colours_of_sides(fabric, side));
  struct Arc {
    std::uint32_t from;
    std::uint32_t to;
    std::int64_t rate;
  };
  const std::int64_t unit = flow_unit(fabric);
  std::vector<Arc> arcs;
  for (const Link& link : fabric.links()) {
    const std::uint32_t from = colouring.colours[link.from.index()];
    const std::uint32_t to = colouring.colours[link.to.index()];
    // What flows among vertices of one colour changes nothing between colours.
    if (link.kind != LinkKind::kOnPackage && from != to)
      arcs.push_back({from, to, link.bandwidth.bytes_per_second() / unit});
  }
  std::sort(arcs.begin(), arcs.end(),
            [](const Arc& a, const Arc& b) { return std::pair(a.from, a.to) < std::pair(b.from, b.to); });
  std::size_t count = 0;
  for (const Arc& arc : arcs)
    if (count > 0 && arcs[count - 1].from == arc.from && arcs[count - 1].to == arc.to)
      arcs[count - 1].rate += arc.rate;
    else
      arcs[count++] = arc;
  arcs.resize(count);
  if (count > most_arcs) return std::nullopt;

  const std::size_t source = colouring.count;
  const std::size_t sink = source + 1;
  FlowNetwork network(sink + 1);
  std::vector<std::int64_t> leaving(source, 0);   // each colour's rates: the most that its chips can send
  std::vector<std::int64_t> arriving(source, 0);  // or take
  for (const Arc& arc : arcs) {
    leaving[arc.from] += arc.rate;
    arriving[arc.to] += arc.rate;
    network.add(arc.from, arc.to, arc.rate);
  }
  std::vector<bool> is_joined(source, false);
  for (std::size_t chip = 0; chip < fabric.chip_count(); ++chip) {
    const std::uint32_t colour = colouring.colours[fabric.engine(ChipId(chip)).index()];
    if (is_joined[colour]) continue;
    is_joined[colour] = true;
    side[chip] ? network.add(colour, sink, arriving[colour]) : network.add(source, colour, leaving[colour]);
  }
  return static_cast<double>(network.flow(source, sink)) * static_cast<double>(unit);
}

}  // namespace

double flow_between(const Fabric& fabric, const std::vector<bool>& side) {
  if (engines_only(fabric)) return crossing(fabric, side);
  const std::optional<double> flow = flow_within(fabric, side, std::numeric_limits<std::size_t>::max());
  return *flow;
}

std::optional<Bisection> bisection(const Fabric& fabric) {
  constexpr std::size_t kMostArcs = 1'000'000;          // of one maximum flow
  constexpr std::size_t kMostWork = 8'000'000;          // links × splits, each coloured, then a maximum flow
  constexpr std::size_t kMostDirectWork = 400'000'000;  // links × splits, each a sum
  const std::size_t chips = fabric.chip_count();
  const std::size_t links = fabric.links().size();
  const bool is_direct = engines_only(fabric);
  if (chips < 2) return std::nullopt;
  const std::vector<std::size_t> candidates = periods(chips);
  const std::size_t affordable = (is_direct ? kMostDirectWork : kMostWork) / links;
  Bisection best;
  best.candidates = candidates.size();
  const std::size_t wanted = std::clamp<std::size_t>(affordable, 1, candidates.size());
  for (std::size_t i = 0; i < wanted; ++i) {
    const std::size_t period = candidates[i];
    std::vector<bool> side(chips);
    for (std::size_t chip = 0; chip < chips; ++chip) side[chip] = chip % period >= period / 2;
    const std::optional<double> bandwidth = is_direct ? crossing(fabric, side) : flow_within(fabric, side, kMostArcs);
    if (!bandwidth) continue;
    if (best.tried++ > 0 && *bandwidth >= best.bandwidth) continue;
    best.bandwidth = *bandwidth;
    best.period = period;
  }
  if (best.tried == 0) return std::nullopt;
  return best;
}

}  // namespace orrery
