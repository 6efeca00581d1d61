// Links that fail, recover or throttle and chips that slow down, with the algebra written out.
#include <rapidcheck.h>

#include <array>

#include "sim/network/resources.h"
#include "tests/kernel/play.h"

namespace orrery::play {

namespace {

constexpr double kByte = 1e12;  // a byte a picosecond

Program one_message(std::int64_t bytes) {
  return Writer({{"pp", 2}}).role("from").send(0, 1, bytes).role("to").recv(0, -1, bytes).assign({0, 1}).program;
}

CapacityChange change(std::int64_t at, ResourceId resource, double capacity) {
  return {Time::picoseconds(at), resource, capacity};
}

// Of a star: the link from the chip to the switch.
ResourceId up(const Fabric& fabric, std::size_t chip) {
  for (std::size_t i = 0; i < fabric.links().size(); ++i) {
    const Link& link = fabric.links()[LinkId(i)];
    if (link.kind != LinkKind::kOnPackage && link.from == fabric.engine(ChipId(chip)))
      return Resources(fabric).link(LinkId(i));
  }
  return {};
}

RunOptions on(std::string_view network, std::vector<CapacityChange> changes) {
  RunOptions options = bare();
  options.network = network;
  if (network == "packet") options.granularity = Granularity::kStepwise;
  options.changes = std::move(changes);
  return options;
}

constexpr std::array<std::string_view, 3> kRateNetworks = {"fluid", "ideal", "alpha-beta"};

}  // namespace

TEST_CASE("a link that loses half of its rate halfway through a message") {
  // 1000 of 3000 bytes are through by 1000 ps; the other 2000 take 4000 ps at half a byte a picosecond.
  const Fabric fabric = star(2);
  for (const std::string_view network : kRateNetworks) {
    const RunOptions options = on(network, {change(1000, up(fabric, 0), kByte / 2)});
    CHECK(run_on(fabric, one_message(3000), options).end(1, 0) == 5000);
  }
}

TEST_CASE("a link that is down for a while holds a message up for just that long") {
  const Fabric fabric = star(2);
  for (const std::string_view network : kRateNetworks) {
    const RunOptions options = on(network, {change(1000, up(fabric, 0), 0), change(1700, up(fabric, 0), kByte)});
    CHECK(run_on(fabric, one_message(3000), options).end(1, 0) == 3700);
  }
}

TEST_CASE("packet: a link that is down holds its packets, throttled it sends them slower") {
  // One packet of 1000 bytes and a header of 64, received whole at the switch: 1064 ps a link.
  const Fabric fabric = star(2);
  const ResourceId link = up(fabric, 0);
  const auto end = [&](std::vector<CapacityChange> changes) {
    return run_on(fabric, one_message(1000), on("packet", std::move(changes))).end(1, 0);
  };
  CHECK(end({}) == 2 * 1064);
  CHECK(end({change(500, link, 0), change(1200, link, kByte)}) == 2 * 1064 + 700);
  CHECK(end({change(64, link, kByte / 2)}) == 64 + 2 * 1000 + 1064);
  CHECK(end({change(1064, link, 0)}) == 2 * 1064);  // it is through already
}

TEST_CASE("what starts while a link is down starts when it is up") {
  const Fabric fabric = star(2);
  for (const std::string_view network : kRateNetworks) {
    const RunOptions options = on(network, {change(0, up(fabric, 0), 0), change(400, up(fabric, 0), kByte)});
    CHECK(run_on(fabric, one_message(100), options).end(1, 0) == 500);
  }
}

TEST_CASE("a slow chip takes longer for what it computes, from the start or from some time on") {
  const Fabric fabric = star(2);
  const Program program = Writer({{"dp", 2}}).compute(1000).program;
  const ResourceId engine = Resources(fabric).engine(ChipId(1));
  for (const std::string_view network : kRateNetworks) {
    const Outcome slow = run_on(fabric, program, on(network, {change(0, engine, 0.5)}));
    CHECK(slow.end(0, 0) == 1000);
    CHECK(slow.end(1, 0) == 2000);
    const Outcome later = run_on(fabric, program, on(network, {change(400, engine, 0.5)}));
    CHECK(later.end(1, 0) == 400 + 1200);
    CHECK(later.result.step.ps() == 1600);
  }
}

TEST_CASE("the work of a run is the same on a machine that is disturbed") {
  const Fabric fabric = star(2);
  const RunResult plain = run_on(fabric, one_message(3000)).result;
  const RunResult disturbed = run_on(fabric, one_message(3000), on("fluid", {change(9, up(fabric, 0), 1e9)})).result;
  CHECK(disturbed.resource_work == plain.resource_work);
  CHECK(disturbed.step > plain.step);
}

TEST_CASE("of changes at one instant the last in the list holds; one that changes nothing is no news") {
  const Fabric fabric = star(2);
  const ResourceId link = up(fabric, 0);
  const auto end = [&](std::vector<CapacityChange> changes) {
    return run_on(fabric, one_message(1000), on("fluid", std::move(changes))).end(1, 0);
  };
  CHECK(end({change(500, link, 0), change(500, link, kByte / 2)}) == 1500);
  CHECK(end({change(500, link, kByte / 2), change(500, link, kByte)}) == 1000);
  CHECK(end({change(700, link, kByte), change(500, link, kByte / 4)}) == 500 + 4 * 50 + 450);
}

TEST_CASE("what is done at an instant is done, whatever changes then") {
  const Fabric fabric = star(2);
  const Outcome outcome = run_on(fabric, one_message(1000), on("fluid", {change(1000, up(fabric, 0), 0)}));
  CHECK(outcome.end(1, 0) == 1000);
  CHECK(outcome.result.step.ps() == 1000);
}

TEST_CASE("a step ends without waiting for what was to change later") {
  const Fabric fabric = star(2);
  const RunOptions options = on("fluid", {change(5000, up(fabric, 0), 0), change(9000, up(fabric, 0), kByte)});
  CHECK(run_on(fabric, one_message(1000), options).result.step.ps() == 1000);
}

TEST_CASE("a link that stays down: who waits, and for which link since when") {
  const Fabric fabric = star(2);
  CHECK(failure(fabric, one_message(5'000'000), on("fluid", {change(3'000'000, up(fabric, 0), 0)})) ==
        "the run can't finish: after 3.00 us nothing moves; 0 of 2 ops are done, 2 streams of 2 ranks can't go on:\n"
        "  rank 0 (from): send 'op 0' on stream 'comm' is under way but stands still: the link from chip0 to switch is "
        "down since 3.00 us");
  const Program gather = Writer({{"dp", 3}}).group("data", {0}).collective(CollectiveKind::kAllGather, 0, 9000).program;
  const Fabric three = star(3);
  const std::string text = failure(three, gather, on("fluid", {change(0, up(three, 2), 0)}));
  CHECK(text.find("stands still: the link from chip2 to switch is down since 0 s") != std::string::npos);
}

TEST_CASE("a chip that stops: who waits") {
  const Fabric fabric = star(1);
  const Program program = Writer({{"dp", 1}}).compute(2000).program;
  CHECK(
      failure(fabric, program, on("fluid", {change(1000, Resources(fabric).engine(ChipId(0)), 0)})) ==
      "the run can't finish: after 1.00 ns nothing moves; 0 of 1 ops are done, 1 stream of 1 rank can't go on:\n"
      "  rank 0 (all): compute 'op 0' on stream 'compute' is under way but stands still: chip0 is down since 1.00 ns");
}

TEST_CASE("changes that can't be made are refused") {
  const Fabric fabric = star(1);
  const Program program = Writer({{"dp", 1}}).compute(1).program;
  CHECK(failure(fabric, program, on("fluid", {change(0, ResourceId(6), 1)})) ==
        "a change is to be made to resource 6 of 6");
  CHECK(failure(fabric, program, on("fluid", {change(0, ResourceId(0), -1)})) ==
        "a change of a capacity needs a time and a capacity that aren't negative");
  CHECK(failure(fabric, program, on("fluid", {change(-1, ResourceId(0), 1)})) ==
        "a change of a capacity needs a time and a capacity that aren't negative");
}

TEST_CASE("a message alone takes the time in which its links carry its bytes, whatever happens to them") {
  CHECK(rc::check("message over links that change", [] {
    const Fabric fabric = star(2);
    const auto bytes = *rc::gen::inRange<std::int64_t>(1, 5000);
    // Changes at whole hundreds, capacities in eighths: what is left stays exact.
    std::vector<CapacityChange> changes;
    std::vector<int> eighths;
    for (std::int64_t at = 0; at < 5; ++at) {
      eighths.push_back(*rc::gen::inRange(at == 4 ? 1 : 0, 9));
      changes.push_back(change(800 * at, up(fabric, 0), eighths.back() * kByte / 8));
    }
    std::int64_t left = 8 * bytes;
    std::int64_t end = 0;
    for (std::size_t i = 0; i < eighths.size(); ++i) {
      const std::int64_t rate = eighths[i];
      const bool last = i + 1 == eighths.size();
      if (rate > 0 && (last || left <= 800 * rate)) {
        end = 800 * static_cast<std::int64_t>(i) + (left + rate - 1) / rate;
        break;
      }
      left -= 800 * rate;
    }
    const std::int64_t found = run_on(fabric, one_message(bytes), on("fluid", changes)).end(1, 0);
    RC_ASSERT(found == end);
    RC_ASSERT(found >= bytes);
  }));
}

TEST_CASE("changes of what carries nothing change nothing") {
  CHECK(rc::check("idle links and chips", [] {
    const Fabric fabric = star(4);
    const auto bytes = *rc::gen::inRange<std::int64_t>(1, 5000);
    const Program program = Writer({{"dp", 2}})
                                .group("data", {0})
                                .compute(777)
                                .collective(CollectiveKind::kAllReduce, 0, bytes, {{kCompute, 1}})
                                .program;
    std::vector<CapacityChange> changes;
    const auto count = *rc::gen::inRange(1, 6);
    for (int i = 0; i < count; ++i)
      changes.push_back(change(*rc::gen::inRange(0, 9000), up(fabric, *rc::gen::inRange<std::size_t>(2, 4)),
                               *rc::gen::element(0.0, kByte / 3, kByte)));
    const Outcome plain = run_on(fabric, program);
    const Outcome disturbed = run_on(fabric, program, on("fluid", changes));
    RC_ASSERT(disturbed.result.step == plain.result.step);
    RC_ASSERT(disturbed.result.events == plain.result.events);
    for (std::size_t i = 0; i < plain.spans.size(); ++i) RC_ASSERT(disturbed.spans[i].end == plain.spans[i].end);
  }));
}

}  // namespace orrery::play
