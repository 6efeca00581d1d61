// Keeps the part of a path before the vertex that comes again.
#include "topology/routing/loops.h"

#include <algorithm>

namespace orrery {

void erase_loops(const Fabric& fabric, VertexId from, std::vector<LinkId>& path) {
  std::vector<VertexId> passed = {from};  // one more than the links that are kept
  for (const LinkId link : path) {
    const VertexId to = fabric.links()[link].to;
    const auto before = std::find(passed.begin(), passed.end(), to);
    if (before != passed.end()) {
      passed.erase(before + 1, passed.end());
    } else {
      path[passed.size() - 1] = link;
      passed.push_back(to);
    }
  }
  path.resize(passed.size() - 1);
}

}  // namespace orrery
