// Profiles of a job's ranks → its Program: measured kernels and launches, collectives to be played anew.
//
// Law. A rank's CPU is one stream of delays: between two calls that matter (a launch, a wait for the GPU) it takes as
// long as it took when it was profiled. An op of a GPU stream starts once the op before it on its stream is over, its
// launch has been made, and
//   - a collective: what ran before it on the stream of compute that was launched last, if that was over when the
//     collective started (PyTorch makes NCCL's stream wait for the current stream);
//   - the first kernel that a thread launches after cudaStreamWaitEvent outside a collective: the collective that was
//     launched last before it, if that was over when the kernel started (that is how a collective is waited for).
// A call that waits for the GPU (…Synchronize) ends when those ops are over that were over when it ended.
// Kernels last as measured; collectives last what the fabric makes of them. What a collective
// waited for others is in the measurement and not in its length here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/kernel/program.h"
#include "workloads/kineto/profile.h"

namespace orrery::kineto {

// Of the whole job, as its profiles say.
[[nodiscard]] std::size_t ranks_of(const std::vector<Profile>& profiles);

struct ProfiledProgram {
  Program program;
  std::string name;
  std::vector<std::string> warnings;
};

// `profiles` in any order, played on `ranks` or as many as they say; who does as whom, and what can be wrong with that,
// stands in recorded_job.h.
[[nodiscard]] ProfiledProgram program_of(const std::vector<Profile>& profiles, const std::string& algorithm,
                                         std::optional<std::uint32_t> ranks = std::nullopt);

}  // namespace orrery::kineto
