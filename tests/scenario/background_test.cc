// Background traffic out of a file: who sends to whom, how much.
#include "sim/scenario/background.h"

#include <doctest/doctest.h>

#include <map>

#include "sim/network/resources.h"
#include "tests/scenario/small_scenario.h"

using namespace small_scenario;  // tests read as the code that they check

namespace {

std::vector<Background> background_in(std::string_view text, const Fabric& fabric) {
  return read_background(yaml::parse(text, "background.yaml"), fabric);
}

}  // namespace

TEST_CASE("each of some to each of others: a sender's rate in equal parts") {
  const Cluster cluster = on_superpod(16);
  const std::vector<Background> read =
      background_in("[{from: 0-1, to: [1, node1/chip*], rate: 9 GB/s, start: 2 us, stop: 5 us}]", cluster.fabric);
  REQUIRE(read.size() == 1);
  const std::vector<BackgroundFlow> flows = flows_of(read);
  REQUIRE(flows.size() == 9 + 8);
  for (const BackgroundFlow& flow : flows) {
    CHECK(flow.most == doctest::Approx(flow.from == ChipId(0) ? 1e9 : 9e9 / 8));
    CHECK(flow.share == 0);
    CHECK(flow.from != flow.to);
    CHECK(flow.start == Time::picoseconds(2'000'000));
    CHECK(flow.stop == Time::picoseconds(5'000'000));
  }
  CHECK(read[0].told.what == "traffic from 2 chips to 9 chips: 17 flows, 9.00 GB/s a sender");
}

TEST_CASE("chips among themselves") {
  const Cluster cluster = on_superpod(8);
  const std::vector<Background> read = background_in("[{from: all, rate: 70 %}]", cluster.fabric);
  CHECK(read[0].flows.size() == 56);
  CHECK(read[0].flows[0].share == doctest::Approx(0.1));
  CHECK(read[0].told.what == "all to all among 8 chips: 56 flows, 70 % of a flow's own a sender");
}

TEST_CASE("a permutation: each sends to one other and hears from one other, by the seed") {
  const Cluster cluster = on_superpod(16);
  const auto pairs = [&](int seed) {
    std::map<ChipId, ChipId> to;
    std::map<ChipId, ChipId> from;
    for (const BackgroundFlow& flow :
         flows_of(background_in("[{pattern: permutation, from: all, rate: 1 GB/s, seed: " + std::to_string(seed) + "}]",
                                cluster.fabric))) {
      CHECK(flow.from != flow.to);
      CHECK(flow.most == 1e9);
      to[flow.from] = flow.to;
      from[flow.to] = flow.from;
    }
    CHECK(to.size() == 16);
    CHECK(from.size() == 16);
    return to;
  };
  CHECK(pairs(1) == pairs(1));
  CHECK(pairs(1) != pairs(2));
}

TEST_CASE("an incast: all to one, itself left out") {
  const Cluster cluster = on_superpod(8);
  const std::vector<BackgroundFlow> flows =
      flows_of(background_in("[{pattern: incast, from: all, to: 3, rate: 1 GB/s}]", cluster.fabric));
  CHECK(flows.size() == 7);
  for (const BackgroundFlow& flow : flows) CHECK(flow.to == ChipId(3));
}

TEST_CASE("chips that background names by number are built") {
  const auto wanted = [](std::string_view text) { return chips_for_background(yaml::parse(text, "b.yaml"), 99); };
  CHECK(wanted("[{from: 3, to: 8-15, rate: 1 GB/s}, {from: [all, 20], rate: 1 GB/s}]") == 21);
  CHECK(wanted("[{from: all, rate: 1 GB/s}]") == 0);
  CHECK_THROWS_AS(wanted("[{from: 99, to: 1, rate: 1 GB/s}]"), InputError);
}

TEST_CASE("background that changed nothing is said, with why") {
  const Cluster cluster = on_superpod(16);
  const std::vector<Background> read =
      background_in("- {from: 0, to: 8, rate: 1 GB/s}\n- {from: 1, to: 9, rate: 1 GB/s, start: 1 s}", cluster.fabric);
  const auto said = [&](std::string_view network, double everywhere) {
    const std::vector<double> work(Resources(cluster.fabric).size(), everywhere);
    return idle_background(read, cluster.fabric, {}, network, Time::picoseconds(1'000'000'000), work);
  };
  CHECK(said("fluid", 0) ==
        std::vector<std::string>{
            "background.yaml:1: the background 'traffic from node0/chip0 to node1/chip0: 1 flow, 1.00 GB/s a sender' "
            "changes nothing: it meets the job on no link",
            "background.yaml:2: the background 'traffic from node0/chip1 to node1/chip1: 1 flow, 1.00 GB/s a sender' "
            "changes nothing: the step is over after 1.00 ms"});
  CHECK(said("fluid", 1).size() == 1);
  CHECK(said("ideal", 1).size() == 2);
}
