// What a network's plugin does to the tuner's choice, and what is wrong with its file.
#include "sim/collective/network_plugin.h"

#include <doctest/doctest.h>

#include <string>

#include "sim/base/error.h"
#include "sim/collective/alone.h"
#include "tests/collective/machines.h"

namespace orrery {
namespace {

constexpr std::int64_t kMiB = 1 << 20;

Library library() { return Library({ORRERY_SOURCE_DIR}); }

CommunicationLibrary hopper(const std::optional<yaml::Node>& plugin = {}) {
  return load_communication_library(library(), yaml::parse("nccl_hopper", "test"), plugin);
}

NetworkPlugin plugin_of(const std::string& text) {
  return *hopper(yaml::parse("{name: p, source: s, latency: 10 us, " + text + "}", "mine.yaml")).plugin;
}

std::string fault(const std::string& text) {
  try {
    (void)plugin_of(text);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

std::string table(const std::string& bands) {
  return "tables: [{kind: all_reduce, members_a_node: 8, least_nodes: 3, bands: [" + bands + "]}]";
}

}  // namespace

TEST_CASE("a band ends on a line in the logarithms of members and bytes") {
  const NetworkPlugin plugin =
      plugin_of(table("{algorithm: double_binary_tree, protocol: LL, up_to: {32: 1000 B, 128: 4000 B}}, "
                      "{algorithm: ring, protocol: Simple}"));
  const auto taken = [&](std::size_t nodes, std::int64_t bytes) {
    return plugin.choice(CollectiveKind::kAllReduce, 8 * nodes, nodes, Bytes(bytes))->algorithm->name;
  };
  CHECK(taken(4, 1000) == "double_binary_tree");
  CHECK(taken(4, 1001) == "ring");
  CHECK(taken(8, 2000) == "double_binary_tree");
  CHECK(taken(8, 2001) == "ring");
  CHECK(taken(3, 1000) == "double_binary_tree");  // the nearest point
  CHECK(taken(64, 4000) == "double_binary_tree");
  CHECK(plugin.choice(CollectiveKind::kAllReduce, 16, 2, Bytes(1)) == nullptr);
  CHECK(plugin.choice(CollectiveKind::kAllReduce, 24, 4, Bytes(1)) == nullptr);
  CHECK(plugin.choice(CollectiveKind::kAllGather, 32, 4, Bytes(1)) == nullptr);
}

TEST_CASE("a band may be for few members or for many") {
  const NetworkPlugin plugin = plugin_of(
      table("{algorithm: nvls_tree, protocol: Simple, least_members: 64, most_members: 128, up_to: {1: 1000 B}}, "
            "{algorithm: ring, protocol: Simple}"));
  const auto taken = [&](std::size_t nodes) {
    return plugin.choice(CollectiveKind::kAllReduce, 8 * nodes, nodes, Bytes(500))->algorithm->name;
  };
  CHECK(taken(7) == "ring");
  CHECK(taken(8) == "nvls_tree");
  CHECK(taken(16) == "nvls_tree");
  CHECK(taken(17) == "ring");
}

TEST_CASE("a band without an algorithm leaves the choice to the library") {
  const NetworkPlugin plugin = plugin_of(table("{up_to: {1: 1000 B}}, {algorithm: ring, protocol: Simple}"));
  CHECK(plugin.choice(CollectiveKind::kAllReduce, 32, 4, Bytes(1000)) == nullptr);
  CHECK(plugin.choice(CollectiveKind::kAllReduce, 32, 4, Bytes(1001))->protocol == "Simple");
}

// EFA's plugin has the tuner reckon with 75 us a message between nodes, twice that where it is flushed: unflushed
// LL128 goes further up than on InfiniBand. From three nodes on it chooses itself.
TEST_CASE("EFA's plugin on P5") {
  const CommunicationLibrary bare = hopper();
  const CommunicationLibrary efa = hopper(library().open("sim/collective/plugins", "aws_ofi_p5"));
  const auto taken = [](const CommunicationLibrary& of, std::size_t nodes, std::int64_t bytes) {
    const Fabric fabric = machines::rails(nodes, 8, {367'000'000'000, 350'000}, {47'500'000'000, 5'000'000});
    std::vector<ChipId> members;
    for (std::size_t c = 0; c < 8 * nodes; ++c) members.emplace_back(c);
    Alone alone(fabric, members, {}, *Networks::find("fluid"), false);
    const Choice choice = alone.choices(of, CollectiveKind::kAllReduce, Bytes(bytes)).front();
    return std::string(choice.method->algorithm->name) + " " + choice.method->protocol;
  };
  CHECK(taken(bare, 2, 8 * kMiB) == "ring LL128");
  CHECK(taken(efa, 2, 8 * kMiB) == "double_binary_tree LL128");
  CHECK(taken(efa, 4, kMiB / 1024) == "double_binary_tree LL128");
  CHECK(taken(bare, 4, 1024 * kMiB) == "ring Simple");
  CHECK(taken(efa, 4, 1024 * kMiB) == "ring LL128");
  CHECK(taken(efa, 4, 2048 * kMiB) == "ring Simple");
}

TEST_CASE("what the library hasn't got is passed over") {
  const CommunicationLibrary library = hopper(
      yaml::parse("{name: p, source: s, latency: 0 us, " + table("{algorithm: tree, protocol: LL}") + "}", "test"));
  const Fabric fabric = machines::rails(3, 8, {367'000'000'000, 350'000}, {47'500'000'000, 200'000});
  std::vector<ChipId> members;
  for (std::size_t c = 0; c < 24; ++c) members.emplace_back(c);
  Alone alone(fabric, members, {}, *Networks::find("fluid"), false);
  const CommunicationLibrary bare = hopper();  // choices point into it
  const std::vector<Choice> plain = alone.choices(bare, CollectiveKind::kAllReduce, Bytes(kMiB));
  const std::vector<Choice> passed = alone.choices(library, CollectiveKind::kAllReduce, Bytes(kMiB));
  CHECK(passed.front().method->protocol == plain.front().method->protocol);
  CHECK(passed.front().algorithm == plain.front().algorithm);
  CHECK(passed.front().believed == plain.front().believed);
}

TEST_CASE("a plugin's own work for a message takes the place of the library's") {
  const CommunicationLibrary library =
      hopper(yaml::parse("{name: p, source: s, latency: 0 us, message: 2 us}", "test"));
  const auto work = [](const CommunicationLibrary& of, std::int64_t bytes) {
    const Method& method = *of.methods_for(CollectiveKind::kAllReduce, "double_binary_tree", "LL128").front();
    return costs_of(of, method, {Bytes(bytes), 16, 2, 8}, {}).message_work;
  };
  CHECK(work(hopper(), kMiB) == Duration::nanoseconds(500));
  CHECK(work(library, kMiB) == Duration::microseconds(2));
  CHECK(work(library, 5 * 1024) == Duration::nanoseconds(125));
}

TEST_CASE("what is wrong with a plugin's file is said where it stands") {
  CHECK(fault("buffer: 8 MiB") == "no error");
  CHECK(fault("bufer: 8 MiB").find("bufer") != std::string::npos);
  CHECK(fault(table("")).find("a table without a band says nothing") != std::string::npos);
  CHECK(fault(table("{algorithm: rign, protocol: LL}")).find("did you mean 'ring'?") != std::string::npos);
  CHECK(fault(table("{algorithm: ring, protocol: LL}, {algorithm: ring, protocol: LL}")).find("up_to") !=
        std::string::npos);
  CHECK(fault(table("{algorithm: ring, protocol: LL, up_to: {}}")).find("at least one point") != std::string::npos);
  CHECK(fault(table("{algorithm: ring, protocol: LL, up_to: {64: 1 MiB, 32: 1 MiB}}")).find("more members") !=
        std::string::npos);
  CHECK(fault(table("{algorithm: pxn, protocol: LL}")).find("pxn") != std::string::npos);
  CHECK(fault(table("{algorithm: ring, protocol: LL129}")).find("did you mean 'LL128'?") != std::string::npos);
}

}  // namespace orrery
