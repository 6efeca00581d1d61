// The filling, from what the last solve() left: only what a change moves is filled anew.
//
// The algebra. Progressive filling raises one level λ for all. An activity that nothing holds back runs at x_a = λ·w_a;
// it stops at its own level ℓ_a: the least of its cap b_a/w_a and of the levels of its resources. A resource's level is
// the λ at which it is full,
//     λ_r :  Σ_a u_ra·w_a·min(λ, ℓ_a) = C_r     (ℓ_a: where a stops if r doesn't stop it; ∞ where the sum never gets
//     there)
// and those that reach it are stopped by it: r is their bottleneck. The sum is concave in λ and piecewise linear, so
// Newton's method is exact after a few steps (weigh()), mostly after one from the last level.
//
// The fillings before and after a change are two such ascents. The new one is followed upwards, event by event, but
// only where it differs from the old:
//   kept     a stands at λ as it stood in the old filling: rising below its old ℓ_a, stopped there from then on;
//   rising   a is not stopped yet, though it may have been in the old filling;
//   settled  a has been stopped, at its new ℓ_a, though it may not have been in the old filling.
// To begin with, activities that are new or have a new cap rise, and the resources whose users or capacity changed are
// awake. A resource r that is awake has an event at the lesser of its old level and its new one, as far as is known:
//   old, and the new one is the same: it stops at it those that rise; who was kept stays so;
//   old, and the new one is higher:   it doesn't stop those that it stopped: they rise on, and wake their resources;
//   new:                              it stops whoever isn't stopped yet. Of those that were kept, the resources that
//                                     were full at a higher level wake: they will have more to give.
// When no event is left, those that rise have their caps.
//
//   Claim: the levels are then those of a filling from nothing.
//   Proof, by induction over the events in order of level. Suppose that up to λ everyone stands as said. A resource
//   that isn't awake has just kept users, or has had users only settle below their old levels, and wasn't full in the
//   old filling: its load is at each λ at most the old one's, and where it was full it has been woken. So it behaves as
//   in the old filling, which is what "kept" says. For a resource that is awake, weigh() has the true limits of those
//   settled, and for those kept the old ones. If one of these doesn't hold, because a is stopped earlier, λ_r can only
//   be higher than was thought, and is weighed again when its turn comes; because a rises on beyond its old ℓ_a, that
//   is found at λ = ℓ_a, by waking r before λ goes beyond. So no event is missed and none comes too early. An activity
//   goes from kept to rising to settled and never back, so the events end. ∎ In the result everyone stands at its cap
//   or at a full resource on which nobody's level is higher: max-min fair.
//
// Rounding. Levels that differ by less than 10⁻¹³ are one level. Every look at a resource sums over its users afresh,
// and none of its terms is a difference that an earlier solve() left: what is ignored or rounded at one solve() isn't
// added to at the next. Ties go by resource, never by order of insertion.
#include <algorithm>
#include <cmath>

#include "sim/fluid/max_min.h"

namespace orrery {

namespace {

// Levels this close, relatively, are one level: what rounding makes of sums in another order.
constexpr double kSlip = 1e-13;
constexpr double kUp = 1 + kSlip;

// Puts the lowest level at the front of a heap; among equals the lowest resource.
constexpr auto kLater = [](const auto& a, const auto& b) {
  return a.level != b.level ? a.level > b.level : a.resource > b.resource;
};

}  // namespace

// What came, went or changed since the last solve() starts to rise; the resources that this may move are woken.
void MaxMin::seed() {
  level_ = 0;
  // A touched resource matters if it was tight (who was held back by it may speed up) or is (who is on it must share).
  std::size_t kept = 0;
  const ResourceRow* last = nullptr;  // that is tight
  for (const Index r : touched_) {
    ResourceRow& row = resources_[r];
    const bool was_tight = row.tight;
    row.touched = false;
    set_tight(row, over(row) && (last == nullptr || !follows(row, *last)));
    if (row.tight) last = &row;
    if (was_tight || row.tight) touched_[kept++] = r;
  }
  touched_.resize(kept);
  // CORRECTNESS: whatever gained an activity or a demand and is tight has been touched, so that an activity in the
  // queue without a tight resource has its solo rate, and every tight resource of the others is woken below.
  for (const Index id : queue_) {
    ActivityRow& row = activities_[id];
    row.queued = false;
    if (!row.present) continue;
    Share& share = shares_[id];
    share.cap = row.solo / row.weight;
    if (share.tight_uses > 0) {
      rise(id, kNobody);
    } else {
      share.level = share.cap;
      share.bottleneck = kNobody;
      set_rate(id, row.solo);
    }
  }
  queue_.clear();
  for (const Index r : touched_) {
    if (is_alone(resources_[r])) {
      fill_alone(r);
      continue;
    }
    Fill& fill = fills_[r];
    fill.next = weigh(r);
    fill.weighed = true;
    const double level = std::min(fill.next, fill.level);
    if (level < kOpen) wake(r, level);
  }
  touched_.clear();
}

void MaxMin::set_tight(ResourceRow& row, bool tight) {
  if (row.tight == tight) return;
  row.tight = tight;
  for (Index k = 0; k < row.user_count; ++k) {
    Index& tight_uses = shares_[user(row, k).activity].tight_uses;
    tight_uses = tight ? tight_uses + 1 : tight_uses - 1;
  }
}

// Whether `row` holds nobody back whom a tight `leader` lets go: the same users draw as much, and it has no less to
// give.
bool MaxMin::follows(const ResourceRow& row, const ResourceRow& leader) const {
  if (row.user_count != leader.user_count || row.capacity < leader.capacity) return false;
  for (Index k = 0; k < row.user_count; ++k) {
    const User& its = user(row, k);
    const User& other = user(leader, k);
    if (its.activity != other.activity || its.pull != other.pull) return false;
  }
  return true;
}

// Whether its users draw on no other tight resource: then nobody else's level moves with it.
bool MaxMin::is_alone(const ResourceRow& row) const {
  const Index uses = row.tight ? 1 : 0;
  for (Index k = 0; k < row.user_count; ++k)
    if (shares_[user(row, k).activity].tight_uses != uses) return false;
  return true;
}

// What climb() would come to where a resource is a system of its own.
void MaxMin::fill_alone(Index r) {
  const ResourceRow& row = resources_[r];
  Fill& fill = fills_[r];
  const double next = weigh(r, [](const Share& share) { return share.cap; });
  const bool moves = !(fill.level < kOpen && next <= fill.level * kUp && next >= fill.level * (1 - kSlip));
  if (moves) fill.level = next;
  if (fill.level < kOpen) fill.guess = fill.level;
  fill.next = next;
  fill.weighed = true;
  for (Index k = 0; k < row.user_count; ++k) {
    const Index id = user(row, k).activity;
    const ActivityRow& its = activities_[id];
    Share& share = shares_[id];
    const bool held = share.cap >= fill.level;
    share.standing = Standing::kKept;
    share.level = held ? fill.level : share.cap;
    share.bottleneck = held ? r : kNobody;
    set_rate(id, held ? std::min(fill.level * its.weight, its.solo) : its.solo);
  }
}

double MaxMin::weigh(Index r) const {
  return weigh(r, [r](const Share& share) {
    const bool own = share.bottleneck == r && share.standing == Standing::kKept;
    return own ? share.cap : share.level;
  });
}

// The level at which `r` fills up if the others rise as far as is known: Σ pull·min(level, limit) = C.
template <class Limit>
double MaxMin::weigh(Index r, Limit limit_of) const {
  const ResourceRow& row = resources_[r];
  if (!row.tight) return kOpen;
  double guess = fills_[r].guess;
  while (true) {
    double fixed = 0;       // drawn by those whose limit is below the guess
    double rising = 0;      // pull of the others
    double highest = 0;     // limit of the former
    double lowest = kOpen;  // limit of the latter
    for (Index k = 0; k < row.user_count; ++k) {
      const User& its = user(row, k);
      const double limit = limit_of(shares_[its.activity]);
      if (limit > guess) {
        rising += its.pull;
        lowest = std::min(lowest, limit);
      } else {
        fixed += its.pull * limit;
        highest = std::max(highest, limit);
      }
    }
    if (rising == 0) {
      if (fixed <= row.capacity * kUp) return kOpen;
      guess = -1;
      continue;
    }
    const double next = std::max(row.capacity - fixed, 0.0) / rising;
    if (next <= lowest && next >= highest) return next;
    // Newton's method on a concave function: after the first step always from below. A step that rounding keeps from
    // getting on is the last.
    if (next <= guess && next >= highest * (1 - kSlip)) return next;
    guess = next == guess ? std::nextafter(guess, kOpen) : next;
  }
}

void MaxMin::affect(Index r) {
  if (fills_[r].affected) return;
  fills_[r].affected = true;
  affected_.push_back(r);
}

void MaxMin::wake(Index r, double level) {
  Fill& fill = fills_[r];
  if (fill.key != kAbsent && fill.key <= level) return;
  affect(r);
  fill.key = level;
  stops_.push_back({level, r});
  std::push_heap(stops_.begin(), stops_.end(), kLater);
}

void MaxMin::climb() {
  while (!stops_.empty()) {
    std::pop_heap(stops_.begin(), stops_.end(), kLater);
    const Stop stop = stops_.back();
    stops_.pop_back();
    if (fills_[stop.resource].key != stop.level) continue;
    level_ = std::max(level_, stop.level);
    visit(stop.resource);
  }
  for (const Index id : members_) {
    Share& share = shares_[id];
    if (share.standing == Standing::kRising) {
      share.level = share.cap;
      set_rate(id, activities_[id].solo);
    }
    share.standing = Standing::kKept;
  }
  members_.clear();
  for (const Index r : affected_) {
    Fill& fill = fills_[r];
    fill.key = kAbsent;
    fill.kept = true;
    fill.affected = false;
  }
  affected_.clear();
}

void MaxMin::visit(Index r) {
  Fill& fill = fills_[r];
  fill.key = kAbsent;
  const bool held = fill.kept && fill.level < kOpen;
  if (!fill.weighed) {
    fill.next = weigh(r);
    fill.weighed = true;
  }
  const double next = fill.next;
  if (held && next >= fill.level * (1 - kSlip)) {
    if (fill.level > level_) {
      wake(r, fill.level);
    } else if (next > fill.level * kUp) {
      release(r);
      if (next < kOpen) wake(r, next);
    } else {
      saturate(r, fill.level);
    }
  } else if (next > level_ * kUp) {
    if (next < kOpen) wake(r, next);
  } else {
    level_ = std::max(level_, next);
    fill.kept = false;
    fill.level = next;
    fill.guess = next;
    saturate(r, next);
  }
}

void MaxMin::release(Index r) {
  fills_[r].kept = false;
  fills_[r].level = kOpen;
  const ResourceRow& row = resources_[r];
  for (Index k = 0; k < row.user_count; ++k) {
    const Index id = user(row, k).activity;
    const Share& share = shares_[id];
    if (share.standing == Standing::kKept && share.bottleneck == r) rise(id, r);
  }
}

void MaxMin::rise(Index activity, Index released) {
  Share& share = shares_[activity];
  const double before = share.level;
  share.standing = Standing::kRising;
  share.level = share.cap;
  share.bottleneck = kNobody;
  members_.push_back(activity);
  const ActivityRow& row = activities_[activity];
  const UseRow* use = &uses_[row.first_use];
  for (Index left = share.tight_uses; left > 0; ++use) {
    const Index r = use->resource;
    if (!resources_[r].tight) continue;
    --left;
    if (r == released) continue;  // it has been weighed with this user rising
    // CORRECTNESS: Σ pull·min(λ, limit) is what it was up to the lower of the two limits, so a `next` below both
    // stands.
    if (!(fills_[r].next <= before)) fills_[r].weighed = false;
    if (released != kNobody) wake(r, level_);
  }
}

void MaxMin::saturate(Index r, double level) {
  const ResourceRow& row = resources_[r];
  for (Index k = 0; k < row.user_count; ++k) {
    const Index id = user(row, k).activity;
    const Share& share = shares_[id];
    if (share.standing == Standing::kRising) {
      if (share.cap < level) {
        settle(id, share.cap, kNobody);
      } else {
        settle(id, level, r);
      }
    } else if (share.standing == Standing::kKept && share.level > level * kUp) {
      settle(id, level, r);
    }
  }
}

void MaxMin::settle(Index activity, double level, Index bottleneck) {
  Share& share = shares_[activity];
  const ActivityRow& row = activities_[activity];
  const bool was_rising = share.standing == Standing::kRising;
  if (!was_rising) members_.push_back(activity);
  share.standing = Standing::kSettled;
  share.level = level;
  share.bottleneck = bottleneck;
  const UseRow* use = &uses_[row.first_use];
  for (Index left = share.tight_uses; left > 0; ++use) {
    const Index r = use->resource;
    if (!resources_[r].tight) continue;
    --left;
    Fill& fill = fills_[r];
    // CORRECTNESS: as in rise(); and who never fills up doesn't when someone draws less.
    if (!(fill.next <= level * kUp || fill.next == kOpen)) fill.weighed = false;
    if (!was_rising && r != bottleneck && fill.kept && fill.level < kOpen) wake(r, fill.level);
  }
  set_rate(activity, bottleneck == kNobody ? row.solo : std::min(level * row.weight, row.solo));
}

}  // namespace orrery
