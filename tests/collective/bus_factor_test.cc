// Bus bandwidth: comparable with the hardware whatever the number of members.
#include "sim/collective/bus_factor.h"

#include <doctest/doctest.h>

#include <vector>

#include "sim/collective/alone.h"
#include "tests/collective/machines.h"

namespace orrery {
namespace {

// A link carries a byte a picosecond, at once.
constexpr machines::Wire kWire{.bandwidth = 1'000'000'000'000, .latency = 0};

}  // namespace

TEST_CASE("the factors of nccl-tests") {
  CHECK(bus_factor(CollectiveKind::kAllReduce, 8) == doctest::Approx(1.75));
  CHECK(bus_factor(CollectiveKind::kAllGather, 8) == doctest::Approx(0.875));
  CHECK(bus_factor(CollectiveKind::kReduceScatter, 4) == doctest::Approx(0.75));
  CHECK(bus_factor(CollectiveKind::kAllToAll, 2) == doctest::Approx(0.5));
  CHECK(bus_factor(CollectiveKind::kBroadcast, 8) == doctest::Approx(1));
  CHECK(bus_factor(CollectiveKind::kSendRecv, 2) == doctest::Approx(1));
  CHECK(bus_factor(CollectiveKind::kReduce, 8) == doctest::Approx(1));
  CHECK(bus_factor(CollectiveKind::kGather, 8) == doctest::Approx(0.875));
  CHECK(bus_factor(CollectiveKind::kScatter, 8) == doctest::Approx(0.875));
  CHECK(bus_factor(CollectiveKind::kAllToAllV, 8) == doctest::Approx(0.875));
  CHECK(bus_factor(CollectiveKind::kBarrier, 8) == doctest::Approx(0));
  CHECK(bus_factor(CollectiveKind::kAllReduce, 1) == doctest::Approx(0));
}

TEST_CASE("the algorithms that send the least bytes reach the hardware's bandwidth on an idle switch without latency") {
  for (const std::size_t n : {2U, 3U, 8U}) {
    const Fabric fabric = machines::single_switch(n, kWire);
    std::vector<ChipId> members;
    for (std::size_t c = 0; c < n; ++c) members.emplace_back(c);
    const Bytes bytes(static_cast<std::int64_t>(n) * 1'000'000);
    for (const char* name : {"bruck", "direct", "ring"}) {
      const CollectiveAlgorithm* algorithm = CollectiveAlgorithms::find(name);
      for (const CollectiveKind kind :
           {CollectiveKind::kAllReduce, CollectiveKind::kAllGather, CollectiveKind::kReduceScatter}) {
        for (const bool stepwise : {false, true}) {
          Alone alone(fabric, members, {}, *Networks::find("fluid"), stepwise);
          const Duration time = alone.time(*algorithm, kind, bytes);
          CAPTURE(algorithm->name);
          CAPTURE(to_name(kind));
          CAPTURE(n);
          CAPTURE(stepwise);
          CHECK(bytes.as_double() / static_cast<double>(time.ps()) * bus_factor(kind, n) == doctest::Approx(1));
        }
      }
    }
  }
}

TEST_CASE("a group of one takes no time") {
  const Fabric fabric = machines::single_switch(1, kWire);
  Alone alone(fabric, {ChipId(0)}, {}, *Networks::find("fluid"), false);
  CHECK(alone.time(*CollectiveAlgorithms::find("ring"), CollectiveKind::kAllReduce, Bytes(1000)).ps() == 0);
}

}  // namespace orrery
