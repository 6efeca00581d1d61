// Background traffic beside a message, with the algebra written out. Links carry a byte a picosecond.
#include <memory>

#include "sim/network/packet/packet_network.h"
#include "tests/kernel/play.h"

namespace orrery::play {

namespace {

Program message_between(std::int64_t bytes) {
  return Writer({{"pp", 2}}).role("from").send(0, 1, bytes).role("to").recv(0, -1, bytes).assign({0, 1}).program;
}

// From the sender's chip to a third one, so that they meet on the sender's way to the switch.
BackgroundFlow flow(double bytes_per_picosecond) {
  BackgroundFlow flow;
  flow.from = ChipId(0);
  flow.to = ChipId(2);
  flow.most = bytes_per_picosecond * 1e12;
  return flow;
}

RunOptions beside(std::vector<BackgroundFlow> background, std::string_view network = "fluid") {
  RunOptions options = bare();
  options.network = network;
  options.background = std::move(background);
  return options;
}

}  // namespace

TEST_CASE("a background flow halves the rate of a message, k of them leave it one part in k + 1") {
  for (const std::string_view network : {"fluid", "alpha-beta"}) {
    CHECK(run_on(star(3), message_between(1000), beside({flow(1)}, network)).end(1, 0) == 2000);
    CHECK(run_on(star(3), message_between(1000), beside({flow(1), flow(1), flow(1)}, network)).end(1, 0) == 4000);
  }
}

TEST_CASE("a background flow takes no more than it asks for") {
  // It takes a quarter; 3000 bytes go at three quarters of a byte a picosecond.
  CHECK(run_on(star(3), message_between(3000), beside({flow(0.25)})).end(1, 0) == 4000);
  BackgroundFlow part = flow(0);
  part.share = 0.25;  // of what it would get alone: the link's rate
  CHECK(run_on(star(3), message_between(3000), beside({part})).end(1, 0) == 4000);
}

TEST_CASE("a background flow lasts from its start to its stop") {
  // 1000 bytes alone, 500 in the 1000 ps beside it, 1500 alone.
  BackgroundFlow passing = flow(1);
  passing.start = Time::picoseconds(1000);
  passing.stop = Time::picoseconds(2000);
  CHECK(run_on(star(3), message_between(3000), beside({passing})).end(1, 0) == 3500);
  passing.stop = passing.start;
  CHECK(run_on(star(3), message_between(3000), beside({passing})).end(1, 0) == 3000);
  passing.stop = Time::max();
  CHECK(run_on(star(3), message_between(3000), beside({passing})).end(1, 0) == 1000 + 4000);
}

TEST_CASE("the ideal network knows no background") {
  CHECK(run_on(star(3), message_between(1000), beside({flow(1)}, "ideal")).end(1, 0) == 1000);
}

TEST_CASE("background is no part of the program: it neither keeps the run going nor counts in it") {
  BackgroundFlow apart = flow(1);
  apart.from = ChipId(2);
  apart.to = ChipId(3);
  const Outcome plain = run_on(star(4), message_between(1000));
  const Outcome outcome = run_on(star(4), message_between(1000), beside({apart}));
  CHECK(outcome.result.step == plain.result.step);
  CHECK(outcome.result.events == plain.result.events);
  CHECK(outcome.result.resource_work == plain.result.resource_work);
}

TEST_CASE("a counter shows background as what it is: load") {
  class Last : public CounterSink {
   public:
    void counter(ResourceId, Time, double load) override { loads.push_back(load); }
    std::vector<double> loads;
  };
  Last last;
  const Fabric fabric = star(3);
  RunOptions options = beside({flow(0.25)});
  options.counters = &last;
  options.counted = {ResourceId(2 * 3 + 2)};  // the first chip's way up, behind engines, HBMs and on-package links
  static_cast<void>(run_on(fabric, message_between(750), options));
  CHECK(last.loads == std::vector<double>{1e12, 0.25e12});
}

TEST_CASE("background meets links that change") {
  // Down for 500 ps; before and after, half of the link each.
  RunOptions options = beside({flow(1)});
  const ResourceId up(2 * 3 + 2);
  options.changes = {{Time::picoseconds(1000), up, 0}, {Time::picoseconds(1500), up, 1e12}};
  CHECK(run_on(star(3), message_between(1000), options).end(1, 0) == 2500);
}

TEST_CASE("a run that can't finish is said to stand still, background or not") {
  RunOptions options = beside({flow(0.5)});
  options.changes = {{Time::picoseconds(1000), ResourceId(2 * 3 + 2), 0}};
  const std::string text = failure(star(3), message_between(5000), options);
  CHECK(text.find("the link from chip0 to switch is down since 1.00 ns") != std::string::npos);
}

// Packets without headers: on one bottleneck both models give the same.
TEST_CASE("background in packets: what a source of constant rate leaves is what the fluid model says it leaves") {
  constexpr std::int64_t kBytes = 20'000'000;
  for (const packet::Control control : {packet::Control::kDctcp, packet::Control::kCredit}) {
    const auto lasts = [&](const BackgroundFlow& background, std::string_view network) {
      RunOptions options = beside({background}, network);
      if (network == "packet") {
        options.granularity = Granularity::kStepwise;
        options.make_network = [control](const Wires& wires) {
          packet::Options bare;
          bare.header = 0;
          bare.control = control;
          return std::make_unique<packet::PacketNetwork>(wires, bare);
        };
      }
      return static_cast<double>(run_on(star(3, 50'000), message_between(kBytes), options).end(1, 0));
    };
    for (const double rate : {0.1, 0.25, 0.4}) {  // below a fair share: it gets all that it asks for
      CAPTURE(rate);
      CHECK(lasts(flow(rate), "fluid") == doctest::Approx(static_cast<double>(kBytes) / (1 - rate)).epsilon(0.01));
      CHECK(lasts(flow(rate), "packet") == doctest::Approx(lasts(flow(rate), "fluid")).epsilon(0.02));
    }
    BackgroundFlow passing = flow(0.4);
    passing.start = Time::picoseconds(5'000'000);
    passing.stop = Time::picoseconds(9'000'000);
    CHECK(lasts(passing, "packet") == doctest::Approx(lasts(passing, "fluid")).epsilon(0.02));
    // It asks for all: what DCTCP makes of two that want the link.
    CHECK(lasts(flow(1), "packet") == doctest::Approx(lasts(flow(1), "fluid")).epsilon(0.15));
  }
}

TEST_CASE("a run that can't finish stands still, however many packets of others still move") {
  BackgroundFlow elsewhere = flow(0.1);
  elsewhere.from = ChipId(std::size_t{2});
  elsewhere.to = ChipId(std::size_t{0});
  RunOptions options = beside({elsewhere}, "packet");
  options.granularity = Granularity::kStepwise;
  options.changes = {{Time::picoseconds(1000), ResourceId(2 * 3 + 2), 0}};
  const std::string text = failure(star(3, 50'000), message_between(5'000'000), options);
  CHECK(text.find("the link from chip0 to switch is down since 1.00 ns") != std::string::npos);
}

TEST_CASE("background that can't be is refused") {
  const auto said = [](const BackgroundFlow& flow) { return failure(star(3), message_between(1), beside({flow})); };
  BackgroundFlow wrong = flow(1);
  wrong.to = wrong.from;
  CHECK(said(wrong) == "a background flow leads from a chip to another");
  wrong.to = ChipId(7);
  CHECK(said(wrong) == "a background flow leads from a chip to another");
  CHECK(said(flow(0)) == "a background flow needs a rate");
  wrong = flow(1);
  wrong.start = Time::picoseconds(2);
  wrong.stop = Time::picoseconds(1);
  CHECK(said(wrong) == "a background flow starts at 0 or later and stops after that");
}

}  // namespace orrery::play
