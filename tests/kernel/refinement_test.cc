// Colour refinement on small graphs whose coarsest equitable partitions are known.
#include "sim/kernel/fold/refinement.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <vector>

using orrery::kernel::is_equitable;
using orrery::kernel::LabelledGraph;
using orrery::kernel::refine;
using Classes = std::vector<std::uint32_t>;

namespace {

LabelledGraph cycle(std::uint32_t n) {
  LabelledGraph graph;
  graph.colours.assign(n, 0);
  for (std::uint32_t v = 0; v < n; ++v) graph.edges.push_back({v, (v + 1) % n, 0});
  return graph;
}

}  // namespace

TEST_CASE("a cycle is one class; one vertex apart splits it by distance") {
  CHECK(refine(cycle(6)) == Classes{0, 0, 0, 0, 0, 0});
  LabelledGraph marked = cycle(7);
  marked.colours[2] = 1;
  // Distances to vertex 2: 2, 1, 0, 1, 2, 3, 3.
  CHECK(refine(marked) == Classes{0, 1, 2, 1, 0, 3, 3});
}

TEST_CASE("labels and numbers of edges tell apart what colours don't") {
  LabelledGraph graph;
  graph.colours.assign(6, 0);
  graph.edges = {{0, 1, 5}, {2, 3, 5}, {4, 5, 6}};
  CHECK(refine(graph) == Classes{0, 0, 0, 0, 1, 1});
  graph.edges.push_back({2, 3, 5});  // twice
  CHECK(refine(graph) == Classes{0, 0, 1, 1, 2, 2});
}

TEST_CASE("the definition refuses a partition that is too coarse or mixes colours") {
  LabelledGraph path;
  path.colours.assign(3, 0);
  path.edges = {{0, 1, 0}, {1, 2, 0}};
  CHECK(is_equitable(path, {0, 1, 0}));
  CHECK_FALSE(is_equitable(path, {0, 0, 0}));
  path.colours[2] = 7;
  CHECK_FALSE(is_equitable(path, {0, 1, 0}));
  CHECK(is_equitable(path, {0, 1, 2}));
}

TEST_CASE("random graphs: equitable, and no two classes can be joined") {
  CHECK(rc::check("coarsest", [] {
    const auto n = *rc::gen::inRange<std::uint32_t>(1, 9);
    LabelledGraph graph;
    for (std::uint32_t v = 0; v < n; ++v) graph.colours.push_back(*rc::gen::inRange<std::uint64_t>(0, 2));
    for (int e = *rc::gen::inRange(0, 14); e > 0; --e)
      graph.edges.push_back({*rc::gen::inRange<std::uint32_t>(0, n), *rc::gen::inRange<std::uint32_t>(0, n),
                             *rc::gen::inRange<std::uint32_t>(0, 2)});
    const Classes classes = refine(graph);
    RC_ASSERT(is_equitable(graph, classes));
    const std::uint32_t count = *std::max_element(classes.begin(), classes.end()) + 1;
    for (std::uint32_t a = 0; a < count; ++a) {
      for (std::uint32_t b = a + 1; b < count; ++b) {
        Classes joined = classes;
        std::replace(joined.begin(), joined.end(), b, a);
        RC_ASSERT(!is_equitable(graph, joined));
      }
    }
  }));
}
