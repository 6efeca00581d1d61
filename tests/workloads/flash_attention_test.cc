// Fused attention against cuDNN's own measurements, and what its law makes of narrow heads and short windows.
#include <doctest/doctest.h>

#include <cmath>

#include "workloads/compute/kernel.h"

namespace orrery {
namespace {

Chip chip_of(const char* name) { return load_chip(Library({ORRERY_SOURCE_DIR}), yaml::parse(name, "test")); }

// Causal, of `heads` in all sequences together, each query meeting at most `window` keys.
Kernel attention(std::int64_t tokens, std::int64_t heads, std::int64_t width, std::int64_t window, bool backward) {
  const auto s = static_cast<double>(tokens);
  const auto w = static_cast<double>(std::min(window, tokens));
  const double met = window < tokens ? w - w * (w - 1) / (2 * s) : (s + 1) / 2;
  const double in_blocks = window < tokens ? (w + 128) * (1 - w / (2 * s)) : (s + 128) / 2;
  Kernel kernel;
  kernel.kind = KernelKind::kFlashAttention;
  kernel.batch = heads;
  kernel.m = tokens;
  kernel.k = tokens;
  kernel.n = width;
  kernel.backward = backward;
  kernel.scores = static_cast<double>(heads) * s * met;
  kernel.in_blocks = in_blocks / met;
  kernel.hardware_flops = FlopCount((backward ? 10.0 : 4.0) * kernel.scores * static_cast<double>(width));
  return kernel;
}

struct Row {
  std::int64_t tokens, heads, width, window;
  double forward_ms, backward_ms;
};

constexpr std::int64_t kAll = 1 << 20;

void check(const char* name, double clock, std::initializer_list<Row> rows) {
  const Chip chip = chip_of(name);
  for (const Row& row : rows) {
    CAPTURE(row.tokens);
    CAPTURE(row.window);
    const auto ms = [&](bool backward) {
      return cost(attention(row.tokens, row.heads, row.width, row.window, backward), chip).duration.in_seconds() * 1e3;
    };
    CHECK(ms(false) * clock == doctest::Approx(row.forward_ms).epsilon(0.12));
    // Rows are summed, and gradients of queries put in order, by kernels of their own beside this one.
    CHECK(ms(true) * clock < 1.25 * row.backward_ms);
    CHECK(ms(true) * clock > 0.85 * row.backward_ms);
  }
}

}  // namespace

// NVIDIA/cudnn-frontend, benchmark/sdpa_benchmark_training/results: llama3.1 and gpt_oss, bfloat16, top_left.
TEST_CASE("cuDNN on a GB200, whose clock is 0.66 in training for 0.88") {
  check("gb200", 0.75,
        {{2048, 64, 128, kAll, 0.066, 0.206},
         {4096, 64, 128, kAll, 0.206, 0.607},
         {8192, 64, 128, kAll, 0.688, 2.097},
         {32768, 64, 128, kAll, 10.226, 29.863},
         {4096, 128, 64, 1024, 0.209, 0.487},
         {32768, 128, 64, 1024, 1.711, 4.099},
         {4096, 256, 64, 128, 0.209, 0.461},
         {32768, 256, 64, 128, 1.630, 3.663}});
}

TEST_CASE("cuDNN on an H200, whose clock is 0.70 in training for 0.88") {
  check("h200_sxm", 0.8,
        {{2048, 64, 128, kAll, 0.142, 0.464},
         {4096, 64, 128, kAll, 0.465, 1.450},
         {8192, 64, 128, kAll, 1.708, 5.083},
         {32768, 64, 128, kAll, 25.566, 75.688},
         {4096, 128, 64, 1024, 0.358, 1.042},
         {32768, 128, 64, 1024, 3.021, 9.045}});
}

TEST_CASE("half the width takes as long where exponentials bind, and half as long where nothing is said of them") {
  Chip chip = chip_of("gb200");
  const auto ratio = [&chip] {
    return cost(attention(32768, 64, 64, kAll, true), chip).duration.in_seconds() /
           cost(attention(32768, 64, 128, kAll, true), chip).duration.in_seconds();
  };
  CHECK(ratio() > 0.7);
  chip.flash = {};
  CHECK(ratio() == doctest::Approx(0.5).epsilon(0.01));
}

}  // namespace orrery
