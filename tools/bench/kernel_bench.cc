// How fast whole steps are played: GPT-3 175B on 1,024 A100 with every microbatch and every collective, and smaller.
//
// The program is synthetic but of that size and shape: tensor 8, pipeline 8, data n; 12 layers a stage; one-forward-
// one-backward; full recomputation; two tensor-parallel all-reduces a layer and pass; activations and gradients sent
// between stages; a gradient all-reduce a layer over the data dimension, under the last backward pass.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/kernel/engine.h"

namespace orrery {
namespace {

constexpr std::uint32_t kTensor = 2;
constexpr std::uint32_t kReceive = 3;
constexpr std::uint32_t kSend = 4;
constexpr std::uint32_t kData = 5;
constexpr std::uint32_t kStages = 8;
constexpr std::uint32_t kLayers = 12;  // a stage

// Nodes of eight chips behind NVSwitches; each chip's NIC on the leaf of its rail; two spines.
Fabric dgx(std::size_t chips) {
  Chip chip;
  chip.name = "a100";
  chip.cores = 108;
  chip.hbm.bandwidth = Bandwidth::bytes_per_second(2'039'000'000'000);
  chip.hbm.efficiency = 0.9;
  Fabric fabric(chip);
  const auto cable = [&](VertexId a, VertexId b, std::int64_t gigabytes, std::int64_t nanoseconds, LinkKind kind) {
    fabric.add_cable({.from = a,
                      .to = b,
                      .bandwidth = Bandwidth::bytes_per_second(gigabytes * 1'000'000'000),
                      .efficiency = 0.8,
                      .latency = Duration::nanoseconds(nanoseconds),
                      .kind = kind});
  };
  std::array<VertexId, 8> leaves;
  const VertexId spine = fabric.add_vertex({VertexKind::kSwitch, {}, "spine"});
  for (VertexId& leaf : leaves) {
    leaf = fabric.add_vertex({VertexKind::kSwitch, {}, "leaf"});
    cable(leaf, spine, 3200, 500, LinkKind::kNetwork);
  }
  for (std::uint32_t node = 0; node < chips / 8; ++node) {
    const VertexId inside = fabric.add_vertex({VertexKind::kSwitch, {}, "nvswitch"});
    for (const VertexId leaf : leaves) {
      const VertexId gpu = fabric.engine(fabric.add_chip(node, "gpu"));
      const VertexId nic = fabric.add_vertex({VertexKind::kNic, {}, "nic"});
      cable(gpu, inside, 300, 250, LinkKind::kNvlink);
      cable(gpu, nic, 32, 300, LinkKind::kPcie);
      cable(nic, leaf, 25, 500, LinkKind::kNetwork);
    }
  }
  return fabric;
}

// One stage's role, written pass by pass.
class Stage {
 public:
  Stage(Program& program, std::uint32_t stage, std::uint32_t microbatches)
      : program_(program), stage_(stage), counts_(program.streams.size(), 0) {
    role_.name = "stage " + std::to_string(stage);
    const std::uint32_t ahead = std::min(kStages - 1 - stage, microbatches);
    std::uint32_t forward = 0;
    for (; forward < ahead; ++forward) pass(forward, false, false);
    for (std::uint32_t backward = 0; backward < microbatches; ++backward) {
      if (forward < microbatches) pass(forward++, false, false);
      pass(backward, true, backward + 1 == microbatches);
    }
    op(OpKind::kCompute, kComputeStream, 2, -1, {{kData, kLayers}});
    program.roles.push_back(std::move(role_));
  }

 private:
  void op(OpKind kind, std::uint32_t stream, std::uint32_t body, std::int32_t microbatch, std::vector<Wait> waits) {
    Op op;
    op.kind = kind;
    op.stream = static_cast<std::uint16_t>(stream);
    op.body = body;
    op.first_wait = static_cast<std::uint32_t>(role_.waits.size());
    op.wait_count = static_cast<std::uint16_t>(waits.size());
    op.microbatch = microbatch;
    role_.waits.insert(role_.waits.end(), waits.begin(), waits.end());
    role_.ops.push_back(op);
    ++counts_[stream];
  }
  // Segment, all-reduce; the next segment waits for the sum.
  void half_layer(std::uint32_t segment, std::int32_t microbatch, Wait also) {
    std::vector<Wait> waits{{kTensor, counts_[kTensor]}};
    if (also.count > 0) waits.push_back(also);
    op(OpKind::kCompute, kComputeStream, segment, microbatch, waits);
    op(OpKind::kCollective, kTensor, 0, microbatch, {{kComputeStream, counts_[kComputeStream]}});
  }
  void pass(std::uint32_t index, bool backward, bool last) {
    const auto microbatch = static_cast<std::int32_t>(index);
    const bool receives = backward ? stage_ + 1 < kStages : stage_ > 0;
    const bool sends = backward ? stage_ > 0 : stage_ + 1 < kStages;
    Wait arrived;
    if (receives) {
      op(OpKind::kRecv, kReceive, backward ? 1 : 0, microbatch, {});
      arrived = {kReceive, counts_[kReceive]};
    }
    for (std::uint32_t layer = 0; layer < kLayers; ++layer) {
      for (int recompute_then_backward = 0; recompute_then_backward < (backward ? 2 : 1); ++recompute_then_backward) {
        for (int half = 0; half < 2; ++half) {
          half_layer(recompute_then_backward == 1 ? 1 : 0, microbatch, arrived);
          arrived = {};
        }
      }
      if (last) op(OpKind::kCollective, kData, 1, microbatch, {{kComputeStream, counts_[kComputeStream]}});
    }
    if (sends) op(OpKind::kSend, kSend, backward ? 3 : 2, microbatch, {{kTensor, counts_[kTensor]}});
  }

  Program& program_;
  std::uint32_t stage_;
  std::vector<std::uint32_t> counts_;
  Role role_;
};

Program gpt(std::uint32_t data, std::uint32_t microbatches) {
  Program program;
  program.grid.dimensions = {{"tp", 8}, {"dp", data}, {"pp", kStages}};
  program.streams = {"host", "compute", "tensor", "receive", "send", "data"};
  program.groups = {{"tensor", {0}, {}}, {"data", {1}, {}}};
  program.names = {"op"};
  program.algorithms = {"ring"};
  program.host_op = Duration::microseconds(2);
  const auto segment = [&](std::int64_t microseconds, std::int64_t kernels) {
    Segment s;
    s.duration = Duration::microseconds(microseconds);
    s.hbm = Bytes(microseconds * 800'000);
    s.host_time = Duration::microseconds(4 * kernels);
    s.host_path = Duration::microseconds(4) + s.duration;
    program.segments.add(s);
  };
  segment(1000, 6);
  segment(2000, 12);
  segment(5000, 3);
  const Bytes activations(std::int64_t{2048} * 12'288 * 2);
  program.collectives = {{CollectiveKind::kAllReduce, GroupSpecId(0), activations, 0},
                         {CollectiveKind::kAllReduce, GroupSpecId(1), Bytes(450'000'000), 0}};
  program.messages = {{2, -1, activations, 0}, {2, 1, activations, 1}, {2, 1, activations, 0}, {2, -1, activations, 1}};
  for (std::uint32_t stage = 0; stage < kStages; ++stage) Stage(program, stage, microbatches);
  for (std::size_t rank = 0; rank < program.grid.rank_count(); ++rank)
    program.role_of_rank.push_back(program.grid.coordinate(RankId(rank), 2));
  return program;
}

class CountingSink : public SpanSink {
 public:
  void span(const Span& span) override { total_ += (span.end - span.begin).ps(); }
  [[nodiscard]] std::int64_t total() const { return total_; }

 private:
  std::int64_t total_ = 0;
};

void step(benchmark::State& state, const char* network) {
  const auto data = static_cast<std::uint32_t>(state.range(0));
  const auto microbatches = static_cast<std::uint32_t>(state.range(1));
  const Program program = gpt(data, microbatches);
  const Fabric fabric = dgx(program.grid.rank_count());
  Placement placement;
  for (std::size_t rank = 0; rank < program.grid.rank_count(); ++rank) placement.add(ChipId(rank));
  RunOptions options;
  options.network = network;
  options.costs.launch = Duration::microseconds(6);
  options.costs.step = Duration::microseconds(1);
  options.costs.engine_share = 0.1;
  CountingSink sink;
  options.sinks = {&sink};
  std::uint64_t events = 0;
  RunResult result;
  for (auto _ : state) {
    result = run({&fabric, &program, &placement}, options);
    events += result.events;
  }
  benchmark::DoNotOptimize(sink.total());
  state.counters["events/s"] = benchmark::Counter(static_cast<double>(events), benchmark::Counter::kIsRate);
  state.counters["ops"] = static_cast<double>(result.ops);
  state.counters["step_s"] = result.step.in_seconds();
}

void fluid(benchmark::State& state) { step(state, "fluid"); }
void ideal(benchmark::State& state) { step(state, "ideal"); }

// data × microbatches; 16 × 96 is the batch of 1,536 on 1,024 chips.
BENCHMARK(fluid)->Args({1, 16})->Args({16, 16})->Args({16, 96})->Unit(benchmark::kMillisecond);
BENCHMARK(ideal)->Args({16, 16})->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace orrery

BENCHMARK_MAIN();
