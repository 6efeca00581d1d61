// Encoder-decoders: T5's weights, FLOPs, memory and bytes against formulas written out here, and what models may say.
#include "tests/workloads/fixture.h"
#include "tests/workloads/traffic.h"

using namespace orrery;
using test::model_named;
using test::plan_of;
using test::traffic;
using test::Traffic;

namespace {

using enum CollectiveKind;

constexpr double kHidden = 1024;
constexpr double kWidth = 16384;  // 128 heads of 128
constexpr double kFfn = 65536;
constexpr double kVocab = 32128;

Program step_of(const std::string& plan, std::string_view stack = "megatron_lm") {
  const DecoderModel model = model_named("t5_11b");
  return training_step(model, plan_of(model, plan), test::stack_named(stack), test::chip_named("a100_sxm_80gb"));
}

// Multiply-adds of a forward pass over t tokens out and s in: products with weights, scores and what they weigh.
double macs(double t, double s) {
  const double attention = 4 * kHidden * kWidth;
  const double mlp = 2 * kHidden * kFfn;
  const double encoder = s * (attention + mlp) + 2 * s * s * kWidth;
  const double own = t * attention + 2 * t * t * kWidth;
  const double cross = t * 2 * kHidden * kWidth + s * 2 * kHidden * kWidth + 2 * t * s * kWidth;
  return 24 * (encoder + own + cross + t * mlp) + t * kHidden * kVocab;
}

std::string model_fault(const std::string& more) {
  return test::input_error([&] {
    return read_model(
        yaml::parse("{name: a, source: b, hidden: 64, heads: 4, ffn: 256, vocab: 512, mlp: relu, norm: rms_norm, "
                    "position: none, biases: false, dropout: false, tied_embeddings: true, " +
                        more + "}",
                    "model.yaml"));
  });
}

}  // namespace

TEST_CASE("T5-11B has the weights that were published, but for its relative positions") {
  const DecoderModel model = model_named("t5_11b");
  CHECK(model.parameters() == 11'307'321'344 - 2 * 32 * 128);
  CHECK(model.encodes());
}

TEST_CASE("FLOPs of an encoder-decoder: each side's tokens, and queries of the one with keys of the other") {
  for (const char* stack : {"megatron_lm", "megatron_core"}) {
    CAPTURE(stack);
    for (const char* plan : {"{data: 4, batch: 8, microbatch: 2, sequence: 114, source_sequence: 512}",
                             "{tensor: 2, sequence_parallel: true, data: 2, batch: 8, microbatch: 2, sequence: 114, "
                             "source_sequence: 512}",
                             "{pipeline: 4, batch: 8, microbatch: 2, sequence: 114, source_sequence: 512}"}) {
      CAPTURE(plan);
      const Program program = step_of(plan, stack);
      CHECK_NOTHROW(validate(program));
      CHECK(step_flops(program).model.count() == doctest::Approx(3 * 2 * 8 * macs(114, 512)).epsilon(1e-9));
    }
  }
  // Sources as long as what is made of them, unless the plan says otherwise.
  CHECK(step_flops(step_of("{batch: 1, sequence: 256}")).model.count() ==
        doctest::Approx(6 * macs(256, 256)).epsilon(1e-9));
}

TEST_CASE("tensor ranks of an encoder-decoder sum the rows of either side") {
  const Program program = step_of("{tensor: 8, data: 1, batch: 4, microbatch: 4, sequence: 128, source_sequence: 512}");
  const Traffic sent = traffic(program, program.roles[0], test::in_layer);
  const std::int64_t source = 4 * 512 * 1024 * 2;
  const std::int64_t target = 4 * 128 * 1024 * 2;
  // Forward: an output of attention and one of the MLP a layer, a third of cross attention. Backward: as many input
  // gradients, and those of the source's rows that keys and values were made of.
  CHECK(sent("tensor", kAllReduce) == 24 * (4 * source + 6 * target + source));
}

TEST_CASE("stages pass on both sides' rows") {
  const Program program = step_of("{pipeline: 4, batch: 2, sequence: 128, source_sequence: 512}");
  for (std::size_t stage = 0; stage < 4; ++stage) {
    const Traffic sent = traffic(program, program.roles[stage]);
    const std::int64_t rows = (128 + 512) * std::int64_t{1024} * 2;
    CHECK(sent.sent == 2 * rows * (stage == 0 || stage == 3 ? 1 : 2));
  }
}

TEST_CASE("an encoder's layers keep rows of the source, a decoder's those of either") {
  const DecoderModel model = model_named("t5_11b");
  const Stack stack = test::stack_named("megatron_core");
  const auto kept = [&](const std::string& plan, std::int64_t layer) {
    return layer_activations(model, plan_of(model, plan), stack, layer).count();
  };
  const std::string plan = "{batch: 1, sequence: 128, source_sequence: 512, recompute: ";
  CHECK(kept(plan + "full}", 0) == 512 * 1024 * 2);
  CHECK(kept(plan + "full}", 40) == 128 * 1024 * 2);
  // In elements: rows before and after the norm; queries, keys, values and the output; a number a row and head; before
  // and after the activation; masks of dropout take half an element.
  const auto ends = [](std::int64_t rows) { return rows * 1024 * (2 + 2 + 1); };
  const auto core = [](std::int64_t rows) { return rows * 128 * 4; };
  const std::int64_t width = 16384;
  CHECK(kept(plan + "none}", 0) == 2 * ends(512) + 2 * 512 * 4 * width + core(512) + 2 * 512 * 2 * 65536);
  CHECK(kept(plan + "none}", 40) == 3 * ends(128) + 2 * 128 * 4 * width + core(128) +
                                        2 * (128 * 2 * width + 512 * 2 * width) + core(128) + 2 * 128 * 2 * 65536);
}

TEST_CASE("models and plans that mean nothing are refused") {
  CHECK(model_fault("layers: 2, pattern: \"(BF) (*X-)\"").find("go with `ends: encoder_decoder`") != std::string::npos);
  CHECK(model_fault("layers: 2, pattern: \"2(*X-)\"").find("there is none") != std::string::npos);
  CHECK(model_fault("layers: 2, pattern: \"(BF) (*X-)\", ends: encoder_decoder") == "");
  CHECK(model_fault("layers: 2, pattern: \"(*X-) (BF)\", ends: encoder_decoder").find("come before all others") !=
        std::string::npos);
  const DecoderModel t5 = model_named("t5_11b");
  const DecoderModel llama = model_named("llama3_8b");
  const auto fault = [](const DecoderModel& model, const std::string& plan) {
    return test::input_error([&] { return plan_of(model, plan); });
  };
  CHECK(fault(llama, "{batch: 1, source_sequence: 512}").find("has no encoder") != std::string::npos);
  CHECK(fault(t5, "{context: 2, batch: 1, sequence: 512}").find("isn't shared out") != std::string::npos);
  CHECK(fault(t5, "{tensor: 8, sequence_parallel: true, batch: 1, sequence: 512, source_sequence: 100}")
            .find("source_sequence could be 104") != std::string::npos);
}
