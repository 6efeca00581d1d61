// Who is who in a network of dimensions, and how long a message takes where none disturbs another.
#pragma once

#include <cstdint>
#include <vector>

#include "workloads/astra/inputs.h"

namespace orrery::astra {

class LogicalNetwork {
 public:
  explicit LogicalNetwork(NetworkInput input);

  [[nodiscard]] std::uint32_t npus() const { return npus_; }
  [[nodiscard]] const NetworkInput& input() const { return input_; }

  // A message crosses the first dimension in which its ends differ, and no other (as ASTRA-sim has it).
  struct Way {
    std::uint32_t dimension = 0;
    std::uint32_t hops = 0;  // a ring's shorter way; 2 through a switch; 1 where all are connected; 0: no way to go
    friend bool operator==(const Way&, const Way&) = default;
  };
  [[nodiscard]] Way way(std::uint32_t from, std::uint32_t to) const;
  // ⌊hops·latency + bytes/bandwidth⌋: any number of messages share a link for nothing.
  [[nodiscard]] Nanoseconds alone(Way way, std::uint64_t bytes) const;

  // Members of the ring that `npu` belongs to along a dimension, in order, and where it stands there.
  struct Place {
    std::uint32_t first = 0;   // the member at place 0
    std::uint32_t stride = 1;  // from member to member
    std::uint32_t members = 1;
    std::uint32_t place = 0;
  };
  [[nodiscard]] Place along(std::uint32_t dimension, std::uint32_t npu) const;
  [[nodiscard]] Place everywhere(std::uint32_t npu) const { return {0, 1, npus_, npu}; }

 private:
  NetworkInput input_;
  std::vector<std::uint32_t> strides_;
  std::uint32_t npus_;
};

}  // namespace orrery::astra
