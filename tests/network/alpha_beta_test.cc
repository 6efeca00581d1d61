// alpha-beta: ports share, links between switches don't.
#include <doctest/doctest.h>

#include <string_view>

#include "tests/network/wires.h"

using orrery::ResourceId;
using orrery::Time;
using orrery::WireKind;
using wires::Ends;
using wires::Link;

namespace {

constexpr double kBytePerPicosecond = 1e12;
constexpr WireKind kPort = WireKind::kPort;

// Ports of four chips (out 0 … 3, in 4 … 7), and one link between switches that everything crosses.
constexpr std::size_t kTrunk = 8;
std::unique_ptr<orrery::Network> four_chips(std::string_view model, double trunk = kBytePerPicosecond) {
  std::vector<Link> links(8, Link{kBytePerPicosecond, 0, kPort});
  links.push_back({trunk, 0, WireKind::kInside});
  return orrery::Networks::find(model)->make(wires::of(links));
}
wires::Message message(std::size_t from, std::size_t to, std::int64_t bytes, std::uint32_t tag) {
  return {{{{from, kTrunk, 4 + to}}}, bytes, 10, tag, {}};
}

}  // namespace

TEST_CASE("alpha-beta: different ports, one trunk: nobody waits; under fluid they share it") {
  for (const std::string_view model : {"alpha-beta", "ideal", "fluid"}) {
    CAPTURE(model);
    const auto network = four_chips(model);
    wires::start(*network, message(0, 2, 100, 1));
    wires::start(*network, message(1, 3, 100, 2));
    CHECK(wires::play(*network) == (model == "fluid" ? Ends{{1, 210}, {2, 210}} : Ends{{1, 110}, {2, 110}}));
  }
}

TEST_CASE("alpha-beta: two messages into one port take the time of their bytes together; alone under ideal") {
  for (const std::string_view model : {"alpha-beta", "ideal"}) {
    CAPTURE(model);
    const auto network = four_chips(model);
    wires::start(*network, message(0, 2, 100, 1));
    wires::start(*network, message(1, 2, 300, 2));
    // Halves until 200 ps, then the rest of 200 bytes alone.
    CHECK(wires::play(*network) == (model == "ideal" ? Ends{{1, 110}, {2, 310}} : Ends{{1, 210}, {2, 410}}));
  }
}

TEST_CASE("alpha-beta: a narrow link between switches holds each flow back as if it were alone") {
  const auto network = four_chips("alpha-beta", kBytePerPicosecond / 4);
  wires::start(*network, message(0, 2, 100, 1));
  wires::start(*network, message(1, 3, 100, 2));
  (void)network->next_event();
  CHECK(network->load(ResourceId(kTrunk)) == 0);
  CHECK(wires::play(*network, 100).empty());
  // Both at ¼: together twice what the trunk could carry if it were shared.
  CHECK(network->load(ResourceId(kTrunk)) == doctest::Approx(kBytePerPicosecond / 2));
  CHECK(network->load(ResourceId(std::size_t{0})) == doctest::Approx(kBytePerPicosecond / 4));
  CHECK(wires::play(*network) == Ends{{1, 410}, {2, 410}});
}

TEST_CASE("alpha-beta: the flows of a phase don't meet between switches either") {
  // Two flows of 100 bytes each in one phase, both over the trunk: 200 bytes of it, 100 of each port.
  const auto network = four_chips("alpha-beta", kBytePerPicosecond / 2);
  const orrery::Use uses[] = {{ResourceId(std::size_t{0}), 100},
                              {ResourceId(std::size_t{1}), 100},
                              {ResourceId(std::size_t{6}), 100},
                              {ResourceId(std::size_t{7}), 100},
                              {ResourceId(kTrunk), 200}};
  network->start({uses, 1, 1.0 / 100, orrery::Duration::picoseconds(10), 1}, Time());
  CHECK(wires::play(*network) == Ends{{1, 210}});
}

TEST_CASE("alpha-beta: a link between switches that fails stops what crosses it until it recovers") {
  const auto network = four_chips("alpha-beta");
  wires::start(*network, message(0, 2, 100, 1));
  CHECK(wires::play(*network, 60).empty());
  network->set_capacity(ResourceId(kTrunk), 0, Time::picoseconds(60));
  CHECK(network->next_event() == Time::max());
  network->set_capacity(ResourceId(kTrunk), kBytePerPicosecond, Time::picoseconds(1060));
  CHECK(wires::play(*network) == Ends{{1, 1110}});
  // One that has lost half its rate is slower for what starts from then on.
  network->set_capacity(ResourceId(kTrunk), kBytePerPicosecond / 2, Time::picoseconds(2000));
  wires::start(*network, message(0, 2, 100, 2), 2000);
  CHECK(wires::play(*network) == Ends{{2, 2210}});
}
