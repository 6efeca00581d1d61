// What the tuner takes on eight A100 and H100, and what a protocol's limits do to a collective's time.
#include "sim/collective/tuner.h"

#include <doctest/doctest.h>

#include <string>

#include "sim/base/error.h"
#include "sim/collective/alone.h"
#include "tests/collective/machines.h"
#include "topology/cluster.h"

namespace orrery {
namespace {

CommunicationLibrary library_of(const char* name) {
  return load_communication_library(Library({ORRERY_SOURCE_DIR}), yaml::parse(name, "test"));
}

// Chips at `bandwidth` on one switch, one node.
struct Node {
  Node(std::size_t chips, std::int64_t bandwidth) : fabric(machines::single_switch(chips, {bandwidth, 350'000})) {
    for (std::size_t c = 0; c < chips; ++c) members.emplace_back(c);
  }
  [[nodiscard]] Alone alone() const { return Alone(fabric, members, {}, *Networks::find("fluid"), false); }

  Fabric fabric;
  std::vector<ChipId> members;
};

std::string taken(Alone& alone, const CommunicationLibrary& library, CollectiveKind kind, std::int64_t bytes) {
  const Choice choice = alone.choices(library, kind, Bytes(bytes)).front();
  return std::string(choice.method->algorithm->name) + " " + choice.method->protocol;
}

constexpr std::int64_t kMiB = 1 << 20;

std::string fault(const std::string& methods) {
  const std::string text =
      "name: n\nsource: s\nchannels: {count: 1, source: a}\nmethods:\n" + methods + "sources: {a: b}\n";
  try {
    (void)read_communication_library(yaml::parse(text, "mine.yaml"));
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

// Where NCCL's tables cross: base + steps × latency + bytes ÷ bandwidth, worked out by hand. All-gather between two
// A100: LL 6.6 + 0.6 us + S/175.4 GB/s and Simple 8.4 + 3.4 us + S/470 GB/s cross at 1.3 MB.
TEST_CASE("the tuner changes protocol where NCCL's tables cross") {
  const CommunicationLibrary ampere = library_of("nccl_ampere");
  Node two(2, 235'000'000'000);
  Alone pair = two.alone();
  CHECK(taken(pair, ampere, CollectiveKind::kAllGather, kMiB) == "ring LL");
  CHECK(taken(pair, ampere, CollectiveKind::kAllGather, 2 * kMiB) == "ring Simple");
  Node eight(8, 235'000'000'000);
  Alone all = eight.alone();
  CHECK(taken(all, ampere, CollectiveKind::kAllReduce, kMiB) == "ring LL");
  CHECK(taken(all, ampere, CollectiveKind::kAllReduce, 4 * kMiB) == "ring LL128");
  CHECK(taken(all, ampere, CollectiveKind::kAllReduce, 64 * kMiB) == "ring Simple");
  CHECK(taken(all, ampere, CollectiveKind::kAllToAll, kMiB / 1024) == "direct LL");
  CHECK(taken(all, ampere, CollectiveKind::kAllToAll, 64 * kMiB) == "direct Simple");
}

TEST_CASE("NVLS pays from five members on: bus bandwidth 2(n − 1)/(n + 1) of what its links carry") {
  const CommunicationLibrary hopper = library_of("nccl_hopper");
  const CollectiveAlgorithm& nvls = *CollectiveAlgorithms::find("nvls");
  for (const std::size_t n : {2U, 4U, 5U, 8U}) {
    CAPTURE(n);
    Node node(n, 367'000'000'000);
    Alone alone = node.alone();
    const std::string choice = taken(alone, hopper, CollectiveKind::kAllReduce, 8192 * kMiB);
    CHECK(choice == (n < 5 ? "ring Simple" : "nvls Simple"));
    const double bytes = 1e9 * static_cast<double>(n);
    const double seconds =
        alone.time(nvls, CollectiveKind::kAllReduce, Bytes(static_cast<std::int64_t>(bytes))).in_seconds();
    const auto members = static_cast<double>(n);
    CHECK(bytes / seconds * 2 * (members - 1) / members ==
          doctest::Approx(2 * (members - 1) / (members + 1) * 367e9).epsilon(1e-3));
  }
}

// Two nodes of eight on rails of 50 GB/s: what a head's NIC and NVLink bear. Beyond one node NVLS alone is no choice.
TEST_CASE("between nodes large all-reduces take NVLS-tree, and reach more than a NIC's rate a member") {
  for (const char* name : {"nccl_hopper", "nccl_blackwell"}) {
    CAPTURE(name);
    const CommunicationLibrary library = library_of(name);
    const bool hopper = std::string_view(name) == "nccl_hopper";
    const Fabric fabric =
        machines::rails(2, 8, {hopper ? 367'000'000'000 : 720'000'000'000, 350'000}, {47'500'000'000, 200'000});
    std::vector<ChipId> members;
    for (std::size_t c = 0; c < 16; ++c) members.emplace_back(c);
    Alone alone(fabric, members, {}, *Networks::find("fluid"), false);
    CHECK(taken(alone, library, CollectiveKind::kAllReduce, 16 * kMiB / 1024) == "double_binary_tree LL");
    CHECK(taken(alone, library, CollectiveKind::kAllReduce, 8192 * kMiB) == "nvls_tree Simple");
    CHECK(taken(alone, library, CollectiveKind::kAllGather, 8192 * kMiB) == "ring Simple");
    const Choice choice = alone.choices(library, CollectiveKind::kAllReduce, Bytes(8192 * kMiB)).front();
    const double seconds =
        alone.time(*choice.algorithm, CollectiveKind::kAllReduce, Bytes(8192 * kMiB), choice.costs).in_seconds();
    const double bus = 2.0 * 15 / 16 * 8192 * static_cast<double>(kMiB) / seconds;
    // Measured: 441 on InfiniBand and 487 on EFA for H100, 690 for B200.
    CHECK(bus > (hopper ? 460e9 : 660e9));
    CHECK(bus < (hopper ? 520e9 : 720e9));
  }
}

// On NICs of 25 GB/s a tree would take 8.1 ms a GiB and a ring 10.6; the tuner has a tree's NICs carry twice what they
// do.
TEST_CASE(
    "over two nodes of A100 small all-reduces take trees and large ones a ring, in one node no size takes a tree") {
  const CommunicationLibrary library = library_of("nccl_ampere");
  const Fabric fabric = machines::rails(2, 8, {235'000'000'000, 350'000}, {23'750'000'000, 200'000});
  std::vector<ChipId> members;
  for (std::size_t c = 0; c < 16; ++c) members.emplace_back(c);
  Alone two(fabric, members, {}, *Networks::find("fluid"), false);
  CHECK(taken(two, library, CollectiveKind::kAllReduce, 16 * kMiB / 1024) == "double_binary_tree LL");
  CHECK(taken(two, library, CollectiveKind::kAllReduce, 1024 * kMiB) == "ring Simple");
  Alone one(fabric, {members.begin(), members.begin() + 8}, {}, *Networks::find("fluid"), false);
  for (const Choice& choice : one.choices(library, CollectiveKind::kAllReduce, Bytes(kMiB)))
    CHECK(choice.method->algorithm->name != "double_binary_tree");
}

// NCCL has NVLS carry 444 GB/s of a vector in a node of B200 and a ring 411: what NVLS adds on the wire it doesn't
// know.
TEST_CASE("in a node of B200 large all-reduces take NVLS") {
  const Cluster cluster = load_cluster(Library({ORRERY_SOURCE_DIR}), yaml::parse("dgx_b200_superpod", "test"));
  std::vector<ChipId> members;
  for (std::size_t c = 0; c < 8; ++c) members.emplace_back(c);
  Alone node(cluster.fabric, members, {}, *Networks::find("fluid"), false);
  CHECK(taken(node, library_of("nccl_blackwell"), CollectiveKind::kAllReduce, 1024 * kMiB) == "nvls Simple");
}

TEST_CASE("RCCL goes all pairs at once in a node, and in rings with what is large or goes beyond it") {
  const CommunicationLibrary library = library_of("rccl_cdna3");
  const Cluster cluster = load_cluster(Library({ORRERY_SOURCE_DIR}), yaml::parse("mi300x_roce", "test"));
  std::vector<ChipId> members;
  for (std::size_t c = 0; c < 16; ++c) members.emplace_back(c);
  Alone two(cluster.fabric, members, {}, *Networks::find("fluid"), false);
  for (const Choice& choice : two.choices(library, CollectiveKind::kAllReduce, Bytes(kMiB)))
    CHECK(choice.method->algorithm->name == "ring");
  CHECK(two.choices(library, CollectiveKind::kAllToAll, Bytes(kMiB)).size() == 1);
  Alone one(cluster.fabric, {members.begin(), members.begin() + 8}, {}, *Networks::find("fluid"), false);
  CHECK(taken(one, library, CollectiveKind::kAllReduce, kMiB) == "direct LL");
  CHECK(taken(one, library, CollectiveKind::kAllReduce, 8 * kMiB) == "direct Simple");
  CHECK(taken(one, library, CollectiveKind::kAllReduce, 64 * kMiB) == "ring Simple");
}

TEST_CASE("what is chosen doesn't depend on what was timed before") {
  const CommunicationLibrary library = library_of("nccl_hopper");
  const Fabric fabric = machines::rails(2, 8, {367'000'000'000, 350'000}, {47'500'000'000, 200'000});
  std::vector<ChipId> members;
  for (std::size_t c = 0; c < 16; ++c) members.emplace_back(c);
  Alone alone(fabric, members, {}, *Networks::find("fluid"), false);
  const auto believed = [&] {
    std::vector<Duration> all;
    for (const Choice& choice : alone.choices(library, CollectiveKind::kAllReduce, Bytes(16 * kMiB)))
      all.push_back(choice.believed);
    return all;
  };
  const std::vector<Duration> before = believed();
  for (const Choice& choice : alone.choices(library, CollectiveKind::kAllReduce, Bytes(8 * kMiB))) {
    (void)alone.time(*choice.algorithm, CollectiveKind::kAllReduce, Bytes(8 * kMiB), choice.costs);
    CHECK(believed() == before);
  }
}

TEST_CASE("flags may cost less on the network than inside a node") {
  const Fabric fabric = machines::rails(2, 2, {100'000'000'000, 0}, {10'000'000'000, 0});
  std::vector<ChipId> members;
  for (std::size_t c = 0; c < 4; ++c) members.emplace_back(c);
  Alone alone(fabric, members, {}, *Networks::find("fluid"), false);
  CommunicationCosts costs;
  costs.wire = 2;
  const CollectiveAlgorithm& pxn = *CollectiveAlgorithms::find("pxn");
  const double both = alone.time(pxn, CollectiveKind::kAllToAll, Bytes(4'000'000), costs).in_seconds();
  costs.network_wire = 1;
  const double inside = alone.time(pxn, CollectiveKind::kAllToAll, Bytes(4'000'000), costs).in_seconds();
  // A megabyte to each: two to the neighbour for both nodes, at 100 GB/s; two over the rail at 10.
  CHECK(both == doctest::Approx(2 * (2e6 / 100e9 + 2e6 / 10e9)));
  CHECK(inside == doctest::Approx(2 * 2e6 / 100e9 + 2e6 / 10e9));
}

TEST_CASE("a ceiling, the wire's overhead and the drain, on an idle ring") {
  Node node(4, 100'000'000'000);
  CommunicationCosts costs;
  costs.wire = 2;
  costs.drain = 1;
  const CollectiveAlgorithm& ring = *CollectiveAlgorithms::find("ring");
  Alone alone = node.alone();
  const auto time = [&] {
    return alone.time(ring, CollectiveKind::kAllGather, Bytes(4'000'000), costs).in_seconds() - 3 * 0.7e-6;
  };
  // Three pieces of 1 MB one after the other, and one more to drain, at half the wire.
  CHECK(time() == doctest::Approx(4 * 1e6 / 50e9));
  costs.ceiling = 20e9;
  CHECK(time() == doctest::Approx(4 * 1e6 / 20e9));
  costs.message_ceiling = 10e9;
  CHECK(time() == doctest::Approx(4 * 1e6 / 10e9));
}

TEST_CASE("channels open with the message") {
  const CommunicationLibrary ampere = library_of("nccl_ampere");
  const Method& method = ampere.methods.front();
  REQUIRE(method.protocol == "LL");
  const auto ceiling = [&](std::int64_t bytes) { return costs_of(ampere, method, {Bytes(bytes), 8}, {}).ceiling; };
  CHECK(ceiling(1) == doctest::Approx(7.3e9));
  CHECK(ceiling(3 * 8 * 4096) == doctest::Approx(3 * 7.3e9));
  CHECK(ceiling(kMiB * 1024) == doctest::Approx(95e9));
}

TEST_CASE("what is wrong with a communication library is said where it stands") {
  const std::string head = "  - {algorithm: ring, protocol: LL, wire: 1, drain: 0, base: 1 us, step: 1 us, ";
  CHECK(fault(head + "network_step: 1 us, source: a}\n") == "no error");
  CHECK(fault("  []\n").find("a communication library needs at least one method") != std::string::npos);
  CHECK(fault(head + "network_step: 1 us, least_nodes: 2, most_nodes: 1, source: a}\n")
            .find("must be between 2 and 1024, not 1") != std::string::npos);
  CHECK(fault(head + "source: a}\n").find("network_step") != std::string::npos);
  CHECK(fault(head + "network_step: 1 us, kinds: [all_to_all], source: a}\n").find("all_to_all") != std::string::npos);
  CHECK(fault(head + "network_step: 1 us, network_wire: 0.5, source: a}\n").find("network_wire") != std::string::npos);
  CHECK(fault("  - {algorithm: rign, protocol: LL, source: a}\n").find("did you mean 'ring'?") != std::string::npos);
  CHECK(fault(head + "network_step: 1 us, chunks: tree_LL, source: a}\n").find("'ring' isn't cut so") !=
        std::string::npos);
  CHECK(fault(head + "network_step: 1 us, tuner: {base: 1 us, step: 1 us, network_step: 1 us, ceilings: [1 GB/s]}, "
                     "source: a}\n")
            .find("three are wanted: within one node, over two, over more") != std::string::npos);
}

}  // namespace orrery
