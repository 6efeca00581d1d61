// How a verb takes a cluster: a name of the library, a file, or a scenario's file, which names one.
#pragma once

#include <string>

#include "tools/orrery/verb.h"
#include "topology/cluster.h"

namespace orrery {

struct ClusterRequest {
  std::string file;
  std::size_t chips = 0;  // just as many nodes as hold so many; 0: the whole cluster

  void declare(CLI::App& command);
  [[nodiscard]] Cluster load(const Library& library) const;
};

}  // namespace orrery
