// A fabric as Graphviz DOT text.
#pragma once

#include <string>

#include "topology/fabric.h"

namespace orrery {

// A digraph: one edge for each cable (arrows at both ends) and each one-way link, with its printed rate; parallel ones
// are drawn once, with their number. Each node is a box around what belongs to it. Fabrics of more than `most_vertices`
// vertices are drawn with one vertex for each node, since nobody could read more.
[[nodiscard]] std::string to_dot(const Fabric& fabric, std::size_t most_vertices = 1000);

}  // namespace orrery
