// Gathers, looks, and plays the classes by tags of their own.
#include "sim/network/crowd_network.h"

#include <algorithm>
#include <utility>

namespace orrery {
namespace {

// Smaller crowds are not worth a look.
constexpr std::size_t kCrowd = 512;

Activity activity_of(const Crowd::Member& member, std::span<const Use> uses) {
  return {.uses = uses,
          .amount = member.amount,
          .weight = member.weight,
          .latency = member.latency,
          .tag = member.tag,
          .most = member.most};
}

}  // namespace

CrowdNetwork::CrowdNetwork(std::vector<double> capacities, Sharing sharing)
    : sharing_(sharing),
      capacities_(std::move(capacities)),
      rates_(std::make_unique<RateNetwork>(capacities_, sharing)) {}

void CrowdNetwork::start(const Activity& activity, Time now) {
  if (stage_ == Stage::kGathering && now != gathered_at_) set_out();
  if (stage_ == Stage::kTogether) part(now);
  if (stage_ == Stage::kApart && under_way_ == 0) {
    stage_ = Stage::kGathering;
    gathered_at_ = now;
    gathered_->clear();
  }
  if (stage_ == Stage::kGathering) {
    gathered_->add(activity);
    return;
  }
  ++under_way_;
  rates_->start(activity, now);
}

void CrowdNetwork::set_out() {
  if (gathered_->members.size() >= kCrowd) {
    const bool is_as_before = is_alike_ && gathered_->is_like(*played_);
    is_alike_ = is_as_before || likeness_.find(*gathered_, capacities_);
    if (is_alike_) {
      std::swap(gathered_, played_);
      set_out_together();
      return;
    }
  }
  stage_ = Stage::kApart;
  under_way_ = gathered_->members.size();
  for (const Crowd::Member& member : gathered_->members)
    rates_->start(activity_of(member, gathered_->uses_of(member)), gathered_at_);
}

void CrowdNetwork::set_out_together() {
  stage_ = Stage::kTogether;
  under_way_ = likeness_.classes();
  for (std::uint32_t c = 0; c < likeness_.classes(); ++c) {
    const std::vector<Use> uses = likeness_.uses(*played_, c);
    Activity activity = activity_of(played_->members[likeness_.members(c).front()], uses);
    activity.tag = c;
    rates_->start(activity, gathered_at_);
  }
}

// CORRECTNESS: members of a class have gone the same way, so what is left of each is what is left of the one that
// played for them.
void CrowdNetwork::part(Time now) {
  std::vector<RateNetwork::Rest> rests(likeness_.classes());
  std::vector<bool> is_left(likeness_.classes(), false);
  for (const RateNetwork::Rest& rest : rates_->rests(now)) {
    rests[rest.tag] = rest;
    is_left[rest.tag] = true;
  }
  rates_ = std::make_unique<RateNetwork>(capacities_, sharing_);
  stage_ = Stage::kApart;
  under_way_ = 0;
  for (std::size_t i = 0; i < played_->members.size(); ++i) {
    const std::uint32_t its = likeness_.class_of(i);
    if (!is_left[its]) continue;
    const Crowd::Member& member = played_->members[i];
    Activity activity = activity_of(member, played_->uses_of(member));
    activity.amount = rests[its].amount;
    activity.latency = rests[its].latency;
    rates_->start(activity, now);
    ++under_way_;
  }
}

Time CrowdNetwork::next_event() {
  if (stage_ == Stage::kGathering) set_out();
  return rates_->next_event();
}

void CrowdNetwork::advance(Time now, std::vector<std::uint32_t>& done) {
  if (stage_ == Stage::kGathering) set_out();
  if (stage_ == Stage::kApart) {
    const std::size_t before = done.size();
    rates_->advance(now, done);
    under_way_ -= done.size() - before;
    return;
  }
  over_.clear();
  rates_->advance(now, over_);
  if (over_.empty()) return;
  under_way_ -= over_.size();
  if (under_way_ == 0) stage_ = Stage::kApart;
  members_over_.clear();
  for (const std::uint32_t c : over_) {
    const std::span<const std::uint32_t> members = likeness_.members(c);
    members_over_.insert(members_over_.end(), members.begin(), members.end());
  }
  if (over_.size() > 1) std::sort(members_over_.begin(), members_over_.end());
  for (const std::uint32_t member : members_over_) done.push_back(played_->members[member].tag);
}

void CrowdNetwork::set_capacity(ResourceId resource, double capacity, Time now) {
  if (stage_ == Stage::kGathering) set_out();
  if (stage_ == Stage::kTogether) part(now);
  capacities_[resource.index()] = capacity;
  is_alike_ = false;
  rates_->set_capacity(resource, capacity, now);
}

double CrowdNetwork::load(ResourceId resource) const {
  return rates_->load(stage_ == Stage::kTogether ? likeness_.resource(resource) : resource);
}

}  // namespace orrery
