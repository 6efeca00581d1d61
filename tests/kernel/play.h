// Machines whose numbers are easy to reckon with, and what a run of a Program on them yields.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sim/base/error.h"
#include "sim/kernel/engine.h"
#include "tests/kernel/writer.h"

namespace orrery::play {

// A link of 10¹² bytes/s carries a byte a picosecond.
constexpr std::int64_t kBytePerPicosecond = 1'000'000'000'000;

// n chips on one switch, so two links lie between any two; `latency` of each, in ps. HBM in bytes a picosecond.
inline Fabric star(std::size_t chips, std::int64_t latency = 0, std::int64_t hbm = 1000) {
  Chip chip;
  chip.name = "test";
  chip.cores = 1;
  chip.hbm.bandwidth = Bandwidth::bytes_per_second(hbm * kBytePerPicosecond);
  Fabric fabric(chip);
  const VertexId middle = fabric.add_vertex({VertexKind::kSwitch, {}, "switch"});
  for (std::size_t c = 0; c < chips; ++c) {
    Link link;
    link.from = fabric.engine(fabric.add_chip(0, "chip" + std::to_string(c)));
    link.to = middle;
    link.bandwidth = Bandwidth::bytes_per_second(kBytePerPicosecond);
    link.latency = Duration::picoseconds(latency);
    fabric.add_cable(link);
  }
  return fabric;
}

struct Outcome {
  RunResult result;
  std::vector<Span> spans;

  [[nodiscard]] const Span& span(std::size_t rank, std::uint32_t op) const {
    const auto found =
        std::find_if(spans.begin(), spans.end(), [&](const Span& s) { return s.rank == RankId(rank) && s.op == op; });
    REQUIRE(found != spans.end());
    return *found;
  }
  [[nodiscard]] std::int64_t ready(std::size_t rank, std::uint32_t op) const { return span(rank, op).ready.ps(); }
  [[nodiscard]] std::int64_t begin(std::size_t rank, std::uint32_t op) const { return span(rank, op).begin.ps(); }
  [[nodiscard]] std::int64_t end(std::size_t rank, std::uint32_t op) const { return span(rank, op).end.ps(); }
  [[nodiscard]] std::uint32_t cause(std::size_t rank, std::uint32_t op) const { return span(rank, op).cause_stream; }
};

// Communication that draws on links only, at no cost but theirs.
inline RunOptions bare() {
  RunOptions options;
  options.costs.hbm_per_byte = 0;
  return options;
}

class Collector : public SpanSink {
 public:
  void span(const Span& span) override { spans.push_back(span); }
  std::vector<Span> spans;
};

inline Placement in_order(const Program& program) {
  Placement placement;
  for (std::size_t r = 0; r < program.role_of_rank.size(); ++r) placement.add(ChipId(r));
  return placement;
}

// Rank r on chip r. No span is lost: the engine's count of ops is that of the spans.
inline Outcome run_on(const Fabric& fabric, const Program& program, RunOptions options = bare()) {
  Collector collector;
  options.sinks.push_back(&collector);
  const Placement placement = in_order(program);
  const RunResult result = run({&fabric, &program, &placement}, options);
  CHECK(collector.spans.size() == result.ops);
  return {result, std::move(collector.spans)};
}

// The text of the RunError that the run ends in.
inline std::string failure(const Fabric& fabric, const Program& program, RunOptions options = bare()) {
  const Placement placement = in_order(program);
  try {
    static_cast<void>(run({&fabric, &program, &placement}, options));
  } catch (const RunError& error) {
    return error.what();
  }
  return "it finished";
}

}  // namespace orrery::play
