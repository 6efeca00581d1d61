// What `orrery replay` is asked to play, of whatever kind its files are, and the scenario that it makes on a cluster.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/scenario/scenario.h"
#include "tools/orrery/astra_replay.h"
#include "tools/orrery/cluster_file.h"
#include "tools/orrery/routing_option.h"
#include "tools/orrery/shown_run.h"

namespace orrery {

struct ReplayRequest {
  std::vector<std::string> files;
  ClusterRequest cluster;
  std::string simai;  // a workload of SimAI, in place of files
  std::string groups;
  std::string stack;
  bool roofline = false;
  std::string network;
  std::string granularity;
  RoutingOption routing;
  double compute_speedup = 1;
  double network_speedup = 1;
  std::optional<std::uint32_t> ranks;
  std::string grows;  // what `ranks` makes larger: a dimension or a group
  std::string placement;
  std::string algorithm;
  // What is another in the run to compare with; empty: as in the first.
  struct Against {
    std::string cluster;
    std::string placement;
    std::string algorithm;

    [[nodiscard]] bool asked() const { return !(cluster.empty() && placement.empty() && algorithm.empty()); }
  };
  Against against;
  std::string spans;  // a table of spans, .csv or .json
  ShowRequest show;
  AstraRequest astra;
};

// What files are, by their names: traces by PREFIX.<rank>.et, or these.
[[nodiscard]] bool is_pytorch_json(const std::string& name);
[[nodiscard]] bool is_goal(const std::string& name);

// Whole, as traces are. InputError where a file is wrong, or doesn't fit the cluster.
[[nodiscard]] Scenario read_replayed(const ReplayRequest& request);

// What is asked for to compare with: cluster, placement and algorithms as `against` has them, the rest alike.
[[nodiscard]] ReplayRequest other_of(ReplayRequest request);
// "dgx_a100, spread, all_reduce=tree", for a line of text.
[[nodiscard]] std::string how_played(const ReplayRequest& request);

}  // namespace orrery
