// Ops and groups in words, as messages to people name them.
#pragma once

#include <string>

#include "sim/kernel/program.h"

namespace orrery::kernel {

// "rank 5 (stage 1)"
[[nodiscard]] std::string describe(const Program& program, RankId rank);
// "recv 'activations microbatch 3' on stream 'receive'"; a collective goes by its kind: "all_reduce 'gradients' …"
[[nodiscard]] std::string describe(const Program& program, const Op& op);
// "compute 'norm'": the op without its stream
[[nodiscard]] std::string describe_short(const Program& program, const Op& op);
// "ranks 1, 2, 3": at most eight, then how many more
[[nodiscard]] std::string list_ranks(const std::vector<RankId>& ranks);

}  // namespace orrery::kernel
