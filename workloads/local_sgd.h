// Local SGD: replicas at different sites step apart and every so often meet.
//
// Source: Stich 2019 (arXiv 1805.09767); Douillard et al. 2023, DiLoCo (arXiv 2311.08105): what a site's weights have
// moved by since the last meeting is averaged over the sites and given to an outer optimizer, SGD with Nesterov
// momentum, from whose weights all go on.
#pragma once

#include <cstdint>

#include "sim/base/yaml.h"
#include "topology/chip.h"
#include "workloads/optimizers/choice.h"

namespace orrery {

struct LocalSgd {
  std::int64_t sites = 1;
  std::int64_t steps = 1;             // from one meeting to the next
  Precision sent = Precision::kFp32;  // of what is averaged
  // Simulated: with its part of a meeting, without one, or with all of it. The part is one of bytes: it takes the way's
  // latency whole, which counts between sites far apart that hardly ever meet.
  ShownStep step = ShownStep::kAverage;

  [[nodiscard]] double share() const { return share_in(step, steps); }  // of a meeting, in that step

  friend bool operator==(const LocalSgd&, const LocalSgd&) = default;
};

// `{sites: 4, steps: 500, sent: bf16, step: expensive}`; sites and steps required. InputError at what is wrong.
[[nodiscard]] LocalSgd read_local_sgd(const yaml::Node& node);

}  // namespace orrery
