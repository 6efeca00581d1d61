// A communication library on one generation of chips: what each algorithm costs under each protocol, beside the wire.
//
// NCCL sends in three protocols. LL packs 4 bytes of data with 4 of flag, so that the receiver sees data as it lands:
// half the wire, the least latency. LL128 keeps 8 of every 128 bytes for the flag. Simple sends plain data in slices
// and signals after each: the whole wire, the most latency. Which one a message takes is the tuner's choice, by a model
// of its own (tuner.h). All of that is data: one YAML file a generation in sim/collective/libraries, each number with a
// source.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/library.h"
#include "sim/collective/cutting.h"
#include "sim/collective/lower.h"
#include "sim/collective/network_plugin.h"

namespace orrery {

// Within one node, over two, over more; 0: no limit but the links.
using ByNodes = std::array<Bandwidth, 3>;

// One algorithm under one protocol.
struct Method {
  const CollectiveAlgorithm* algorithm = nullptr;
  std::string protocol;                   // "LL", "LL128", "Simple"
  std::vector<CollectiveKind> kinds;      // for which the library has it; empty: all that the algorithm does
  std::size_t least_nodes = 1;            // over fewer the library doesn't take it
  std::optional<std::size_t> most_nodes;  // nor over more
  double wire = 1;                        // bytes on the wire for each byte of data
  std::optional<double> network_wire;     // … between nodes, where it differs
  double drain = 0;                       // as in CommunicationCosts
  // Beside the route's latency.
  Duration base;          // once: the kernel, its channels, their rendezvous
  Duration step;          // each message inside a node …
  Duration network_step;  // … and between nodes
  // A collective of n members and S bytes opens min(channels, ⌊S ÷ (bytes_per_channel × n)⌋) channels, 1 at least; each
  // copies `channel` at most, all together `ceiling`. 0: no such limit.
  Bandwidth channel;
  Bandwidth ceiling;
  ByNodes message{};  // the most of one message
  Bytes bytes_per_channel;
  std::optional<Cutting> chunks;  // of what goes along trees; absent: as the algorithm has it

  // What the library's own tuner believes of it; it knows no routes: a step is all that a message takes.
  struct Belief {
    Duration base;
    Duration step;
    Duration network_step;
    ByNodes ceilings{};
    std::vector<double> shares;         // of the bandwidth that vectors of 64 B, 128 B, … reach; beyond the list: all
    std::optional<double> wire;         // where it differs
    std::optional<double> pair_wire;    // network_wire between two nodes, where it differs
    std::int64_t plugin_latencies = 1;  // how often a message between nodes pays what the network's plugin says
  };
  bool has_belief = false;
  Belief belief;
};

// In place of an algorithm's name: what the library's tuner takes for each collective (tuner.h).
inline constexpr std::string_view kTunersChoice = "auto";

struct CommunicationLibrary {
  std::string name;
  std::string source;
  int channels = 1;
  int nvls_channels = 16;
  Duration message_work;  // of a host for each message between nodes that its chip sends or receives
  std::vector<Method> methods;
  std::optional<NetworkPlugin> plugin;  // of the network it runs on

  // Its methods for this kind; `algorithm` and `protocol`: only such; empty: any.
  [[nodiscard]] std::vector<const Method*> methods_for(CollectiveKind kind, std::string_view algorithm = {},
                                                       std::string_view protocol = {}) const;
};

// A library file:
//
//     name: NCCL on Hopper
//     source: which version of which software
//     channels: {count: 24, nvls: 16, source: …}      # nvls: 16 when absent
//     proxy: {message: 500 ns, source: …}              # a host's work for a message between nodes; none when absent
//     methods:
//       - {algorithm: ring, protocol: LL, wire: 2, drain: 1, base: 4.7 us, step: 110 ns, network_step: 5 us,
//          channel: 17.6 GB/s, bytes_per_channel: 4 KiB, ceiling: 186 GB/s, kinds: [all_reduce, …],
//          tuner: {base: 6.6 us, step: 600 ns, network_step: 2.7 us, ceilings: [141 GB/s, 45 GB/s, 35 GB/s]},
//          source: …}
//     sources: {…}
//
// Optional: kinds, least_nodes, most_nodes, network_wire, channel with bytes_per_channel, ceiling, message, chunks
// (cutting.h), tuner (without it the least simulated time decides) and in it ceilings, wire, pair_wire, shares and
// plugin_latencies. `message` is one bandwidth or, as ceilings are, three. InputError for anything else.
[[nodiscard]] CommunicationLibrary read_communication_library(const yaml::Node& node);
// On a network with this plugin (a Cluster's).
[[nodiscard]] CommunicationLibrary load_communication_library(const Library& library, const yaml::Node& reference,
                                                              const std::optional<yaml::Node>& plugin = {});
inline constexpr std::string_view kCommunicationLibraryShelf = "sim/collective/libraries";

// What a collective costs by a method; engine share and HBM bytes are as in `others`.
[[nodiscard]] CommunicationCosts costs_of(const CommunicationLibrary& library, const Method& method,
                                          const Spread& collective, const CommunicationCosts& others);
// The same as the tuner believes it. The method has a belief.
[[nodiscard]] CommunicationCosts believed_costs(const CommunicationLibrary& library, const Method& method,
                                                const Spread& collective, const CommunicationCosts& others);

}  // namespace orrery
