// Takes the loops out of a path that was put together from several.
#pragma once

#include <vector>

#include "topology/fabric.h"

namespace orrery {

// Whatever leads from a vertex back to it goes, so that no vertex is passed twice: O(length²). Both ends stay.
void erase_loops(const Fabric& fabric, VertexId from, std::vector<LinkId>& path);

}  // namespace orrery
