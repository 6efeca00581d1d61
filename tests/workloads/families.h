// What the families' tests share: a workload from a model and a plan, and what a role of its Program moves and counts.
#pragma once

#include <fmt/format.h>

#include <map>
#include <memory>
#include <string>

#include "sim/kernel/engine.h"
#include "tests/workloads/fixture.h"
#include "workloads/family.h"

namespace orrery::test {

// `model`: a name of the library, or a mapping as text; `plan` as "{data: 8, batch: 64}".
inline std::shared_ptr<const Workload> workload_of(const std::string& model, const std::string& plan,
                                                   std::string_view stack = "pytorch_ddp") {
  const yaml::Node node =
      model.starts_with("{") ? yaml::parse(model, "model.yaml") : library().open("workloads/models", model);
  const Family* family = family_of(node);
  REQUIRE(family != nullptr);
  return family->read(node, yaml::parse(plan, "plan.yaml"), stack_named(stack));
}

struct RoleSums {
  std::map<std::string, std::int64_t> reduced;    // bytes by group, of all-reduces
  std::map<std::string, std::int64_t> exchanged;  // of all-to-alls
  std::map<std::string, std::int64_t> others;     // of other collectives
  std::map<std::string, std::int64_t> sent;       // of messages, by grid dimension
  std::map<std::string, std::int64_t> received;
  double model_flops = 0;
  double hardware_flops = 0;
  double hbm = 0;
  Duration compute;  // of its segments alone
  std::int64_t segments = 0;
};

inline RoleSums sums_of(const Program& program, const Role& role) {
  RoleSums sums;
  for (const Op& op : role.ops) {
    if (op.kind == OpKind::kCompute) {
      const Segment& segment = program.segments[SegmentId(op.body)];
      sums.model_flops += segment.model_flops.count();
      sums.hardware_flops += segment.hardware_flops.count();
      sums.hbm += segment.hbm.as_double();
      sums.compute += segment.duration;
      ++sums.segments;
    } else if (op.kind == OpKind::kCollective) {
      const CollectiveOp& collective = program.collectives[op.body];
      const std::string& group = program.groups[collective.group.index()].name;
      auto& kinds = collective.kind == CollectiveKind::kAllReduce  ? sums.reduced
                    : collective.kind == CollectiveKind::kAllToAll ? sums.exchanged
                                                                   : sums.others;
      kinds[group] += collective.bytes.count();
    } else if (op.kind == OpKind::kSend || op.kind == OpKind::kRecv) {
      const MessageOp& message = program.messages[op.body];
      auto& way = op.kind == OpKind::kSend ? sums.sent : sums.received;
      way[program.grid.dimensions[message.dimension].name] += message.bytes.count();
    }
  }
  return sums;
}

// The first role where none is named.
inline RoleSums sums_of(const Program& program, const std::string& role = "") {
  for (const Role& one : program.roles)
    if (role.empty() || one.name == role) return sums_of(program, one);
  FAIL("no role is called ", role);
  return {};
}

// A step on chips around one switch; validated first.
inline RunResult run_of(const Program& program, const Chip& chip, const Stack& stack,
                        std::string_view network = "ideal", SpanSink* sink = nullptr) {
  const Fabric fabric = star(chip, program.role_of_rank.size());
  Placement placement;
  for (std::size_t r = 0; r < program.role_of_rank.size(); ++r) placement.add(ChipId(r));
  RunOptions options;
  options.network = network;
  options.costs = stack.communication;
  if (sink != nullptr) options.sinks = {sink};
  return run({&fabric, &program, &placement}, options);
}

// A stack whose collectives ask nobody and whose host costs nothing, to reckon with by hand.
inline Stack quick_stack(std::string_view name = "pytorch_ddp") {
  Stack stack = stack_named(name);
  stack.all_reduce = stack.all_gather = stack.reduce_scatter = "ring";
  stack.host_per_kernel = stack.host_per_message = Duration();
  stack.communication.launch = stack.communication.step = Duration();
  return stack;
}

inline std::int64_t category(const MemoryUse& use, const std::string& name) {
  for (const MemoryUse::Category& one : use.categories)
    if (one.name == name) return one.bytes.count();
  FAIL("no memory is called ", name);
  return 0;
}

}  // namespace orrery::test
