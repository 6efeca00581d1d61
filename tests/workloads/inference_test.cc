// Inference: what a step computes, reads and holds, against formulas written out here.
#include <algorithm>
#include <cmath>

#include "tests/workloads/fixture.h"
#include "tests/workloads/traffic.h"
#include "workloads/phases/phase.h"

using namespace orrery;
using test::model_named;
using test::traffic;

namespace {

std::shared_ptr<const Workload> phase_of_plan(std::string_view model, const std::string& text,
                                              std::string_view stack = "megatron_core") {
  const yaml::Node plan = yaml::parse(text, "plan.yaml");
  return phase_of(plan)->read(model_named(model), plan, test::stack_named(stack));
}

Program step_of(std::string_view model, const std::string& plan, std::string_view stack = "megatron_core") {
  return phase_of_plan(model, plan, stack)->program(test::chip_named("h100_sxm"));
}

double hbm_bytes(const Program& program) {
  double sum = 0;
  for (const Op& op : program.roles[0].ops)
    if (op.kind == OpKind::kCompute) sum += program.segments[SegmentId(op.body)].hbm.as_double();
  return sum;
}

std::int64_t memory(std::string_view model, const std::string& plan, const char* category) {
  return test::bytes_of(phase_of_plan(model, plan)->memory(test::chip_named("h100_sxm")), category);
}

// Llama 3 70B: products of a token in a layer, and logits.
constexpr double kHidden = 8192;
constexpr double kLayer = 2 * kHidden * kHidden + 2 * kHidden * 1024 + 3 * kHidden * 28672;
constexpr double kLogits = kHidden * 128256;

}  // namespace

TEST_CASE("decoding computes two FLOPs a weight and row, and meets every cached token") {
  for (const char* ranks : {"tensor: 8, batch: 64", "tensor: 4, data: 2, batch: 64"}) {
    const Program program = step_of("llama3_70b", std::string("{phase: decode, cached: 4095, ") + ranks + "}");
    const double expected = 64 * (80 * (2 * kLayer + 2 * 4096 * 64 * 256.0) + 2 * kLogits);
    CHECK(step_flops(program).model.count() == doctest::Approx(expected).epsilon(1e-9));
    CHECK(step_flops(program).hardware.count() == doctest::Approx(expected).epsilon(1e-9));
  }
}

TEST_CASE("a prompt is read causally, and only its last token meets the head") {
  const Program program = step_of("llama3_70b", "{phase: prefill, prompt: 2048, tensor: 8, batch: 4}");
  const double tokens = 4 * 2048.0;
  const double expected = 80 * (2 * kLayer * tokens + 2 * tokens * (2049 / 2.0) * 64 * 256) + 4 * 2 * kLogits;
  CHECK(step_flops(program).model.count() == doctest::Approx(expected).epsilon(1e-9));
}

TEST_CASE("one sequence's step reads all weights once, and little else") {
  const double weights = 80 * kLayer + kLogits;
  const auto read = [](const std::string& more) {
    return hbm_bytes(step_of("llama3_70b", "{phase: decode, cached: 0, batch: 1, tensor: 8" + more + "}"));
  };
  CHECK(read("") == doctest::Approx(2 * weights / 8).epsilon(0.01));
  CHECK(read(", weights: fp8") == doctest::Approx(weights / 8).epsilon(0.015));
  CHECK(read(", weights: int4") == doctest::Approx(weights / 2 / 8).epsilon(0.03));
  // Two of four, and two bits each that say which.
  CHECK(read(", sparsity: 2:4") == doctest::Approx(weights * (16 + 2) / 16 / 8).epsilon(0.015));
}

TEST_CASE("caches: two rows of key-value heads a token and layer, or a latent") {
  CHECK(memory("llama3_70b", "{phase: decode, cached: 4095, tensor: 8, batch: 64}", "cache") ==
        std::int64_t{64} * 4096 * 80 * 2 * 1024 / 8 * 2);
  CHECK(memory("llama3_70b", "{phase: decode, cached: 4095, tensor: 8, batch: 64, kv: fp8}", "cache") ==
        std::int64_t{64} * 4096 * 80 * 2 * 1024 / 8);
  CHECK(memory("deepseek_v3", "{phase: decode, cached: 4095, data: 32, expert: 32, batch: 64}", "cache") ==
        std::int64_t{2} * 4096 * 61 * 576 * 2);
  const double more = hbm_bytes(step_of("llama3_70b", "{phase: decode, cached: 8191, tensor: 8, batch: 64}")) -
                      hbm_bytes(step_of("llama3_70b", "{phase: decode, cached: 4095, tensor: 8, batch: 64}"));
  CHECK(more == doctest::Approx(64.0 * 4096 * 80 * 2 * 1024 / 8 * 2).epsilon(0.01));
}

TEST_CASE("few rows go to few experts, and only those are read") {
  const DecoderModel model = model_named("mixtral_8x7b");
  const double expert = 3 * 4096.0 * 14336;
  const auto read = [](std::int64_t batch) {
    return hbm_bytes(step_of("mixtral_8x7b", "{phase: decode, cached: 0, batch: " + std::to_string(batch) + "}"));
  };
  const double rest = static_cast<double>(model.parameters()) - 32 * 8 * expert - 32000 * 4096.0;
  // 1 − (1 − 2/8)^tokens of eight experts, rounded up.
  CHECK(read(1) == doctest::Approx(2 * (rest + 32 * 2 * expert)).epsilon(0.01));
  CHECK(read(4) == doctest::Approx(2 * (rest + 32 * 6 * expert)).epsilon(0.01));
  CHECK(read(64) == doctest::Approx(2 * (rest + 32 * 8 * expert)).epsilon(0.03));
}

TEST_CASE("decoding with experts sends each row to top_k and back") {
  const Program program = step_of("deepseek_v3", "{phase: decode, cached: 4096, data: 64, expert: 64, batch: 4096}");
  const std::int64_t rows = std::int64_t{64} * 8 * 7168 * 2;
  CHECK(traffic(program, program.roles[0])("expert", CollectiveKind::kAllToAll) == 2 * rows * 58);
}

TEST_CASE("latent attention is met as it is held, unless there are many new tokens") {
  const double core = 64.0 * 61 * 128 * 4096 * 2;  // queries × cached tokens of all layers, two FLOPs each
  const Program decode = step_of("deepseek_v3", "{phase: decode, cached: 4095, data: 64, expert: 64, batch: 64}");
  const StepFlops flops = step_flops(decode);
  CHECK(flops.hardware.count() - flops.model.count() == doctest::Approx(core * (576 + 512 - 192 - 128)).epsilon(1e-3));
  const StepFlops prefill =
      step_flops(step_of("deepseek_v3", "{phase: prefill, prompt: 1024, data: 64, expert: 64, batch: 64}"));
  CHECK(prefill.hardware.count() == doctest::Approx(prefill.model.count()).epsilon(1e-9));
}

TEST_CASE("what inference can't do is said") {
  const auto fault = [](const char* plan) {
    return test::input_error([&] { return phase_of_plan("llama3_70b", plan); });
  };
  CHECK(fault("{phase: decode, batch: 4, cached: 1, tensor: 3}").find("64 heads can't be split evenly over 3") !=
        std::string::npos);
  CHECK(fault("{phase: decode, batch: 4, tensor: 2}").find("cached") != std::string::npos);
  CHECK(fault("{phase: decode, batch: 4, cached: 1, expert: 2}").find("has no experts") != std::string::npos);
  CHECK(fault("{phase: decode, batch: 4, cached: 1, pipeline: 2}").find("pipeline") != std::string::npos);
  CHECK(test::input_error([] {
          return phase_of(yaml::parse("{phase: dream}", "plan.yaml"))->name;
        }).find("no phase is called 'dream'") != std::string::npos);
  CHECK(phase_of(yaml::parse("{phase: train}", "plan.yaml")) == nullptr);
}

// Mamba-2 2.7B: 64 layers of 5,120 columns of 128 numbers each, and three tokens that the convolution sees.
TEST_CASE("a state-space model keeps one state a sequence, however long it is") {
  const std::int64_t state = 5120 * 128 * 4;
  const std::int64_t kept = 64 * (state + 3 * (5120 + 2 * 128) * 2);
  CHECK(memory("mamba2_2.7b", "{phase: decode, cached: 1000, batch: 16}", "cache") == 16 * kept);
  CHECK(memory("mamba2_2.7b", "{phase: decode, cached: 1000000, batch: 16}", "cache") == 16 * kept);
  CHECK(memory("mamba2_2.7b", "{phase: decode, cached: 1000, batch: 16, tensor: 1, data: 2}", "cache") == 8 * kept);
  const auto read = [](std::int64_t batch, std::int64_t cached) {
    return hbm_bytes(step_of("mamba2_2.7b", "{phase: decode, cached: " + std::to_string(cached) +
                                                ", batch: " + std::to_string(batch) + "}"));
  };
  CHECK(read(16, 1000) == read(16, 1000000));
  // A sequence more is its state read and written in each layer, beside activations.
  CHECK(read(64, 0) - read(32, 0) == doctest::Approx(32.0 * 64 * 2 * static_cast<double>(state)).epsilon(0.06));
}

TEST_CASE("a state-space model's token takes two FLOPs a weight and seven a number of its states") {
  const double products = 64 * (2560.0 * (2 * 5120 + 2 * 128 + 80) + 5120 * 2560.0);
  const double expected = 2 * products + 2 * 2560.0 * 50288 + 64 * 7 * 5120.0 * 128;
  for (const char* plan : {"{phase: decode, cached: 100, batch: 1}", "{phase: decode, cached: 0, tokens: 1, batch: 1}"})
    CHECK(step_flops(step_of("mamba2_2.7b", plan)).model.count() == doctest::Approx(expected).epsilon(1e-3));
}

TEST_CASE("a prompt is scanned in chunks, a few tokens are not") {
  const auto runs = [](const std::string& plan, std::string_view kernel) {
    const Program program = step_of("mamba2_2.7b", plan);
    return std::any_of(program.kernels.begin(), program.kernels.end(),
                       [&](const KernelRow& row) { return program.names[row.name] == kernel; });
  };
  CHECK(runs("{phase: decode, cached: 10, batch: 4}", "update state"));
  CHECK_FALSE(runs("{phase: decode, cached: 10, batch: 4}", "chunk scan"));
  CHECK(runs("{phase: prefill, prompt: 2048, batch: 4}", "chunk scan"));
  CHECK(runs("{phase: prefill, prompt: 2048, batch: 4}", "keep state"));
  CHECK_FALSE(runs("{phase: prefill, prompt: 2048, batch: 4}", "update state"));
}

TEST_CASE("of a hybrid, attention's layers alone remember every token") {
  const DecoderModel model = model_named("nemotron_h_8b");
  std::int64_t attention = 0;
  for (std::int64_t layer = 0; layer < model.layers; ++layer)
    attention += model.layer(layer).find(kAttentionSymbol) != std::string_view::npos ? 1 : 0;
  const auto cache = [](std::int64_t cached) {
    return memory("nemotron_h_8b", "{phase: decode, batch: 1, cached: " + std::to_string(cached) + "}", "cache");
  };
  CHECK(cache(2000) - cache(1000) == 1000 * attention * 2 * model.kv_heads * model.head_dim * 2);
}
