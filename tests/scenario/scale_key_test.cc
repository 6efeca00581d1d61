// The key `scale`: sizes, and where a caret stands under those that are none.
#include "sim/scenario/scale_key.h"

#include <doctest/doctest.h>

#include "sim/base/error.h"
#include "tests/scenario/small_scenario.h"

using namespace small_scenario;

namespace {

using Sizes = std::vector<std::int64_t>;

Sizes sizes(const std::string& text) { return read_chip_counts(yaml::parse(text, "--chips")); }

std::string scale_refusal(const std::string& text) {
  try {
    (void)read_scale(yaml::parse(text, "t.yaml"));
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

std::string chips_refusal(const std::string& text) {
  try {
    (void)sizes(text);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("sizes: by doubling, one by one, or both") {
  CHECK(sizes("64..1024") == Sizes{64, 128, 256, 512, 1024});
  CHECK(sizes("64..1000") == Sizes{64, 128, 256, 512});
  CHECK(sizes("112..448") == Sizes{112, 224, 448});
  CHECK(sizes("64..1048576").size() == 15);
  CHECK(sizes("8") == Sizes{8});
  CHECK(sizes("3072,64,128") == Sizes{64, 128, 3072});
  CHECK(sizes("64..256, 96, 128") == Sizes{64, 96, 128, 256});
  CHECK(sizes("[64, 128, 3072]") == Sizes{64, 128, 3072});
  CHECK(sizes("[8..32, 24]") == Sizes{8, 16, 24, 32});
  CHECK(sizes("'8, 16'") == Sizes{8, 16});
}

TEST_CASE("what is no size is refused where it stands") {
  CHECK(chips_refusal("64,x2,128") ==
        "--chips:1:4: error: expected a number of chips, not 'x2'\n"
        "  1 | 64,x2,128\n"
        "    |    ^~\n"
        "  note: sizes: 64..1024 (each twice the one before), or a list: 64,128,3072");
  CHECK(chips_refusal("64..32").find(":1:1: error: this range ends before it begins") != std::string::npos);
  CHECK(chips_refusal("64..").find("expected a number of chips, but there is nothing here") != std::string::npos);
  CHECK(chips_refusal("8,,16").find(":1:3: error: expected a number of chips, but there is nothing") !=
        std::string::npos);
  CHECK(chips_refusal("0..64").find("at least 1 chip is needed") != std::string::npos);
  CHECK(chips_refusal("64..2097152").find(":1:5: error: at most 1048576 chips can be simulated") != std::string::npos);
  CHECK(chips_refusal("99999999999999999999").find("at most 1048576") != std::string::npos);
  CHECK(chips_refusal("-8").find("not '-8'") != std::string::npos);
  CHECK(chips_refusal("64...128").find("not '.128'") != std::string::npos);
  CHECK(chips_refusal("1e3").find("not '1e3'") != std::string::npos);
  CHECK(chips_refusal("[8, 0]").find(":1:5: error: at least 1 chip is needed") != std::string::npos);
  CHECK(chips_refusal("[]").find("at least one size is needed") != std::string::npos);
  CHECK(chips_refusal("{8: 16}").find("expected") != std::string::npos);
  // A quoted text needn't stand as it reads: the caret goes under all of it.
  CHECK(chips_refusal("'8, x'").find(":1:1: error: expected a number of chips, not 'x'") != std::string::npos);
}

TEST_CASE("the key says what grows, over which sizes, and how the batch goes") {
  const ScaleKey key = read_scale(yaml::parse("{grows: pipeline, chips: 8..32, mode: both}", "t.yaml"));
  CHECK(key.grows == GrowingDimension::kPipeline);
  CHECK(key.chips == Sizes{8, 16, 32});
  CHECK(key.mode == ScaleMode::kBoth);
  const ScaleKey plain = read_scale(yaml::parse("{}", "t.yaml"));
  CHECK(plain.grows == GrowingDimension::kData);
  CHECK(plain.chips.empty());
  CHECK(plain.mode == ScaleMode::kWeak);
  CHECK(scale_refusal("{grows: expert}").find("no parallel dimension is called 'expert'") != std::string::npos);
  CHECK(scale_refusal("{mode: week}").find("did you mean 'weak'?") != std::string::npos);
  CHECK(scale_refusal("{chip: 8}").find("did you mean 'chips'?") != std::string::npos);
  CHECK(scale_refusal("64..128").find("expected") != std::string::npos);
}

TEST_CASE("a scenario keeps the key, and runs as without it") {
  const std::string text = "{cluster: dgx_a100, model: megatron_22b, stack: megatron_lm, plan: {tensor: 8, batch: 4}";
  const Library library({ORRERY_SOURCE_DIR});
  const auto read = [&](const std::string& more) {
    return read_scenario(library, yaml::parse(text + more + "}", "t.yaml"), "t");
  };
  CHECK_FALSE(read("").scale);
  const Scenario scaled = read(", scale: {chips: 8..64}");
  REQUIRE(scaled.scale);
  CHECK(scaled.scale->chips.size() == 4);
  CHECK(scaled.warnings == read("").warnings);
}
