// Counts a fabric's parts and what leads outward from its chips, tier by tier.
#include "topology/survey.h"

#include <array>
#include <map>
#include <utility>

#include "topology/adjacency.h"

namespace orrery {
namespace {

// Hops from the nearest chip; vertices that no chip reaches count as infinitely far.
std::vector<std::uint32_t> hops_from_chips(const Fabric& fabric) {
  const Adjacency out(fabric, Adjacency::Direction::kOut);
  std::vector<std::uint32_t> hops(fabric.vertices().size(), std::numeric_limits<std::uint32_t>::max());
  std::vector<std::uint32_t> queue;
  for (std::size_t chip = 0; chip < fabric.chip_count(); ++chip) {
    queue.push_back(fabric.engine(ChipId(chip)).index());
    hops[queue.back()] = 0;
  }
  for (std::size_t head = 0; head < queue.size(); ++head)
    for (const Adjacency::Arc& arc : out.arcs(queue[head]))
      if (hops[arc.other] == std::numeric_limits<std::uint32_t>::max()) {
        hops[arc.other] = hops[queue[head]] + 1;
        queue.push_back(arc.other);
      }
  return hops;
}

std::vector<Survey::VertexCount> count_vertices(const Fabric& fabric) {
  std::array<std::size_t, 5> counts{};
  for (const Vertex& vertex : fabric.vertices()) ++counts[static_cast<std::size_t>(vertex.kind)];
  std::vector<Survey::VertexCount> found;
  for (std::size_t i = 0; i < counts.size(); ++i)
    if (counts[i] > 0) found.push_back({static_cast<VertexKind>(i), counts[i]});
  return found;
}

std::vector<Survey::Step> outward_steps(const Fabric& fabric, FlopRate peak) {
  const std::vector<std::uint32_t> hops = hops_from_chips(fabric);
  std::map<std::pair<Tier, VertexKind>, Survey::Step> steps;
  for (const Link& link : fabric.links()) {
    const VertexKind to = fabric.vertices()[link.to].kind;
    const bool outward =
        link.kind == LinkKind::kOnPackage ? to == VertexKind::kHbm : hops[link.from.index()] <= hops[link.to.index()];
    if (!outward) continue;
    Survey::Step& step = steps[{link.tier, to}];
    if (step.links++ == 0) step.kind = link.kind;
    step.injection += link.bandwidth.as_double();
    step.efficiency += link.bandwidth.as_double() * link.efficiency;
  }
  std::vector<Survey::Step> found;
  for (auto& [key, step] : steps) {
    step.tier = key.first;
    step.to = key.second;
    step.efficiency /= step.injection;
    step.injection /= static_cast<double>(fabric.chip_count());
    step.bytes_per_flop = step.injection / peak.flops_per_second();
    found.push_back(step);
  }
  return found;
}

// BF16 where the chip has it, else the first that it has of what training uses instead.
Precision working_precision(const Chip& chip) {
  for (const Precision precision : {Precision::kBf16, Precision::kFp16, Precision::kTf32, Precision::kFp32})
    if (chip.matrix_peak[static_cast<std::size_t>(precision)] > FlopRate()) return precision;
  for (std::size_t i = 0; i < kPrecisionCount; ++i)
    if (chip.matrix_peak[i] > FlopRate()) return static_cast<Precision>(i);
  return Precision::kBf16;
}

}  // namespace

Survey survey(const Cluster& cluster) {
  const Fabric& fabric = cluster.fabric;
  Survey survey;
  survey.cluster = cluster.name;
  survey.source = cluster.source;
  survey.chip = fabric.chip_spec().name;
  survey.chips = fabric.chip_count();
  survey.nodes = fabric.node_count();
  survey.vertices = count_vertices(fabric);
  survey.links = fabric.links().size();
  survey.precision = working_precision(fabric.chip_spec());
  survey.peak = fabric.chip_spec().matrix_peak[static_cast<std::size_t>(survey.precision)];
  survey.steps = outward_steps(fabric, survey.peak);
  survey.diameter = diameter(fabric);
  survey.bisection = bisection(fabric);
  return survey;
}

}  // namespace orrery
