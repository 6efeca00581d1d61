// A job that plays what was recorded, as `jobs:` names it, ready to be put on a machine.
//
//     - {name: theirs, trace: {goal: schedule.goal}}                                   # text or binary
//     - {name: ours, trace: {chakra: traces/ours, groups: traces/groups.json}, stack: megatron_lm}
//     - {name: mixture, trace: {simai: moe.txt, ranks: 256}, start: 2 ms}
//     - {name: profiled, trace: {pytorch: [rank.0.json, rank.1.json], ranks: 16}}      # profiles or execution traces
//
// Paths start at the folder of the file in which they stand. `stack` says what collectives cost beside the wire, as
// `orrery replay` has it (traced_scenario.h); `ranks` plays recordings on more ranks, where their kind can.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "sim/base/yaml.h"
#include "sim/scenario/scenario.h"
#include "workloads/recorded/grown_program.h"

namespace orrery {

// What is recorded, on as many ranks as it will be played on.
struct TraceKey {
  std::size_t ranks = 0;
  std::function<Scenario(const Library& library, std::shared_ptr<const Cluster> cluster)> scenario;
};

// What a recording is played with besides itself; what a kind can't use is left out.
struct TraceTerms {
  std::optional<yaml::Node> stack;
  std::optional<std::filesystem::path> groups;  // Chakra
  bool roofline = false;                        // likewise
  double compute_speedup = 1;
  std::optional<recorded::Growth> growth;
};

// Each kind by its files, as `orrery replay` takes them. InputError where one can't be read.
[[nodiscard]] TraceKey chakra_trace(const std::filesystem::path& prefix, TraceTerms terms);
[[nodiscard]] TraceKey goal_trace(const std::filesystem::path& file, TraceTerms terms);
[[nodiscard]] TraceKey simai_trace(const std::filesystem::path& file, TraceTerms terms);
// Execution traces, and beside them profiles of the same run; or profiles alone. At least one file.
[[nodiscard]] TraceKey pytorch_trace_of(const std::vector<std::filesystem::path>& files, TraceTerms terms);

// InputError at what isn't there or can't be, in this file or in what it names.
[[nodiscard]] TraceKey read_trace(const yaml::Node& node, const std::optional<yaml::Node>& stack);

}  // namespace orrery
