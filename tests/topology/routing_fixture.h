// What the routing tests share: routes by a routing's text, walks checked link by link, names along a path.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/topology/fixture.h"
#include "topology/routes.h"

namespace orrery::test {

inline const std::string kCable = "link: {bandwidth: 25 GB/s, latency: 200 ns}";
inline const std::string kRailNode =
    "block: {shape: nvswitch_node, chips: 4, nics: 4, nvlink: {bandwidth: 300 GB/s, latency: 350 ns}, pcie: "
    "{bandwidth: 32 GB/s, latency: 600 ns}}";

// `routing` as a file has it: "ecmp", or "{name: ecmp, seed: 7}".
inline RoutingMaker routing_of(std::string_view routing, const Fabric& fabric) {
  return read_routing(yaml::parse(routing, "r.yaml"), fabric).make;
}

// What an InputError of reading it says, or nothing.
inline std::string routing_error(std::string_view routing, const Fabric& fabric) {
  try {
    static_cast<void>(read_routing(yaml::parse(routing, "r.yaml"), fabric));
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

struct FoundPath {
  std::vector<LinkId> links;
  double share = 1;
  friend bool operator==(const FoundPath&, const FoundPath&) = default;
};

inline std::vector<FoundPath> paths_of(Routes& routes, std::size_t from, std::size_t to) {
  const PathBundle& bundle = routes.paths(ChipId(from), ChipId(to));
  std::vector<FoundPath> found;
  for (std::size_t i = 0; i < bundle.size(); ++i)
    found.push_back({{bundle[i].links.begin(), bundle[i].links.end()}, bundle[i].share});
  return found;
}

inline std::string names_along(const Fabric& fabric, const std::vector<LinkId>& path) {
  std::string names = fabric.vertices()[fabric.links()[path.front()].from].name;
  for (const LinkId link : path) names += " > " + fabric.vertices()[fabric.links()[link].to].name;
  return names;
}

// From engine to engine, link after link, nothing twice, no HBM.
inline bool is_walk(const Fabric& fabric, const std::vector<LinkId>& path, std::size_t from, std::size_t to) {
  VertexId at = fabric.engine(ChipId(from));
  std::set<VertexId> passed = {at};
  for (const LinkId link : path) {
    if (fabric.links()[link].from != at || fabric.links()[link].tier == Tier::kHbm) return false;
    at = fabric.links()[link].to;
    if (!passed.insert(at).second) return false;
  }
  return at == fabric.engine(ChipId(to));
}

}  // namespace orrery::test
