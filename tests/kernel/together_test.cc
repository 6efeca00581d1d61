// Several jobs on one fabric: alone where they don't meet, max-min fair where they do.
#include "sim/network/resources.h"
#include "tests/kernel/play.h"

namespace orrery::play {

namespace {

// Two switches joined by one cable of a byte a picosecond, two chips at each: chips 0 and 1 left, 2 and 3 right.
Fabric dumbbell() {
  Fabric fabric(star(1).chip_spec());
  const VertexId left = fabric.add_vertex({VertexKind::kSwitch, {}, "left"});
  const VertexId right = fabric.add_vertex({VertexKind::kSwitch, {}, "right"});
  Link link;
  link.bandwidth = Bandwidth::bytes_per_second(kBytePerPicosecond);
  for (std::size_t c = 0; c < 4; ++c) {
    link.from = fabric.engine(fabric.add_chip(0, "chip" + std::to_string(c)));
    link.to = c < 2 ? left : right;
    fabric.add_cable(link);
  }
  link.from = left;
  link.to = right;
  fabric.add_cable(link);
  return fabric;
}

// A job of two ranks: computes, then sends.
Program sender_of(std::int64_t compute, std::int64_t bytes) {
  return Writer({{"pp", 2}})
      .role("from")
      .compute(compute)
      .send(0, 1, bytes, {{kCompute, 1}})
      .role("to")
      .recv(0, -1, bytes)
      .assign({0, 1})
      .program;
}

Placement on_chips(std::size_t a, std::size_t b) {
  Placement placement;
  placement.add(ChipId(a));
  placement.add(ChipId(b));
  return placement;
}

struct Side {
  Program program;
  Placement placement;
  std::int64_t start = 0;
};

std::vector<Outcome> together(const Fabric& fabric, const std::vector<Side>& sides,
                              const RunOptions& options = bare()) {
  std::vector<Collector> collectors(sides.size());
  std::vector<Tenant> tenants;
  for (std::size_t i = 0; i < sides.size(); ++i)
    tenants.push_back({.name = "job " + std::to_string(i),
                       .job = {&fabric, &sides[i].program, &sides[i].placement},
                       .costs = options.costs,
                       .sinks = {&collectors[i]},
                       .start = Duration::picoseconds(sides[i].start)});
  std::vector<Outcome> outcomes;
  for (RunResult& result : run_together(tenants, options)) {
    std::vector<Span>& spans = collectors[outcomes.size()].spans;
    CHECK(spans.size() == result.ops);
    outcomes.push_back({std::move(result), std::move(spans)});
  }
  return outcomes;
}

void check_same(const Outcome& a, const Outcome& b) {
  CHECK(a.result.step == b.result.step);
  CHECK(a.result.events == b.result.events);
  CHECK(a.result.resource_work == b.result.resource_work);
  REQUIRE(a.spans.size() == b.spans.size());
  for (std::size_t i = 0; i < a.spans.size(); ++i) {
    CHECK(a.spans[i].rank == b.spans[i].rank);
    CHECK(a.spans[i].begin == b.spans[i].begin);
    CHECK(a.spans[i].end == b.spans[i].end);
  }
}

std::string refusal(const Fabric& fabric, const std::vector<Side>& sides) {
  try {
    static_cast<void>(together(fabric, sides));
  } catch (const RunError& error) {
    return error.what();
  }
  return "they ran";
}

}  // namespace

TEST_CASE("jobs that share no link take the times that they take alone") {
  const Fabric fabric = dumbbell();
  const Side a{sender_of(100, 1000), on_chips(0, 1)};
  const Side b{sender_of(70, 3000), on_chips(2, 3)};
  const std::vector<Outcome> both = together(fabric, {a, b});
  CHECK(both[0].result.step.ps() == 1100);
  CHECK(both[1].result.step.ps() == 3070);
  check_same(both[0], together(fabric, {a}).front());
  check_same(both[1], together(fabric, {b}).front());
}

TEST_CASE("two jobs over one link share it: 1000 and 3000 bytes") {
  // Half of the link each until 2000, when the first is through; the second has 2000 bytes left.
  for (const std::string_view network : {"fluid", "ideal"}) {
    RunOptions options = bare();
    options.network = network;
    const std::vector<Outcome> both =
        together(dumbbell(), {{sender_of(0, 1000), on_chips(0, 2)}, {sender_of(0, 3000), on_chips(1, 3)}}, options);
    CHECK(both[0].result.step.ps() == (network == "fluid" ? 2000 : 1000));
    CHECK(both[1].result.step.ps() == (network == "fluid" ? 4000 : 3000));
  }
}

TEST_CASE("packet: two jobs over one link take about twice as long") {
  RunOptions options = bare();
  options.network = "packet";
  options.granularity = Granularity::kStepwise;
  const auto step = [&](std::size_t jobs) {
    std::vector<Side> sides = {{sender_of(0, 400'000), on_chips(0, 2)}, {sender_of(0, 400'000), on_chips(1, 3)}};
    sides.resize(jobs);
    return static_cast<double>(together(dumbbell(), sides, options).front().result.step.ps());
  };
  const double slowdown = step(2) / step(1);
  CHECK(slowdown > 1.9);
  CHECK(slowdown < 2.1);
}

TEST_CASE("a job that starts later counts from its own start") {
  // The second comes at 600, when 400 of the first one's 1000 bytes are left: these take 800. At 1400 the second has
  // 600 bytes left of its own 1000: done at 2000, 1400 after its start.
  const std::vector<Outcome> both =
      together(dumbbell(), {{sender_of(0, 1000), on_chips(0, 2)}, {sender_of(0, 1000), on_chips(1, 3), 600}});
  CHECK(both[0].result.step.ps() == 1400);
  CHECK(both[1].result.step.ps() == 1400);
  CHECK(both[1].begin(1, 0) == 0);
  CHECK(both[1].end(1, 0) == 1400);
}

TEST_CASE("a job that starts when the others are over runs as if alone") {
  const Side early{sender_of(0, 1000), on_chips(0, 2)};
  Side late{sender_of(0, 1000), on_chips(1, 3), 5000};
  const std::vector<Outcome> both = together(dumbbell(), {early, late});
  late.start = 0;
  check_same(both[1], together(dumbbell(), {late}).front());
}

TEST_CASE("the order in which jobs are named changes nothing") {
  const Side a{sender_of(33, 1000), on_chips(0, 2)};
  const Side b{sender_of(0, 3000), on_chips(1, 3), 17};
  const std::vector<Outcome> there = together(dumbbell(), {a, b});
  const std::vector<Outcome> back = together(dumbbell(), {b, a});
  check_same(there[0], back[1]);
  check_same(there[1], back[0]);
}

TEST_CASE("changes and background count by the machine's clock") {
  RunOptions options = bare();
  options.changes = {{Time::picoseconds(600), Resources(dumbbell()).engine(ChipId(1)), 0.5}};
  const std::vector<Outcome> both =
      together(dumbbell(), {{sender_of(1000, 1), on_chips(0, 2)}, {sender_of(1000, 1), on_chips(1, 3), 500}}, options);
  CHECK(both[0].end(0, 0) == 1000);
  CHECK(both[1].end(0, 0) == 100 + 1800);
}

TEST_CASE("a job that can't finish is named") {
  const Program lonely = Writer({{"pp", 2}}).role("a").recv(0, 1, 5).role("b").compute(7).assign({0, 1}).program;
  CHECK(
      refusal(dumbbell(), {{sender_of(0, 10), on_chips(0, 2)}, {lonely, on_chips(1, 3)}}) ==
      "job 'job 1': the run can't finish: after 10 ps nothing moves; 1 of 2 ops are done, 1 stream of 1 rank can't go "
      "on:\n"
      "  rank 0 (a): recv 'op 0' on stream 'comm' waits for a send from rank 1 on channel 0, which never comes");
}

TEST_CASE("two jobs on one chip are refused") {
  CHECK(refusal(dumbbell(), {{sender_of(0, 1), on_chips(0, 2)}, {sender_of(0, 1), on_chips(1, 2)}}) ==
        "jobs 'job 0' and 'job 1' are both placed on chip2");
}

}  // namespace orrery::play
