// Which of many activities that start together progress alike, so that one of each kind can stand for all.
//
// Activities and resources are refined by colour until the partition is equitable: two resources of a class have the
// same capacity and, class by class of activities, as many users with the same use; two activities of a class ask for
// the same and use as many resources of every class by as much. On a machine that nothing else draws on, all of a class
// then have the same rates from start to end (the argument stands in sim/kernel/fold.h; here there are no ranks). What
// plays for class A is its first member, with uses u_ρA = |A|·Σ_{r ∈ ρ} u_ra ÷ |ρ| of the first resource of each ρ.
//
// Cost: a few passes over all uses (3 or 4 for all-to-all on a tree), two more to check the result. Colours are 64-bit
// hashes; the check is exact, so hashes that collide cost the bundling, never its truth.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "sim/fluid/growing_array.h"
#include "sim/network/network.h"

namespace orrery {

// Activities as they were started, uses copied.
struct Crowd {
  struct Member {
    double amount = 0;
    double weight = 1;
    double most = std::numeric_limits<double>::infinity();
    Duration latency;
    std::uint32_t tag = 0;
    std::uint32_t first_use = 0;
    std::uint32_t use_count = 0;

    [[nodiscard]] bool asks_the_same(const Member& other) const {
      return amount == other.amount && weight == other.weight && most == other.most && latency == other.latency &&
             use_count == other.use_count;
    }
  };
  GrowingArray<Member> members;
  GrowingArray<Use> uses;

  void add(const Activity& activity);
  void clear();
  // Whether it asks for the same of the same resources: a round of a collective is often the one before once more.
  [[nodiscard]] bool is_like(const Crowd& other) const;
  [[nodiscard]] std::span<const Use> uses_of(const Member& member) const {
    return {uses.begin() + member.first_use, member.use_count};
  }
};

class Likeness {
 public:
  // Looks for classes; false if there are more than a few, or one resource has uses of several sizes by one class.
  // `capacities`: by resource.
  [[nodiscard]] bool find(const Crowd& crowd, std::span<const double> capacities);

  // Of what was found last.
  [[nodiscard]] std::uint32_t classes() const { return static_cast<std::uint32_t>(first_.size()); }
  [[nodiscard]] std::uint32_t class_of(std::size_t member) const { return class_of_[member]; }
  // In order of start.
  [[nodiscard]] std::span<const std::uint32_t> members(std::uint32_t of_class) const {
    return std::span(members_).subspan(begin_[of_class], begin_[of_class + 1] - begin_[of_class]);
  }
  // What plays for a class draws on.
  [[nodiscard]] std::vector<Use> uses(const Crowd& crowd, std::uint32_t of_class) const;
  // The first resource of its class, or itself if nobody draws on it.
  [[nodiscard]] ResourceId resource(ResourceId id) const;

 private:
  void number_resources(const Crowd& crowd, std::span<const double> capacities);
  [[nodiscard]] bool refine(const Crowd& crowd, std::size_t most);
  void name_classes();
  [[nodiscard]] bool is_equitable(const Crowd& crowd, std::span<const double> capacities) const;

  std::vector<std::uint32_t> place_;      // by resource: among those in use, or kUnused
  std::vector<std::uint32_t> resources_;  // those in use
  std::vector<std::uint32_t> places_;     // by use: place_ of its resource
  bool all_ones_ = true;                  // every use takes the same
  std::vector<std::uint64_t> member_colours_;
  std::vector<std::uint64_t> resource_colours_;  // by place, as is what follows
  std::vector<std::uint64_t> sums_;
  std::vector<std::uint32_t> resource_class_;
  std::vector<std::uint32_t> first_resource_;  // by class: a place
  std::vector<std::uint32_t> resource_size_;   // by class
  std::vector<std::uint32_t> class_of_;        // by member
  std::vector<std::uint32_t> first_;           // by class: a member
  std::vector<std::uint32_t> size_;            // by class
  std::vector<std::uint32_t> members_;         // class by class
  std::vector<std::uint32_t> begin_;           // by class, and one past the last: into members_
};

}  // namespace orrery
