// ASTRA-sim 2's input files as they are: network, system and remote memory, with what they mean there.
//
// Names, units and defaults are ASTRA-sim's (github.com/astra-sim/astra-sim, version 2, analytical front end): a GB/s
// of the network file is 2³⁰ bytes a second, one of the system file 10⁹; times are whole nanoseconds.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "sim/base/yaml.h"

namespace orrery::astra {

using Nanoseconds = std::uint64_t;

// The kinds of collective that ASTRA-sim has algorithms for.
enum class Kind : std::uint8_t { kAllReduce, kAllGather, kReduceScatter, kAllToAll };
inline constexpr std::size_t kKinds = 4;

enum class Shape : std::uint8_t { kRing, kSwitch, kFullyConnected };

// Ranks count along dimension 0 first.
struct NetworkInput {
  struct Dimension {
    Shape shape = Shape::kRing;
    std::uint32_t npus = 1;
    double bytes_per_ns = 0;  // of a link, each way
    double latency = 0;       // ns a hop
  };
  std::vector<Dimension> dimensions;

  [[nodiscard]] std::uint32_t npus() const;
};

enum class Algorithm : std::uint8_t { kRing, kDirect, kHalvingDoubling, kDoubleBinaryTree, kCustom };

struct Implementation {
  Algorithm algorithm = Algorithm::kRing;
  bool flat = false;         // over all dimensions at once: "oneRing"
  std::int32_t window = -1;  // of kDirect: messages under way at once; -1: all
  std::uint32_t custom = 0;  // of kCustom: index into SystemInput::customs
};

enum class Policy : std::uint8_t { kLifo, kFifo, kExplicit };

struct SystemInput {
  Policy policy = Policy::kLifo;
  bool local_bandwidth_aware = false;  // all-reduces scatter on the way up and gather on the way down
  std::int64_t splits = 1;             // chunks of a collective
  std::int64_t active_chunks = 1;      // that a dimension works on at once
  Nanoseconds endpoint_delay = 10;
  double memory_bytes_per_s = 0;  // 0: not given
  bool roofline = false;
  double peak_flops = 0;
  bool replay_only = false;
  std::array<std::vector<Implementation>, kKinds> implementations;  // by Kind, by dimension
  std::vector<std::filesystem::path> customs;                       // collectives as traces: PREFIX of PREFIX.0.et, …
  std::map<std::uint64_t, std::uint32_t> custom_of_node;  // by id of a workload's node: into customs, before all else
};

struct MemoryInput {
  enum class Where : std::uint8_t { kNone, kPerNode, kPerNpu, kPool };
  Where where = Where::kNone;
  std::uint32_t npus_per_node = 1;
  double latency = 0;  // ns
  double bytes_per_ns = 0;

  [[nodiscard]] bool shared() const { return where == Where::kPerNode || where == Where::kPool; }
};

// `file`: the whole of one. Keys that ASTRA-sim doesn't read either are added to `unheeded` ("system.json:3:5:
// 'boost-mode'"), those that it reads and that change nothing here too, with the reason. InputError at what can't be
// right.
[[nodiscard]] NetworkInput read_network_input(const yaml::Node& file, std::vector<std::string>& unheeded);
[[nodiscard]] SystemInput read_system_input(const yaml::Node& file, const NetworkInput& network,
                                            std::vector<std::string>& unheeded);
[[nodiscard]] MemoryInput read_memory_input(const yaml::Node& file, std::vector<std::string>& unheeded);

}  // namespace orrery::astra
