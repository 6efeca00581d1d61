// A rate network that looks at crowds: many activities that start at one instant while nothing else is under way are
// played class by class (likeness.h), for as long as nothing disturbs them.
//
// All-to-all of 256 hosts, message by message, is 65,280 activities of three kinds. Once another starts, or a capacity
// changes, each of those still under way goes on by itself with what is left of it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/network/likeness.h"
#include "sim/network/rate_network.h"

namespace orrery {

class CrowdNetwork final : public Network {
 public:
  CrowdNetwork(std::vector<double> capacities, Sharing sharing);

  void start(const Activity& activity, Time now) override;
  [[nodiscard]] Time next_event() override;
  void advance(Time now, std::vector<std::uint32_t>& done) override;
  void set_capacity(ResourceId resource, double capacity, Time now) override;
  [[nodiscard]] double load(ResourceId resource) const override;

 private:
  enum class Stage : std::uint8_t {
    kApart,      // each by itself, or nothing is under way
    kGathering,  // some have started at one instant while nothing was under way, and rates_ hasn't been told
    kTogether,   // class by class
  };

  void set_out();  // those that were gathered
  void set_out_together();
  void part(Time now);  // each by itself from now on

  Sharing sharing_;
  std::vector<double> capacities_;
  std::unique_ptr<RateNetwork> rates_;
  std::size_t under_way_ = 0;  // in rates_
  Stage stage_ = Stage::kApart;
  Time gathered_at_;
  std::unique_ptr<Crowd> gathered_ = std::make_unique<Crowd>();
  std::unique_ptr<Crowd> played_ = std::make_unique<Crowd>();  // the last that went together
  Likeness likeness_;
  bool is_alike_ = false;            // likeness_ is of played_
  std::vector<std::uint32_t> over_;  // classes
  std::vector<std::uint32_t> members_over_;
};

}  // namespace orrery
