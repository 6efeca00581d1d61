// A sweep's file: lines, points, what follows a point, and faults where they are.
#include "sim/scenario/sweep_file.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "sim/base/error.h"
#include "tests/base/temporary_folder.h"

using namespace orrery;

namespace {

class Written {
 public:
  explicit Written(const std::string& text) { std::ofstream(path_) << text; }

  [[nodiscard]] SweepFile load() const { return load_sweep(Library({ORRERY_SOURCE_DIR}), path_, {"mfu", "step"}); }
  [[nodiscard]] std::string fault() const {
    try {
      static_cast<void>(load());
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  }

 private:
  TemporaryFolder folder_;
  std::filesystem::path path_ = folder_.path() / "sweep.yaml";
};

const std::string kHead = "question: How far?\nscenario: fsdp\nalong: ranks\nmeasure: mfu\n";

}  // namespace

TEST_CASE("points give their number to keys, and lines may follow them") {
  const SweepFile sweep = Written(kHead +
                                  "keys: [plan.data]\npoints: [2, 4]\nlines: [{name: a, set: {plan.zero: 1}, by_point: "
                                  "{plan.batch: 8 * point, plan.microbatch: 16 / point}}, {name: b}]\nleast: 0.5\n")
                              .load();
  REQUIRE(sweep.points.size() == 2);
  CHECK(sweep.points[1].x == 4);
  CHECK(sweep.points[1].set[0].path == "plan.data");
  CHECK(sweep.points[1].set[0].value == "4");
  REQUIRE(sweep.lines.size() == 2);
  CHECK(sweep.lines[0].set[0].path == "plan.zero");
  CHECK(sweep.lines[0].by_point[1][0].value == "32");
  CHECK(sweep.lines[0].by_point[1][1].value == "4");
  CHECK(sweep.lines[1].by_point.empty());
  CHECK(sweep.lines[1].scenario.filename() == "fsdp.yaml");
  CHECK(sweep.least == 0.5);
  CHECK_FALSE(sweep.relative);
}

TEST_CASE("named points say what they set") {
  const SweepFile sweep =
      Written(kHead + "points: [{name: FP8, set: {stack: nemo_fp8}}, {name: BF16, set: {stack: megatron_core}}]\n" +
              "lines: [{name: a}]\n")
          .load();
  CHECK(sweep.named_points);
  CHECK(sweep.points[1].label == "BF16");
  CHECK(sweep.points[1].x == 2);
}

TEST_CASE("faults are shown where they are") {
  const auto has = [](const std::string& rest, const char* what) {
    const std::string fault = Written(kHead + rest).fault();
    CAPTURE(fault);
    CHECK(fault.find(what) != std::string::npos);
  };
  has("points: [1]\nlines: [{name: a}]\n", "a number says nothing without `keys`");
  has("keys: [plan.data]\npoints: []\nlines: [{name: a}]\n", "a sweep needs a point");
  has("keys: [plan.data]\npoints: [1]\nlines: []\n", "a sweep needs a line");
  has("keys: [plan.data]\npoints: [3]\nlines: [{name: a, by_point: {plan.batch: 8 / point}}]\n",
      "'8 / point' is no whole number at 3");
  has("keys: [plan.data]\npoints: [3]\nlines: [{name: a, by_point: {plan.batch: twice}}]\n", "4 * point");
  has("keys: [plan.data]\npoints: [1]\nlines: [{name: a, scenario: none.yaml}]\n", "there is no file");
  has("keys: [plan.data]\npoints: [1]\nlines: [{name: a, colour: red}]\n", "colour");
}
