// What a network's own plugin tells the communication library above it: latencies, buffer sizes, and which algorithm to
// take. NCCL asks such a plugin wherever the network isn't its own InfiniBand: aws-ofi-nccl on EFA, for one.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/base/yaml.h"
#include "sim/collective/schedule.h"

namespace orrery {

// What a plugin takes for one kind of collective in communicators of so many members on each of several nodes.
struct PluginTable {
  CollectiveKind kind = CollectiveKind::kAllReduce;
  std::size_t members_a_node = 1;
  std::size_t least_nodes = 1;
  // Up to so many bytes it takes this; what lies beyond the last band's end is the library's own to choose.
  struct Band {
    const CollectiveAlgorithm* algorithm = nullptr;  // nullptr: the library's own choice
    std::string protocol;
    double least_members = 1;  // with fewer, or with more than the most, there is no such band
    double most_members = std::numeric_limits<double>::infinity();
    std::vector<std::pair<double, double>> up_to;  // members, bytes: the end, a line in the logarithms of both between
    [[nodiscard]] double end(double members) const;  // of the nearest point where `members` lies outside of all
  };
  std::vector<Band> bands;  // from small vectors to large ones
};

struct NetworkPlugin {
  std::string name;
  std::string source;
  Duration latency;                        // of a message between nodes, as the library's tuner hears it
  std::optional<Duration> message_work{};  // of a host for each of its messages, where it isn't as in the library
  Bytes buffer{};                          // NCCL_BUFFSIZE; 0: the library's own
  Bytes nvls_chunk{};                      // NCCL_NVLS_CHUNKSIZE and NCCL_NVLSTREE_MAX_CHUNKSIZE; 0: the library's own
  std::vector<PluginTable> tables;

  // Nothing where the choice is the library's own.
  [[nodiscard]] const PluginTable::Band* choice(CollectiveKind kind, std::size_t members, std::size_t nodes,
                                                Bytes bytes) const;
};

// A plugin's file:
//
//     name: aws-ofi-nccl on P5
//     source: which software
//     latency: 75 us
//     message: 1.8 us        # optional
//     buffer: 8 MiB          # optional
//     nvls_chunk: 512 KiB    # optional
//     tables:                # optional
//       - kind: all_reduce
//         members_a_node: 8
//         least_nodes: 3
//         bands:
//           - {algorithm: double_binary_tree, protocol: LL128, up_to: {16: 30 MiB, 64: 112 MiB}}
//           - {up_to: {16: 1 GiB}, most_members: 127}       # the library's own choice
//           - {algorithm: ring, protocol: Simple}           # only the last: without an end
//
// InputError for anything else. What the library hasn't got it chooses another way for, as NCCL does.
[[nodiscard]] NetworkPlugin read_network_plugin(const yaml::Node& node);

}  // namespace orrery
