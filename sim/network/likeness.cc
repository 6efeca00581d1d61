// Colour refinement on activities and resources, with sums of hashes for multisets.
#include "sim/network/likeness.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "sim/base/scrambled.h"

namespace orrery {
namespace {

constexpr std::uint32_t kUnused = 0xFFFF'FFFFU;

std::uint64_t bits(double value) { return std::bit_cast<std::uint64_t>(value); }

// Numbers given to colours in the order in which they come up.
class Numbers {
 public:
  explicit Numbers(std::size_t most) : slots_(std::bit_ceil(4 * most + 4)) {}
  // A number for each colour.
  std::uint32_t of(std::uint64_t colour) {
    std::size_t at = colour & (slots_.size() - 1);
    while (slots_[at].number != kUnused && slots_[at].colour != colour) at = (at + 1) & (slots_.size() - 1);
    if (slots_[at].number == kUnused) slots_[at] = {colour, count_++};
    return slots_[at].number;
  }
  [[nodiscard]] std::uint32_t count() const { return count_; }

 private:
  struct Slot {
    std::uint64_t colour = 0;
    std::uint32_t number = kUnused;
  };
  std::vector<Slot> slots_;
  std::uint32_t count_ = 0;
};

// How many different colours; `most` + 1 when there are more.
std::size_t distinct(const std::vector<std::uint64_t>& colours, std::size_t most) {
  Numbers numbers(most + 1);
  for (const std::uint64_t colour : colours) {
    static_cast<void>(numbers.of(colour));
    if (numbers.count() > most) break;
  }
  return numbers.count();
}

// Numbers, and the first and the size of each.
void name(const std::vector<std::uint64_t>& colours, std::vector<std::uint32_t>& class_of,
          std::vector<std::uint32_t>& first, std::vector<std::uint32_t>& size) {
  Numbers numbers(colours.size());
  class_of.resize(colours.size());
  first.clear();
  size.clear();
  for (std::uint32_t i = 0; i < colours.size(); ++i) {
    class_of[i] = numbers.of(colours[i]);
    if (class_of[i] == first.size()) {
      first.push_back(i);
      size.push_back(0);
    }
    ++size[class_of[i]];
  }
}

}  // namespace

void Crowd::add(const Activity& activity) {
  const std::size_t before = uses.size();
  if (!activity.uses.empty()) {
    uses.extend(activity.uses.size());
    std::memcpy(&uses[before], activity.uses.data(), activity.uses.size_bytes());
  }
  members.push_back({activity.amount, activity.weight, activity.most, activity.latency, activity.tag,
                     static_cast<std::uint32_t>(before), static_cast<std::uint32_t>(activity.uses.size())});
}

void Crowd::clear() {
  members.clear();
  uses.clear();
}

bool Crowd::is_like(const Crowd& other) const {
  const auto same = [](const Member& a, const Member& b) { return a.asks_the_same(b); };
  const auto same_use = [](const Use& a, const Use& b) { return a.resource == b.resource && a.amount == b.amount; };
  return std::equal(members.begin(), members.end(), other.members.begin(), other.members.end(), same) &&
         std::equal(uses.begin(), uses.end(), other.uses.begin(), other.uses.end(), same_use);
}

void Likeness::number_resources(const Crowd& crowd, std::span<const double> capacities) {
  place_.resize(capacities.size(), kUnused);
  for (const std::uint32_t resource : resources_) place_[resource] = kUnused;
  resources_.clear();
  places_.resize(crowd.uses.size());
  all_ones_ = true;
  for (std::size_t u = 0; u < crowd.uses.size(); ++u) {
    const Use& use = crowd.uses[u];
    std::uint32_t& place = place_[use.resource.index()];
    if (place == kUnused) {
      place = static_cast<std::uint32_t>(resources_.size());
      resources_.push_back(use.resource.index());
    }
    places_[u] = place;
    all_ones_ = all_ones_ && use.amount == 1;
  }
  resource_colours_.clear();
  for (const std::uint32_t resource : resources_) resource_colours_.push_back(scrambled(bits(capacities[resource])));
}

// Every class splits as its neighbours' colours say, until a round splits none.
bool Likeness::refine(const Crowd& crowd, std::size_t most) {
  const std::size_t count = crowd.members.size();
  member_colours_.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    const Crowd::Member& member = crowd.members[i];
    std::uint64_t look = scrambled(bits(member.amount) + member.use_count);
    look = scrambled(look ^ bits(member.weight));
    look = scrambled(look ^ bits(member.most));
    member_colours_[i] = scrambled(look ^ static_cast<std::uint64_t>(member.latency.ps()));
  }
  const auto with_amount = [this](std::uint64_t colour, double amount) {
    return all_ones_ ? colour : scrambled(colour ^ bits(amount));
  };
  sums_.resize(resources_.size());
  std::size_t before = 0;
  for (;;) {
    std::fill(sums_.begin(), sums_.end(), 0);
    for (std::size_t i = 0; i < count; ++i) {
      const Crowd::Member& member = crowd.members[i];
      for (std::uint32_t u = member.first_use; u < member.first_use + member.use_count; ++u)
        sums_[places_[u]] += with_amount(member_colours_[i], crowd.uses[u].amount);
    }
    for (std::size_t r = 0; r < sums_.size(); ++r) resource_colours_[r] = scrambled(resource_colours_[r] + sums_[r]);
    for (std::size_t i = 0; i < count; ++i) {
      const Crowd::Member& member = crowd.members[i];
      std::uint64_t sum = 0;
      for (std::uint32_t u = member.first_use; u < member.first_use + member.use_count; ++u)
        sum += with_amount(resource_colours_[places_[u]], crowd.uses[u].amount);
      member_colours_[i] = scrambled(member_colours_[i] + sum);
    }
    const std::size_t now = distinct(member_colours_, most);
    if (now > most) return false;
    const std::size_t all = now + distinct(resource_colours_, resource_colours_.size());
    if (all == before) return true;
    before = all;
  }
}

void Likeness::name_classes() {
  name(member_colours_, class_of_, first_, size_);
  name(resource_colours_, resource_class_, first_resource_, resource_size_);
  begin_.assign(1, 0);
  for (const std::uint32_t size : size_) begin_.push_back(begin_.back() + size);
  members_.resize(class_of_.size());
  std::vector<std::uint32_t> next(begin_.begin(), begin_.end() - 1);
  for (std::uint32_t i = 0; i < class_of_.size(); ++i) members_[next[class_of_[i]]++] = i;
}

bool Likeness::is_equitable(const Crowd& crowd, std::span<const double> capacities) const {
  constexpr std::size_t kMostCounts = std::size_t{1} << 23U;
  if (resources_.size() * classes() > kMostCounts) return false;
  for (std::size_t r = 0; r < resources_.size(); ++r)
    if (capacities[resources_[r]] != capacities[resources_[first_resource_[resource_class_[r]]]]) return false;

  // Activities: what they ask for, and their uses by class of resource.
  using View = std::vector<std::pair<std::uint32_t, double>>;
  const auto view_of = [&](const Crowd::Member& member, View& view) {
    view.clear();
    for (std::uint32_t u = member.first_use; u < member.first_use + member.use_count; ++u)
      view.emplace_back(resource_class_[places_[u]], crowd.uses[u].amount);
  };
  std::vector<View> views(classes());
  for (std::uint32_t c = 0; c < classes(); ++c) {
    view_of(crowd.members[first_[c]], views[c]);
    View sorted = views[c];
    std::sort(sorted.begin(), sorted.end());
    // One size of use by a class of activities of a class of resources: then counting users is adding up uses.
    for (std::size_t k = 1; k < sorted.size(); ++k)
      if (sorted[k].first == sorted[k - 1].first && sorted[k].second != sorted[k - 1].second) return false;
  }
  View view;
  for (std::size_t i = 0; i < crowd.members.size(); ++i) {
    const Crowd::Member& member = crowd.members[i];
    if (!member.asks_the_same(crowd.members[first_[class_of_[i]]])) return false;
    view_of(member, view);
    if (view == views[class_of_[i]]) continue;
    View expected = views[class_of_[i]];
    std::sort(expected.begin(), expected.end());
    std::sort(view.begin(), view.end());
    if (view != expected) return false;
  }

  // Resources: users of each class.
  std::vector<std::uint32_t> users(resources_.size() * classes(), 0);
  for (std::size_t i = 0; i < crowd.members.size(); ++i) {
    const Crowd::Member& member = crowd.members[i];
    for (std::uint32_t u = member.first_use; u < member.first_use + member.use_count; ++u)
      ++users[places_[u] * classes() + class_of_[i]];
  }
  for (std::size_t r = 0; r < resources_.size(); ++r) {
    const auto row = users.begin() + static_cast<std::ptrdiff_t>(r * classes());
    const std::size_t other = first_resource_[resource_class_[r]];
    const auto first = users.begin() + static_cast<std::ptrdiff_t>(other * classes());
    if (!std::equal(row, row + static_cast<std::ptrdiff_t>(classes()), first)) return false;
  }
  return true;
}

bool Likeness::find(const Crowd& crowd, std::span<const double> capacities) {
  constexpr std::size_t kLeastSaved = 8;  // members a class, on average
  number_resources(crowd, capacities);
  if (!refine(crowd, crowd.members.size() / kLeastSaved)) return false;
  name_classes();
  return is_equitable(crowd, capacities);
}

std::vector<Use> Likeness::uses(const Crowd& crowd, std::uint32_t of_class) const {
  const Crowd::Member& member = crowd.members[first_[of_class]];
  std::vector<Use> uses;
  for (std::uint32_t u = member.first_use; u < member.first_use + member.use_count; ++u) {
    const std::uint32_t its = resource_class_[places_[u]];
    const double amount = crowd.uses[u].amount * size_[of_class] / resource_size_[its];
    uses.push_back({ResourceId(resources_[first_resource_[its]]), amount});
  }
  return uses;
}

ResourceId Likeness::resource(ResourceId id) const {
  const std::uint32_t place = id.index() < place_.size() ? place_[id.index()] : kUnused;
  return place == kUnused ? id : ResourceId(resources_[first_resource_[resource_class_[place]]]);
}

}  // namespace orrery
