// Progressive filling of one component: all levels rise together until a resource is full or an activity has its cap.
//
// The algebra. Let every activity that isn't frozen run at x_a = λ·w_a. Resource r is full when
//     Σ_frozen u·x + λ·Σ_active u·w = C_r,  that is at  λ_r = (C_r − Σ_frozen u·x) / Σ_active u·w,
// and a has its cap at λ = b_a/w_a. The least of these is the next stop: there r freezes all its active activities, or
// a freezes at b_a. Freezing at λ ≤ λ_r only raises λ_r: (F − u·w·λ)/(A − u·w) ≥ F/A when λ ≤ F/A. So a heap of stops
// may hold old, lower levels: one whose level has risen goes back in with the new one.
//
// Rounding. `free` and `active` are differences. Each time `active` has fallen to half of what it was when summed, both
// are summed afresh, so that what is left never hangs on the rounding of terms that are gone.
#include <algorithm>

#include "sim/fluid/max_min.h"

namespace orrery {

namespace {

constexpr std::uint32_t kNoResource = 0xFFFF'FFFFU;

// Puts the lowest level at the front of a heap; among equals the lowest item.
constexpr auto kLater = [](const auto& a, const auto& b) {
  return a.level != b.level ? a.level > b.level : a.item > b.item;
};

}  // namespace

// Gathers the activities and tight resources reachable from `activity`, and fills them.
void MaxMin::visit_component(Index activity) {
  if (activities_[activity].visited == epoch_) return;
  members_.clear();
  joints_.clear();
  activities_[activity].visited = epoch_;
  members_.push_back(activity);
  for (std::size_t next = 0; next < members_.size(); ++next) {
    const ActivityRow& row = activities_[members_[next]];
    for (Index k = 0; k < row.use_count; ++k) {
      const Index r = uses_[row.first_use + k].resource;
      const ResourceRow& resource = resources_[r];
      if (!resource.tight || fillings_[r].visited == epoch_) continue;
      fillings_[r].visited = epoch_;
      joints_.push_back(r);
      for (Index j = 0; j < resource.user_count; ++j) {
        const Index other = users_[resource.first_user + j].activity;
        if (activities_[other].visited == epoch_) continue;
        activities_[other].visited = epoch_;
        members_.push_back(other);
      }
    }
  }
  if (joints_.empty()) {
    set_rate(activity, activities_[activity].solo);
  } else {
    fill_component();
  }
}

void MaxMin::push_stop(Stop stop) {
  stops_.push_back(stop);
  std::push_heap(stops_.begin(), stops_.end(), kLater);
}

void MaxMin::fill_component() {
  stops_.clear();
  for (const Index id : members_) {
    ActivityRow& row = activities_[id];
    row.frozen = false;
    stops_.push_back({row.solo / row.weight, id});
  }
  for (const Index r : joints_) {
    fillings_[r].left = resources_[r].user_count;
    sum_afresh(r);
    stops_.push_back({fillings_[r].free / fillings_[r].active, kResourceBit | r});
  }
  std::make_heap(stops_.begin(), stops_.end(), kLater);

  double level = 0;
  while (!stops_.empty()) {
    std::pop_heap(stops_.begin(), stops_.end(), kLater);
    const Stop stop = stops_.back();
    stops_.pop_back();
    if ((stop.item & kResourceBit) == 0) {
      if (activities_[stop.item].frozen) continue;
      level = std::max(level, stop.level);
      freeze(stop.item, activities_[stop.item].solo, kNoResource);
      continue;
    }
    const Index r = stop.item & ~kResourceBit;
    Filling& filling = fillings_[r];
    if (filling.left == 0) continue;
    const double now = std::max(level, filling.free / filling.active);
    if (now > stop.level) {
      push_stop({now, stop.item});
      continue;
    }
    level = now;
    const ResourceRow& resource = resources_[r];
    for (Index k = 0; k < resource.user_count; ++k) {
      const Index id = users_[resource.first_user + k].activity;
      const ActivityRow& row = activities_[id];
      if (!row.frozen) freeze(id, std::min(level * row.weight, row.solo), r);
    }
    filling.left = 0;
  }
}

// Gives an activity its final rate and takes its draw out of its tight resources; `saturated` has no need to know.
void MaxMin::freeze(Index activity, double rate, Index saturated) {
  ActivityRow& row = activities_[activity];
  row.frozen = true;
  set_rate(activity, rate);
  for (Index k = 0; k < row.use_count; ++k) {
    const UseRow& use = uses_[row.first_use + k];
    if (use.resource == saturated || !resources_[use.resource].tight) continue;
    Filling& filling = fillings_[use.resource];
    filling.free -= use.amount * rate;
    filling.active -= use.amount * row.weight;
    --filling.left;
    if (filling.left > 0 && filling.active < 0.5 * filling.summed) sum_afresh(use.resource);
  }
}

void MaxMin::sum_afresh(Index r) {
  const ResourceRow& resource = resources_[r];
  Filling& filling = fillings_[r];
  filling.free = resource.capacity;
  filling.active = 0;
  for (Index k = 0; k < resource.user_count; ++k) {
    const User& user = users_[resource.first_user + k];
    const ActivityRow& row = activities_[user.activity];
    const double amount = uses_[user.use].amount;
    if (row.frozen) {
      filling.free -= amount * row.rate;
    } else {
      filling.active += amount * row.weight;
    }
  }
  filling.free = std::max(filling.free, 0.0);
  filling.summed = filling.active;
}

}  // namespace orrery
