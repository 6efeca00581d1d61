// One profile → a role: calls on a stream of the CPU, kernels on streams of the GPU, and what waits for what.
#pragma once

#include <vector>

#include "workloads/chakra/trace_book.h"
#include "workloads/kineto/profile.h"

namespace orrery::kineto {

inline constexpr std::uint16_t kCpuStream = 2;

struct ProfileRole {
  Role role;
  std::size_t unknown = 0;  // collectives that don't say what they communicate
};

// `collectives`: by the profile's ops that have a Communication, in order: index into Program::collectives. Segments,
// delays, names and streams ("stream 84") are added to the book. The law is profile_program.h's.
[[nodiscard]] ProfileRole write_role(const Profile& profile, const std::vector<std::uint32_t>& collectives,
                                     chakra::TraceBook& book);

}  // namespace orrery::kineto
