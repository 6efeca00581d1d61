// Whole programs on the packet network: messages one by one, collectives step by step.
#include "sim/network/packet/packet_network.h"
#include "tests/kernel/play.h"

namespace orrery::play {

namespace {

RunOptions packets() {
  RunOptions options = bare();
  options.network = "packet";
  options.granularity = Granularity::kStepwise;
  return options;
}

// Over two links of a byte a picosecond and 50 ps each: `bytes` and a header of 64, received whole in between.
constexpr std::int64_t over_the_switch(std::int64_t bytes) { return 2 * (bytes + 64 + 50); }

}  // namespace

TEST_CASE("packet: a send takes packets over each link, after what the software costs") {
  const Program program = Writer({{"pp", 2}})
                              .role("sender")
                              .compute(300)
                              .send(0, 1, 1000, {{kCompute, 1}})
                              .role("receiver")
                              .recv(0, -1, 1000)
                              .assign({0, 1})
                              .program;
  RunOptions options = packets();
  options.costs.launch = Duration::picoseconds(70);
  options.costs.step = Duration::picoseconds(9);
  const Outcome outcome = run_on(star(2, 50), program, options);
  CHECK(outcome.end(1, 0) == 300 + 70 + 9 + over_the_switch(1000));
  // Acknowledgements are still on their way: no part of the step.
  CHECK(outcome.result.step.ps() == outcome.end(1, 0));
}

TEST_CASE("packet: a ring on an idle switch takes its steps one after another") {
  const Program program = Writer({{"dp", 4}}).group("all", {0}).collective(CollectiveKind::kAllReduce, 0, 4000).program;
  CHECK(run_on(star(4, 50), program, packets()).result.step.ps() == 6 * over_the_switch(1000));
}

TEST_CASE("packet: parameters of its own reach the run") {
  const Program program = Writer({{"dp", 4}}).group("all", {0}).collective(CollectiveKind::kAllReduce, 0, 4000).program;
  RunOptions options = packets();
  options.make_network = [](const Wires& wires) {
    packet::Options none;
    none.header = 0;
    return std::make_unique<packet::PacketNetwork>(wires, none);
  };
  CHECK(run_on(star(4, 50), program, options).result.step.ps() == 6 * (over_the_switch(1000) - 2 * 64));
}

TEST_CASE("packet: phases of whole collectives are refused") {
  RunOptions options = packets();
  options.granularity = Granularity::kFluid;
  const Program program = Writer({{"dp", 2}}).compute(1).program;
  CHECK(failure(star(2), program, options) ==
        "the network model 'packet' moves messages: it needs the stepwise granularity");
}

}  // namespace orrery::play
