// Rounds of hashing until nothing splits, then the exact check.
#include "sim/kernel/fold/refinement.h"

#include <algorithm>
#include <unordered_map>

#include "sim/base/scrambled.h"

namespace orrery::kernel {
namespace {

// Edges by the vertex that sees them.
struct Seen {
  std::uint32_t other = 0;
  std::uint32_t label = 0;
};

struct Sights {
  explicit Sights(const LabelledGraph& graph) : first(graph.colours.size() + 1, 0), seen(2 * graph.edges.size()) {
    for (const LabelledGraph::Edge& edge : graph.edges) {
      ++first[edge.a + 1];
      ++first[edge.b + 1];
    }
    for (std::size_t v = 1; v < first.size(); ++v) first[v] += first[v - 1];
    std::vector<std::uint32_t> next(first.begin(), first.end() - 1);
    for (const LabelledGraph::Edge& edge : graph.edges) {
      seen[next[edge.a]++] = {edge.b, edge.label};
      seen[next[edge.b]++] = {edge.a, edge.label};
    }
  }
  std::vector<std::uint32_t> first;
  std::vector<Seen> seen;
};

std::size_t count_distinct(std::vector<std::uint64_t> colours) {
  std::sort(colours.begin(), colours.end());
  return static_cast<std::size_t>(std::unique(colours.begin(), colours.end()) - colours.begin());
}

std::vector<std::uint32_t> number(const std::vector<std::uint64_t>& colours) {
  std::unordered_map<std::uint64_t, std::uint32_t> numbers;
  std::vector<std::uint32_t> classes;
  classes.reserve(colours.size());
  for (const std::uint64_t colour : colours)
    classes.push_back(numbers.emplace(colour, static_cast<std::uint32_t>(numbers.size())).first->second);
  return classes;
}

std::vector<std::uint32_t> refine_by_hashes(const LabelledGraph& graph, const Sights& sights, std::uint64_t seed) {
  std::vector<std::uint64_t> colours;
  colours.reserve(graph.colours.size());
  for (const std::uint64_t colour : graph.colours) colours.push_back(scrambled(colour ^ seed));
  std::vector<std::uint64_t> next(colours.size());
  for (std::size_t count = count_distinct(colours);;) {
    for (std::size_t v = 0; v < colours.size(); ++v) {
      std::uint64_t sum = colours[v];
      for (std::uint32_t e = sights.first[v]; e < sights.first[v + 1]; ++e)
        sum += scrambled(colours[sights.seen[e].other] + scrambled(sights.seen[e].label + seed));
      next[v] = scrambled(sum);
    }
    colours.swap(next);
    const std::size_t now = count_distinct(colours);
    if (now == count) return number(colours);
    count = now;
  }
}

bool is_equitable(const LabelledGraph& graph, const Sights& sights, const std::vector<std::uint32_t>& classes) {
  using View = std::vector<std::pair<std::uint32_t, std::uint32_t>>;  // (class, label)
  const auto view_of = [&](std::size_t v) {
    View view;
    for (std::uint32_t e = sights.first[v]; e < sights.first[v + 1]; ++e)
      view.emplace_back(classes[sights.seen[e].other], sights.seen[e].label);
    std::sort(view.begin(), view.end());
    return view;
  };
  struct Pattern {
    std::uint64_t colour = 0;
    View view;
    bool known = false;
  };
  std::vector<Pattern> patterns(classes.empty() ? 0
                                                : *std::max_element(classes.begin(), classes.end()) + std::size_t{1});
  for (std::size_t v = 0; v < classes.size(); ++v) {
    Pattern& pattern = patterns[classes[v]];
    if (!pattern.known) {
      pattern = {graph.colours[v], view_of(v), true};
    } else if (graph.colours[v] != pattern.colour || view_of(v) != pattern.view) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::vector<std::uint32_t> refine(const LabelledGraph& graph) {
  const Sights sights(graph);
  for (std::uint64_t seed = 0;; ++seed) {
    std::vector<std::uint32_t> classes = refine_by_hashes(graph, sights, scrambled(seed));
    if (is_equitable(graph, sights, classes)) return classes;
  }
}

bool is_equitable(const LabelledGraph& graph, const std::vector<std::uint32_t>& classes) {
  return is_equitable(graph, Sights(graph), classes);
}

}  // namespace orrery::kernel
