// Reads a cluster file and builds its fabric, having counted it first.
#include "topology/cluster.h"

#include <fmt/format.h>

#include <cassert>
#include <optional>

#include "topology/reach.h"
#include "topology/shapes/shape.h"

namespace orrery {
namespace {

constexpr double kMostPue = 10;

void check_counts(const yaml::Node& node, const Counts& counts, const FabricLimits& limits) {
  const auto check = [&](std::string_view what, std::uint64_t count, std::uint64_t most) {
    constexpr std::uint64_t kCounted = 1'000'000'000'000'000'000;  // counts saturate somewhere above
    if (count > most)
      node.fail(fmt::format("this fabric has {} {}; at most {} are built",
                            count > kCounted ? "over 10^18" : fmt::format("{}", count), what, most));
  };
  check("links", counts.links, limits.links);
  check("vertices", counts.vertices, limits.vertices);
}

// `{power: 12 W, source: …}`.
Watts read_steady(yaml::Map& map, std::string_view key, std::string_view what) {
  const auto node = map.optional(key);
  if (!node) return {};
  yaml::Map device(*node, what);
  const Watts watts = device.required("power").watts();
  const yaml::Node source = device.required("source");
  if (source.text().empty()) source.fail("a source says where numbers come from, but this one is empty");
  device.finish();
  return watts;
}

Fabric build_fabric(const yaml::Node& node, Chip chip, std::size_t chips_wanted, const FabricLimits& limits) {
  const std::unique_ptr<Block> block = read_block(node, chips_wanted);
  const Counts counts = block->counts();
  check_counts(node, counts, limits);
  if (counts.chips < chips_wanted)
    node.fail(fmt::format("{} chips are wanted, but this cluster holds {}", chips_wanted, counts.chips));
  Builder builder(std::move(chip));
  block->build(builder, block->is_chip() ? "chip0" : "");
  // CORRECTNESS: counts() is exact; the limits above rest on it.
  assert(builder.fabric.chip_count() == counts.chips && builder.fabric.vertices().size() == counts.vertices &&
         builder.fabric.links().size() == counts.links);
  if (const auto pair = unreachable_pair(builder.fabric))
    node.fail(fmt::format("chip '{}' can't reach chip '{}': the fabric is not connected",
                          builder.fabric.vertices()[builder.fabric.engine(pair->from)].name,
                          builder.fabric.vertices()[builder.fabric.engine(pair->to)].name));
  return std::move(builder.fabric);
}

}  // namespace

Cluster read_cluster(const Library& library, const yaml::Node& node, std::size_t chips_wanted,
                     const FabricLimits& limits) {
  yaml::Map map(node, "a cluster");
  std::string name = map.required("name").text();
  const yaml::Node source = map.required("source");
  std::string source_text = source.text();
  if (source_text.empty()) source.fail("a source says where the design is published, or `hypothetical`");
  Chip chip = load_chip(library, map.required("chip"));
  const yaml::Node fabric = map.required("fabric");
  Watts overhead;
  if (const auto watts = map.optional("node_overhead")) overhead = watts->watts();
  double pue = 1;
  if (const auto ratio = map.optional("pue")) pue = ratio->number(1, kMostPue);
  const Watts port = read_steady(map, "switch_port", "a switch's port");
  const Watts transceiver = read_steady(map, "transceiver", "a transceiver");
  std::optional<CostTerms> cost;
  if (const auto terms = map.optional("cost")) cost = read_cost(*terms, chip);
  std::optional<yaml::Node> plugin;
  if (const auto named = map.optional("network_plugin"))
    plugin = library.resolve(*named, kNetworkPluginShelf, "network plugin");
  map.finish();
  return {.name = std::move(name),
          .source = std::move(source_text),
          .fabric = build_fabric(fabric, std::move(chip), chips_wanted, limits),
          .node_overhead = overhead,
          .pue = pue,
          .switch_port = port,
          .transceiver = transceiver,
          .cost = std::move(cost),
          .network_plugin = std::move(plugin)};
}

std::uint64_t chips_held(const yaml::Node& node) {
  return read_block(yaml::Map(node, "a cluster").required("fabric"), 0)->counts().chips;
}

std::uint64_t part_chips(const yaml::Node& node, std::uint64_t used) {
  return read_block(yaml::Map(node, "a cluster").required("fabric"), 0)->part_chips(used);
}

Cluster load_cluster(const Library& library, const yaml::Node& reference, std::size_t chips_wanted) {
  return read_cluster(library, library.resolve(reference, "topology/clusters", "cluster"), chips_wanted);
}

}  // namespace orrery
