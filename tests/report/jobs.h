// Small jobs whose runs the trace tests look at: a decoder on two nodes, and what its run yields.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "sim/report/breakdown.h"
#include "sim/report/trace.h"
#include "sim/scenario/scenario.h"
#include "tests/kernel/play.h"

namespace jobs {

using namespace orrery;  // tests read as the code that they check

// Eight chips: two tensor ranks, two pipeline stages, two replicas, spread over two nodes.
inline const char* const kDecoder = R"(
name: Small decoder
cluster: dgx_a100_superpod
chips: 8
model:
  {name: tiny, source: test, layers: 4, hidden: 1024, heads: 16, ffn: 4096, vocab: 8192, positions: 1024,
   mlp: gelu, norm: layer_norm, position: learned, biases: true, dropout: true, tied_embeddings: true}
stack: megatron_lm
placement: packed
plan: {tensor: 2, pipeline: 2, data: 2, microbatch: 1, batch: 8, sequence: 512}
)";

struct Prepared {
  Scenario scenario;
  Program program;
  Placement placement;

  explicit Prepared(std::string_view text, const std::vector<std::string>& changes = {})
      : scenario(read(text, changes)) {
    program = program_of(scenario);
    placement = placement_of(scenario);
  }
  [[nodiscard]] Job job() const { return {&scenario.cluster->fabric, &program, &placement}; }
  [[nodiscard]] std::vector<RankId> all_ranks() const {
    std::vector<RankId> ranks;
    for (std::size_t r = 0; r < placement.size(); ++r) ranks.emplace_back(r);
    return ranks;
  }

 private:
  static Scenario read(std::string_view text, const std::vector<std::string>& changes) {
    std::vector<yaml::Override> overrides;
    for (const std::string& change : changes) overrides.push_back(yaml::Override::parse(change));
    return read_scenario(Library({ORRERY_SOURCE_DIR}), yaml::parse(text, "test.yaml", overrides), "test.yaml");
  }
};

struct Sample {
  ResourceId resource;
  Time at;
  double load;
};
class Samples : public CounterSink {
 public:
  void counter(ResourceId resource, Time at, double load) override { samples.push_back({resource, at, load}); }
  std::vector<Sample> samples;
};

struct Recording {
  RunResult result;
  std::vector<Span> spans;
  std::vector<Sample> samples;
  Breakdown breakdown;
};

inline Recording record(const Prepared& prepared, const std::vector<ResourceId>& counted = {}) {
  play::Collector spans;
  Samples samples;
  BreakdownSink breakdown(prepared.program);
  RunOptions options;
  options.network = prepared.scenario.network;
  options.granularity = prepared.scenario.granularity;
  options.costs = prepared.scenario.stack.communication;
  options.sinks = {&spans, &breakdown};
  options.counters = &samples;
  options.counted = counted;
  Recording recording;
  recording.result = run(prepared.job(), options);
  recording.spans = std::move(spans.spans);
  recording.samples = std::move(samples.samples);
  recording.breakdown = breakdown.finish(Time() + recording.result.step);
  return recording;
}

// What was recorded, played into a trace.
inline void write(const Prepared& prepared, const Recording& recording, const TraceOptions& options,
                  const std::vector<ResourceId>& counted, TraceFormat& format) {
  Trace trace(prepared.job(), options, counted, format);
  for (const Span& span : recording.spans) trace.span(span);
  for (const Sample& sample : recording.samples) trace.counter(sample.resource, sample.at, sample.load);
  trace.finish();
}

}  // namespace jobs
