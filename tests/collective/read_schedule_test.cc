// A user's own schedule: read, checked, timed; and everything that can be wrong with it.
#include "sim/collective/read_schedule.h"

#include <doctest/doctest.h>

#include <string>

#include "sim/base/error.h"
#include "tests/collective/clock.h"

namespace orrery {

namespace {

constexpr std::int64_t kL = 5'000'000;
constexpr std::int64_t kAlpha = 2 * 700 + 300'000;

// On one switch of 40 ps a byte.
std::int64_t time_of(const MessagePlan& plan, std::int64_t bytes) {
  Clock clock(machines::single_switch(plan.members, {25'000'000'000, 700}), library_of(kL, 300'000));
  return clock.plan(plan, Bytes(bytes));
}

MessagePlan parse(const std::string& text) { return read_schedule(yaml::parse(text, "mine.yaml")); }

std::string error_of(const std::string& text) {
  try {
    (void)parse(text);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

const std::string kRing = R"(name: three in a ring
kind: all_gather
members: 3
pieces: 3
messages:
  - {name: a, from: 0, to: 1, piece: 0}
  - {name: b, from: 1, to: 2, piece: 1}
  - {name: c, from: 2, to: 0, piece: 2}
  - {from: 1, to: 2, piece: 0, after: a}
  - {from: 2, to: 0, piece: 1, after: [b, c]}
  - {from: 0, to: 1, piece: 2, after: c}
)";

std::string with(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

}  // namespace

TEST_CASE("a user's ring takes a ring's time") {
  const MessagePlan plan = parse(kRing);
  CHECK(plan.name == "three in a ring");
  CHECK(plan.kind == CollectiveKind::kAllGather);
  CHECK(plan.messages.size() == 6);
  CHECK(plan.waits(plan.messages[4]).size() == 2);
  CHECK(time_of(plan, 3'000'000) == kL + 2 * (kAlpha + 1'000'000 * 40));
}

TEST_CASE("the examples are read, each in its form") {
  const std::filesystem::path folder = std::filesystem::path(ORRERY_SOURCE_DIR) / "sim/collective/schedules";
  const MessagePlan doubling = load_schedule(folder / "doubling_of_4.yaml");
  CHECK(time_of(doubling, 4000) == kL + 2 * kAlpha + 3 * 1000 * 40);
  const MessagePlan ring = load_schedule(folder / "ring_of_4.xml");
  CHECK(ring.kind == CollectiveKind::kAllReduce);
  CHECK(time_of(ring, 4000) == kL + 6 * (kAlpha + 1000 * 40));
  CHECK_THROWS_AS((void)load_schedule(folder / "none.yaml"), InputError);
}

TEST_CASE("sizes: bytes, a share, pieces") {
  const MessagePlan plan = parse(R"(name: reduce
kind: reduce
members: 3
pieces: 4
messages:
  - {from: 2, to: 1, share: 25 %, name: first}
  - {from: 1, to: 0, bytes: 1000 B, after: first, reduces: true}
)");
  CHECK(plan.size(plan.messages[0], Bytes(4001)) == Bytes(1001));
  CHECK(plan.size(plan.messages[1], Bytes(4001)) == Bytes(1000));
  CHECK(plan.messages[1].reduces);
  CHECK(time_of(plan, 4000) == kL + 2 * (kAlpha + 1000 * 40));
  const MessagePlan pieces = parse(with(kRing, "pieces: 3", "pieces: 3  # of ⌈10 ÷ 3⌉"));
  CHECK(pieces.size(pieces.messages[0], Bytes(10)) == Bytes(4));
}

TEST_CASE("what a plan doesn't deliver is said at the message, or at the list") {
  CHECK(error_of(with(kRing, "{from: 1, to: 2, piece: 0, after: a}", "{from: 1, to: 2, piece: 0}")) ==
        "mine.yaml:9:5: error: this is no all_gather: 1 may send piece 0 on before it has come: this doesn't wait for "
        "message 1\n"
        "  9 |   - {from: 1, to: 2, piece: 0}\n"
        "    |     ^~~~~~~~~~~~~~~~~~~~~~~~~~");
  CHECK(error_of(with(kRing, "  - {from: 0, to: 1, piece: 2, after: c}\n", "")) ==
        "mine.yaml:6:3: error: this is no all_gather: 1 ends without piece 2\n"
        "  6 |   - {name: a, from: 0, to: 1, piece: 0}\n"
        "    |   ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~");
  CHECK(error_of("name: x\nkind: broadcast\nmembers: 3\nmessages:\n  - {from: 0, to: 1, share: 1}\n") ==
        "mine.yaml:5:3: error: this is no broadcast: nothing of 0's can have come to 2\n"
        "  5 |   - {from: 0, to: 1, share: 1}\n"
        "    |   ^~~~~~~~~~~~~~~~~~~~~~~~~~~~");
}

TEST_CASE("what is wrong with a message is said where it stands") {
  CHECK(error_of(with(kRing, "after: a}", "after: d}")) ==
        "mine.yaml:9:39: error: no earlier message is called 'd'\n"
        "  9 |   - {from: 1, to: 2, piece: 0, after: d}\n"
        "    |                                       ^");
  CHECK(error_of(with(kRing, "to: 1, piece: 0}", "to: 0, piece: 0}")) ==
        "mine.yaml:6:5: error: 0 sends to itself\n"
        "  6 |   - {name: a, from: 0, to: 0, piece: 0}\n"
        "    |     ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~");
  CHECK(error_of(with(kRing, "piece: 0}", "piece: 0, share: 10 %}")) ==
        "mine.yaml:6:5: error: a message says its size once: `bytes`, `share` or `piece`\n"
        "  6 |   - {name: a, from: 0, to: 1, piece: 0, share: 10 %}\n"
        "    |     ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~");
  CHECK(error_of(with(kRing, "to: 1, piece: 0}", "to: 3, piece: 0}"))
            .starts_with("mine.yaml:6:28: error: must be between 0 and 2, not 3"));
  CHECK(error_of(with(kRing, "name: b", "name: a")).starts_with("mine.yaml:7:12: error: two messages are called 'a'"));
  CHECK(error_of(with(kRing, "all_gather", "all_gathre"))
            .starts_with("mine.yaml:2:7: error: no collective is called 'all_gathre'; did you mean 'all_gather'?"));
}

}  // namespace orrery
