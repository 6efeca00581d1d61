// Fused attention against cuDNN's own measurements, and what its law makes of narrow heads and short windows.
#include "tests/workloads/fixture.h"
#include "workloads/decoder/flash_block.h"

using namespace orrery;
using decoder::Shapes;

namespace {

// A model's attention in so many sequences at once, each query meeting at most `window` tokens (0: all before it).
Kernel attention(const char* name, int sequences, int tokens, std::int64_t window, bool backward) {
  const DecoderModel model = test::model_named(name);
  const std::string count = std::to_string(sequences);
  const std::string plan =
      "{batch: " + count + ", microbatch: " + count + ", sequence: " + std::to_string(tokens) + "}";
  Shapes shapes(model, test::plan_of(model, plan), test::stack_named("megatron_core"));
  shapes.window = window;
  const decoder::FlashBlock block = decoder::document_block(shapes);
  return backward ? decoder::flash_backward_kernel(shapes, block) : decoder::flash_forward_kernel(shapes, block);
}

struct Row {
  const char* model;
  int sequences;
  int tokens;
  std::int64_t window;
  double forward_ms;
  double backward_ms;
};

void check(const char* name, double clock, std::initializer_list<Row> rows) {
  const Chip chip = test::chip_named(name);
  for (const Row& row : rows) {
    CAPTURE(row.model);
    CAPTURE(row.tokens);
    CAPTURE(row.window);
    const auto ms = [&](bool backward) {
      const Kernel kernel = attention(row.model, row.sequences, row.tokens, row.window, backward);
      return cost(kernel, chip).duration.in_seconds() * 1e3 * clock;
    };
    CHECK(ms(false) == doctest::Approx(row.forward_ms).epsilon(0.12));
    // Rows are summed by a kernel of its own beside this one; dsv3's gradients wait for their turn (deterministic_bwd).
    CHECK(ms(true) < 1.2 * row.backward_ms);
    CHECK(ms(true) > 0.78 * row.backward_ms);
  }
}

}  // namespace

// NVIDIA/cudnn-frontend, benchmark/sdpa_benchmark_training/results: llama3.1, dsv3 and gpt_oss, bfloat16, top_left.
TEST_CASE("cuDNN on a GB200, whose clock is 0.66 in training for 0.88") {
  check("gb200", 0.75,
        {{"llama3_70b", 1, 2048, 0, 0.066, 0.206},
         {"llama3_70b", 1, 4096, 0, 0.206, 0.607},
         {"llama3_70b", 1, 8192, 0, 0.688, 2.097},
         {"llama3_70b", 1, 32768, 0, 10.226, 29.863},
         {"deepseek_v3", 1, 4096, 0, 0.509, 1.613},
         {"deepseek_v3", 1, 8192, 0, 1.800, 5.728},
         {"deepseek_v3", 1, 16384, 0, 6.318, 21.715},
         {"gpt_oss_120b", 2, 4096, 1024, 0.209, 0.487},
         {"gpt_oss_120b", 2, 32768, 1024, 1.711, 4.099},
         {"gpt_oss_120b", 4, 4096, 128, 0.209, 0.461},
         {"gpt_oss_120b", 4, 32768, 128, 1.630, 3.663}});
}

TEST_CASE("cuDNN on an H200, whose clock is 0.70 in training for 0.88") {
  check("h200_sxm", 0.8,
        {{"llama3_70b", 1, 2048, 0, 0.142, 0.464},
         {"llama3_70b", 1, 4096, 0, 0.465, 1.450},
         {"llama3_70b", 1, 8192, 0, 1.708, 5.083},
         {"llama3_70b", 1, 32768, 0, 25.566, 75.688},
         {"deepseek_v3", 1, 2048, 0, 0.330, 1.271},
         {"deepseek_v3", 1, 4096, 0, 1.148, 4.424},
         {"deepseek_v3", 1, 8192, 0, 4.278, 16.162},
         {"gpt_oss_120b", 2, 4096, 1024, 0.358, 1.042},
         {"gpt_oss_120b", 2, 32768, 1024, 3.021, 9.045}});
}

TEST_CASE("half the width takes as long where exponentials bind, and half as long where nothing is said of them") {
  Chip chip = test::chip_named("gb200");
  const auto ratio = [&chip] {
    return cost(attention("gpt_oss_120b", 1, 32768, 0, true), chip).duration.in_seconds() /
           cost(attention("llama3_70b", 1, 32768, 0, true), chip).duration.in_seconds();
  };
  CHECK(ratio() > 0.7);
  chip.flash = {};
  CHECK(ratio() == doctest::Approx(0.5).epsilon(0.01));
}

TEST_CASE("keys come in blocks of 128, whole or not") {
  // 4,096 queries: 33 half-blocks on average where all before are met; 31 of 32 blocks of queries meet two blocks of a
  // window of 128, the first meets one.
  const Kernel all = attention("llama3_70b", 1, 4096, 0, false);
  CHECK(all.scores == doctest::Approx(64.0 * 4096 * 4097 / 2));
  CHECK(all.scores * all.in_blocks == doctest::Approx(64.0 * 4096 * 33 * 64));
  const Kernel window = attention("gpt_oss_120b", 1, 4096, 128, false);
  CHECK(window.scores == doctest::Approx(64.0 * (4096 * 128 - 128 * 127 / 2)));
  CHECK(window.scores * window.in_blocks == doctest::Approx(64.0 * 4096 * (31 * 2 + 1) * 128 / 32));
}
