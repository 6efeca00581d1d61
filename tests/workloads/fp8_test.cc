// FP8 products: which kernels change, what casts move, what is gathered and kept, from counts made by hand.
#include <algorithm>

#include "tests/workloads/fixture.h"
#include "workloads/compute/kernel.h"

using namespace orrery;
using test::chip_named;
using test::model_named;
using test::plan_of;
using test::stack_named;

namespace {

// Llama 3 8B, a sequence of 8,192 tokens a microbatch.
constexpr std::int64_t kTokens = 8192;
constexpr std::int64_t kHidden = 4096;
constexpr std::int64_t kQkv = 6144;
constexpr std::int64_t kFfn = 14336;
constexpr std::int64_t kLayers = 32;
constexpr std::int64_t kProducts = kHidden * (kQkv + kHidden + 3 * kFfn);  // weights of a layer's linear parts

Stack in_bf16() {
  Stack stack = stack_named("nemo_fp8");
  stack.fp8_products = false;
  return stack;
}

Program step_of(const Stack& stack, const std::string& more = "") {
  const DecoderModel model = model_named("llama3_8b");
  return training_step(model, plan_of(model, "{sequence: 8192, batch: 1" + more + "}"), stack, chip_named("h100_sxm"));
}

struct Sums {
  std::int64_t hbm = 0;
  double matrix_seconds = 0;
};

Sums sums(const Program& program, Phase phase) {
  Sums total;
  for (const Op& op : program.roles[0].ops) {
    if (op.kind != OpKind::kCompute || op.phase != phase) continue;
    const Segment& segment = program.segments[SegmentId(op.body)];
    total.hbm += segment.hbm.count();
    total.matrix_seconds += segment.matrix_seconds;
  }
  return total;
}

std::int64_t gathered(const Program& program, std::string_view group, CollectiveKind kind) {
  std::int64_t bytes = 0;
  for (const Op& op : program.roles[0].ops) {
    if (op.kind != OpKind::kCollective || (group == "tensor" && op.layer < 0)) continue;
    const CollectiveOp& body = program.collectives[op.body];
    if (body.kind == kind && program.groups[body.group.index()].name == group) bytes += body.bytes.count();
  }
  return bytes;
}

}  // namespace

TEST_CASE("linear parts run at the FP8 peak, the rest at the 16-bit one") {
  const Program fp8 = step_of(stack_named("nemo_fp8"));
  const Program bf16 = step_of(in_bf16());
  CHECK(step_flops(fp8).model.count() == step_flops(bf16).model.count());
  CHECK(step_flops(fp8).hardware.count() == step_flops(bf16).hardware.count());
  const double forward = 2.0 * kTokens * kProducts * kLayers;
  const double saved = forward / 989e12 - forward / 1979e12;
  CHECK(sums(bf16, Phase::kForward).matrix_seconds - sums(fp8, Phase::kForward).matrix_seconds ==
        doctest::Approx(saved).epsilon(1e-6));
  CHECK(sums(bf16, Phase::kBackward).matrix_seconds - sums(fp8, Phase::kBackward).matrix_seconds ==
        doctest::Approx(2 * saved).epsilon(1e-6));
}

TEST_CASE("casts and transposes move what they must through the HBM, products half as much") {
  const Program fp8 = step_of(stack_named("nemo_fp8"));
  const Program bf16 = step_of(in_bf16());
  // Inputs and outputs of the four products: rows of activations.
  constexpr std::int64_t kColumnIn = 2 * kHidden;
  constexpr std::int64_t kRowIn = kHidden + kFfn;
  constexpr std::int64_t kColumnOut = kQkv + 2 * kFfn;
  constexpr std::int64_t kRowOut = 2 * kHidden;
  // Forward: two norms write a byte less, inputs of two products are cast (2 read, 2 written), operands are halved.
  const std::int64_t forward = kTokens * (-kColumnIn + 4 * kRowIn) - kTokens * (kColumnIn + kRowIn) - kProducts;
  CHECK(sums(fp8, Phase::kForward).hbm - sums(bf16, Phase::kForward).hbm == kLayers * forward);
  // Backward: outputs' gradients are cast, the norms' results transposed.
  const std::int64_t backward = kTokens * (4 * (kColumnOut + kRowOut) + 2 * kColumnIn) -
                                kTokens * (kColumnOut + kRowOut) - kProducts -
                                kTokens * (kColumnOut + kRowOut + kColumnIn + kRowIn);
  CHECK(sums(fp8, Phase::kBackward).hbm - sums(bf16, Phase::kBackward).hbm == kLayers * backward);
  // Once a step, each weight of them: read in 16 bits, written twice in 8.
  CHECK(sums(fp8, Phase::kOther).hbm - sums(bf16, Phase::kOther).hbm == kLayers * 4 * kProducts);
}

TEST_CASE("rows are gathered over the tensor group in FP8 and summed in 16 bits") {
  const Program program = step_of(stack_named("nemo_fp8"), ", tensor: 4, sequence_parallel: true");
  CHECK(gathered(program, "tensor", CollectiveKind::kAllGather) == 6 * kTokens * kHidden * kLayers);
  CHECK(gathered(program, "tensor", CollectiveKind::kReduceScatter) == 4 * 2 * kTokens * kHidden * kLayers);
}

TEST_CASE("weights in FP8 are gathered in it, and kept in it with their transpose") {
  const DecoderModel model = model_named("llama3_8b");
  const std::int64_t products = kProducts * kLayers;
  const std::int64_t others = model.parameters() - products;
  const std::string more = ", data: 2, zero: 1";
  const auto weights = [&](const Stack& stack) {
    const Plan plan = plan_of(model, "{sequence: 8192, batch: 2" + more + "}");
    return memory_use(model, plan, stack, chip_named("h100_sxm")).categories[0].bytes.count();
  };
  CHECK(weights(in_bf16()) == 2 * model.parameters());
  CHECK(weights(stack_named("nemo_fp8")) == 4 * products + 2 * others);
  CHECK(weights(stack_named("nemo_fp8_weights")) == 2 * products + 2 * others);
  const auto moved = [&](std::string_view stack) {
    const Plan plan = plan_of(model, "{sequence: 8192, batch: 2" + more + "}");
    return gathered(training_step(model, plan, stack_named(stack), chip_named("h100_sxm")), "data",
                    CollectiveKind::kAllGather);
  };
  CHECK(moved("nemo_fp8") == 2 * model.parameters());
  CHECK(moved("nemo_fp8_weights") == products + 2 * others);
}

TEST_CASE("a layer keeps the inputs of its products in FP8, and attention's output once more in 16 bits") {
  const DecoderModel model = model_named("llama3_8b");
  const Plan plan = plan_of(model, "{sequence: 8192, batch: 1}");
  const std::int64_t bf16 = layer_activations(model, plan, in_bf16()).count();
  const std::int64_t fp8 = layer_activations(model, plan, stack_named("nemo_fp8")).count();
  CHECK(bf16 - fp8 == kTokens * (2 * kHidden + kFfn - kHidden));
}

TEST_CASE("a large product in FP8 takes what DeepGEMM measured, to a tenth") {
  Kernel product = matrix_product("product", Precision::kFp8, 1, 4096, 7168, 16384);
  product.engine_share = stack_named("nemo_fp8").fp8_share;
  // A kernel by itself ends before the power limit brings the clock down to that of long training.
  Chip chip = chip_named("h100_sxm");
  chip.sustained_clock = 0.88;
  const double rate = product.hardware_flops.count() / cost(product, chip).duration.in_seconds();
  CHECK(rate / 1e12 == doctest::Approx(1358).epsilon(0.1));
}

TEST_CASE("a stack says fp8 of products, and of weights only with them; a chip must compute in it") {
  const Stack stack = stack_named("nemo_fp8");
  CHECK(stack.products() == Precision::kFp8);
  CHECK_FALSE(stack.fp8_weights);
  CHECK(stack_named("nemo_fp8_weights").fp8_weights);
  CHECK(stack_named("megatron_core").products() == Precision::kBf16);
  CHECK_FALSE(stack_fault(stack, chip_named("h100_sxm")));
  CHECK(stack_fault(stack, chip_named("a100_sxm_80gb")) ==
        "NVIDIA A100 SXM4 80 GB computes no matrix products in fp8, as the stack NeMo FP8 demands");
  const auto error = [](const std::string& assignment) {
    const std::string file = std::string(ORRERY_SOURCE_DIR) + "/workloads/stacks/nemo_fp8.yaml";
    return test::input_error([&] { return read_stack(yaml::load(file, {yaml::Override::parse(assignment)})); });
  };
  CHECK(error("precision.fp8_share=0.9").empty());
  CHECK(error("precision.products=bf16").find("no products are in fp8 here") != std::string::npos);
  CHECK(error("precision.products=fp4").find("no precision of products and weights is called 'fp4'") !=
        std::string::npos);
  CHECK(error("precision={compute: bf16, weights: fp8, gradient: fp32, source: transformer_engine}")
            .find("weights in fp8 are of use to products in fp8 alone") != std::string::npos);
}
