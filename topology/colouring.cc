// Refines colours by hashes of the bandwidth to each colour.
#include "topology/colouring.h"

#include <algorithm>
#include <numeric>

#include "sim/base/scrambled.h"

namespace orrery {
namespace {

// Dense colours for equal (colour, signature), in order of first vertex.
Colouring renumber(const Colouring& old, const std::vector<std::uint64_t>& signatures) {
  std::vector<std::uint32_t> order(signatures.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto key = [&](std::uint32_t v) { return std::pair(old.colours[v], signatures[v]); };
  std::sort(order.begin(), order.end(),
            [&](std::uint32_t a, std::uint32_t b) { return std::pair(key(a), a) < std::pair(key(b), b); });
  constexpr std::uint32_t kNew = ~std::uint32_t{0};
  std::vector<std::uint32_t> first(signatures.size());  // the first vertex of each vertex's colour
  for (std::size_t i = 0; i < order.size(); ++i)
    first[order[i]] = i > 0 && key(order[i]) == key(order[i - 1]) ? first[order[i - 1]] : order[i];
  Colouring found;
  found.colours.assign(signatures.size(), kNew);
  for (std::uint32_t v = 0; v < first.size(); ++v)
    found.colours[v] = first[v] == v ? found.count++ : found.colours[first[v]];
  return found;
}

}  // namespace

Colouring refine(const Fabric& fabric, Colouring start) {
  constexpr std::uint64_t kIncoming = std::uint64_t{1} << 32U;
  constexpr std::size_t kMostSteps = 100'000'000;  // rounds × vertices
  const std::size_t vertices = start.colours.size();
  std::vector<std::uint64_t> signatures(vertices);
  // CORRECTNESS: counted as they occur, since a round that finds no new colour ends it.
  start = renumber(start, signatures);
  for (std::size_t round = 0; round < 8 + kMostSteps / (vertices + 1); ++round) {
    // A sum over links of bandwidth × a number drawn for (direction, colour): equal sums to every colour give equal
    // signatures, in whatever order the links come; unequal ones agree by chance only.
    std::fill(signatures.begin(), signatures.end(), 0);
    for (const Link& link : fabric.links()) {
      if (link.kind == LinkKind::kOnPackage) continue;
      const auto rate = static_cast<std::uint64_t>(link.bandwidth.bytes_per_second());
      signatures[link.from.index()] += rate * scrambled(start.colours[link.to.index()]);
      signatures[link.to.index()] += rate * scrambled(kIncoming + start.colours[link.from.index()]);
    }
    Colouring next = renumber(start, signatures);
    if (next.count == start.count) return next;
    start = std::move(next);
  }
  // Long lines refine from their ends inward, a step a round. Each its own colour is equitable too.
  std::iota(start.colours.begin(), start.colours.end(), 0U);
  start.count = static_cast<std::uint32_t>(vertices);
  return start;
}

}  // namespace orrery
