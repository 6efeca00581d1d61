// Attention to a window: FLOPs and caches against closed forms, and what models may say of it.
#include "tests/workloads/fixture.h"
#include "workloads/phases/phase.h"

using namespace orrery;
using test::chip_named;
using test::model_named;
using test::plan_of;
using test::stack_named;

namespace {

// Four layers of 256 columns, every other of which looks back on 128 tokens.
DecoderModel model_with(const std::string& more) {
  return read_model(yaml::parse(
      "{name: narrow, source: a test, layers: 4, hidden: 256, heads: 8, ffn: 1024, vocab: 2048, positions: 65536, "
      "mlp: gelu, norm: rms_norm, position: rotary, biases: false, dropout: false, tied_embeddings: false, " +
          more + "}",
      "model.yaml"));
}
DecoderModel narrow(std::int64_t window) {
  return model_with("window: " + std::to_string(window) + ", pattern: '2(W- *-)'");
}

StepFlops flops(const DecoderModel& model, const std::string& plan) {
  return step_flops(training_step(model, plan_of(model, plan), stack_named("megatron_core"), chip_named("h100_sxm")));
}

}  // namespace

TEST_CASE("each token of two layers meets a window's keys, those at the beginning fewer") {
  constexpr double s = 4096;
  constexpr double w = 128;
  constexpr double width = 256;
  const char* plan = "{batch: 1, sequence: 4096}";
  const StepFlops whole = flops(narrow(4096), plan);
  const StepFlops windowed = flops(narrow(128), plan);
  // Forward 4·keys·width a token, backward twice that; the hardware forms the scores again: 14 instead of 12.
  CHECK(whole.model.count() - windowed.model.count() == doctest::Approx(2 * 12 * s * (s - w) * width).epsilon(1e-9));
  const double pairs = s * (s + 1) / 2 - (w * s - w * (w - 1) / 2);
  CHECK(whole.hardware.count() - windowed.hardware.count() == doctest::Approx(2 * 14 * pairs * width).epsilon(1e-9));
  CHECK(flops(narrow(8192), plan).hardware.count() == whole.hardware.count());
}

TEST_CASE("a window is narrower than a document, or doesn't matter") {
  CHECK(flops(narrow(512), "{batch: 1, sequence: 4096, documents: 16}").hardware.count() ==
        flops(narrow(256), "{batch: 1, sequence: 4096, documents: 16}").hardware.count());
  CHECK(flops(narrow(64), "{batch: 1, sequence: 4096, documents: 16}").hardware.count() <
        flops(narrow(256), "{batch: 1, sequence: 4096, documents: 16}").hardware.count());
}

TEST_CASE("a windowed layer's cache stops growing") {
  const auto cache = [](std::int64_t cached) {
    const yaml::Node plan =
        yaml::parse("{phase: decode, batch: 2, cached: " + std::to_string(cached) + "}", "plan.yaml");
    return test::bytes_of(
        phase_of(plan)->read(narrow(128), plan, stack_named("megatron_core"))->memory(chip_named("h100_sxm")), "cache");
  };
  constexpr std::int64_t row = 2 * 256 * 2;  // keys and values of a token in a layer, 16-bit
  CHECK(cache(99) == 2 * row * 4 * 100);
  CHECK(cache(9999) == 2 * row * 2 * (10000 + 128));
}

TEST_CASE("new tokens meet what their window shows of the cache") {
  const auto met = [](std::int64_t window, std::int64_t cached, std::int64_t tokens) {
    const yaml::Node plan = yaml::parse(
        "{phase: decode, batch: 1, cached: " + std::to_string(cached) + ", tokens: " + std::to_string(tokens) + "}",
        "plan.yaml");
    return step_flops(phase_of(plan)
                          ->read(narrow(window), plan, stack_named("megatron_core"))
                          ->program(chip_named("h100_sxm")))
        .model.count();
  };
  // 4·width a pair, in two layers.
  CHECK(met(65536, 1000, 1) - met(128, 1000, 1) == doctest::Approx(2 * 4 * 256.0 * (1001 - 128)).epsilon(1e-9));
  CHECK(met(65536, 126, 4) - met(128, 126, 4) == doctest::Approx(2 * 4 * 256.0 * (0 + 0 + 1 + 2)).epsilon(1e-9));
}

TEST_CASE("windows without layers, layers without windows, and windows that ranks would cut are refused") {
  const auto error = [](const std::string& more) { return test::input_error([&] { return model_with(more); }); };
  CHECK(error("window: 128").find("W stands for it") != std::string::npos);
  CHECK(error("pattern: '4(W-)'").find("give window") != std::string::npos);
  CHECK(error("causal: false, window: 128, pattern: '4(W-)'").find("causal") != std::string::npos);
  CHECK(test::input_error([] { return plan_of(narrow(128), "{context: 2, batch: 1}"); }).find("window") !=
        std::string::npos);
}

TEST_CASE("GPT-OSS 120B has its published size") {
  const DecoderModel model = model_named("gpt_oss_120b");
  // 5.13 billion active ones are published, without the embedding's table.
  CHECK(static_cast<double>(model.parameters()) == doctest::Approx(116.83e9).epsilon(0.001));
  CHECK(static_cast<double>(model.active_parameters()) == doctest::Approx(5.13e9 + 201088.0 * 2880).epsilon(0.005));
}
