// What waits leaves at its time and in its order, whichever line it stood in.
#include "sim/network/waiting_lines.h"

#include <doctest/doctest.h>

#include <vector>

namespace orrery {
namespace {

Time at(std::int64_t ps) { return Time() + Duration::picoseconds(ps); }

}  // namespace

TEST_CASE("each line is in order, and there are four") {
  WaitingLines lines;
  CHECK(lines.next() == Time::max());
  CHECK(lines.put(at(50), 0));
  CHECK(lines.put(at(40), 1));
  CHECK(lines.put(at(30), 2));
  CHECK(lines.put(at(20), 3));
  CHECK_FALSE(lines.put(at(10), 4));
  CHECK(lines.put(at(50), 5));
  CHECK(lines.next() == at(20));
  std::vector<std::uint32_t> out;
  lines.take(at(19), out);
  CHECK(out.empty());
  lines.take(at(30), out);
  CHECK(out == std::vector<std::uint32_t>{2, 3});
  CHECK(lines.next() == at(40));
  CHECK(lines.put(at(10), 4));
  out.clear();
  lines.take(at(50), out);
  CHECK(out == std::vector<std::uint32_t>{0, 5, 1, 4});
  CHECK(lines.next() == Time::max());
}

TEST_CASE("long lines are closed up as they are served") {
  WaitingLines lines;
  std::vector<std::uint32_t> out;
  for (std::uint32_t k = 0; k < 100'000; ++k) {
    REQUIRE(lines.put(at(k + 500), k));
    lines.take(at(k), out);
  }
  REQUIRE(out.size() == 99'500);
  for (std::uint32_t k = 0; k < out.size(); ++k) REQUIRE(out[k] == k);
}

}  // namespace orrery
