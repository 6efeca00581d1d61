// What tests of traces ask: what an op waits for, and what somebody has to say when things go wrong.
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/kernel/program.h"

namespace orrery {

using Waits = std::vector<std::pair<std::uint32_t, std::uint32_t>>;  // stream, count

// Of a rank's ops of that name.
inline Waits waits_of(const Program& program, std::size_t rank, std::string_view name) {
  const Role& role = program.roles[program.role_of_rank[rank]];
  Waits waits;
  for (const Op& op : role.ops)
    if (program.names[op.name] == name)
      for (std::uint32_t w = 0; w < op.wait_count; ++w)
        waits.emplace_back(role.waits[op.first_wait + w].stream, role.waits[op.first_wait + w].count);
  return waits;
}

template <class Act>
std::string message_of(const Act& act) {
  try {
    act();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "nothing was wrong";
}

}  // namespace orrery
