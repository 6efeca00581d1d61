// Models that read from both sides and what stands at their ends: BERT, ViT and DiT, against formulas written out here.
#include "tests/workloads/fixture.h"
#include "tests/workloads/traffic.h"

using namespace orrery;
using test::in_layer;
using test::model_named;
using test::plan_of;
using test::traffic;
using test::Traffic;

namespace {

using enum CollectiveKind;

Program step_of(std::string_view name, const std::string& plan, const char* stack = "megatron_core") {
  const DecoderModel model = model_named(name);
  return training_step(model, plan_of(model, plan), test::stack_named(stack), test::chip_named("h100_sxm"));
}

std::int64_t category(std::string_view name, const std::string& plan, std::uint32_t stage, std::string_view category) {
  const DecoderModel model = model_named(name);
  return test::bytes_of(stage_memory(model, plan_of(model, plan), test::stack_named("megatron_core"),
                                     test::chip_named("h100_sxm"), stage),
                        category);
}

// Weights of a layer of attention and MLP, f = 4h, with biases; `norms`: weights of each of its two.
std::int64_t layer_weights(std::int64_t h, std::int64_t norms) { return 12 * h * h + 9 * h + 2 * norms; }
// Forward FLOPs a token of it: every token meets all s of its sequence.
double layer_flops(double h, double s) { return 24 * h * h + 4 * s * h; }

// BERT-large: of the table's words and of its norm, positions and types; of its two heads.
constexpr std::int64_t kBert = 1024;
constexpr std::int64_t kBertFirst = (512 + 2 + 2) * kBert;
constexpr std::int64_t kBertLast = 2 * (kBert * kBert + kBert) + 2 * kBert + 2 * (kBert + 1);
constexpr std::int64_t kPaddedWords = 30592;  // to a multiple of 128

// DiT-XL/2: of the first ends and the last.
constexpr std::int64_t kDit = 1152;
constexpr std::int64_t kDitFirst = 17 * kDit + 257 * kDit + (kDit + 1) * kDit + 1001 * kDit;
constexpr std::int64_t kDitLast = (kDit + 1) * (2 * kDit + 32);

}  // namespace

TEST_CASE("published sizes of models that read from both sides") {
  // Hugging Face's BertForPreTraining; torchvision's vit_l_16; timm's vit_huge_patch14_224.
  CHECK(model_named("bert_large").parameters() == 336'226'108);
  CHECK(model_named("vit_l_16").parameters() == 304'326'632);
  CHECK(model_named("vit_h_14").parameters() == 632'045'800);
  // DiT's own count is 675,129,632 with its 256 fixed positions.
  CHECK(model_named("dit_xl_2").parameters() == 675'129'632 - 256 * 1152);
}

TEST_CASE("BERT's FLOPs: whole squares of scores, logits of masked tokens alone, whatever the plan") {
  const double h = 1024;
  const double s = 512;
  const double batch = 32;
  const double masked = 77;  // of 512 tokens 15 %, rounded up
  const double expected =
      3 * batch * (24 * s * layer_flops(h, s) + masked * (2 * h * h + 2 * h * 30522) + 2 * h * h + 2 * h * 2);
  for (const char* plan : {"{data: 4, batch: 32, sequence: 512}", "{data: 4, batch: 32, sequence: 512, zero: 3}",
                           "{tensor: 4, sequence_parallel: true, batch: 32, microbatch: 2, sequence: 512}",
                           "{tensor: 2, pipeline: 4, batch: 32, sequence: 512}",
                           "{tensor: 2, pipeline: 4, batch: 32, sequence: 512, schedule: zb_h1}"}) {
    CAPTURE(plan);
    const StepFlops own = step_flops(step_of("bert_large", plan));
    CHECK(own.model.count() == doctest::Approx(expected).epsilon(1e-12));
    // Flash attention forms the scores again backward, and no mask hides any of them.
    CHECK(own.hardware.count() == doctest::Approx(expected + batch * 24 * s * 2 * s * h).epsilon(1e-12));
  }
  // Where scores stand in memory nothing is formed again.
  const StepFlops whole = step_flops(step_of("bert_large", "{data: 4, batch: 32, sequence: 512}", "megatron_lm"));
  CHECK(whole.hardware.count() == doctest::Approx(expected).epsilon(1e-12));
}

TEST_CASE("BERT's weights, gradients and activations") {
  const std::int64_t layers = 24 * layer_weights(kBert, 2 * kBert);
  const std::int64_t table = kPaddedWords * kBert;
  const std::string one = "{data: 4, batch: 32, microbatch: 8, sequence: 512}";
  CHECK(category("bert_large", one, 0, "weights") == 2 * (table + kBertFirst + layers + kBertLast + kPaddedWords));
  const Program program = step_of("bert_large", one);
  CHECK(traffic(program, program.roles[0])("data", kAllReduce) ==
        4 * (table + kBertFirst + layers + kBertLast + kPaddedWords));
  // Two stages: each has the table, whose gradients both sum.
  const std::string two = "{pipeline: 2, data: 2, batch: 32, microbatch: 8, sequence: 512}";
  CHECK(category("bert_large", two, 0, "weights") == 2 * (table + kBertFirst + layers / 2));
  CHECK(category("bert_large", two, 1, "weights") == 2 * (table + kPaddedWords + kBertLast + layers / 2));
  const Program staged = step_of("bert_large", two);
  for (const Role& role : staged.roles) CHECK(traffic(staged, role)("embedding", kAllReduce) == 4 * table);
  CHECK(traffic(staged, staged.roles[1])("data", kAllReduce) == 4 * (table + kPaddedWords + kBertLast + layers / 2));

  // A layer keeps 34·s·b·h bytes less the scores (Korthikanti et al. 2022), with flash attention and a number a row.
  const std::int64_t sbh = 8 * 512 * kBert;
  const std::int64_t layer = 34 * sbh + 4 * 8 * 512 * 16;
  // The embedding's norm and mask; of 77 tokens a sequence four rows and the logits; two rows a sequence.
  const std::int64_t ends = 3 * sbh + 2 * (4 * 8 * 77 + 2 * 8) * kBert + 4 * 8 * 77 * kPaddedWords;
  CHECK(category("bert_large", one, 0, "activations") == 24 * layer + ends);
}

TEST_CASE("ViT: patches and a class token, whatever the plan") {
  const double h = 1280;
  const double batch = 64;
  const double patches = 2 * 256 * h * 588;
  const double expected = batch * (3 * 32 * 257 * layer_flops(h, 257) + 2 * patches + 3 * 2 * h * 1000);
  for (const char* plan : {"{data: 8, batch: 64, microbatch: 8}", "{tensor: 8, pipeline: 4, batch: 64, microbatch: 4}",
                           "{data: 2, batch: 64, microbatch: 32, zero: 1, recompute: full}"}) {
    CAPTURE(plan);
    CHECK(step_flops(step_of("vit_h_14", plan)).model.count() == doctest::Approx(expected).epsilon(1e-12));
  }
  const std::int64_t width = 1280;
  const std::int64_t first = 589 * width + 258 * width;
  const std::int64_t last = 2 * width + 1000 * (width + 1);
  const std::int64_t layers = 32 * layer_weights(width, 2 * width);
  CHECK(category("vit_h_14", "{data: 8, batch: 64, microbatch: 8}", 0, "weights") == 2 * (first + layers + last));
  CHECK(category("vit_h_14", "{pipeline: 4, batch: 64}", 0, "weights") == 2 * (first + layers / 4));
  CHECK(category("vit_h_14", "{pipeline: 4, batch: 64}", 3, "weights") == 2 * (last + layers / 4));
  const Program program = step_of("vit_h_14", "{data: 8, batch: 64, microbatch: 8, zero: 1}");
  const Traffic all = traffic(program, program.roles[0]);
  CHECK(all("data", kReduceScatter) == 4 * (first + layers + last));
  CHECK(all("data", kAllGather) == 2 * (first + layers + last));
  // No dropout, so no masks: 32·s·b·h a layer; patches, the norm's input, a row an image, its classes.
  const std::int64_t sbh = 8 * 257 * width;
  CHECK(category("vit_h_14", "{data: 8, batch: 64, microbatch: 8}", 0, "activations") ==
        32 * (32 * sbh + 4 * 8 * 257 * 16) + 2 * 8 * 256 * 588 + 2 * sbh + 2 * 8 * width + 4 * 8 * 1000);
}

TEST_CASE("DiT: one row an image modulates every layer") {
  const double h = 1152;
  const double batch = 256;
  const double layer = 256 * layer_flops(h, 256) + 12 * h * h;
  const double conditioning = 2 * 256 * h + 2 * h * h;
  const double last = 2 * h * 2 * h + 256 * 2 * h * 32;
  const double patches = 2 * 256 * 16 * h;
  const double expected = batch * (3 * (28 * layer + conditioning + last) + 2 * patches);
  for (const char* plan : {"{data: 8, batch: 256, microbatch: 32}", "{pipeline: 4, data: 2, batch: 256, microbatch: 8}",
                           "{tensor: 4, sequence_parallel: true, data: 2, batch: 256, microbatch: 8}",
                           "{tensor: 2, batch: 256, microbatch: 64}"}) {
    CAPTURE(plan);
    CHECK(step_flops(step_of("dit_xl_2", plan)).model.count() == doctest::Approx(expected).epsilon(1e-12));
  }
  const std::int64_t layers = 28 * (layer_weights(kDit, 0) + 6 * (kDit + 1) * kDit);
  CHECK(kDitFirst + layers + kDitLast == model_named("dit_xl_2").parameters());
  CHECK(category("dit_xl_2", "{data: 8, batch: 256, microbatch: 32}", 0, "weights") ==
        2 * (kDitFirst + layers + kDitLast));
  CHECK(category("dit_xl_2", "{pipeline: 4, batch: 256, microbatch: 8}", 0, "weights") == 2 * (kDitFirst + layers / 4));
  CHECK(category("dit_xl_2", "{pipeline: 4, batch: 256, microbatch: 8}", 3, "weights") == 2 * (kDitLast + layers / 4));
  const Program program = step_of("dit_xl_2", "{data: 8, batch: 256, microbatch: 32}");
  CHECK(traffic(program, program.roles[0])("data", kAllReduce) == 4 * (kDitFirst + layers + kDitLast));
  // Stages pass the images' rows on beside the stream.
  const Program staged = step_of("dit_xl_2", "{pipeline: 4, batch: 256, microbatch: 8}");
  CHECK(traffic(staged, staged.roles[1]).sent == 2 * 32 * 2 * (8 * 256 + 8) * kDit);
  // Of a layer what attention and MLP keep without masks, four more rows a token, eight an image.
  const DecoderModel model = model_named("dit_xl_2");
  CHECK(layer_activations(model, plan_of(model, "{batch: 8, microbatch: 8}"), test::stack_named("megatron_core"))
            .count() == 32 * 8 * 256 * kDit + 4 * 8 * 256 * 16 + 2 * (4 * 8 * 256 + 8 * 8) * kDit);
  // Of the tensor group nothing but attention's and the MLP's own: modulation is each rank's whole.
  const Program split = step_of("dit_xl_2", "{tensor: 2, batch: 64, microbatch: 64}");
  CHECK(traffic(split, split.roles[0], &in_layer)("tensor", kAllReduce) == 28 * 4 * 2 * std::int64_t{64} * 256 * kDit);
}

TEST_CASE("tokens that meet all others: no kernel skips a half") {
  const auto core = [](bool causal) {
    DecoderModel model = test::small_gpt();
    model.causal = causal;
    return step_flops(training_step(model, plan_of(model, "{batch: 1, sequence: 128, data: 1}"),
                                    test::stack_named("megatron_core"), test::chip_named("h100_sxm")));
  };
  CHECK(core(true).model.count() == core(false).model.count());
  const double square = 2.0 * 128 * 128 * 256;  // one product of scores
  CHECK(core(false).hardware.count() - core(true).hardware.count() ==
        doctest::Approx(8 * 7 * square * (1 - 129.0 / 256)).epsilon(1e-9));
}

TEST_CASE("ends say what they can't do") {
  const auto fault = [](std::string_view model, const std::string& plan) {
    return test::input_error([&] { return plan_of(model_named(model), plan); });
  };
  CHECK(fault("vit_h_14", "{batch: 8, sequence: 2048}").find("an image is 257 tokens to ViT-H/14, not 2048") !=
        std::string::npos);
  CHECK(fault("dit_xl_2", "{batch: 8, context: 2}").find("an image's tokens aren't shared out") != std::string::npos);
  CHECK(fault("bert_large", "{batch: 8, sequence: 1024}").find("longer than the 512 positions") != std::string::npos);
  const auto broken = [](const std::string& changed) {
    return test::input_error([&] {
      const std::string text =
          "name: m\nsource: s\nlayers: 2\nhidden: 64\nheads: 4\nffn: 256\nmlp: gelu\nnorm: layer_norm\n"
          "position: learned\nbiases: true\ndropout: true\ncausal: false\nends: classes\n"
          "image: {size: 32, channels: 3, patch: 4, classes: 10}\n";
      const auto override = yaml::Override::parse(changed);
      return read_model(yaml::parse(text, "m.yaml", {override}));
    });
  };
  CHECK(broken("layers=2").empty());
  CHECK(broken("image.patch=5").find("32 can't be cut evenly into patches of 5") != std::string::npos);
  CHECK(broken("ends=classed").find("no kind of ends is called 'classed'; did you mean 'classes'?") !=
        std::string::npos);
  CHECK(broken("ends=language").find("vocab") != std::string::npos);
  CHECK(broken("pattern=2(A*-)").find("only `ends: diffusion` says that") != std::string::npos);
  CHECK(broken("vocab=100").find("vocab") != std::string::npos);
}
