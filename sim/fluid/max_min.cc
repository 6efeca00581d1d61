// Who uses what, and which resources could be anybody's bottleneck: the bookkeeping around the filling.
#include "sim/fluid/max_min.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace orrery {

namespace {

constexpr double kWhole = 70'368'744'177'664.0;  // 2⁴⁶ units of demand fill a resource
constexpr std::uint64_t kWholeUnits = std::uint64_t{1} << 46U;
// With more activities the sum of demands could wrap around; it is not asked then.
constexpr std::uint32_t kMostCounted = 1U << 17U;

double scale_of(double capacity) { return capacity > 0 ? kWhole / capacity : 0; }

// The share of a resource that one activity would take alone. u·b ≤ C up to rounding, so it is at most 2⁴⁶.
std::uint64_t demand_of(double amount, double solo, double scale) {
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(amount * solo * scale));
}

}  // namespace

MaxMin::MaxMin(std::vector<double> capacities, Sharing sharing)
    : sharing_(sharing), resources_(capacities.size()), fills_(capacities.size()) {
  assert(capacities.size() < kNobody);
  for (std::size_t r = 0; r < capacities.size(); ++r) {
    assert(std::isfinite(capacities[r]) && capacities[r] >= 0);
    resources_[r].capacity = capacities[r];
    resources_[r].scale = scale_of(capacities[r]);
  }
}

double MaxMin::solo_rate_of(const ActivityRow& row) const {
  double solo = row.most;
  for (Index k = 0; k < row.use_count; ++k) {
    const UseRow& use = uses_[row.first_use + k];
    solo = std::min(solo, resources_[use.resource].capacity / use.amount);
  }
  return solo;
}

// Here, in enter() and in leave() what a loop needs stands in locals: any of its writes might change the members, as
// far as the compiler knows, and it would read them anew for each use.
void MaxMin::add_demand(const ActivityRow& row) {
  const UseRow* const uses = &uses_[row.first_use];
  ResourceRow* const resources = resources_.data();
  const Index count = row.use_count;
  const double solo = row.solo;
  for (Index k = 0; k < count; ++k) {
    const UseRow use = uses[k];
    ResourceRow& resource = resources[use.resource];
    resource.demand += demand_of(use.amount, solo, resource.scale);
    if (resource.tight || over(resource)) touch(use.resource);
  }
}

// CORRECTNESS: takes away just what add_demand() added. Both compute it from the same three doubles by the same
// formula, so a caller that changes a solo rate or a scale subtracts before and adds after.
inline void MaxMin::subtract_demand(const UseRow& use, double solo) {
  ResourceRow& resource = resources_[use.resource];
  resource.demand -= demand_of(use.amount, solo, resource.scale);
  if (resource.tight) touch(use.resource);
}

bool MaxMin::over(const ResourceRow& row) const {
  return row.user_count > 1 && sharing_ == Sharing::kMaxMin &&
         (row.demand > kWholeUnits || row.user_count > kMostCounted);
}

void MaxMin::touch(Index resource) {
  if (resources_[resource].touched) return;
  resources_[resource].touched = true;
  touched_.push_back(resource);
}

void MaxMin::enqueue(Index activity) {
  if (activities_[activity].queued) return;
  activities_[activity].queued = true;
  queue_.push_back(activity);
}

void MaxMin::lengthen(ResourceRow& row) {
  const auto larger = BlockPool<User>::size_class(std::max<std::size_t>(2, std::size_t{2} * row.user_places));
  const Index moved = users_.take(larger);
  if (row.user_places > 0) {
    std::copy_n(&users_[row.more_users], row.user_places, &users_[moved]);
    users_.give_back(row.more_users, BlockPool<User>::size_class(row.user_places));
  }
  row.more_users = moved;
  row.user_places = static_cast<Index>(BlockPool<User>::places_in(larger));
}

ActivityId MaxMin::prepare(std::span<const Use> uses, double weight, double most) {
  assert(weight > 0 && most > 0);
  Index id = 0;
  if (free_activities_.empty()) {
    id = static_cast<Index>(activities_.size());
    assert(id < kNobody);
    activities_.push_back(ActivityRow());
    shares_.push_back(Share());
  } else {
    id = free_activities_.back();
    free_activities_.pop_back();
  }
  ActivityRow& row = activities_[id];
  const bool queued = row.queued;
  row = ActivityRow();
  row.queued = queued;
  row.weight = weight;
  row.most = most;
  row.use_count = static_cast<Index>(uses.size());
  if (uses.empty()) return ActivityId(id);
  row.size = BlockPool<UseRow>::size_class(uses.size());
  row.first_use = uses_.take(row.size);
  UseRow* line = &uses_[row.first_use];
  for (const Use& use : uses) {
    assert(use.amount > 0);
    __builtin_prefetch(&resources_[use.resource.index()]);
    *line++ = {use.amount, use.resource.index(), 0};
  }
  return ActivityId(id);
}

void MaxMin::enter(ActivityId activity) {
  const Index id = activity.index();
  ActivityRow& row = activities_[id];
  assert(!row.present && row.use_count > 0);
  row.present = true;
  UseRow* const uses = &uses_[row.first_use];
  ResourceRow* const resources = resources_.data();
  const Index count = row.use_count;
  const double weight = row.weight;
  Index lines = 0;
  Index tight_uses = 0;
  bool in_company = false;
  double solo = row.most;
  for (Index k = 0; k < count; ++k) {
    const UseRow use = uses[k];
    ResourceRow& resource = resources[use.resource];
    const Index others = resource.user_count;
    // An earlier use of this resource by the same list is the last line of the resource's list.
    if (others > 0) {
      User& last = user(resource, others - 1);
      if (last.activity == id) {
        double& amount = uses_[last.use].amount;
        amount += use.amount;
        last.pull = amount * weight;
        solo = std::min(solo, resource.capacity / amount);
        continue;
      }
      if (others > resource.user_places) lengthen(resource);
      if (others == 1) {  // from here on its demand counts
        const User& first = resource.first_user;
        resource.demand = demand_of(uses_[first.use].amount, activities_[first.activity].solo, resource.scale);
      }
      in_company = true;
    }
    solo = std::min(solo, resource.capacity / use.amount);
    uses[lines] = {use.amount, use.resource, others};
    resource.user_count = others + 1;
    user(resource, others) = {use.amount * weight, id, row.first_use + lines};
    if (resource.tight) ++tight_uses;
    ++lines;
  }
  shares_[id] = {.tight_uses = tight_uses};
  row.use_count = lines;
  row.solo = solo;
  if (in_company) add_demand(row);
  enqueue(id);
  ++count_;
}

ActivityId MaxMin::add(std::span<const Use> uses, double weight, double most) {
  const ActivityId activity = prepare(uses, weight, most);
  enter(activity);
  return activity;
}

void MaxMin::remove(ActivityId activity) {
  const Index id = activity.index();
  ActivityRow& row = activities_[id];
  if (row.present) leave(row);
  if (row.size != kNoBlock) uses_.give_back(row.first_use, row.size);
  row.present = false;
  row.size = kNoBlock;
  free_activities_.push_back(id);
}

void MaxMin::leave(const ActivityRow& row) {
  const UseRow* const uses = &uses_[row.first_use];
  const double solo = row.solo;
  const Index count = row.use_count;
  ResourceRow* const resources = resources_.data();
  for (Index k = 0; k < count; ++k) __builtin_prefetch(&resources[uses[k].resource]);
  for (Index k = 0; k < count; ++k) {
    const UseRow use = uses[k];
    ResourceRow& resource = resources[use.resource];
    const Index others = --resource.user_count;
    if (others == 0) continue;
    subtract_demand(use, solo);
    const User last = user(resource, others);
    user(resource, use.place) = last;
    uses_[last.use].place = use.place;
  }
  --count_;
}

void MaxMin::set_capacity(ResourceId resource, double capacity) {
  assert(std::isfinite(capacity) && capacity >= 0);
  const Index r = resource.index();
  ResourceRow& row = resources_[r];
  if (capacity == row.capacity) return;
  for (Index k = 0; k < row.user_count; ++k) {
    const ActivityRow& its = activities_[user(row, k).activity];
    for (Index i = 0; i < its.use_count; ++i) subtract_demand(uses_[its.first_use + i], its.solo);
  }
  row.capacity = capacity;
  row.scale = scale_of(capacity);
  if (row.tight) touch(r);
  for (Index k = 0; k < row.user_count; ++k) {
    const Index id = user(row, k).activity;
    activities_[id].solo = solo_rate_of(activities_[id]);
    add_demand(activities_[id]);
    enqueue(id);
  }
}

double MaxMin::load(ResourceId resource) const {
  const ResourceRow& row = resources_[resource.index()];
  double load = 0;
  for (Index k = 0; k < row.user_count; ++k) {
    const User& its = user(row, k);
    load += uses_[its.use].amount * rate(ActivityId(its.activity));
  }
  return load;
}

void MaxMin::set_rate(Index activity, double rate) {
  ActivityRow& row = activities_[activity];
  if (row.rate == rate) return;
  row.rate = rate;
  changed_.emplace_back(activity);
}

std::span<const ActivityId> MaxMin::solve() {
  changed_.clear();
  seed();
  climb();
  return changed_;
}

}  // namespace orrery
