// The alpha-beta model: latency + bytes ÷ rate, with contention where chips and NICs meet the network and nowhere else.
//
// The law. Alone, an activity takes α + n·β: its latency, then n bytes at the rate of its narrowest resource (Hockney
// 1994). Ports (links at a chip or a NIC), engines and memories are shared as in `fluid`, so a chip that sends or
// receives k messages at once takes the time of their bytes together: the gap per byte of LogGP (Alexandrov, Ionescu,
// Schauser, Scheiman 1995). Links between switches never make anyone wait: there each flow is alone.
//
// A flow alone on an inside link. A message takes u bytes of it per byte. A phase of several flows takes the bytes of
// all those that cross it, but in a unit of progress each flow moves 1/w bytes at most, w being the phase's weight: so
// a unit takes min(u, 1/w) ÷ capacity, and the activity's rate never exceeds the inverse.
//
// What it doesn't know. On direct fabrics (rings, meshes, tori) every link touches a chip: there it equals `fluid`. An
// inside link that loses a part of its capacity slows what starts after that; one that fails stops everything on it.
#include <algorithm>

#include "sim/network/rate_network.h"

namespace orrery {

namespace {

// Inside links stay in the system at a share of their use so small that they are never anyone's bottleneck, except
// when they fail.
constexpr double kLean = 0x1p-40;

class AlphaBeta final : public Network {
 public:
  explicit AlphaBeta(const Wires& wires)
      : rates_(wires.capacities, Sharing::kMaxMin), capacities_(wires.capacities), kinds_(wires.kinds) {
    kinds_.resize(capacities_.size(), WireKind::kNone);
  }

  void start(const Activity& activity, Time now) override {
    Activity lean = activity;
    uses_.assign(activity.uses.begin(), activity.uses.end());
    for (Use& use : uses_) {
      if (!is_inside(use.resource)) continue;
      const double capacity = capacities_[use.resource.index()];
      if (capacity > 0) lean.most = std::min(lean.most, capacity / std::min(use.amount, 1 / activity.weight));
      use.amount *= kLean;
    }
    lean.uses = uses_;
    rates_.start(lean, now);
  }
  [[nodiscard]] Time next_event() override { return rates_.next_event(); }
  void advance(Time now, std::vector<std::uint32_t>& done) override { rates_.advance(now, done); }
  void set_capacity(ResourceId resource, double capacity, Time now) override {
    // What starts while a link is down runs at the rate that it had before, once it is up again.
    if (capacity > 0) capacities_[resource.index()] = capacity;
    rates_.set_capacity(resource, capacity, now);
  }
  [[nodiscard]] double load(ResourceId resource) const override {
    return is_inside(resource) ? rates_.load(resource) / kLean : rates_.load(resource);
  }

 private:
  [[nodiscard]] bool is_inside(ResourceId resource) const { return kinds_[resource.index()] == WireKind::kInside; }

  RateNetwork rates_;
  std::vector<double> capacities_;
  std::vector<WireKind> kinds_;
  std::vector<Use> uses_;  // of the activity that is being started
};

// NOLINTNEXTLINE(performance-unnecessary-value-param): other models take what they are given
std::unique_ptr<Network> make_alpha_beta(Wires wires) { return std::make_unique<AlphaBeta>(wires); }

const Networks::Entry kAlphaBeta{
    {"alpha-beta",
     "latency + bytes / rate; chips and NICs share their ports, links between switches have no contention",
     &make_alpha_beta}};

}  // namespace

}  // namespace orrery
