// Which ranks --trace-ranks chooses, and what it refuses.
#include "tools/orrery/traced_ranks.h"

#include <doctest/doctest.h>

#include "sim/base/error.h"

namespace {

using orrery::RankId;

orrery::Program program_of(std::vector<std::uint32_t> role_of_rank, std::size_t roles) {
  orrery::Program program;
  program.roles.resize(roles);
  program.role_of_rank = std::move(role_of_rank);
  return program;
}

std::vector<std::uint32_t> chosen(std::string_view wanted, const orrery::Program& program) {
  std::vector<std::uint32_t> indices;
  for (const RankId rank : orrery::traced_ranks(wanted, program)) indices.push_back(rank.index());
  return indices;
}

std::string refusal(std::string_view wanted, const orrery::Program& program) {
  try {
    (void)orrery::traced_ranks(wanted, program);
  } catch (const orrery::InputError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("few ranks are all shown, many by one of each role") {
  CHECK(chosen("auto", program_of({0, 1, 0}, 2)) == std::vector<std::uint32_t>{0, 1, 2});
  std::vector<std::uint32_t> many(65, 1);
  many[40] = 0;
  CHECK(chosen("auto", program_of(many, 2)) == std::vector<std::uint32_t>{0, 40});
  CHECK(chosen("all", program_of(many, 2)).size() == 65);
}

TEST_CASE("a list is sorted and has no repeats") {
  const orrery::Program program = program_of(std::vector<std::uint32_t>(16, 0), 1);
  CHECK(chosen("3", program) == std::vector<std::uint32_t>{3});
  CHECK(chosen("9,2-4,3", program) == std::vector<std::uint32_t>{2, 3, 4, 9});
}

TEST_CASE("what is not a list of ranks is refused where it is wrong") {
  const orrery::Program program = program_of(std::vector<std::uint32_t>(16, 0), 1);
  CHECK(refusal("3,16", program) ==
        "--trace-ranks:1:3: error: there is no rank 16: the last one is 15\n"
        "  1 | 3,16\n"
        "    |   ^~\n"
        "  note: ranks: auto, all, or a list such as 0,8,64-71");
  CHECK(refusal("", program).find("not a rank") != std::string::npos);
  CHECK(refusal("1,,2", program).find(":3: error: not a rank") != std::string::npos);
  CHECK(refusal("-1", program).find("not a rank") != std::string::npos);
  CHECK(refusal("5-2", program).find("ends before it begins") != std::string::npos);
  CHECK(refusal("99999999999999999999999", program).find("not a rank") != std::string::npos);
}
