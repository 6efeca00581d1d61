// What a stack runs operator by operator, where a model has it: HBM bytes against closed forms.
#include "tests/workloads/families.h"

using namespace orrery;
using test::chip_named;
using test::plan_of;
using test::stack_named;

namespace {

constexpr double kTokens = 1024;
constexpr double kHidden = 256;
constexpr double kWide = 512;  // of an expert
constexpr double kLayers = 2;

// Two layers of four experts, of which each token takes two; `more` may say what is unusual about it.
DecoderModel model_with(const std::string& more, const std::string& of_experts = "") {
  return read_model(
      yaml::parse("{name: small, source: a test, layers: 2, hidden: 256, heads: 4, kv_heads: 2, vocab: 2048, "
                  "positions: 8192, mlp: swiglu, norm: rms_norm, position: rotary, biases: false, dropout: false, "
                  "tied_embeddings: false, experts: {count: 4, top_k: 2, ffn: 512" +
                      of_experts + "}, pattern: '2(*E)'" + more + "}",
                  "model.yaml"));
}

// Of a step of one microbatch, forward and backward.
double hbm_of(const DecoderModel& model, const Stack& stack, const std::string& more = "") {
  const std::string plan = "{batch: 1, sequence: 1024" + more + "}";
  return test::sums_of(training_step(model, plan_of(model, plan), stack, chip_named("h100_sxm"))).hbm;
}

Stack fused() {
  Stack stack = stack_named("megatron_core");
  stack.unfused = {};
  return stack;
}

double unfused_less_fused(const DecoderModel& model, const std::string& more = "") {
  return hbm_of(model, stack_named("megatron_core"), more) - hbm_of(model, fused(), more);
}

}  // namespace

TEST_CASE("what no model has costs nothing, fused or not") { CHECK(unfused_less_fused(model_with("")) == 0); }

TEST_CASE(
    "clamps before a gate: 16 bytes an element forward, 30 backward, and forward again where it is formed again") {
  const double elements = kLayers * 2 * kTokens * kWide;  // two experts a token
  const DecoderModel model = model_with(", activation_limit: 7");
  CHECK(unfused_less_fused(model) == doctest::Approx(elements * (16 + 30)));
  CHECK(unfused_less_fused(model, ", recompute: [mlp_activation]") == doctest::Approx(elements * (16 + 30 + 16)));
}

TEST_CASE("an expert's output bias: 12 bytes an element forward and 12 backward") {
  const double elements = kLayers * 2 * kTokens * kHidden;
  CHECK(unfused_less_fused(model_with("", ", output_bias: true")) == doctest::Approx(elements * (12 + 12)));
}

TEST_CASE("stretched rotary positions: 24 bytes an element each way where a fused kernel takes 4") {
  const double elements = kLayers * kTokens * (kHidden + kHidden / 2);
  CHECK(unfused_less_fused(model_with(", rotary_scaling: yarn")) == doctest::Approx(2 * elements * (24 - 4)));
  CHECK(unfused_less_fused(model_with(", rotary_scaling: none")) == 0);
}

TEST_CASE("what can't be clamped or stretched is refused") {
  const auto error = [](const std::string& what) { return test::input_error([&] { return model_with(what); }); };
  CHECK(error(", activation_limit: -1").find("activation_limit") != std::string::npos);
  CHECK(error(", rotary_scaling: linear").find("yarn") != std::string::npos);
  CHECK(
      test::input_error([] {
        return read_model(yaml::parse(
            "{name: n, source: s, layers: 1, hidden: 64, heads: 1, ffn: 64, vocab: 64, positions: 64, mlp: gelu, norm: "
            "rms_norm, position: learned, biases: true, dropout: false, tied_embeddings: true, activation_limit: 7}",
            "model.yaml"));
      }).find("only gated activations") != std::string::npos);
}
