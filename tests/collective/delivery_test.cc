// Every algorithm delivers, piece by piece, for every group from 2 to 33 members and nodes of every shape; cheats
// don't.
#include "sim/collective/delivery.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <string>

#include "tests/collective/groups.h"

namespace orrery {

namespace {

// The blocks of the others' messages lie in no single stretch: bruck_test and blocks_test follow them one by one. What
// NVLS does in a switch has no position.
bool says_its_pieces(std::string_view algorithm, CollectiveKind kind) {
  const bool blocks = kind == CollectiveKind::kAllToAll || kind == CollectiveKind::kAllToAllV;
  return algorithm != "nvls" && algorithm != "once_a_node" && (!blocks || (algorithm != "bruck" && algorithm != "pxn"));
}

// What the group's first algorithm that doesn't deliver has to say; empty if all deliver.
std::string first_failure(const Group& group, std::int64_t bytes) {
  for (const CollectiveAlgorithm* algorithm : CollectiveAlgorithms::all()) {
    for (const CollectiveKind kind : kAllKinds) {
      if (!algorithm->supports(kind) || !says_its_pieces(algorithm->name, kind)) continue;
      if (kind == CollectiveKind::kSendRecv && group.size() != 2) continue;
      const Schedule schedule = algorithm->write(kind, group, Bytes(bytes));
      const std::string wrong = undelivered(kind, group.size(), schedule);
      if (!wrong.empty()) return std::string(algorithm->name) + " " + std::string(to_name(kind)) + ": " + wrong;
      for (const Step& step : schedule.steps)
        for (const Transfer& transfer : step.transfers)
          if (transfer.from == transfer.to || transfer.pieces < 1 || transfer.first < 0 || transfer.count < 1 ||
              transfer.first + transfer.count > step.repeats)
            return std::string(algorithm->name) + " " + std::string(to_name(kind)) + ": a transfer out of bounds";
    }
  }
  return {};
}

}  // namespace

TEST_CASE("every algorithm delivers: 2 to 33 members in one node, or one to a node") {
  for (std::size_t n = 2; n <= 33; ++n) {
    CAPTURE(n);
    CHECK(first_failure(block_group(1, n), 2'000'000) == "");
    CHECK(first_failure(block_group(n, 1), 1000) == "");
    Group clique = block_group(1, n);
    clique.cliques = true;
    CHECK(first_failure(clique, 2'000'000) == "");
  }
}

TEST_CASE("every algorithm delivers: nodes of equal size") {
  for (const auto& [nodes, each] : std::vector<std::pair<std::size_t, std::size_t>>{
           {2, 2}, {2, 4}, {3, 2}, {3, 3}, {4, 5}, {4, 8}, {5, 4}, {7, 3}, {2, 16}}) {
    CAPTURE(nodes);
    CAPTURE(each);
    Group group = block_group(nodes, each);
    for (const bool cliques : {false, true}) {
      group.cliques = cliques;
      for (const std::int64_t bytes : {0L, 1L, 3'000'001L}) CHECK(first_failure(group, bytes) == "");
    }
  }
}

TEST_CASE("every algorithm delivers: grids of one to four dimensions") {
  for (const auto& dimensions : std::vector<std::vector<std::int32_t>>{
           {5}, {2, 2}, {4, 4}, {3, 5}, {1, 7}, {2, 3, 4}, {4, 4, 2}, {3, 1, 3}, {2, 2, 2, 2}}) {
    const Group group = grid_group(dimensions);
    CAPTURE(dimensions.size());
    CAPTURE(group.size());
    CHECK(first_failure(group, 1'000'000) == "");
  }
}

TEST_CASE("every algorithm delivers: random groups, uneven nodes, positions in any order") {
  CHECK(rc::check("schedules deliver", [] {
    const auto size = *rc::gen::inRange<std::size_t>(2, 24);
    Group group;
    for (std::size_t p = 0; p < size; ++p) group.node.push_back(*rc::gen::inRange<std::uint32_t>(0, 5));
    RC_ASSERT(first_failure(group, *rc::gen::inRange<std::int64_t>(0, 10'000'000)) == "");
  }));
}

TEST_CASE("a schedule that doesn't deliver is noticed") {
  const Group group = block_group(2, 3);
  for (const CollectiveAlgorithm* algorithm : CollectiveAlgorithms::all()) {
    for (const CollectiveKind kind : kAllKinds) {
      if (!algorithm->supports(kind) || !says_its_pieces(algorithm->name, kind)) continue;
      if (kind == CollectiveKind::kSendRecv) continue;
      CAPTURE(algorithm->name);
      CAPTURE(to_name(kind));
      const Schedule good = algorithm->write(kind, group, Bytes(5'000'000));
      REQUIRE(undelivered(kind, 6, good) == "");
      for (std::size_t s = 0; s < good.steps.size(); ++s) {
        Schedule bad = good;
        bad.steps[s].transfers.erase(bad.steps[s].transfers.begin());
        CHECK(undelivered(kind, 6, bad) != "");
        bad = good;
        std::swap(bad.steps[s].transfers[0].from, bad.steps[s].transfers[0].to);
        CHECK(undelivered(kind, 6, bad) != "");
        bad = good;
        Transfer& transfer = bad.steps[s].transfers[0];
        transfer.reduces = !transfer.reduces;
        CHECK(undelivered(kind, 6, bad) != "");
      }
    }
  }
}

TEST_CASE("what is wrong is said") {
  const auto one_step = [](std::vector<Transfer> transfers, std::int32_t repeats = 1) {
    return Schedule{{{std::move(transfers), Bytes(1), repeats}}, 1};
  };
  CHECK(undelivered(CollectiveKind::kBroadcast, 3, one_step({{.from = 0, .to = 1}})) == "2 ends without piece 0");
  CHECK(undelivered(CollectiveKind::kBroadcast, 3, one_step({{.from = 1, .to = 2}})) ==
        "step 1, repeat 0: 1 doesn't have piece 0");
  CHECK(undelivered(CollectiveKind::kBroadcast, 2, one_step({{.from = 0, .to = 1, .piece = 4}})) ==
        "step 1, repeat 0: there is no piece 4");
  CHECK(undelivered(CollectiveKind::kBroadcast, 2, one_step({{.from = 0, .to = 1, .piece = kAnyPiece}})) ==
        "step 1, repeat 0: it isn't said which pieces are carried");
  CHECK(undelivered(CollectiveKind::kBroadcast, 2, one_step({{.from = 0, .to = 0}})) ==
        "step 1, repeat 0: 0 sends to itself");
  CHECK(undelivered(CollectiveKind::kBroadcast, 2, one_step({{.from = 0, .to = 1, .reduces = true}})) ==
        "step 1, repeat 0: piece 0 is added up where nothing is to be summed");
  CHECK(undelivered(CollectiveKind::kReduce, 3, one_step({{.from = 1, .to = 0, .reduces = true}})) ==
        "0 ends without all of piece 0");
  CHECK(undelivered(CollectiveKind::kReduce, 2,
                    one_step({{.from = 1, .to = 0, .reduces = true}, {.from = 1, .to = 0, .reduces = true}})) ==
        "step 1, repeat 0: 0 adds a contribution to piece 0 that it has already");
  CHECK(undelivered(CollectiveKind::kReduce, 2, one_step({{.from = 1, .to = 0}})) ==
        "step 1, repeat 0: 0 gets a copy of piece 0 before it is finished");
  CHECK(undelivered(CollectiveKind::kAllToAll, 2, one_step({{.from = 0, .to = 1}})) ==
        "1 blocks, not one for each pair");
  // Position 1 doesn't wait in repeat 2 for what came in repeat 0: it takes no part in repeat 1.
  CHECK(undelivered(CollectiveKind::kBroadcast, 3,
                    one_step({{.from = 0, .to = 1}, {.from = 1, .to = 2, .first = 2}}, 3)) ==
        "step 1, repeat 2: 1 may send piece 0 on before it has come");
  CHECK(undelivered(CollectiveKind::kBroadcast, 3,
                    one_step({{.from = 0, .to = 1}, {.from = 1, .to = 2, .first = 1}}, 2)) == "");
  CHECK(undelivered(CollectiveKind::kBroadcast, 3,
                    one_step({{.from = 0, .to = 1}, {.from = 1, .to = 2, .first = 1, .channel = 1}}, 2)) ==
        "step 1, repeat 1: 1 may send piece 0 on before it has come");
  CHECK(undelivered(CollectiveKind::kBroadcast, 2, one_step({{.from = kInSwitch, .to = 1}})) ==
        "step 1, repeat 0: -1 doesn't have piece 0");
}

TEST_CASE("pieces go round within their stretch") {
  const Transfer transfer{.piece = 9, .pieces = 2, .stride = -1, .period = 4};  // of the stretch 8 … 11
  CHECK(piece_carried(transfer, 0, 0) == 9);
  CHECK(piece_carried(transfer, 0, 3) == 8);
  CHECK(piece_carried(transfer, 2, 0) == 11);
  CHECK(piece_carried({.piece = 9, .stride = 2}, 3, 1) == 16);
}

}  // namespace orrery
