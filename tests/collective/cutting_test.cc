// NCCL's chunks, worked out by hand from calcCollChunking for sixteen channels.
#include "sim/collective/cutting.h"

#include <doctest/doctest.h>

#include "sim/collective/alone.h"
#include "tests/collective/machines.h"

namespace orrery {
namespace {

constexpr std::int64_t kKiB = 1024;
constexpr std::int64_t kMiB = 1024 * kKiB;

std::int64_t chunk(Cutting cutting, std::int64_t bytes, std::size_t nodes) {
  return chunk_of(cutting, {Bytes(bytes), 8 * nodes, nodes, 8}).count();
}

}  // namespace

TEST_CASE("trees are cut as NCCL cuts them") {
  CHECK(chunk(Cutting::kTreeLL, kMiB, 2) == 32 * kKiB);
  // Two nodes: 2.8 steps, 22.4 and 5.6 chunks wanted.
  CHECK(chunk(Cutting::kTreeLL128, kMiB, 2) == 18'000);         // 3 of 18,000
  CHECK(chunk(Cutting::kTreeLL128, 4 * kMiB, 2) == 36'000);     // 7 of 36,000
  CHECK(chunk(Cutting::kTreeLL128, 8 * kMiB, 2) == 72'000);     // 7 of 72,000
  CHECK(chunk(Cutting::kTreeLL128, 128 * kMiB, 2) == 288'000);  // 29 of 288,000, 14 of 576,000
  CHECK(chunk(Cutting::kTreeLL128, 1024 * kMiB, 2) == 576'000);
  CHECK(chunk(Cutting::kTreeLL128, 8 * kMiB, 16) == 36'000);  // 5.8 steps: 11.6 wanted
  // Two nodes: 8 levels. 64 chunks of more than 128 KiB, 32 of more than 64 KiB, 8 of more than 32 KiB.
  CHECK(chunk(Cutting::kTreeSimple, 1024 * kMiB, 2) == 512 * kKiB);
  CHECK(chunk(Cutting::kTreeSimple, 256 * kMiB, 2) == 256 * kKiB);
  CHECK(chunk(Cutting::kTreeSimple, 64 * kMiB, 2) == 128 * kKiB);
  CHECK(chunk(Cutting::kTreeSimple, 16 * kMiB, 2) == 64 * kKiB);
  CHECK(chunk(Cutting::kTreeSimple, kMiB, 2) == 32 * kKiB);
  CHECK(chunk(Cutting::kNvlsTree, 64 * kMiB, 2) == 16 * 128 * kKiB);
  CHECK(chunk(Cutting::kNvlsTree, 32 * kMiB, 2) == 16 * 64 * kKiB);
  CHECK(chunk(Cutting::kNvlsTree, 64 * kMiB, 4) == 16 * 64 * kKiB);
  CHECK(chunk(Cutting::kNvlsTree, 4 * kMiB, 4) == 16 * 32 * kKiB);
}

TEST_CASE("larger buffers make larger chunks") {
  const Spread two{Bytes(4096 * kMiB), 16, 2, 8};
  CHECK(chunk_of(Cutting::kTreeSimple, two, {.buffer = Bytes(8 * kMiB)}).count() == kMiB);
  const Buffers large{.nvls_chunk = Bytes(512 * kKiB)};
  CHECK(chunk_of(Cutting::kNvlsTree, two, large).count() == 16 * 512 * kKiB);
  CHECK(chunk_of(Cutting::kNvlsTree, {Bytes(1024 * kMiB), 16, 2, 8}, large).count() == 16 * 256 * kKiB);
  // Twice the channels have half the turns: 4 of 64 KiB for 256.
  const Buffers blackwell{.nvls_channels = 32};
  CHECK(chunk_of(Cutting::kNvlsTree, {Bytes(64 * kMiB), 16, 2, 8}, blackwell).count() == 32 * 64 * kKiB);
}

// Two nodes of one chip each: a tree and its mirror, half of the vector each way on links of 10 GB/s.
TEST_CASE("a transfer between nodes has as many messages under way as there are slots") {
  const Fabric fabric = machines::rails(2, 1, {1'000'000'000'000, 0}, {10'000'000'000, 0});
  Alone alone(fabric, {ChipId(0), ChipId(1)}, {}, *Networks::find("fluid"), false);
  const CollectiveAlgorithm& tree = *CollectiveAlgorithms::find("double_binary_tree");
  CommunicationCosts costs;
  costs.network_step = Duration::microseconds(40);
  costs.chunk = Bytes(10'000);
  const auto time = [&](std::int64_t bytes) {
    return alone.time(tree, CollectiveKind::kBroadcast, Bytes(bytes), costs).in_seconds();
  };
  // 10 us for each of 40 chunks at 1 GB/s; with 4 slots in a round trip of 80 us and 10 of its own one is sent
  // every 22.5.
  costs.message_ceiling = 1e9;
  const double free = time(800'000);
  CHECK(free == doctest::Approx(40e-6 + 40 * 10e-6));
  costs.slots = 4;
  CHECK(time(800'000) == doctest::Approx(40e-6 + 4 * 10e-6 + 36 * 22.5e-6));
  CHECK(time(80'000) == doctest::Approx(40e-6 + 4 * 10e-6));
  costs.slots = 9;
  CHECK(time(800'000) == doctest::Approx(free));
  // Message by message the first of four leaves at once, and so does each round's.
  costs.slots = 4;
  Alone stepwise(fabric, {ChipId(0), ChipId(1)}, {}, *Networks::find("fluid"), true);
  CHECK(stepwise.time(tree, CollectiveKind::kBroadcast, Bytes(800'000), costs).in_seconds() ==
        doctest::Approx(time(800'000)).epsilon(0.05));
}

TEST_CASE("few channels are open for little") {
  const auto open = [](Cutting cutting, std::int64_t bytes) {
    return open_share(cutting, {Bytes(bytes), 16, 2, 8}) * 16;
  };
  CHECK(open(Cutting::kTreeLL, 1) == 1);
  CHECK(open(Cutting::kTreeLL, 12 * kKiB) == 3);
  CHECK(open(Cutting::kTreeLL, 64 * kKiB) == 16);
  CHECK(open(Cutting::kTreeLL128, 20 * kKiB) == 4);
  CHECK(open(Cutting::kTreeSimple, 64 * kKiB) == 2);
  CHECK(open(Cutting::kTreeSimple, kMiB * 1024) == 16);
  CHECK(open(Cutting::kNvlsTree, 1) == 16);
}

// As above: two trees, so that a member has a message of each chunk of one tree to send and one of the other to
// receive.
TEST_CASE("a host's work for messages between nodes comes in turns") {
  const Fabric fabric = machines::rails(2, 1, {1'000'000'000'000, 0}, {10'000'000'000, 0});
  const CollectiveAlgorithm& tree = *CollectiveAlgorithms::find("double_binary_tree");
  CommunicationCosts costs;
  costs.network_step = Duration::microseconds(40);
  costs.chunk = Bytes(10'000);
  for (const bool stepwise : {false, true}) {
    CAPTURE(stepwise);
    Alone alone(fabric, {ChipId(0), ChipId(1)}, {}, *Networks::find("fluid"), stepwise);
    const auto time = [&](CollectiveKind kind) { return alone.time(tree, kind, Bytes(800'000), costs).in_seconds(); };
    costs.message_work = Duration();
    // All-reduce: 40 chunks of 10 kB up each of two trees and down again, over links of 10 GB/s that two trees share.
    const double idle = time(CollectiveKind::kAllReduce);
    costs.message_work = Duration::microseconds(5);
    // Four messages a chunk, 20 us, where the links take 2.
    const double busy = time(CollectiveKind::kAllReduce);
    CHECK(idle < 80e-6 + 45 * 2e-6);
    CHECK(busy > 80e-6 + 40 * 20e-6 - 20e-6);
    CHECK(busy < 80e-6 + 42 * 20e-6);
  }
}

TEST_CASE("a barrier's messages have no bytes, but a library's costs") {
  const Fabric fabric = machines::rails(4, 2, {1'000'000'000'000, 0}, {10'000'000'000, 0});
  std::vector<ChipId> members;
  for (std::size_t c = 0; c < 8; ++c) members.emplace_back(c);
  const CollectiveAlgorithm& tree = *CollectiveAlgorithms::find("double_binary_tree");
  CommunicationCosts costs;
  costs.network_step = Duration::microseconds(40);
  costs.message_work = Duration::microseconds(5);
  costs.chunk = Bytes(10'000);
  costs.slots = 8;
  costs.message_ceiling = 1e9;
  for (const bool stepwise : {false, true}) {
    Alone alone(fabric, members, {}, *Networks::find("fluid"), stepwise);
    // Up and down two levels of trees over the nodes.
    CHECK(alone.time(tree, CollectiveKind::kBarrier, Bytes(), costs).in_seconds() == doctest::Approx(4 * 40e-6));
  }
}

TEST_CASE("a ring's messages come one by one: hosts are done with each before the next has come") {
  const Fabric fabric = machines::rails(2, 2, {1'000'000'000'000, 0}, {10'000'000'000, 0});
  std::vector<ChipId> members;
  for (std::size_t c = 0; c < 4; ++c) members.emplace_back(c);
  Alone alone(fabric, members, {}, *Networks::find("fluid"), false);
  const CollectiveAlgorithm& ring = *CollectiveAlgorithms::find("ring");
  CommunicationCosts costs;
  costs.network_step = Duration::microseconds(40);
  const auto time = [&] { return alone.time(ring, CollectiveKind::kAllReduce, Bytes(4000), costs).in_seconds(); };
  const double before = time();
  costs.message_work = Duration::microseconds(1);
  CHECK(time() == before);
  costs.message_work = Duration::microseconds(1000);
  CHECK(time() > 6e-3);
}

}  // namespace orrery
