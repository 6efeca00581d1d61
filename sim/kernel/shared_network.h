// One network behind several doors: each job starts its activities under tags and by a clock of its own.
#pragma once

#include <cassert>
#include <cstdint>
#include <vector>

#include "sim/network/network.h"

namespace orrery::kernel {

// Whose activity a tag of the common network is.
class SharedTags {
 public:
  struct Owner {
    std::uint32_t player = 0;
    std::uint32_t tag = 0;  // as the player knows it
  };
  std::uint32_t give(Owner owner) {
    if (free_.empty()) {
      owners_.push_back(owner);
      return static_cast<std::uint32_t>(owners_.size() - 1);
    }
    const std::uint32_t tag = free_.back();
    free_.pop_back();
    owners_[tag] = owner;
    return tag;
  }
  Owner take(std::uint32_t tag) {
    free_.push_back(tag);
    return owners_[tag];
  }

 private:
  std::vector<Owner> owners_;
  std::vector<std::uint32_t> free_;
};

// What a player sees of the network. Only the ensemble moves time and changes capacities.
class SharedNetwork final : public Network {
 public:
  SharedNetwork(Network& network, SharedTags& tags, std::uint32_t player, Duration start)
      : network_(&network), tags_(&tags), player_(player), start_(start) {}

  void start(const Activity& activity, Time now) override {
    Activity tagged = activity;
    tagged.tag = tags_->give({player_, activity.tag});
    network_->start(tagged, now + start_);
  }
  [[nodiscard]] Time next_event() override {
    assert(false);
    return Time::max();
  }
  void advance(Time, std::vector<std::uint32_t>&) override { assert(false); }
  void set_capacity(ResourceId, double, Time) override { assert(false); }
  [[nodiscard]] double load(ResourceId resource) const override { return network_->load(resource); }

 private:
  Network* network_;
  SharedTags* tags_;
  std::uint32_t player_;
  Duration start_;
};

}  // namespace orrery::kernel
