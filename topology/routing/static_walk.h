// One fixed minimal path to each destination: dimension by dimension, then D-mod-k.
//
// Which of several equally short next hops. The earliest dimension first (meshes, tori and HyperX route in order of
// dimension); then by destination, D-mod-k: chips are numbered leaf switch by leaf switch (topology/attachment.h), and
// each choice among V next vertices takes number mod V and goes on with number ÷ V, which also picks among parallel
// cables to that vertex; the second half of a path repeats the numbers of the first, mirrored. Hence the destinations
// under a leaf spread evenly over its uplinks and over the cables that lead down to it, and the answer never depends on
// what was asked before.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "topology/minimal_paths.h"
#include "topology/routing/routing.h"

namespace orrery {

class StaticWalk {
 public:
  // `ranks`: by dimension, which comes first (the lowest); empty: in their own order.
  explicit StaticWalk(const Fabric& fabric, std::vector<std::uint8_t> ranks = {});

  // Appends the path from one vertex to another, as if what goes there were bound for a chip. Without a link where both
  // are one. RunError("no path from … to …").
  void append(VertexId from, VertexId to, ChipId bound_for, std::vector<LinkId>& path);
  void append(ChipId from, ChipId to, std::vector<LinkId>& path) {
    append(fabric().engine(from), fabric().engine(to), to, path);
  }
  [[nodiscard]] const Fabric& fabric() const { return paths_.fabric(); }
  // What destinations' numbers are taken modulo, in all paths so far: Routing::period().
  [[nodiscard]] std::uint64_t period() const { return period_; }

 private:
  // What the choices at one hop go by: `number` picks the next vertex, the rest of it by `ways` the cable to it and the
  // choices after it.
  struct Digit {
    std::uint32_t number = 0;
    std::uint32_t ways = 1;
    std::uint64_t divisor = 1;  // `number` is the destination's ÷ this

    [[nodiscard]] std::uint32_t rest() const { return number / ways; }
  };
  // The equally good next hops, parallel cables side by side.
  struct Hops {
    std::span<const Adjacency::Arc> arcs;  // until the next are asked for
    std::uint32_t vertices = 0;            // to which they lead
  };
  [[nodiscard]] Hops hops(const MinimalPaths::Descent& descent, VertexId vertex, std::uint32_t left);
  // Appends them.
  void find_hops(const MinimalPaths::Descent& descent, VertexId vertex, std::uint32_t left,
                 std::vector<Adjacency::Arc>& arcs) const;
  [[nodiscard]] Adjacency::Arc pick(const Hops& hops, const Digit& digit);
  // A choice among `ways` by a destination's number ÷ `divisor`.
  void note_choice(std::uint64_t divisor, std::uint64_t ways);
  [[nodiscard]] std::uint8_t rank(const Adjacency::Arc& arc) const;

  MinimalPaths paths_;
  std::vector<std::uint8_t> ranks_;
  Table<ChipId, std::uint32_t> numbers_;
  std::vector<Adjacency::Arc> hops_;  // that no other destination shares
  // Those that all destinations behind a gateway share: by gateway, vertex and rule, what was found.
  struct Found {
    std::uint32_t first = 0;  // into shared_
    std::uint32_t count = 0;
    std::uint32_t vertices = 0;
  };
  std::unordered_map<std::uint64_t, Found> found_;
  std::vector<Adjacency::Arc> shared_;
  std::vector<Digit> digits_;  // of the path that is being walked, by hop
  std::uint64_t period_ = 1;
};

// One path a pair: that walk.
class StaticRouting final : public Routing {
 public:
  explicit StaticRouting(const Fabric& fabric, std::vector<std::uint8_t> ranks = {})
      : walk_(fabric, std::move(ranks)) {}
  void find(ChipId from, ChipId to, PathBundle& bundle) override {
    path_.clear();
    walk_.append(from, to, path_);
    bundle.add(path_, 1);
  }
  [[nodiscard]] std::uint64_t period() const override { return walk_.period(); }

 private:
  StaticWalk walk_;
  std::vector<LinkId> path_;
};

}  // namespace orrery
