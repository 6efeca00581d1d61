// Collectives whose algorithm is left to the communication library's tuner.
#include "tests/kernel/play.h"

namespace orrery::play {

namespace {

Program gather_of(std::uint32_t ranks, std::int64_t bytes, std::string algorithm) {
  Program program =
      Writer({{"tp", ranks}}).group("tensor", {0}).collective(CollectiveKind::kAllGather, 0, bytes).program;
  program.algorithms = {std::move(algorithm)};
  return program;
}

// Rings in two protocols: one is soon there, the other carries no flags.
CommunicationLibrary two_protocols() {
  CommunicationLibrary library;
  Method quick;
  quick.algorithm = CollectiveAlgorithms::find("ring");
  quick.protocol = "LL";
  quick.wire = 2;
  quick.base = Duration::picoseconds(100);
  Method lean = quick;
  lean.protocol = "Simple";
  lean.kinds = {CollectiveKind::kAllGather};
  lean.wire = 1;
  lean.base = Duration::picoseconds(5000);
  library.methods = {quick, lean};
  return library;
}

}  // namespace

TEST_CASE("the tuner's choice goes with the size, at that protocol's costs") {
  // Among two each sends half, a byte a picosecond.
  const CommunicationLibrary library = two_protocols();
  RunOptions options = bare();
  options.library = &library;
  options.costs.launch = Duration::picoseconds(77);  // the library has its own
  for (const Granularity granularity : {Granularity::kFluid, Granularity::kStepwise}) {
    options.granularity = granularity;
    const auto step = [&](std::int64_t bytes) {
      return run_on(star(2), gather_of(2, bytes, "auto"), options).result.step.ps();
    };
    CHECK(step(2'000) == 100 + 2 * 1'000);
    CHECK(step(200'000) == 5'000 + 100'000);
  }
}

TEST_CASE("a collective that is named keeps the stack's costs beside a library") {
  const CommunicationLibrary library = two_protocols();
  RunOptions options = bare();
  options.library = &library;
  options.costs.launch = Duration::picoseconds(77);
  CHECK(run_on(star(2), gather_of(2, 2'000, "ring"), options).result.step.ps() == 77 + 1'000);
}

TEST_CASE("an algorithm that is named to the tuner costs what the library says, or the stack where it has none") {
  const CommunicationLibrary library = two_protocols();
  RunOptions options = bare();
  options.library = &library;
  options.costs.launch = Duration::picoseconds(77);
  CHECK(run_on(star(2), gather_of(2, 2'000, "auto:ring"), options).result.step.ps() == 100 + 2 * 1'000);
  CHECK(run_on(star(2), gather_of(2, 2'000, "auto:direct"), options).result.step.ps() == 77 + 1'000);
  CHECK_THROWS_AS(run_on(star(2), gather_of(2, 2'000, "auto:pairwise"), options), RunError);
  CHECK_THROWS_AS(run_on(star(2), gather_of(2, 2'000, "auto:"), options), RunError);
}

TEST_CASE("without a library the algorithm that is fastest alone is taken") {
  RunOptions options = bare();
  options.costs.step = Duration::picoseconds(10'000);
  const auto step = [&](const std::string& algorithm) {
    return run_on(star(8, 500), gather_of(8, 800, algorithm), options).result.step.ps();
  };
  std::int64_t fastest = step("ring");
  for (const CollectiveAlgorithm* algorithm : CollectiveAlgorithms::all())
    if (algorithm->supports(CollectiveKind::kAllGather) && !algorithm->only_named)
      fastest = std::min(fastest, step(std::string(algorithm->name)));
  CHECK(fastest < step("ring"));
  CHECK(step("auto") == fastest);
}

}  // namespace orrery::play
