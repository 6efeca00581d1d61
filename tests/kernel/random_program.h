// Random programs without a deadlock, and random costs.
#pragma once

#include <rapidcheck.h>

#include "tests/kernel/play.h"

namespace orrery::play {

// Ranks that do the same, some slower than others, in a grid of tensor × pipeline: whatever the order of ops, no
// deadlock, as each op waits only for ops queued before it and every message goes round a ring whose receives have a
// stream of their own. `data`: the size of a third, outermost dimension, along which all is the same.
inline Program any_program(std::uint32_t data = 1) {
  const auto tensor = *rc::gen::inRange<std::uint32_t>(1, 5);
  const auto pipeline = *rc::gen::inRange<std::uint32_t>(1, 4);
  std::vector<Grid::Dimension> dimensions = {{"tp", tensor}, {"pp", pipeline}};
  if (data > 1) dimensions.push_back({"dp", data});
  Writer writer(dimensions);
  writer.group("tensor", {0}).group("all", {0, 1});
  if (data > 1) writer.group("data", {2}).group("stages and data", {1, 2});
  writer.program.host_op = Duration::picoseconds(*rc::gen::inRange(0, 50));
  std::vector<std::uint32_t> counts(4, 0);
  const auto ops = *rc::gen::inRange(1, 40);
  for (int i = 0; i < ops; ++i) {
    Writer::Waits waits;
    for (std::uint32_t stream = 0; stream < counts.size(); ++stream)
      if (counts[stream] > 0 && *rc::gen::inRange(0, 3) == 0)
        waits.push_back({stream, *rc::gen::inRange<std::uint32_t>(0, counts[stream] + 1)});
    const auto size = *rc::gen::inRange<std::int64_t>(0, 2000);
    switch (*rc::gen::inRange(data > 1 ? -2 : 0, 6)) {
      case -2:
        writer.collective(CollectiveKind::kReduceScatter, 2, size, waits);
        ++counts[kComm];
        break;
      case -1:
        writer.collective(CollectiveKind::kAllReduce, 3, size, waits);
        ++counts[kComm];
        break;
      case 0:
        writer.collective(CollectiveKind::kAllReduce, 0, size, waits);
        ++counts[kComm];
        break;
      case 1:
        writer.collective(CollectiveKind::kAllGather, 1, size, waits);
        ++counts[kComm];
        break;
      case 2:
        writer.send(1, 1, size, waits, kComm).recv(1, -1, size, waits, kMore);
        ++counts[kComm];
        ++counts[kMore];
        break;
      case 3:
        writer.host_sync(waits);
        ++counts[kHost];
        break;
      case 4:
        writer.kernels({{*rc::gen::inRange(0, 100), *rc::gen::inRange(0, 100)}, {7, size}}, waits);
        ++counts[kCompute];
        break;
      default:
        writer.compute(size + 1, waits, size * 3);
        ++counts[kCompute];
    }
  }
  Program program = writer.program;
  Role slow = program.roles[0];
  slow.name = "slow";
  for (Op& op : slow.ops) {
    if (op.kind != OpKind::kCompute) continue;
    Segment segment = program.segments[SegmentId(op.body)];
    segment.duration = segment.duration * 3;
    segment.hbm = segment.hbm * 2;
    op.body = program.segments.add(segment).index();
  }
  program.roles.push_back(slow);
  const std::size_t replica = std::size_t{tensor} * pipeline;
  for (std::size_t r = 0; r < program.role_of_rank.size(); ++r)
    program.role_of_rank[r] = r < replica ? *rc::gen::inRange<std::uint32_t>(0, 2) : program.role_of_rank[r - replica];
  return program;
}

inline RunOptions any_options() {
  RunOptions options;
  options.granularity = *rc::gen::element(Granularity::kFluid, Granularity::kStepwise);
  options.costs.launch = Duration::picoseconds(*rc::gen::inRange(0, 100));
  options.costs.step = Duration::picoseconds(*rc::gen::inRange(0, 10));
  options.costs.engine_share = *rc::gen::element(0.0, 0.1, 1.0);
  options.costs.hbm_per_byte = *rc::gen::element(0.0, 1.0, 2.5);
  return options;
}

}  // namespace orrery::play
