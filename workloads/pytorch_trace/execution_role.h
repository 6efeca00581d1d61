// One execution trace → a role: kernels on the compute stream, collectives on their group's, and what waits for what.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "workloads/chakra/trace_book.h"
#include "workloads/pytorch_trace/execution_program.h"

namespace orrery::pytorch_trace {

struct ExecutionRole {
  Role role;
  std::map<std::string, std::size_t> costless;  // operators that run something, but what isn't said: by name
  std::map<std::string, std::size_t> foreign;   // not ATen's, taken for streams
  std::size_t unmeasured = 0;                   // that the profile knows nothing of, and so take no time
};

// `measured`: nullptr where shapes say how long. `collectives`: by the trace's communications, in order: index into
// Program::collectives. The law is execution_program.h's.
[[nodiscard]] ExecutionRole write_role(const ExecutionTrace& trace, const MeasuredKernels* measured,
                                       const std::vector<std::uint32_t>& collectives, const Rules& rules,
                                       chakra::TraceBook& book);

}  // namespace orrery::pytorch_trace
