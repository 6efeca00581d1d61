// What a run returns besides spans: work, counters, progress; and what it refuses to start.
#include <limits>

#include "tests/kernel/play.h"

namespace orrery::play {

namespace {

class Samples : public CounterSink {
 public:
  struct Sample {
    ResourceId resource;
    std::int64_t at;
    double load;
    bool operator==(const Sample&) const = default;
  };
  void counter(ResourceId resource, Time at, double load) override { all.push_back({resource, at.ps(), load}); }
  std::vector<Sample> all;
};

}  // namespace

TEST_CASE("work is what was drawn from each resource") {
  // Two members gather 2000 bytes in a ring: 1000 bytes over each link; then rank 0 sends 300 bytes to rank 1.
  const Fabric fabric = star(2);
  const Resources resources(fabric);
  const Program program = Writer({{"tp", 2}})
                              .group("tensor", {0})
                              .role("a")
                              .compute(4'000'000, {}, 5000)
                              .compute(1'000'000, {}, 600)
                              .collective(CollectiveKind::kAllGather, 0, 2000)
                              .send(0, 1, 300)
                              .role("b")
                              .collective(CollectiveKind::kAllGather, 0, 2000)
                              .recv(0, 1, 300)
                              .assign({0, 1})
                              .program;
  for (const Granularity granularity : {Granularity::kFluid, Granularity::kStepwise}) {
    RunOptions options = bare();
    options.granularity = granularity;
    options.costs.hbm_per_byte = 2;
    const std::vector<double> work = run_on(fabric, program, options).result.resource_work;
    REQUIRE(work.size() == resources.size());
    CHECK(work[resources.engine(ChipId(0)).index()] == doctest::Approx(5e-6));
    CHECK(work[resources.engine(ChipId(1)).index()] == 0);
    // At each end 2 bytes a byte sent or received: 2·(1000 + 1000) for the gather, 2·300 for the message.
    CHECK(work[resources.hbm(ChipId(0)).index()] == doctest::Approx(5600 + 4000 + 600));
    CHECK(work[resources.hbm(ChipId(1)).index()] == doctest::Approx(4000 + 600));
    for (std::size_t l = 0; l < fabric.links().size(); ++l) {
      const Link& link = fabric.links()[LinkId(l)];
      if (link.kind == LinkKind::kOnPackage) continue;
      const bool carries_message = link.from == fabric.engine(ChipId(0)) || link.to == fabric.engine(ChipId(1));
      CHECK(work[resources.link(LinkId(l)).index()] == doctest::Approx(carries_message ? 1300 : 1000));
    }
  }
}

TEST_CASE("what communication draws is shared among its members, joule by joule") {
  const Fabric fabric = star(2);
  const Resources resources(fabric);
  const Program pair = Writer({{"tp", 2}})
                           .group("tensor", {0})
                           .role("a")
                           .compute(1'000'000, {}, 600)
                           .collective(CollectiveKind::kAllGather, 0, 2000)
                           .send(0, 1, 300)
                           .role("b")
                           .collective(CollectiveKind::kAllGather, 0, 2000)
                           .recv(0, 1, 300)
                           .assign({0, 1})
                           .program;
  for (const Granularity granularity : {Granularity::kFluid, Granularity::kStepwise}) {
    RunOptions options = bare();
    options.granularity = granularity;
    options.costs.hbm_per_byte = 2;
    options.joules.assign(resources.size(), 1);  // of a byte on a link
    for (std::size_t chip = 0; chip < 2; ++chip) {
      options.joules[resources.engine(ChipId(chip)).index()] = 0;
      options.joules[resources.hbm(ChipId(chip)).index()] = 10;
    }
    const Outcome outcome = run_on(fabric, pair, options);
    // 1000 bytes cross two links each way, at each end 2·2000 bytes of HBM: half of both for each member.
    CHECK(outcome.span(0, 1).link_joules == doctest::Approx(2000));
    CHECK(outcome.span(1, 0).link_joules == doctest::Approx(2000));
    CHECK(outcome.span(0, 1).memory_joules == doctest::Approx(10 * 4000));
    CHECK(outcome.span(0, 2).link_joules == doctest::Approx(300));
    CHECK(outcome.span(1, 1).memory_joules == doctest::Approx(10 * 600));
    CHECK(outcome.span(0, 0).link_joules == 0);  // a segment's joules are the reader's to reckon
    CHECK(outcome.span(0, 0).memory_joules == 0);
    options.joules.clear();
    CHECK(run_on(fabric, pair, options).span(0, 1).link_joules == 0);
  }
}

TEST_CASE("a counter is reported at the start and whenever it changes") {
  const Fabric fabric = star(1, 0, 8);
  const Resources resources(fabric);
  Samples samples;
  RunOptions options = bare();
  options.counters = &samples;
  options.counted = {resources.hbm(ChipId(0)), resources.engine(ChipId(0))};
  // 4 bytes/ps for 100 ps, the same for 50 (no change), nothing until 200, 2 bytes/ps for 10.
  static_cast<void>(run_on(
      fabric, Writer({}).compute(100, {}, 400).compute(50, {}, 200).delay(200).compute(10, {{kComm, 1}}, 20).program,
      options));
  const ResourceId hbm = options.counted[0];
  const ResourceId engine = options.counted[1];
  REQUIRE(samples.all.size() == 8);
  CHECK(samples.all[0].at == 0);
  CHECK(samples.all[0].load == doctest::Approx(4e12));
  CHECK(samples.all[1] == Samples::Sample{engine, 0, 1});
  CHECK(samples.all[2] == Samples::Sample{hbm, 150, 0});
  CHECK(samples.all[3] == Samples::Sample{engine, 150, 0});
  CHECK(samples.all[4].at == 200);
  CHECK(samples.all[4].load == doctest::Approx(2e12));
  CHECK(samples.all[5] == Samples::Sample{engine, 200, 1});
  CHECK(samples.all[6] == Samples::Sample{hbm, 210, 0});
  CHECK(samples.all[7] == Samples::Sample{engine, 210, 0});
}

TEST_CASE("progress rises to the end") {
  Writer writer({});
  for (int i = 0; i < 100'000; ++i) writer.compute(3);
  std::vector<double> fractions;
  RunOptions options = bare();
  options.progress = [&](Time, double fraction) { fractions.push_back(fraction); };
  const Outcome outcome = run_on(star(1), writer.program, options);
  CHECK(outcome.result.events == 200'000);  // an activity and an op each
  REQUIRE(fractions.size() == 3);
  CHECK(std::is_sorted(fractions.begin(), fractions.end()));
  CHECK(fractions.front() > 0);
  CHECK(fractions.back() <= 1);
}

TEST_CASE("a job that doesn't fit its fabric is refused") {
  const Program program =
      Writer({{"tp", 2}}).group("tensor", {0}).collective(CollectiveKind::kAllReduce, 0, 64).program;
  const auto verdict = [](const Fabric& fabric, const Program& what, const Placement& placement, RunOptions options) {
    try {
      static_cast<void>(run({&fabric, &what, &placement}, options));
    } catch (const RunError& error) {
      return std::string(error.what());
    }
    return std::string("it ran");
  };
  const Fabric fabric = star(3);
  Placement placement;
  placement.add(ChipId(2));
  CHECK(verdict(fabric, program, placement, bare()) == "1 ranks are placed, the program has 2");
  placement.add(ChipId(2));
  CHECK(verdict(fabric, program, placement, bare()) == "ranks 0 and 1 are placed on one chip (chip2)");
  placement[RankId(1)] = ChipId(3);
  CHECK(verdict(fabric, program, placement, bare()) == "rank 1 is placed on a chip that doesn't exist (3 chips)");
  placement[RankId(1)] = ChipId(0);
  CHECK(verdict(fabric, program, placement, bare()) == "it ran");

  RunOptions options = bare();
  options.network = "flud";
  CHECK(verdict(fabric, program, placement, options) == "no network model is called 'flud'; did you mean 'fluid'?");
  options = bare();
  options.costs.engine_share = std::numeric_limits<double>::quiet_NaN();
  CHECK(verdict(fabric, program, placement, options) == "communication costs may not be negative");
  options = bare();
  options.counted = {ResourceId(1000)};
  CHECK(verdict(fabric, program, placement, options).find("a counter is asked for resource 1000 of ") == 0);

  Program other = program;
  other.algorithms[0] = "rnig";
  CHECK(verdict(fabric, other, placement, bare()) == "no collective algorithm is called 'rnig'; did you mean 'ring'?");
  other = program;
  other.role_of_rank[0] = 9;
  CHECK(verdict(fabric, other, placement, bare()) == "the program is wrong: rank 0 has role 9 of 1");
}

}  // namespace orrery::play
