// Traces → Program: roles, streams and groups of others' traces; a Program written to traces and read back plays alike.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <map>

#include "tests/base/temporary_folder.h"
#include "tests/kernel/random_program.h"
#include "tests/workloads/fixture.h"
#include "workloads/chakra/list_schedule.h"
#include "workloads/chakra/trace_program.h"
#include "workloads/chakra/write_traces.h"
#include "workloads/chakra/writer.h"

namespace orrery::chakra {
namespace {

Node compute(std::uint64_t id, std::uint64_t micros, const std::vector<std::uint64_t>& deps = {}) {
  Node node;
  node.set_id(id);
  node.set_type(COMP_NODE);
  node.set_name("work of " + std::to_string(id));
  node.set_duration_micros(micros);
  for (const std::uint64_t dep : deps) node.add_data_deps(dep);
  return node;
}

Node collective(std::uint64_t id, CollectiveCommType type, std::int64_t size, const std::string& group,
                const std::vector<std::uint64_t>& deps = {}) {
  Node node = compute(id, 0, deps);
  node.set_type(COMM_COLL_NODE);
  add_int32(node, "comm_type", type);
  add_uint64(node, "comm_size", static_cast<std::uint64_t>(size));
  add_text(node, "pg_name", group);
  return node;
}

Node message(std::uint64_t id, NodeType type, std::int32_t peer, const std::vector<std::uint64_t>& deps = {}) {
  Node node = compute(id, 0, deps);
  node.set_type(type);
  add_int32(node, type == COMM_SEND_NODE ? "comm_dst" : "comm_src", peer);
  add_int64(node, "comm_size", 1000);
  return node;
}

using Ranks = std::vector<std::vector<Node>>;

TracedProgram read(const Ranks& ranks, std::string_view groups = "") {
  const TemporaryFolder folder;
  GlobalMetadata metadata;
  metadata.set_version("0.0.4");
  for (std::size_t r = 0; r < ranks.size(); ++r) {
    std::string bytes;
    Writer writer(
        "t", [&](std::string_view some) { bytes += some; }, metadata);
    for (const Node& node : ranks[r]) writer.write(node);
    writer.finish();
    folder.write("t." + std::to_string(r) + ".et", bytes);
  }
  if (!groups.empty()) folder.write("groups.json", groups);
  const Chip chip = test::chip_named("a100_sxm_80gb");
  const NodeRules rules{.chip = &chip,
                        .precision = Precision::kBf16,
                        .roofline = false,
                        .link = Bandwidth::bytes_per_second(1'000'000'000'000),
                        .algorithm = "ring"};
  REQUIRE(count_ranks(folder.path("t")) == ranks.size());
  TracedProgram traced = read_traces(folder.path("t"), ranks.size(),
                                     groups.empty() ? std::nullopt : std::optional(folder.path("groups.json")), rules);
  validate(traced.program);
  return traced;
}

// "op@stream", in order.
std::string told(const Program& program, std::size_t role) {
  std::string text;
  for (const Op& op : program.roles[role].ops)
    text += (text.empty() ? "" : ", ") + program.names[op.name].substr(8) + "@" + program.streams[op.stream];
  return text;
}

// Every span's end by rank and op.
std::map<std::pair<std::uint32_t, std::uint32_t>, std::int64_t> ends(const play::Outcome& outcome) {
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::int64_t> ends;
  for (const Span& span : outcome.spans) ends[{span.rank.index(), span.op}] = span.end.ps();
  return ends;
}

}  // namespace

TEST_CASE("a unit takes the ready node with the least id, when it is free") {
  const auto order = [](const std::vector<Scheduled>& nodes, const std::vector<std::uint32_t>& deps) {
    return list_schedule(nodes, deps);
  };
  const Duration long_time = Duration::microseconds(5);
  const Duration short_time = Duration::microseconds(1);
  // 0 → 1, but 1's unit is busy with 2, which was ready first; 3 has a lower id than 2.
  CHECK(order({{0, Unit::kCompute, short_time, 0, 0},
               {1, Unit::kCommunication, short_time, 0, 1},
               {9, Unit::kCommunication, long_time, 1, 0},
               {5, Unit::kCommunication, long_time, 1, 0}},
              {0}) == std::vector<std::uint32_t>{0, 3, 1, 2});
  // Receives queue for nothing.
  CHECK(order({{7, Unit::kReceive, {}, 0, 0}, {3, Unit::kReceive, {}, 0, 0}, {5, Unit::kCpu, short_time, 0, 1}}, {0}) ==
        std::vector<std::uint32_t>{1, 0, 2});
  // 0 and 1 wait for each other.
  CHECK(order({{0, Unit::kCpu, {}, 0, 1}, {1, Unit::kCpu, {}, 1, 1}, {2, Unit::kCpu, {}, 2, 0}}, {1, 0}) ==
        std::vector<std::uint32_t>{2});
}

TEST_CASE("ranks that do the same in groups of their own share a role") {
  Ranks ranks;
  for (int r = 0; r < 4; ++r) {
    const auto id = static_cast<std::uint64_t>(10 * r);  // ids are a rank's own business
    ranks.push_back({compute(id, 5), collective(id + 1, ALL_REDUCE, 4096, std::to_string(1 + r / 2), {id}),
                     collective(id + 2, ALL_GATHER, 512, "", {id + 1})});
  }
  const TracedProgram traced = read(ranks, R"({"1": [0, 1], "2": [3, 2], "3": [0, 3]})");
  const Program& program = traced.program;
  CHECK(program.roles.size() == 1);
  CHECK(program.role_of_rank == std::vector<std::uint32_t>(4, 0));
  REQUIRE(program.groups.size() == 2);
  CHECK(program.groups[0].name == "groups of 2");
  CHECK(program.groups[0].listed.size() == 2);
  CHECK(program.groups[0].listed[1] == std::vector<RankId>{RankId(std::size_t{3}), RankId(std::size_t{2})});
  CHECK(program.groups[1].name == "all ranks");
  REQUIRE(program.collectives.size() == 2);
  CHECK(program.collectives[0].bytes == Bytes(4096));
  CHECK(program.collectives[1].bytes == Bytes(4 * 512));  // what each brings, four times
  REQUIRE(traced.warnings.size() == 1);
  CHECK(traced.warnings[0] == "nothing communicates on group '3'");
}

TEST_CASE("a group that overlaps with others of its kind is a family of its own") {
  const auto uses = [](const std::string& first, const std::string& second) {
    return std::vector<Node>{collective(0, ALL_REDUCE, 8, first), collective(1, ALL_REDUCE, 8, second, {0})};
  };
  const TracedProgram traced =
      read({uses("1", "2"), uses("1", "3"), uses("2", "3")}, R"({"1": [0, 1], "2": [0, 2], "3": [1, 2]})");
  CHECK(traced.program.groups.size() == 3);
  CHECK(traced.program.roles.size() == 3);
}

TEST_CASE("receives stand open, and it is what depends on them that waits") {
  Ranks ranks;
  for (int r = 0; r < 3; ++r)
    ranks.push_back(
        {message(0, COMM_SEND_NODE, (r + 1) % 3), message(1, COMM_RECV_NODE, (r + 2) % 3, {0}), compute(2, 7, {1})});
  const Program program = read(ranks).program;
  CHECK(program.roles.size() == 1);
  CHECK(told(program, 0) == "0@communication, 1@receive 0, 2@compute");
  const Role& role = program.roles[0];
  CHECK(role.ops[1].wait_count == 0);
  REQUIRE(role.ops[2].wait_count == 2);                       // for the receive, and for the send that it depended on
  CHECK(role.waits[role.ops[2].first_wait].stream == 3);      // communication
  CHECK(role.waits[role.ops[2].first_wait + 1].stream == 4);  // receive 0
}

TEST_CASE("metadata waits through, and ops wait once for what their stream has waited for") {
  Node start = compute(1, 0, {0});
  start.set_type(METADATA_NODE);
  Node on_cpu = compute(0, 3);
  add_flag(on_cpu, "is_cpu_op", true);
  const Program program = read({{on_cpu, start, compute(2, 4, {1}), compute(3, 4, {0, 2})}}).program;
  CHECK(told(program, 0) == "0@cpu, 2@compute, 3@compute");
  CHECK(program.roles[0].waits.size() == 1);
  CHECK(program.roles[0].ops[1].wait_count == 1);
}

TEST_CASE("a Program that was written to traces and read back plays alike, op by op") {
  const TemporaryFolder folder;
  const Chip chip = test::chip_named("a100_sxm_80gb");
  CHECK(rc::check("traces", [&] {
    const Program program = play::any_program();
    const std::size_t ranks = program.grid.rank_count();
    const TraceWriting writing(program, {});
    for (std::size_t r = 0; r < ranks; ++r) writing.write(RankId(r), trace_file(folder.path("t"), r));
    folder.write("groups.json", writing.groups());
    const NodeRules rules{.chip = &chip, .precision = Precision::kBf16, .roofline = false, .link = {}, .algorithm = {}};
    const TracedProgram traced = read_traces(folder.path("t"), ranks, folder.path("groups.json"), rules);
    RC_ASSERT(traced.facts.has_value());
    validate(traced.program);
    const RunOptions options = play::any_options();
    const Fabric fabric = play::star(ranks, 5, 4);
    const play::Outcome first = play::run_on(fabric, program, options);
    const play::Outcome second = play::run_on(fabric, traced.program, options);
    RC_ASSERT(first.result.step == second.result.step);
    RC_ASSERT(first.result.ops == second.result.ops);
    RC_ASSERT(ends(first) == ends(second));
  }));
}

}  // namespace orrery::chakra
