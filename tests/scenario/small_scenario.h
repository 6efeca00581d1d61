// Clusters and scenarios that scenario tests read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/scenario.h"

namespace small_scenario {

using namespace orrery;  // tests read as the code that they check

// So many chips of the SuperPOD: eight a node, rails of leaves.
inline Cluster on_superpod(std::size_t chips) {
  const Library library({ORRERY_SOURCE_DIR});
  return load_cluster(library, yaml::parse("dgx_a100_superpod", "test.yaml"), chips);
}

}  // namespace small_scenario
