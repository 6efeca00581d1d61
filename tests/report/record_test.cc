// Records hold a run whole, say when they are damaged, and tell what differs.
#include "sim/report/record.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "sim/base/error.h"
#include "tests/base/temporary_folder.h"

namespace {

using namespace orrery;

RunRecord record() {
  return {.version = "1.2.3",
          .name = "small",
          .scenario = "plan: {tensor: 2}\n",
          .folding = "off",
          .whole = true,
          .result = R"({"step_time_s": 0.5, "links": [{"link": "a", "share": 0.25}]})"};
}

RunRecord read(const std::string& bytes) {
  const TemporaryFolder folder({{"run.orrery", bytes}});
  return read_record(folder.path("run.orrery"));
}

TEST_CASE("a record is read as it was written, and written alike each time") {
  const std::string bytes = to_bytes(record());
  CHECK(bytes == to_bytes(record()));
  const RunRecord again = read(bytes);
  CHECK(again.version == "1.2.3");
  CHECK(again.name == "small");
  CHECK(again.scenario == record().scenario);
  CHECK(again.folding == "off");
  CHECK(again.whole);
  CHECK(again.result == record().result);
  CHECK(again.digest() == record().digest());
}

TEST_CASE("whatever is damaged is refused") {
  const std::string bytes = to_bytes(record());
  for (std::size_t end = 0; end < bytes.size(); ++end) CHECK_THROWS_AS((void)read(bytes.substr(0, end)), InputError);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string other = bytes;
    other[at] = static_cast<char>(other[at] ^ 0x55);
    try {
      const RunRecord read_back = read(other);
      CHECK(read_back.result == record().result);  // a bit of gzip's header that means nothing
    } catch (const InputError&) {
    }
  }
  CHECK_THROWS_AS((void)read("step_time_s: 0.5"), InputError);
}

TEST_CASE("differences go by path, and by name in lists") {
  const auto differences = json_differences(
      R"({"step_time_s": 0.5, "gone": 1, "links": [{"link": "a", "share": 0.25}, {"link": "b", "share": 1}]})",
      R"({"step_time_s": 0.6, "links": [{"link": "b", "share": 1}, {"link": "a", "share": 0.5}], "new": "x"})");
  REQUIRE(differences.size() == 4);
  CHECK(differences[0].path == "step_time_s");
  CHECK(differences[0].change == doctest::Approx(0.2));
  CHECK(differences[1].path == "gone");
  CHECK(differences[1].after.empty());
  CHECK(differences[2].path == "links[a].share");
  CHECK(differences[2].change == doctest::Approx(1));
  CHECK(differences[3].path == "new");
  CHECK(json_differences("{}", "{}").empty());
  const auto inputs = yaml_differences("plan: {tensor: 2, order: [a, b]}\n", "plan: {tensor: 4, order: [a, c]}\n");
  REQUIRE(inputs.size() == 2);
  CHECK(inputs[0].path == "plan.tensor");
  CHECK(inputs[0].before == "2");
  CHECK(inputs[1].path == "plan.order[1]");
}

}  // namespace
