// Reads a plugin's file and looks up its tables.
#include "sim/collective/network_plugin.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace orrery {

namespace {

constexpr Duration kLongestLatency = Duration::microseconds(1'000'000);
constexpr Bytes kLargestBuffer{std::int64_t{1} << 30U};
constexpr std::int64_t kMostMembers = std::int64_t{1} << 30U;

std::vector<std::pair<double, double>> read_ends(const yaml::Node& node) {
  std::vector<std::pair<double, double>> ends;
  yaml::Map map(node, "where a band ends: members and bytes");
  for (const auto& [members, bytes] : map.rest()) {
    const auto count = static_cast<double>(members.integer(1, kMostMembers));
    if (!ends.empty() && count <= ends.back().first) members.fail("more members than the point before are wanted");
    ends.emplace_back(count, bytes.bytes(Bytes(1)).as_double());
  }
  if (ends.empty()) node.fail("an end needs at least one point: {16: 30 MiB}");
  return ends;
}

PluginTable::Band read_band(const yaml::Node& node, CollectiveKind kind, bool is_last) {
  yaml::Map map(node, "a band of sizes");
  PluginTable::Band band;
  if (const auto algorithm = map.optional("algorithm")) {
    std::vector<std::string> names;
    for (const CollectiveAlgorithm* one : CollectiveAlgorithms::all())
      if (one->supports(kind)) names.emplace_back(one->name);
    band.algorithm = CollectiveAlgorithms::find(names[algorithm->choice("algorithm of this collective", names)]);
    const std::vector<std::string> protocols = {"LL", "LL128", "Simple"};
    band.protocol = protocols[map.required("protocol").choice("protocol", protocols)];
  }
  if (const auto least = map.optional("least_members"))
    band.least_members = static_cast<double>(least->integer(1, kMostMembers));
  if (const auto most = map.optional("most_members"))
    band.most_members = static_cast<double>(most->integer(1, kMostMembers));
  const auto ends = is_last ? map.optional("up_to") : map.required("up_to");
  if (ends) band.up_to = read_ends(*ends);
  map.finish();
  return band;
}

PluginTable read_table(const yaml::Node& node) {
  yaml::Map map(node, "a table of a plugin");
  PluginTable table;
  table.kind = static_cast<CollectiveKind>(map.required("kind").choice("collective", collective_kinds()));
  table.members_a_node = static_cast<std::size_t>(map.required("members_a_node").integer(1, kMostMembers));
  table.least_nodes = static_cast<std::size_t>(map.required("least_nodes").integer(1, kMostMembers));
  const yaml::Node bands = map.required("bands");
  const auto items = bands.items();
  if (items.empty()) bands.fail("a table without a band says nothing");
  for (std::size_t k = 0; k < items.size(); ++k)
    table.bands.push_back(read_band(items[k], table.kind, k + 1 == items.size()));
  map.finish();
  return table;
}

Bytes read_size(yaml::Map& map, std::string_view key) {
  const auto node = map.optional(key);
  return node ? node->bytes(Bytes(1024), kLargestBuffer) : Bytes();
}

}  // namespace

double PluginTable::Band::end(double members) const {
  if (up_to.empty()) return std::numeric_limits<double>::infinity();
  const auto above = std::lower_bound(up_to.begin(), up_to.end(), std::pair(members, 0.0));
  if (above == up_to.end()) return up_to.back().second;
  if (above == up_to.begin()) return above->second;
  const auto below = std::prev(above);
  const double share = std::log(members / below->first) / std::log(above->first / below->first);
  return below->second * std::pow(above->second / below->second, share);
}

const PluginTable::Band* NetworkPlugin::choice(CollectiveKind kind, std::size_t members, std::size_t nodes,
                                               Bytes bytes) const {
  for (const PluginTable& table : tables) {
    if (table.kind != kind || nodes < table.least_nodes || members != nodes * table.members_a_node) continue;
    const auto count = static_cast<double>(members);
    for (const PluginTable::Band& band : table.bands) {
      if (count < band.least_members || count > band.most_members) continue;
      if (bytes.as_double() <= band.end(count)) return band.algorithm != nullptr ? &band : nullptr;
    }
  }
  return nullptr;
}

NetworkPlugin read_network_plugin(const yaml::Node& node) {
  yaml::Map map(node, "a network plugin");
  NetworkPlugin plugin;
  plugin.name = map.required("name").text();
  plugin.source = map.required("source").text();
  plugin.latency = map.required("latency").duration(Duration(), kLongestLatency);
  if (const auto work = map.optional("message")) plugin.message_work = work->duration(Duration(), kLongestLatency);
  plugin.buffer = read_size(map, "buffer");
  plugin.nvls_chunk = read_size(map, "nvls_chunk");
  if (const auto tables = map.optional("tables"))
    for (const yaml::Node& table : tables->items()) plugin.tables.push_back(read_table(table));
  map.finish();
  return plugin;
}

}  // namespace orrery
