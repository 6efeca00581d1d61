// A recording on more ranks: groups grow or repeat, messages go on or stay, and what can't be told is refused.
#include "workloads/recorded/grown_program.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <rapidcheck.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/workloads/traced.h"
#include "workloads/goal/goal_program.h"

namespace {

using namespace orrery;

Program grown(const Program& program, std::uint32_t ranks, const std::string& along = "") {
  recorded::GrownProgram made = recorded::grown(program, {ranks, along}, "a");
  validate(made.program);
  REQUIRE(made.program.role_of_rank.size() == ranks);
  return std::move(made.program);
}

std::string refusal(const Program& program, std::uint32_t ranks, const std::string& along = "") {
  return message_of([&] { (void)recorded::grown(program, {ranks, along}, "a"); });
}

void check_says(const std::string& message, std::string_view words) {
  CAPTURE(message);
  CHECK(message.find(words) != std::string::npos);
}

// To whom a rank sends, in order.
std::vector<std::uint32_t> sends(const Program& program, std::uint32_t rank) {
  std::vector<std::uint32_t> peers;
  for (const Op& op : program.roles[program.role_of_rank[rank]].ops)
    if (op.kind == OpKind::kSend) peers.push_back(program.peer(program.messages[op.body], RankId(rank)).index());
  return peers;
}

std::vector<std::uint32_t> members(const Program& program, std::size_t group, std::uint32_t of) {
  std::vector<std::uint32_t> ranks;
  for (const RankId rank : program.members(GroupSpecId(group), RankId(of))) ranks.push_back(rank.index());
  return ranks;
}

Program schedule(std::uint32_t ranks, const std::function<std::string(std::uint32_t)>& ops) {
  std::string text = fmt::format("num_ranks {}\n", ranks);
  for (std::uint32_t r = 0; r < ranks; ++r) text += fmt::format("rank {} {{ {} }}\n", r, ops(r));
  return goal::program_of(goal::parse_goal("a", text));
}

std::string to_and_from(std::uint32_t to, std::uint32_t from) {
  return fmt::format("send 8b to {} recv 8b from {} ", to, from);
}

Program ring(std::uint32_t ranks) {
  return schedule(ranks, [=](std::uint32_t r) { return to_and_from((r + 1) % ranks, (r + ranks - 1) % ranks); });
}

// Grids as others' traces have them: tensor ranks beside each other, then data ranks, then stages. Stages send to the
// next.
Program others(std::uint32_t tensor, std::uint32_t data, std::uint32_t stages, bool with_world = false) {
  Program program;
  const std::uint32_t ranks = tensor * data * stages;
  program.grid.dimensions = {{"rank", ranks}};
  program.streams = {"host", "compute", "communication", "receive"};
  program.algorithms = {"ring"};
  program.names = {"x"};
  const auto add = [&](const std::string& name, std::uint32_t stride, std::uint32_t size) {
    if (size == 1) return;
    GroupSpec group{.name = name, .dimensions = {0}, .only = {}};
    for (std::uint32_t first = 0; first < ranks; ++first) {
      if (first / stride % size != 0) continue;
      group.listed.emplace_back();
      for (std::uint32_t i = 0; i < size; ++i) group.listed.back().emplace_back(first + i * stride);
    }
    program.groups.push_back(std::move(group));
    program.collectives.push_back({CollectiveKind::kAllReduce, GroupSpecId(program.groups.size() - 1), Bytes(8), 0});
  };
  add("t", 1, tensor);
  add("d", tensor, data);
  if (with_world) add("w", 1, ranks);
  const auto on = static_cast<std::int32_t>(tensor * data);
  program.messages = {{0, on, Bytes(8), 0}, {0, static_cast<std::int32_t>(ranks) - on, Bytes(8), 0}};
  for (std::uint32_t s = 0; s < stages; ++s) {
    Role role;
    role.name = fmt::format("stage {}", s);
    for (std::uint32_t c = 0; c < program.collectives.size(); ++c)
      role.ops.push_back({.kind = OpKind::kCollective, .stream = 2, .body = c});
    if (s > 0) role.ops.push_back({.kind = OpKind::kRecv, .stream = 3, .body = 1});
    if (s + 1 < stages) role.ops.push_back({.kind = OpKind::kSend, .stream = 2, .body = 0});
    program.roles.push_back(std::move(role));
  }
  for (std::uint32_t r = 0; r < ranks; ++r) program.role_of_rank.push_back(r / (tensor * data));
  validate(program);
  return program;
}

TEST_CASE("where all ranks send equally far on, so do more of them") {
  const Program more = grown(ring(4), 12);
  CHECK(more.roles.size() == 1);
  CHECK(sends(more, 3) == std::vector<std::uint32_t>{4});
  CHECK(sends(more, 11) == std::vector<std::uint32_t>{0});
  const Program both_ways = schedule(
      5, [](std::uint32_t r) { return to_and_from((r + 2) % 5, (r + 3) % 5) + to_and_from((r + 3) % 5, (r + 2) % 5); });
  CHECK(sends(grown(both_ways, 10), 0) == std::vector<std::uint32_t>{2, 8});
}

TEST_CASE("messages that don't say how they go on are refused") {
  check_says(refusal(ring(2), 8), "a: error: has messages half way round, to the rank 1 of 2 on");
  check_says(refusal(schedule(5,
                              [](std::uint32_t r) {
                                std::string all;
                                for (std::uint32_t k = 1; k < 5; ++k) all += to_and_from((r + k) % 5, (r + 5 - k) % 5);
                                return all;
                              }),
                     10),
             "has messages from each rank to all others");
  check_says(refusal(schedule(2, [](std::uint32_t r) { return r == 0 ? "send 8b to 1" : "recv 8b from 0"; }), 4),
             "has messages but no groups, and its ranks do different things");
  check_says(refusal(schedule(2, [](std::uint32_t) { return "calc 5"; }), 4), "has neither groups nor messages");
}

TEST_CASE("the group that reaches over all ranks grows, and the others repeat") {
  const Program more = grown(others(2, 4, 1), 24);
  CHECK(members(more, 1, 3) == std::vector<std::uint32_t>{1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23});
  CHECK(members(more, 0, 23) == std::vector<std::uint32_t>{22, 23});
  CHECK(more.groups[0].listed.size() == 12);
  CHECK(more.roles.size() == 1);
}

TEST_CASE("where stages are outermost, more replicas stand between them") {
  const Program more = grown(others(2, 2, 3), 24);
  CHECK(members(more, 1, 0) == std::vector<std::uint32_t>{0, 2, 4, 6});
  CHECK(members(more, 1, 21) == std::vector<std::uint32_t>{17, 19, 21, 23});
  CHECK(more.roles[more.role_of_rank[8]].name == "stage 1");
  CHECK(sends(more, 7) == std::vector<std::uint32_t>{15});
  CHECK(sends(more, 15) == std::vector<std::uint32_t>{23});
  CHECK(sends(more, 23).empty());
}

TEST_CASE("a group of everybody makes all ranks the block, unless another is named") {
  const Program all = grown(others(2, 2, 2, true), 16);
  CHECK(members(all, 2, 5).size() == 16);
  CHECK(members(all, 1, 9) == std::vector<std::uint32_t>{9, 11});
  CHECK(sends(all, 9) == std::vector<std::uint32_t>{13});
  const Program named = grown(others(2, 2, 2, true), 16, "d");
  CHECK(members(named, 2, 5).size() == 16);
  CHECK(members(named, 1, 9) == std::vector<std::uint32_t>{9, 11, 13, 15});
  CHECK(sends(named, 1) == std::vector<std::uint32_t>{9});
  check_says(refusal(others(2, 2, 2), 16, "e"), "no group is called 'e'");
}

TEST_CASE("uneven groups, fewer ranks and odd numbers of them are refused") {
  Program program = others(2, 4, 1);
  std::swap(program.groups[1].listed[0][1], program.groups[1].listed[1][2]);
  check_says(refusal(program, 16), "'d', of 4 of 8 ranks, doesn't say how it goes on over 16");
  check_says(refusal(others(2, 4, 1), 4), "is of 8 ranks: it can be played on more, not on 4");
  check_says(refusal(others(2, 4, 1), 12), "on a multiple of them, not on 12");
  const recorded::GrownProgram same = recorded::grown(others(2, 4, 1), {8, ""}, "a");
  CHECK(same.notes == std::vector<std::string>{"--ranks 8 changes nothing: so many were recorded"});
}

// The same with its grid.
Program ours(std::uint32_t tensor, std::uint32_t data, std::uint32_t stages) {
  Program program = others(tensor, data, stages);
  program.grid.dimensions = {{"tensor", tensor}, {"data", data}, {"pipeline", stages}};
  std::uint32_t g = 0;
  if (tensor > 1) program.groups[g++].dimensions = {0};
  if (data > 1) program.groups[g].dimensions = {1};
  program.messages = {{2, 1, Bytes(8), 0}, {2, static_cast<std::int32_t>(stages) - 1, Bytes(8), 0}};
  validate(program);
  return program;
}

TEST_CASE("a grid grows along 'data', or what is named, where its ranks do the same") {
  const Program more = grown(ours(2, 2, 2), 16);
  CHECK(more.grid.dimensions[1].size == 4);
  CHECK(members(more, 1, 8) == std::vector<std::uint32_t>{8, 10, 12, 14});
  CHECK(sends(more, 3) == std::vector<std::uint32_t>{11});
  const Program wider = grown(ours(2, 2, 2), 16, "tensor");
  CHECK(members(wider, 0, 2) == std::vector<std::uint32_t>{0, 1, 2, 3});
  CHECK(members(wider, 1, 2) == std::vector<std::uint32_t>{2, 6});
  check_says(refusal(ours(2, 2, 2), 16, "pipeline"), "can't grow along 'pipeline': rank 4 does something else");
  check_says(refusal(ours(2, 2, 2), 16, "dta"), "no dimension is called 'dta'; did you mean 'data'?");
  check_says(refusal(ours(2, 1, 2), 8), "has one rank along 'data'");
}

TEST_CASE("to grow twice is to grow once") {
  rc::check([] {
    const auto size = [](int most) { return static_cast<std::uint32_t>(*rc::gen::inRange(1, most)); };
    const std::uint32_t tensor = size(4);
    const std::uint32_t data = 1 + size(4);
    const std::uint32_t stages = size(4);
    const std::uint32_t first = size(4);
    const std::uint32_t second = size(4);
    const bool is_grid = *rc::gen::arbitrary<bool>();
    const Program program = is_grid ? ours(tensor, data, stages) : others(tensor, data, stages);
    const std::uint32_t ranks = tensor * data * stages;
    const Program once = grown(program, ranks * first * second);
    const Program twice = grown(grown(program, ranks * first), ranks * first * second);
    for (std::uint32_t r = 0; r < ranks * first * second; ++r) {
      RC_ASSERT(sends(once, r) == sends(twice, r));
      RC_ASSERT(once.roles[once.role_of_rank[r]].name == twice.roles[twice.role_of_rank[r]].name);
      for (std::size_t g = 0; g < program.groups.size(); ++g) RC_ASSERT(members(once, g, r) == members(twice, g, r));
    }
  });
}

}  // namespace
