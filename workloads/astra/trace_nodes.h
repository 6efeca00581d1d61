// A rank's trace as ASTRA-sim plays it: nodes in order of id, what each asks for, and what waits for what.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "workloads/astra/inputs.h"
#include "workloads/chakra/byte_source.h"

namespace orrery::astra {

enum class Job : std::uint8_t { kNothing, kTimed, kCompute, kMemory, kCollective, kSend, kReceive };
// What a rank has one of. Receives and nodes that ask for nothing wait for none.
enum class Unit : std::uint8_t { kCpu, kCompute, kCommunication, kMemory, kNone };
inline constexpr std::size_t kUnits = 4;

inline constexpr std::uint32_t kNoCustom = 0xffff'ffff;

struct TraceNode {
  Job job = Job::kNothing;
  Unit unit = Unit::kNone;
  Nanoseconds duration = 0;  // kTimed
  double flops = 0;          // kCompute
  std::uint64_t bytes = 0;
  Kind kind = Kind::kAllReduce;
  std::uint32_t group = 0;  // into TraceNodes::groups
  std::uint32_t peer = 0;   // of a message
  std::uint32_t tag = 0;
  std::uint32_t custom = kNoCustom;       // of a collective that is a trace by itself: into SystemInput::customs
  std::int64_t priority = 0;              // of a collective, where the policy is explicit
  std::vector<bool> involved;             // dimensions
  std::uint32_t dependencies = 0;         // how many nodes it waits for
  std::vector<std::uint32_t> dependents;  // indices

  friend bool operator==(const TraceNode&, const TraceNode&) = default;
};

struct TraceNodes {
  std::vector<TraceNode> nodes;
  std::vector<std::string> groups;                            // names as the nodes have them; "" is everybody
  std::map<std::string, std::vector<std::uint32_t>> defined;  // groups that nodes of metadata define
  std::vector<std::string> names;                             // of the nodes, if they are asked for
  bool is_for_any_rank = true;  // no message and no group: another rank's would read alike

  // What nodes are called is nobody's business.
  friend bool operator==(const TraceNodes& a, const TraceNodes& b) {
    return a.nodes == b.nodes && a.groups == b.groups && a.defined == b.defined;
  }
};

// InputError "trace.0.et:byte 12: …" at a node that can't be played. `unheeded`: what was there and changes nothing.
[[nodiscard]] TraceNodes read_trace_nodes(std::unique_ptr<chakra::Blocks> blocks, std::uint32_t rank,
                                          std::uint32_t ranks, const SystemInput& system,
                                          std::vector<std::string>& unheeded, bool with_names = false);

}  // namespace orrery::astra
