// Maximum flows between halves of the chips, by Boost's push-relabel.
#include "topology/bisection.h"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/push_relabel_max_flow.hpp>
#include <vector>

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

}  // namespace

double flow_between(const Fabric& fabric, const std::vector<bool>& side) {
  if (engines_only(fabric)) return crossing(fabric, side);
  const std::size_t source = fabric.vertices().size();
  const std::size_t sink = source + 1;
  FlowNetwork network(sink + 1);
  const std::int64_t unit = flow_unit(fabric);
  std::vector<std::int64_t> leaving(sink, 0);   // each vertex's rates: the most that a chip can send
  std::vector<std::int64_t> arriving(sink, 0);  // or take
  for (const Link& link : fabric.links()) {
    if (link.kind == LinkKind::kOnPackage) continue;
    const std::int64_t rate = link.bandwidth.bytes_per_second() / unit;
    leaving[link.from.index()] += rate;
    arriving[link.to.index()] += rate;
    network.add(link.from.index(), link.to.index(), rate);
  }
  for (std::size_t chip = 0; chip < fabric.chip_count(); ++chip) {
    const std::size_t engine = fabric.engine(ChipId(chip)).index();
    side[chip] ? network.add(engine, sink, arriving[engine]) : network.add(source, engine, leaving[engine]);
  }
  return static_cast<double>(network.flow(source, sink)) * static_cast<double>(unit);
}

std::optional<Bisection> bisection(const Fabric& fabric) {
  constexpr std::size_t kMostLinks = 4'000'000;
  constexpr std::size_t kMostWork = 4'000'000;          // links × splits, each a maximum flow
  constexpr std::size_t kMostDirectWork = 400'000'000;  // links × splits, each a sum
  const std::size_t chips = fabric.chip_count();
  const std::size_t links = fabric.links().size();
  const bool is_direct = engines_only(fabric);
  if (chips < 2 || (!is_direct && links > kMostLinks)) return std::nullopt;
  const std::vector<std::size_t> candidates = periods(chips);
  const std::size_t affordable = (is_direct ? kMostDirectWork : kMostWork) / links;
  Bisection best;
  best.candidates = candidates.size();
  best.tried = std::clamp<std::size_t>(affordable, 1, candidates.size());
  for (std::size_t i = 0; i < best.tried; ++i) {
    const std::size_t period = candidates[i];
    std::vector<bool> side(chips);
    for (std::size_t chip = 0; chip < chips; ++chip) side[chip] = chip % period >= period / 2;
    const double bandwidth = flow_between(fabric, side);
    if (i > 0 && bandwidth >= best.bandwidth) continue;
    best.bandwidth = bandwidth;
    best.period = period;
  }
  return best;
}

}  // namespace orrery
