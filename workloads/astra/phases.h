// A collective as its chunks go through it: which phase in which dimension, in which order.
#pragma once

#include <cstdint>
#include <vector>

#include "workloads/astra/inputs.h"

namespace orrery::astra {

struct PhasePlan {
  Kind kind = Kind::kAllReduce;
  std::uint32_t dimension = 0;  // whose queue it waits in
  Implementation implementation;
};

// `involved`: by dimension; shorter lists mean that the rest takes part. All-gathers go down the dimensions, everything
// else up; an all-reduce that is aware of local bandwidth scatters up to the last dimension, reduces there whole, and
// gathers on the way down.
// `implementations`: by dimension, of that kind.
[[nodiscard]] std::vector<PhasePlan> phases_of(Kind kind, const SystemInput& system,
                                               const std::vector<Implementation>& implementations,
                                               const std::vector<bool>& involved);

// Sizes of the chunks that a collective is cut into: `splits` of ⌊bytes/splits⌋ and what is left over.
[[nodiscard]] std::vector<std::uint64_t> chunks_of(std::uint64_t bytes, std::int64_t splits);

}  // namespace orrery::astra
