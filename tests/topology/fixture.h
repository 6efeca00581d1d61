// What the topology tests share: clusters from a few lines of YAML, and a slow, plain way to measure distances.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/error.h"
#include "sim/base/library.h"
#include "topology/cluster.h"

namespace orrery::test {

inline Library library() { return Library({ORRERY_SOURCE_DIR}); }

// A whole small chip in round numbers, as a file.
inline constexpr std::string_view kChip =
    "name: Test chip\n"
    "cores: {count: 4, source: a}\n"
    "matrix_peak: {bf16: 100 TFLOP/s, source: a}\n"
    "vector_peak: {fp32: 1 TFLOP/s, source: a}\n"
    "clock: {sustained: 0.9, source: a}\n"
    "tiles: {depth: 64, fill: 1 us, sizes: [{rows: 128, columns: 128, efficiency: 0.9}], source: a}\n"
    "hbm: {stacks: 1, capacity: 1 GiB, bandwidth: 1000 GB/s, efficiency: 0.8, latency: 500 ns, in_flight_per_core: 1 "
    "KiB, energy_per_byte: 100 pJ, source: [a, b]}\n"
    "l2: {capacity: 1 MiB, source: a}\n"
    "kernel: {gap: 1 us, source: a}\n"
    "power: {idle: 10 W, limit: 100 W, source: a}\n"
    "energy_per_flop: {bf16: 1 pJ, source: a}\n"
    "sources:\n"
    "  a: a book\n"
    "  b: another\n";

// `fabric` is a flow mapping: "{shape: ring, blocks: 8, …}".
inline Cluster cluster_of(const std::string& fabric, std::size_t chips_wanted = 0, const FabricLimits& limits = {}) {
  std::string text = "name: t\nsource: test\nfabric: " + fabric + "\nchip:\n";
  for (std::size_t at = 0; at < kChip.size();) {
    const std::size_t end = kChip.find('\n', at) + 1;
    text += "  " + std::string(kChip.substr(at, end - at));
    at = end;
  }
  return read_cluster(library(), yaml::parse(text, "t.yaml"), chips_wanted, limits);
}

inline std::size_t count(const Fabric& fabric, VertexKind kind) {
  return static_cast<std::size_t>(std::count_if(fabric.vertices().begin(), fabric.vertices().end(),
                                                [&](const Vertex& vertex) { return vertex.kind == kind; }));
}

// One-way links of a tier.
inline std::size_t count(const Fabric& fabric, Tier tier) {
  return static_cast<std::size_t>(
      std::count_if(fabric.links().begin(), fabric.links().end(), [&](const Link& link) { return link.tier == tier; }));
}

inline constexpr int kFar = 1'000'000;

// Hops between every two vertices where only vertices with may_pass[v] may be passed through, by Floyd and Warshall.
inline std::vector<std::vector<int>> all_distances(const Fabric& fabric, const std::vector<bool>& may_pass) {
  const std::size_t n = fabric.vertices().size();
  std::vector<std::vector<int>> distance(n, std::vector<int>(n, kFar));
  for (std::size_t v = 0; v < n; ++v) distance[v][v] = 0;
  for (const Link& link : fabric.links())
    if (link.tier != Tier::kHbm) distance[link.from.index()][link.to.index()] = 1;
  for (std::size_t via = 0; via < n; ++via) {
    if (!may_pass[via]) continue;
    for (std::size_t a = 0; a < n; ++a)
      for (std::size_t b = 0; b < n; ++b)
        distance[a][b] = std::min(distance[a][b], distance[a][via] + distance[via][b]);
  }
  return distance;
}

// What an InputError of reading `text` as a cluster says, or nothing.
inline std::string error_of(std::string_view text, std::size_t chips_wanted = 0, const FabricLimits& limits = {}) {
  try {
    static_cast<void>(read_cluster(library(), yaml::parse(text, "bad.yaml"), chips_wanted, limits));
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

}  // namespace orrery::test
