// A network model in a file: its name, its parameters, and what is wrong with them.
#include "sim/network/choice.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "sim/network/packet/options.h"

using orrery::InputError;
using orrery::NetworkChoice;

namespace {

NetworkChoice read(std::string_view text) { return orrery::read_network(orrery::yaml::parse(text, "network.yaml")); }

std::string complaint(std::string_view text) {
  try {
    (void)read(text);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

orrery::packet::Options options(std::string_view text) {
  orrery::yaml::Map map(orrery::yaml::parse(text, "network.yaml"), "a network");
  return orrery::packet::read_options(map);
}

}  // namespace

TEST_CASE("a name alone stands for the model as it is") {
  for (const std::string_view name : {"alpha-beta", "fluid", "ideal", "packet"}) {
    const NetworkChoice choice = read(name);
    CHECK(choice.kind->name == name);
    CHECK_FALSE(choice.make);
    CHECK(choice.kind->is_stepwise == (name == "packet"));
  }
  CHECK(complaint("fluit") ==
        "network.yaml:1:1: error: no network is called 'fluit'; did you mean 'fluid'?\n"
        "  1 | fluit\n"
        "    | ^~~~~\n"
        "  note: networks: alpha-beta, fluid, ideal, packet");
}

TEST_CASE("a mapping gives the model parameters") {
  const NetworkChoice choice = read("{name: packet, control: credit, mtu: 1 KiB}");
  CHECK(choice.kind->name == "packet");
  REQUIRE(choice.make);
  CHECK(choice.make({{1.0, 2.0}}) != nullptr);
  CHECK(read("{name: fluid}").kind->name == "fluid");
}

TEST_CASE("what isn't given is as it stands by itself") {
  const orrery::packet::Options standard;
  const orrery::packet::Options some = options("{mtu: 1 KiB, header: 80 B, window: 0.5}");
  CHECK(some.mtu == 1024);
  CHECK(some.header == 80);
  CHECK(some.window == 0.5);
  CHECK(some.control == orrery::packet::Control::kDctcp);
  CHECK(some.ecn == standard.ecn);
  CHECK(some.buffer == standard.buffer);
  CHECK_FALSE(some.pfc);
  const orrery::packet::Options others = options("{control: credit, ecn: 64 KiB, pfc: true, pause: 96 KiB}");
  CHECK(others.control == orrery::packet::Control::kCredit);
  CHECK(others.ecn == 64 << 10);
  CHECK(others.pfc);
  CHECK(others.pause == 96 << 10);
  CHECK(options("{buffer: unlimited}").buffer == orrery::packet::kUnlimited);
}

TEST_CASE("parameters that can't be are refused, with the reason") {
  CHECK(complaint("{name: fluid, mtu: 4096 B}") ==
        "network.yaml:1:15: error: a network has no key 'mtu'\n"
        "  1 | {name: fluid, mtu: 4096 B}\n"
        "    |               ^~~\n"
        "  note: keys: name");
  CHECK(complaint("{name: packet, mtv: 4096 B}").find("did you mean 'mtu'?") != std::string::npos);
  CHECK(complaint("{name: packet, mtu: 0 B}") ==
        "network.yaml:1:21: error: must be between 1 B and 64.0 KiB, not 0 B\n"
        "  1 | {name: packet, mtu: 0 B}\n"
        "    |                     ^~~");
  CHECK(complaint("{name: packet, mtu: 4096}").find("'4096' has no unit") != std::string::npos);
  CHECK(complaint("{name: packet, control: tcp}") ==
        "network.yaml:1:25: error: no control is called 'tcp'\n"
        "  1 | {name: packet, control: tcp}\n"
        "    |                         ^~~\n"
        "  note: controls: dctcp, credit");
  CHECK(complaint("{name: packet, buffer: 4 KiB}") ==
        "network.yaml:1:24: error: a queue of 4096 B never holds a packet of 4160 B (mtu + header)\n"
        "  1 | {name: packet, buffer: 4 KiB}\n"
        "    |                        ^~~~~");
  CHECK(complaint("{name: packet, pause: 1 MiB}") ==
        "network.yaml:1:23: error: 'pause' changes nothing without pfc: true\n"
        "  1 | {name: packet, pause: 1 MiB}\n"
        "    |                       ^~~~~");
  CHECK(complaint("{name: packet, pfc: true, buffer: 1 MiB}") ==
        "network.yaml:1:35: error: 'buffer' changes nothing with pfc: true, which pauses instead of trimming\n"
        "  1 | {name: packet, pfc: true, buffer: 1 MiB}\n"
        "    |                                   ^~~~~");
  CHECK(complaint("{name: packet, window: -1}").find("must be between 0 and 1024, not -1") != std::string::npos);
  CHECK(complaint("{name: packet, window: nan}") != "");
  CHECK(complaint("{mtu: 4096 B}").find("name") != std::string::npos);
}
