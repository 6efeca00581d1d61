// Every chip file loads and holds its published facts; numbers without a source are refused.
#include "topology/chip.h"

#include "tests/topology/fixture.h"

namespace orrery::test {
namespace {

Chip chip(const std::string& name) { return load_chip(library(), yaml::parse(name, "t.yaml")); }

double tera(const PerPrecision<FlopRate>& peaks, Precision precision) {
  return peaks[static_cast<std::size_t>(precision)].flops_per_second() / 1e12;
}

// The small chip with `from` replaced by `to` once.
std::string chip_text(std::string_view from = "", std::string_view to = "") {
  std::string text(kChip);
  if (!from.empty()) text.replace(text.find(from), from.size(), to);
  return text;
}

std::string chip_error(std::string_view from, std::string_view to) {
  try {
    static_cast<void>(read_chip(yaml::parse(chip_text(from, to), "c.yaml")));
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("every chip file loads") {
  const std::vector<std::string> names = library().names("topology/chips");
  CHECK(names.size() >= 8);
  for (const std::string& name : names) {
    CAPTURE(name);
    const Chip c = chip(name);
    CHECK(c.cores > 0);
    CHECK(c.hbm.capacity > Bytes(0));
    CHECK(c.power.limit > c.power.idle);
    // Enough bytes in flight on all cores to fill the HBM at its latency (Little's law).
    CHECK(c.cores * c.hbm.in_flight_per_core.as_double() / c.hbm.latency.in_seconds() >
          c.hbm.bandwidth.as_double() * c.hbm.efficiency);
    // At its peak on the matrix engine and its HBM, a chip draws about its limit: no energy is off by a factor of two.
    for (std::size_t i = 0; i < kPrecisionCount; ++i) {
      if (c.matrix_peak[i] == FlopRate()) continue;
      const double watts = c.power.joules_per_flop[i] * c.matrix_peak[i].flops_per_second() * c.sustained_clock;
      CHECK(watts > 0.3 * c.power.limit.value());
      CHECK(watts < 1.1 * c.power.limit.value());
    }
  }
}

TEST_CASE("published facts of the chips") {
  const Chip a100 = chip("a100_sxm_80gb");
  CHECK(a100.cores == 108);
  CHECK(tera(a100.matrix_peak, Precision::kBf16) == doctest::Approx(312));
  CHECK(tera(a100.matrix_peak, Precision::kTf32) == doctest::Approx(156));
  CHECK(tera(a100.matrix_peak, Precision::kFp8) == 0);
  CHECK(tera(a100.vector_peak, Precision::kFp32) == doctest::Approx(19.5));
  CHECK(a100.hbm.bandwidth == Bandwidth::bytes_per_second(2'039'000'000'000));
  CHECK(a100.hbm.capacity == Bytes(std::int64_t{80} << 30));
  CHECK(a100.l2 == Bytes(40 << 20));
  CHECK(a100.power.limit.value() == 400);
  CHECK(chip("a100_sxm_40gb").hbm.bandwidth == Bandwidth::bytes_per_second(1'555'000'000'000));
  const Chip h100 = chip("h100_sxm");
  CHECK(h100.cores == 132);
  CHECK(tera(h100.matrix_peak, Precision::kBf16) == doctest::Approx(989));
  CHECK(tera(h100.matrix_peak, Precision::kFp8) == doctest::Approx(1979));
  CHECK(h100.power.limit.value() == 700);
  const Chip h200 = chip("h200_sxm");
  CHECK(h200.matrix_peak == h100.matrix_peak);
  CHECK(h200.hbm.bandwidth == Bandwidth::bytes_per_second(4'800'000'000'000));
  CHECK(tera(chip("b200_sxm").matrix_peak, Precision::kFp4) == doctest::Approx(9000));
  CHECK(tera(chip("v100_sxm_32gb").matrix_peak, Precision::kFp16) == doctest::Approx(125));
  CHECK(tera(chip("v100_sxm_32gb").matrix_peak, Precision::kBf16) == 0);
  CHECK(chip("mi300x").cores == 304);
  CHECK(tera(chip("tpu_v5p").matrix_peak, Precision::kBf16) == doctest::Approx(459));
  CHECK(tera(chip("tpu_v4").matrix_peak, Precision::kBf16) == doctest::Approx(275));
  CHECK(tera(chip("trainium2").matrix_peak, Precision::kFp8) == doctest::Approx(1299));
  CHECK(tera(chip("gb200").matrix_peak, Precision::kBf16) == doctest::Approx(2500));
}

TEST_CASE("precisions know their names and sizes") {
  CHECK(to_name(Precision::kBf16) == "bf16");
  CHECK(to_name(Precision::kFp4) == "fp4");
  CHECK(bits_of(Precision::kTf32) == 32);
  CHECK(bits_of(Precision::kFp4) == 4);
  CHECK(size_of(Precision::kFp4) == Bytes(1));
  CHECK(size_of(Precision::kFp64) == Bytes(8));
}

TEST_CASE("the small chip that the errors below break is whole") {
  const Chip c = read_chip(yaml::parse(chip_text(), "c.yaml"));
  CHECK(c.name == "Test chip");
  CHECK(c.price == Dollars());
  CHECK(c.power.joules_per_hbm_byte == doctest::Approx(100e-12));
}

TEST_CASE("every number needs a source, and every source a number") {
  CHECK(chip_error("{capacity: 1 MiB, source: a}", "{capacity: 1 MiB}") ==
        "c.yaml:8:5: error: the L2 has no `source`\n"
        "  8 | l2: {capacity: 1 MiB}\n"
        "    |     ^~~~~~~~~~~~~~~~~\n"
        "  note: every number cites an entry of `sources:` at the end of the file");
  CHECK(chip_error("{gap: 1 us, source: a}", "{gap: 1 us, source: bb}") ==
        "c.yaml:9:29: error: no source is called 'bb'; did you mean 'b'?\n"
        "  9 | kernel: {gap: 1 us, source: bb}\n"
        "    |                             ^~\n"
        "  note: sources: a, b");
  CHECK(chip_error("[a, b]", "a") ==
        "c.yaml:14:3: error: nothing cites the source 'b'\n"
        "  14 |   b: another\n"
        "     |   ^");
  CHECK(chip_error("  b: another\n", "  b: another\n  c: ''\n").find("this one is empty") != std::string::npos);
}

TEST_CASE("a chip's numbers must make sense together") {
  CHECK(chip_error("idle: 10 W", "idle: 101 W").find("can't draw more when idle than its limit") != std::string::npos);
  CHECK(chip_error("{bf16: 1 pJ,", "{fp16: 1 pJ,").find("no energy is given for bf16, which has a matrix peak") !=
        std::string::npos);
  CHECK(chip_error("{bf16: 1 pJ,", "{bf16: 1 pJ, fp8: 1 pJ,").find("an energy is given for fp8") != std::string::npos);
  CHECK(chip_error("sizes: [{rows: 128, columns: 128, efficiency: 0.9}]", "sizes: []").find("list at least one") !=
        std::string::npos);
  CHECK(chip_error("{bf16: 100 TFLOP/s, source", "{source").find("at least one precision") != std::string::npos);
  CHECK(chip_error("{fp32: 1 TFLOP/s, source", "{source").find("needs its fp32 vector peak") != std::string::npos);
  CHECK(chip_error("sustained: 0.9", "sustained: 0").find("must be more than 0") != std::string::npos);
  CHECK(!chip_error("count: 4", "count: 0").empty());
  CHECK(!chip_error("count: 4", "count: .nan").empty());
  CHECK(!chip_error("capacity: 1 GiB", "capacity: 9223372036854775808 B").empty());
  CHECK(!chip_error("capacity: 1 GiB", "capacity: 1").empty());
  CHECK(!chip_error("name: Test chip", "name: Test chip\ncolour: red").empty());
}

TEST_CASE("fused attention: a share of the peak, or with it what its scores and its fill take") {
  const auto error = [](const std::string& passes) {
    return chip_error("name: Test chip", "name: Test chip\nflash_attention: {third: {" + passes + "}, source: a}");
  };
  CHECK(error("forward: 0.5, backward: 0.4").empty());
  CHECK(error("forward: {share: 0.5, score_block: 1 us, fill: 2 us}, backward: 0.4").empty());
  CHECK(error("forward: 0, backward: 0.4").find("`forward` must be more than 0") != std::string::npos);
  CHECK(error("forward: 0.5").find("backward") != std::string::npos);
  CHECK(error("forward: {share: 0.5, fill: 2 us}, backward: 0.4").find("score_block") != std::string::npos);
  CHECK(error("forward: {share: 0.5, score_block: 0 us, fill: 2 us}, backward: 0.4").find("0") != std::string::npos);
  CHECK(error("forward: {share: 0.5, score_block: 1 us, fill: 2 us, width: 64}, backward: 0.4").find("width") !=
        std::string::npos);
}

}  // namespace
}  // namespace orrery::test
