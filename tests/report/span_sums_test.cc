// Spans added up by name, and two runs side by side.
#include "sim/report/span_sums.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace {

using namespace orrery;

// A role of two products, another's sum and a wait, for two ranks.
Program products_and_a_sum() {
  Program program;
  program.grid.dimensions = {{"rank", 2}};
  program.streams = {"host", "compute"};
  program.names = {"mm", "sum", "wait, please"};
  program.collectives.push_back({CollectiveKind::kAllReduce, GroupSpecId(0), Bytes(8)});
  Role role;
  Op op;
  role.ops = {op, op, op, op};
  role.ops[1].name = 1;
  role.ops[1].kind = OpKind::kCollective;
  role.ops[3].name = 2;
  role.ops[3].kind = OpKind::kDelay;
  program.roles.push_back(role);
  program.role_of_rank = {0, 0};
  return program;
}

Span lasting(std::uint32_t op, std::int64_t waited, std::int64_t length, std::uint32_t ranks = 2) {
  Span span;
  span.rank = RankId(0);
  span.op = op;
  span.ready = Time::picoseconds(5);
  span.begin = span.ready + Duration::picoseconds(waited);
  span.end = span.begin + Duration::picoseconds(length);
  span.ranks = ranks;
  return span;
}

TEST_CASE("spans of one name and kind are added up over ranks") {
  const Program program = products_and_a_sum();
  SpanSums sums(program);
  sums.span(lasting(0, 0, 1000));
  sums.span(lasting(2, 0, 3000));
  sums.span(lasting(1, 70, 500));
  const std::vector<SpanSum> rows = sums.sums();
  REQUIRE(rows.size() == 2);  // nobody waited
  CHECK(rows[0].name == "mm");
  CHECK(rows[0].kind == "compute");
  CHECK(rows[0].count == 4);
  CHECK(rows[0].total == 8000);
  CHECK(rows[1].kind == "all_reduce");
  CHECK(rows[1].waited == 140);
  CHECK(spans_csv(sums.table()) ==
        "name,kind,count,total_s,mean_s,waited_s\n"
        "mm,compute,4,0.000000004000,0.000000002000,0.000000000000\n"
        "sum,all_reduce,2,0.000000000500,0.000000000500,0.000000000070\n");
  CHECK(spans_json(sums.table()).find("\"total_s\": 4e-09,") != std::string::npos);
}

TEST_CASE("what changed most comes first, what didn't is counted") {
  const Program program = products_and_a_sum();
  SpanSums before(program);
  SpanSums after(program);
  for (SpanSums* sums : {&before, &after}) sums->span(lasting(0, 0, 4'000'000));
  before.span(lasting(1, 0, 1'000'000));
  after.span(lasting(1, 0, 3'000'000));
  after.span(lasting(3, 0, 2'500'000));
  const std::vector<SpanChange> changes = changes_of(before, after);
  REQUIRE(changes.size() == 3);
  CHECK(changes[0].name == "wait, please");
  CHECK(changes[0].count_before == 0);
  CHECK(changes[1].name == "sum");
  CHECK(changes[1].change() == doctest::Approx(2e-6));
  CHECK(changes_csv(changes).find("\"wait, please\",delay,0,2,0.000000000000,0.000002500000,0.000002500000,") !=
        std::string::npos);
  CHECK(changes_json(changes).find("\"change_s\": 2e-06") != std::string::npos);
  CHECK(changes_text(changes, 1) ==
        "span          kind             times  before (us)   after (us)  change (us)\n"
        "wait, please  delay                2        0.000        2.500       +2.500\n"
        "and 1 more, +2.000 us together\n"
        "1 of 3 didn't change\n");
}

TEST_CASE("long names are cut by characters, not in the middle of one") {
  std::string umlauts;
  for (int i = 0; i < 41; ++i) umlauts += "ü";
  SpanChange change{.name = umlauts, .kind = "delay"};
  change.after = 1;
  const std::string longer = changes_text({change}, 1);
  CHECK(longer.find(umlauts.substr(0, 2 * 39) + "…  delay") != std::string::npos);
  change.name = umlauts.substr(2);
  CHECK(changes_text({change}, 1).find(change.name + "  delay") != std::string::npos);
}

}  // namespace
