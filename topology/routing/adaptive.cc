// The routing `adaptive`: each flow, at its start, takes the least loaded of its shortest paths and of some detours.
//
//     {name: adaptive, seed: 7}
//
// The load. Of a link: the flows that this routing has assigned to it so far ÷ its rate. That is an estimate which
// knows neither how large flows are nor when they end, as paths are found before bytes move; flows that were only tried
// (by a tuner that compares algorithms) count as well. Hence, alone of all routings, its paths depend on the order of
// asking, which in a run is that of first starts: the same every time.
//
// The choice. A path's load is the largest of its links' with this flow on them; among equals, that of all its links
// together. The least loaded of the shortest paths (at most kCandidates, as `spray` has them; the first among equals)
// is taken, unless the best of kDetours detours (those of `valiant`, with `seed`) has load × length less than its own:
// the rule of UGAL (Singh, "Load-Balanced Routing in Interconnection Networks", 2005). A pair keeps its path, until a
// million other pairs have been asked.
#include <algorithm>
#include <compare>
#include <unordered_map>

#include "topology/routing/detours.h"
#include "topology/routing/equal_split.h"
#include "topology/routing/routing.h"

namespace orrery {
namespace {

constexpr std::size_t kCandidates = 16;
constexpr std::uint64_t kDetours = 4;
constexpr std::size_t kMostPairs = std::size_t{1} << 20U;

class Adaptive final : public Routing {
 public:
  Adaptive(const Fabric& fabric, std::uint64_t seed)
      : fabric_(fabric), seed_(seed), split_(fabric, kCandidates), detours_(fabric), flows_(fabric.links().size(), 0) {}

  void find(ChipId from, ChipId to, PathBundle& bundle) override {
    candidates_.clear();
    split_.split(from, to, candidates_);
    shortest_ = candidates_.size();
    const std::uint64_t pair = (std::uint64_t{from.index()} << 32U) | to.index();
    const auto known = chosen_.find(pair);
    if (known == chosen_.end() || known->second >= shortest_) add_detours(from, to);
    if (known != chosen_.end()) return bundle.add(candidates_[known->second].links, 1);
    const std::size_t best = least_loaded();
    if (chosen_.size() >= kMostPairs) chosen_.clear();
    chosen_.emplace(pair, static_cast<std::uint8_t>(best));
    for (const LinkId link : candidates_[best].links) ++flows_[link];
    bundle.add(candidates_[best].links, 1);
  }

  [[nodiscard]] bool depends_on_order() const override { return true; }
  void forget() override {
    chosen_.clear();
    flows_ = Table<LinkId, std::uint32_t>(flows_.size(), 0);
  }

 private:
  void add_detours(ChipId from, ChipId to) {
    if (!detours_.has_any(from, to)) return;
    for (std::uint64_t detour = 0; detour < kDetours; ++detour) {
      path_.clear();
      detours_.append(from, to, hash_of_flow(seed_, from, to, detour), path_);
      candidates_.add(path_, 1);
    }
  }

  // Seconds that a byte of each flow takes, if all were to last: on the path's busiest link, and on all its links.
  struct Load {
    double most = 0;
    double sum = 0;
    friend auto operator<=>(const Load&, const Load&) = default;
  };
  [[nodiscard]] Load load(const SharedPath& path) const {
    Load load;
    for (const LinkId id : path.links) {
      const Link& link = fabric_.links()[id];
      const double its = (flows_[id] + 1.0) / (link.bandwidth.as_double() * link.efficiency);
      load.most = std::max(load.most, its);
      load.sum += its;
    }
    return load;
  }

  // Which candidate.
  [[nodiscard]] std::size_t least_loaded() const {
    std::size_t direct = 0;
    Load least = load(candidates_[0]);
    for (std::size_t i = 1; i < shortest_; ++i)
      if (const Load its = load(candidates_[i]); its < least) {
        direct = i;
        least = its;
      }
    std::size_t best = direct;
    double cost = least.most * static_cast<double>(candidates_[direct].links.size());
    for (std::size_t i = shortest_; i < candidates_.size(); ++i) {
      const SharedPath detour = candidates_[i];
      const double its = load(detour).most * static_cast<double>(detour.links.size());
      if (its >= cost) continue;
      best = i;
      cost = its;
    }
    return best;
  }

  const Fabric& fabric_;
  std::uint64_t seed_;
  EqualSplit split_;
  Detours detours_;
  Table<LinkId, std::uint32_t> flows_;                      // assigned so far
  std::unordered_map<std::uint64_t, std::uint8_t> chosen_;  // by pair: which candidate
  PathBundle candidates_;                                   // shortest paths, then detours
  std::size_t shortest_ = 0;
  std::vector<LinkId> path_;
};

RoutingMaker read_adaptive(const RoutingText& text, const Fabric&) {
  return [seed = text.seed()](const Fabric& fabric) { return std::make_unique<Adaptive>(fabric, seed); };
}

const Routings::Entry kAdaptive{
    {"adaptive", "each flow at its start: the least loaded, by flows so far, of shortest paths and detours; key: seed",
     &read_adaptive}};

}  // namespace
}  // namespace orrery
