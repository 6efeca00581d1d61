// A cluster file becomes a Fabric: nested blocks and named shapes over one kind of chip.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/base/registry.h"
#include "topology/fabric.h"

namespace orrery {

struct Cluster {
  std::string name;
  std::string source;  // where the design is published; "hypothetical" for what nobody sells
  Fabric fabric;
  Watts node_overhead;  // CPUs, fans, NICs, switches in the node: per node, beyond its chips
  double pue = 1;
};

// `chips_wanted` > 0: build just as many nodes (or blocks) as hold that many chips, where the file allows it; otherwise
// the file's own size. An InputError at `chips` if the shape can't be cut to that number.
[[nodiscard]] Cluster read_cluster(const Library& library, const yaml::Node& node, std::size_t chips_wanted = 0);
[[nodiscard]] Cluster load_cluster(const Library& library, const yaml::Node& reference, std::size_t chips_wanted = 0);

}  // namespace orrery
