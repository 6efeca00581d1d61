// GOAL schedules are read as LogGOPSim reads them, and what is wrong is said where it stands.
#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/workloads/traced.h"
#include "workloads/goal/goal_binary.h"
#include "workloads/goal/goal_program.h"
#include "workloads/goal/goal_text.h"

namespace {

using namespace orrery;

constexpr std::string_view kPair = R"(num_ranks 2 /* two of them */
rank 0 {
  work: calc 1500 cpu 0   // nanoseconds
  side: calc 10 cpu 1
  out: send 4096b to 1 tag 7 nic 0
  out requires work
}
rank 1 {
  in: recv 4096b from 0 tag 7
  more: calc 200
  late: calc 300
  more requires in
  late irequires more
  send 8b to 0
}
)";

goal::Schedule parse(std::string_view text) { return goal::parse_goal("a.goal", std::string(text)); }

TEST_CASE("ops, labels, units and dependencies are read") {
  const goal::Schedule schedule = parse(kPair);
  REQUIRE(schedule.ranks.size() == 2);
  const std::vector<goal::Op>& first = schedule.ranks[0];
  REQUIRE(first.size() == 3);
  CHECK(first[0].amount == 1500);
  CHECK(first[1].cpu == 1);
  CHECK(first[2].kind == goal::Op::Kind::kSend);
  CHECK(first[2].peer == 1);
  CHECK(first[2].tag == 7);
  CHECK(first[2].after == std::vector<std::uint32_t>{0});
  const std::vector<goal::Op>& second = schedule.ranks[1];
  REQUIRE(second.size() == 4);
  CHECK(second[2].after_start == std::vector<std::uint32_t>{1});
  CHECK(second[3].label.empty());
}

TEST_CASE("a schedule becomes streams, messages and waits") {
  const Program program = goal::program_of(parse(kPair));
  validate(program);
  CHECK(program.streams == std::vector<std::string>{"host", "compute", "cpu 1", "nic 0", "receive 4"});
  REQUIRE(program.messages.size() == 2);  // among two ranks, one on is one back
  CHECK(program.messages[0].delta == 1);
  CHECK(program.messages[0].channel == 7);
  CHECK(waits_of(program, 0, "out") == Waits{{kComputeStream, 1}});
  CHECK(waits_of(program, 0, "side").empty());
  CHECK(waits_of(program, 1, "in").empty());
  CHECK(waits_of(program, 1, "more") == Waits{{4, 1}});
  CHECK(waits_of(program, 1, "late") == Waits{{4, 1}});  // when `more` can start, and after it on the same CPU
}

TEST_CASE("ranks that do the same share a role") {
  const Program program = goal::program_of(
      parse("num_ranks 3 rank 0 {a: send 8b to 1 b: recv 8b from 2} rank 1 {a: send 8b to 2 b: recv 8b from 0} "
            "rank 2 {a: send 8b to 0 b: recv 8b from 1}"));
  CHECK(program.roles.size() == 1);
  CHECK(program.role_of_rank == std::vector<std::uint32_t>{0, 0, 0});
}

TEST_CASE("what is wrong is said with line and column") {
  const auto says = [](std::string_view text, std::string_view words) {
    const std::string message = message_of([&] { (void)goal::program_of(parse(text)); });
    CAPTURE(message);
    CHECK(message.find(words) != std::string::npos);
  };
  says("", "expected 'num_ranks', and the file ends here");
  says("num_ranks 0", "a.goal:1:11: error: expected a number of ranks from 1 to 1048576, not '0'");
  says("num_ranks 2\nrank 5 {}", "a.goal:2:6: error: expected a rank from 0 to 1, not '5'");
  says("num_ranks 2\nrank 0 {} rank 0 {}", "rank 0 is there already");
  says("num_ranks 2\nrank 0 { a: jump 3 }", "a.goal:2:13: error: expected 'send', 'recv' or 'calc', not 'jump'");
  says("num_ranks 2\nrank 0 { a: recv 8b from -1 }", "a receive from anybody");
  says("num_ranks 2\nrank 0 { a: send 8b to 0 }", "a message of rank 0 to itself");
  says("num_ranks 2\nrank 0 { a: calc 1 a: calc 2 }", "'a' is there already");
  says("num_ranks 2\nrank 0 { a: calc 1 a requires b }", "rank 0 has no op called 'b'");
  says("num_ranks 2\nrank 0 { a: calc 1", "expected '}', and the file ends here");
  says("num_ranks 2 /* never", "a comment that doesn't end");
  says("num_ranks 2\nrank 0 { a: calc 1 b: calc 2 a requires b b requires a }", "require each other in a circle");
}

// Bytes as txt2bin would pack them.
void pack(std::string& to, std::uint64_t value, std::size_t width) {
  for (std::size_t i = 0; i < width; ++i) to += static_cast<char>(value >> 8 * i & 0xff);
}
std::string packed(const goal::Schedule& schedule) {
  std::string parts;
  std::string table;
  const std::size_t parts_at = 6 + 16 * schedule.ranks.size();
  for (const std::vector<goal::Op>& ops : schedule.ranks) {
    pack(table, parts_at + parts.size(), 8);
    std::vector<std::vector<std::uint32_t>> ended(ops.size());
    std::vector<std::vector<std::uint32_t>> started(ops.size());
    std::vector<std::uint32_t> roots;
    for (std::uint32_t i = 0; i < ops.size(); ++i) {
      for (const std::uint32_t on : ops[i].after) ended[on].push_back(i);
      for (const std::uint32_t on : ops[i].after_start) started[on].push_back(i);
      if (ops[i].after.empty() && ops[i].after_start.empty()) roots.push_back(i);
    }
    pack(parts, ops.size(), 4);
    pack(parts, roots.size(), 4);
    for (const std::uint32_t root : roots) pack(parts, root, 4);
    std::string list;
    for (std::size_t i = 0; i < ops.size(); ++i) {
      const goal::Op& op = ops[i];
      pack(parts, op.after.size() + op.after_start.size(), 4);
      pack(parts, op.kind == goal::Op::Kind::kSend ? 1 : op.kind == goal::Op::Kind::kReceive ? 2 : 3, 1);
      pack(parts, op.peer, 4);
      pack(parts, static_cast<std::uint64_t>(op.amount), 8);
      pack(parts, op.tag, 4);
      pack(parts, op.cpu, 1);
      pack(parts, op.nic, 1);
      for (const auto* waiting : {&ended[i], &started[i]}) {
        pack(parts, waiting->size(), 4);
        pack(parts, list.size() / 4, 4);
        for (const std::uint32_t one : *waiting) pack(list, one, 4);
      }
    }
    parts += list;
    pack(table, parts_at + parts.size(), 8);
  }
  std::string bytes;
  pack(bytes, 4223, 8);
  pack(bytes, schedule.ranks.size(), 4);
  return bytes + std::string("\1\1", 2) + table + parts;
}

TEST_CASE("the binary says what the text says") {
  const goal::Schedule text = parse(kPair);
  const std::string bytes = packed(text);
  REQUIRE(goal::is_goal_binary(bytes));
  const goal::Schedule binary = goal::parse_goal_binary("a.bin", bytes);
  REQUIRE(binary.ranks.size() == text.ranks.size());
  for (std::size_t r = 0; r < text.ranks.size(); ++r) {
    REQUIRE(binary.ranks[r].size() == text.ranks[r].size());
    for (std::size_t i = 0; i < text.ranks[r].size(); ++i) {
      const goal::Op& a = text.ranks[r][i];
      const goal::Op& b = binary.ranks[r][i];
      CHECK(a.kind == b.kind);
      CHECK(a.amount == b.amount);
      CHECK(a.peer == b.peer);
      CHECK(a.tag == b.tag);
      CHECK(a.cpu == b.cpu);
      CHECK(a.after == b.after);
      CHECK(a.after_start == b.after_start);
    }
  }
}

TEST_CASE("a binary that is cut short, or says what can't be, is refused with its byte") {
  const std::string bytes = packed(parse(kPair));
  const auto said = [](const std::string& what) {
    return message_of([&] { (void)goal::parse_goal_binary("a.bin", what); });
  };
  for (std::size_t size = 8; size < bytes.size(); ++size) {
    CAPTURE(size);
    CHECK(said(bytes.substr(0, size)).find("a.bin:byte ") == 0);
  }
  std::string strange = bytes;
  strange[0] = '\x26';  // 2342
  strange[1] = '\x09';
  CHECK(said(strange).find("--save-mem") != std::string::npos);
  strange = bytes;
  const std::size_t first_op = 8 + 6 + 32 + 8 + 4 * 2;  // after the header, the table, two counts and two roots
  strange[first_op + 4] = 9;
  CHECK(said(strange).find("is of kind 9") != std::string::npos);
}

}  // namespace
