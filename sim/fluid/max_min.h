// Resources, activities and the weighted max-min fair rates between them, kept up to date as activities come and go.
//
// The law. Resource r has capacity C_r. Activity a makes progress at rate x_a ≥ 0 and draws u_ra·x_a from each resource
// that it uses. Rates are weighted max-min fair: for every a there is a resource r with Σ_b u_rb·x_b = C_r and x_a/w_a
// ≥ x_b/w_b for all b on r (its bottleneck); no resource is over capacity. That allocation is unique (progressive
// filling).
//
// Owns no clock and knows no amounts: who uses it decides when an activity is done.
//
// An activity may have a rate of its own that it never exceeds, m_a (∞ where it has none): x_a = m_a then takes the
// place of a bottleneck.
//
// Which resources need solving. Alone, a would run at its solo rate b_a = min(m_a, min_r C_r/u_ra). A resource is
// *slack* when even the solo rates of all its present activities fit: Σ_a u_ra·b_a ≤ C_r; otherwise it is *tight*.
//
//   Claim: the fair rates are those of the smaller system that keeps the tight resources only and caps x_a ≤ b_a.
//   Proof. Feasible in the full system: x_a ≤ m_a and u_ra·x_a ≤ Σ_b u_rb·x_b ≤ C_r for every r of a, hence x_a ≤ b_a:
//   feasible in the smaller one. Feasible in the smaller one: on a slack r, Σ_a u_ra·x_a ≤ Σ_a u_ra·b_a ≤ C_r, and on a
//   tight r the constraint is kept: feasible in the full one. The two feasible sets are equal, and the max-min fair
//   point is a property of the feasible set alone (its only point that is lexicographically greatest in sorted
//   x_a/w_a). ∎
//
//   So activities all of whose resources are slack run at b_a, unsolved, and slack resources are never looked at.
//
// A resource with one activity is slack by construction (b_a ≤ C_r/u_ra), and isn't asked. For the others Σ u·b/C is
// kept in whole units of 2⁻⁴⁶, each term rounded down: sums of integers don't drift and don't depend on order, so
// "slack" is a function of who is present and not of history. The rounding is the tolerance: a resource counts as slack
// up to a load of 1 + n·2⁻⁴⁶ with n activities (n > 2¹⁷: always tight, which is right, only slower).
//
// A resource that *follows* another needs no solving either: it has the same users as a tight one, who draw as much on
// it, and no less to give, so it holds nobody back whom the other lets go. Links that come one after the other are
// often so. It stays true while users leave; whoever comes touches it (it is over), and so does a new capacity of
// either; then it is looked at again. It counts as not tight: in the claim's proof it is the leader's constraint that
// keeps it.
//
// How far a change spreads. The rates of the last solve() are kept, and only what a change really moves is filled anew:
// the resources whose level moves and the activities that they hold back (filling.cc has the algorithm and its proof).
//
// Cost. add/remove: O(uses). solve(): with A activities whose rates change and R tight resources on them, of d users
// each, O(R·d + A·uses + R·log R) times the few looks (1 to 4 on the measured fabrics) that a resource gets, whatever
// else is connected with them; plus O(1) for each activity added without company. From nothing it is a water-filling.
// Lists live in pooled blocks: no allocation once the pools have grown.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "sim/base/ids.h"
#include "sim/fluid/block_pool.h"
#include "sim/fluid/growing_array.h"

namespace orrery {

using ResourceId = Id<struct ResourceTag>;
using ActivityId = Id<struct ActivityTag>;  // reused after remove()

// What one unit of an activity's progress takes of a resource. Several uses of one resource in a list add up.
struct Use {
  ResourceId resource;
  double amount = 0;  // > 0
};

enum class Sharing : std::uint8_t {
  kMaxMin,  // the law above
  kNone,    // every activity at its solo rate, whoever else is there
};

// Amounts, weights and capacities other than 0 stand between 10⁻¹⁰⁰ and 10¹⁰⁰, so that no product leaves a double.
class MaxMin {
 public:
  // Capacities are finite and ≥ 0 (0: whatever uses it stands still).
  explicit MaxMin(std::vector<double> capacities, Sharing sharing = Sharing::kMaxMin);
  MaxMin(const MaxMin&) = delete;
  MaxMin& operator=(const MaxMin&) = delete;

  // One that is known but not present yet: it draws on nothing and has no rate until it enters. `uses` is copied.
  // weight > 0. `most` > 0: the rate it never exceeds.
  ActivityId prepare(std::span<const Use> uses, double weight, double most = std::numeric_limits<double>::infinity());
  void enter(ActivityId activity);  // once; it has uses
  ActivityId add(std::span<const Use> uses, double weight, double most = std::numeric_limits<double>::infinity());
  void remove(ActivityId activity);  // whether it has entered or not
  void set_capacity(ResourceId resource, double capacity);

  // Brings all rates up to date and returns the activities whose rate changed since the last call (those added
  // included), each once, in an order that depends on what came before. Valid until the next call of any member.
  [[nodiscard]] std::span<const ActivityId> solve();

  // As of the last solve(); 0 for one added since.
  [[nodiscard]] double rate(ActivityId activity) const {
    const double rate = activities_[activity.index()].rate;
    return rate > 0 ? rate : 0;
  }
  [[nodiscard]] double solo_rate(ActivityId activity) const { return activities_[activity.index()].solo; }
  [[nodiscard]] double load(ResourceId resource) const;  // Σ use·rate over its activities
  [[nodiscard]] double capacity(ResourceId resource) const { return resources_[resource.index()].capacity; }
  [[nodiscard]] std::size_t resource_count() const { return resources_.size(); }
  [[nodiscard]] std::size_t activity_count() const { return count_; }  // of those present

 private:
  using Index = std::uint32_t;
  static constexpr double kFresh = -1;  // the rate of an activity that solve() hasn't seen yet
  static constexpr Index kNobody = 0xFFFF'FFFFU;
  static constexpr double kOpen = std::numeric_limits<double>::infinity();
  static constexpr double kAbsent = -1;
  static constexpr std::uint8_t kNoBlock = 255;  // a size class

  // A line of an activity's use list, and the place in the resource's list that points back at it.
  struct UseRow {
    double amount = 0;
    Index resource = 0;
    Index place = 0;  // within the resource's list
  };
  // A line of a resource's list.
  struct User {
    double pull = 0;  // u·w: what it draws at level 1
    Index activity = 0;
    Index use = 0;  // into uses_
  };
  struct ActivityRow {
    double solo = 0;
    double weight = 1;
    double most = 0;
    double rate = kFresh;
    Index first_use = 0;
    Index use_count = 0;
    BlockPool<UseRow>::SizeClass size = kNoBlock;
    bool present = false;
    bool queued = false;  // in queue_
  };
  // Where an activity stands in the filling; beside the rows because every look at a resource reads it for each user.
  enum class Standing : Index {
    kKept,     // as the last solve() left it
    kRising,   // not yet held back by anything but its cap
    kSettled,  // has its new level
  };
  struct Share {
    double level = 0;  // kept, settled: x/w; rising: the cap
    double cap = 0;    // b/w
    Index bottleneck = kNobody;
    Index tight_uses = 0;  // of resources that are tight
    Standing standing = Standing::kKept;
  };
  struct alignas(64) ResourceRow {
    double capacity = 0;
    double scale = 0;          // 2⁴⁶ / capacity; 0 when capacity is 0
    std::uint64_t demand = 0;  // Σ ⌊u·b·scale⌋, modulo 2⁶⁴; with less than two users: anything
    User first_user;           // the others stand in users_: most resources have one user or none
    Index more_users = 0;
    Index user_count = 0;
    Index user_places = 0;  // in users_
    bool tight = false;     // as of the last solve()
    bool touched = false;   // in touched_
  };
  // Where a resource stands in the filling; only those that are or have been tight are looked at here.
  struct Fill {
    double level = kOpen;   // where it holds its users back; kOpen: nobody is held back here
    double guess = -1;      // the last finite level; below all where there was none
    double next = kOpen;    // while solving: the level at which it would fill up, as far as is known
    double key = kAbsent;   // while solving: its key in stops_
    bool kept = true;       // while solving: `level` is the one of the last solve()
    bool affected = false;  // while solving: in affected_
    bool weighed = false;   // while solving: `next` is up to date
  };
  // What may happen next on the way up.
  struct Stop {
    double level = 0;
    Index resource = 0;
  };

  [[nodiscard]] User& user(ResourceRow& row, Index k) {
    return k == 0 ? row.first_user : users_[row.more_users + k - 1];
  }
  [[nodiscard]] const User& user(const ResourceRow& row, Index k) const {
    return k == 0 ? row.first_user : users_[row.more_users + k - 1];
  }
  [[nodiscard]] double solo_rate_of(const ActivityRow& row) const;
  void add_demand(const ActivityRow& row);
  void subtract_demand(const UseRow& use, double solo);
  [[nodiscard]] bool over(const ResourceRow& row) const;
  void touch(Index resource);
  void enqueue(Index activity);
  void lengthen(ResourceRow& row);
  void leave(const ActivityRow& row);
  void set_rate(Index activity, double rate);

  // The filling (filling.cc).
  void seed();
  void set_tight(ResourceRow& row, bool tight);
  [[nodiscard]] bool follows(const ResourceRow& row, const ResourceRow& leader) const;
  [[nodiscard]] bool is_alone(const ResourceRow& row) const;
  void fill_alone(Index resource);
  void climb();
  void visit(Index resource);
  void wake(Index resource, double level);
  void affect(Index resource);
  void rise(Index activity, Index released);
  void release(Index resource);
  void saturate(Index resource, double level);
  void settle(Index activity, double level, Index bottleneck);
  template <class Limit>
  [[nodiscard]] double weigh(Index resource, Limit limit) const;
  [[nodiscard]] double weigh(Index resource) const;

  Sharing sharing_;
  std::size_t count_ = 0;
  std::vector<ResourceRow> resources_;
  std::vector<Fill> fills_;  // by resource
  GrowingArray<ActivityRow> activities_;
  GrowingArray<Share> shares_;  // by activity
  std::vector<Index> free_activities_;
  BlockPool<UseRow> uses_;
  BlockPool<User> users_;

  std::vector<Index> touched_;  // resources that are tight or may have become so
  std::vector<Index> queue_;    // activities whose solo rate is new
  // The filling at hand.
  double level_ = 0;                 // how far it has come
  GrowingArray<Index> members_;      // activities that aren't kept
  std::vector<Index> affected_;      // resources whose marks are to be taken back
  std::vector<Stop> stops_;          // a heap, the lowest level first
  std::vector<ActivityId> changed_;  // what solve() returns
};

}  // namespace orrery
