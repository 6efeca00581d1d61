// Precisions by role: bytes of elements and scales in memory, in HBM and on the wire, against counts made by hand.
#include "tests/workloads/fixture.h"
#include "tests/workloads/traffic.h"

using namespace orrery;
using test::chip_named;
using test::model_named;
using test::plan_of;

namespace {

// A stack of the library with other precisions.
Stack with_precision(const std::string& stack, const std::vector<std::string>& assignments) {
  std::vector<yaml::Override> overrides;
  overrides.reserve(assignments.size());
  for (const std::string& each : assignments) overrides.push_back(yaml::Override::parse("precision." + each));
  return read_stack(yaml::load(std::string(ORRERY_SOURCE_DIR) + "/workloads/stacks/" + stack + ".yaml", overrides));
}

// Llama 3 8B.
constexpr std::int64_t kTokens = 8192;
constexpr std::int64_t kHidden = 4096;
constexpr std::int64_t kFfn = 14336;
constexpr std::int64_t kLayers = 32;
constexpr std::int64_t kProducts = kHidden * (6144 + kHidden + 3 * kFfn);  // weights of a layer's linear parts

Program llama(const Stack& stack, const std::string& more, const char* chip = "gb200") {
  const DecoderModel model = model_named("llama3_8b");
  return training_step(model, plan_of(model, "{sequence: 8192, " + more + "}"), stack, chip_named(chip));
}

MemoryUse llama_memory(const Stack& stack, const std::string& more) {
  const DecoderModel model = model_named("llama3_8b");
  return memory_use(model, plan_of(model, "{sequence: 8192, " + more + "}"), stack, chip_named("gb200"));
}

std::int64_t hbm(const Program& program) {
  std::int64_t bytes = 0;
  for (const Op& op : program.roles[0].ops)
    if (op.kind == OpKind::kCompute) bytes += program.segments[SegmentId(op.body)].hbm.count();
  return bytes;
}

double matrix_seconds(const Program& program, Phase phase) {
  double seconds = 0;
  for (const Op& op : program.roles[0].ops)
    if (op.kind == OpKind::kCompute && op.phase == phase)
      seconds += program.segments[SegmentId(op.body)].matrix_seconds;
  return seconds;
}

std::int64_t parameters() { return model_named("llama3_8b").parameters(); }

}  // namespace

TEST_CASE("a format counts its elements' bits and its blocks' scales") {
  const auto bytes = [](std::string_view name, std::int64_t n) { return find_format(name)->bytes(n).count(); };
  CHECK(bytes("bf16", 100) == 200);
  CHECK(bytes("fp8", 100) == 100);
  CHECK(bytes("fp8_block", 256) == 256 + 2 * 4);
  CHECK(bytes("fp8_block", 257) == 257 + 3 * 4);
  CHECK(bytes("mxfp8", 64) == 64 + 2);
  CHECK(bytes("mxfp4", 64) == 32 + 2);
  CHECK(bytes("nvfp4", 64) == 32 + 4);
  CHECK(find_format("fp8_block")->weight_bytes(4 * 128 * 128).count() == 4 * (128 * 128 + 4));
  CHECK(find_format("nf4")->weight_bytes(64 * 256).count() == 64 * 256 / 2 + 256 + 4);
  CHECK(find_format("fp6") == nullptr);
  for (const Precision precision :
       {Precision::kFp64, Precision::kFp32, Precision::kTf32, Precision::kBf16, Precision::kFp16, Precision::kFp8})
    CHECK(format_of(precision).bytes(24) == size_of(precision) * 24);
}

TEST_CASE("products in narrow formats run at their engine's peak and gather rows with their scales") {
  const double bf16 = matrix_seconds(llama(test::stack_named("megatron_core"), "batch: 1"), Phase::kForward);
  const double forward = 2.0 * kTokens * kProducts * kLayers;
  const std::string sharded = "batch: 1, tensor: 4, sequence_parallel: true";
  const std::int64_t rows = kTokens * kHidden;
  for (const auto& [name, peak, sent] :
       {std::tuple("fp8", 5000e12, rows), std::tuple("fp8_block", 5000e12, rows + rows / 32),
        std::tuple("mxfp8", 5000e12, rows + rows / 32), std::tuple("mxfp4", 10000e12, rows / 2 + rows / 32),
        std::tuple("nvfp4", 10000e12, rows / 2 + rows / 16)}) {
    CAPTURE(name);
    const Stack stack = with_precision("nemo_fp8", {std::string("products=") + name});
    CHECK(bf16 - matrix_seconds(llama(stack, "batch: 1"), Phase::kForward) ==
          doctest::Approx(forward / 2500e12 - forward / peak).epsilon(1e-6));
    const Program program = llama(stack, sharded);
    CHECK(test::traffic(program, program.roles[0], &test::in_layer)("tensor", CollectiveKind::kAllGather) ==
          6 * sent * kLayers);
  }
}

TEST_CASE("weights, and inputs that are kept, take the format's bytes") {
  const std::int64_t others = parameters() - kProducts * kLayers;
  const Stack nvfp4 = with_precision("nemo_fp8", {"products=nvfp4", "weights=nvfp4"});
  // Stored and transposed: 4 bits and a scale for 16.
  CHECK(test::bytes_of(llama_memory(nvfp4, "batch: 1"), "weights") ==
        2 * others + 2 * (kProducts * kLayers / 2 + kProducts * kLayers / 16));
  const DecoderModel model = model_named("llama3_8b");
  const Plan plan = plan_of(model, "{sequence: 8192, batch: 1}");
  const std::int64_t inputs = kTokens * (3 * kHidden + kFfn);  // of the four products
  const std::int64_t bf16 = layer_activations(model, plan, test::stack_named("megatron_core")).count();
  const auto kept = [&](const Stack& stack) { return layer_activations(model, plan, stack).count(); };
  const std::int64_t attention = 2 * kTokens * kHidden;  // its output, kept once more
  CHECK(kept(nvfp4) == bf16 - 2 * inputs + inputs / 2 + inputs / 16 + attention);
  const Stack packed = with_precision("megatron_core", {"activations=fp8_block"});
  CHECK(kept(packed) == bf16 - 2 * inputs + inputs + inputs / 32 + attention);
  // Packed after the forward products, unpacked for the weights' gradients.
  const std::int64_t moved = 2 * (2 * inputs + inputs + inputs / 32);
  CHECK(hbm(llama(packed, "batch: 1")) - hbm(llama(test::stack_named("megatron_core"), "batch: 1")) == moved * kLayers);
  CHECK(kept(with_precision("nemo_fp8", {"activations=bf16"})) == bf16);
}

TEST_CASE("gradients are packed for the wire and summed in it") {
  const Stack plain = test::stack_named("megatron_core");  // fp32
  const Stack packed = with_precision("megatron_core", {"wire={gradients: bf16}"});
  for (const auto& [plan, kind, share] :
       {std::tuple("data: 2, batch: 2", CollectiveKind::kAllReduce, 1),
        std::tuple("data: 2, batch: 2, overlap_gradients: false", CollectiveKind::kAllReduce, 1),
        std::tuple("data: 2, batch: 2, zero: 1", CollectiveKind::kReduceScatter, 2),
        std::tuple("data: 2, batch: 2, zero: 2", CollectiveKind::kReduceScatter, 2)}) {
    CAPTURE(plan);
    const auto data = [&kind = kind](const Program& program) {
      return test::traffic(program, program.roles[0])("data", kind);
    };
    const Program before = llama(plain, plan);
    const Program after = llama(packed, plan);
    CHECK(data(before) - data(after) == 2 * parameters());
    CHECK(hbm(after) - hbm(before) == 6 * parameters() + 6 * parameters() / share);
  }
}

TEST_CASE("weights of linear parts are packed for their gathers") {
  const Stack plain = test::stack_named("megatron_core");
  const Stack packed = with_precision("megatron_core", {"wire={weights: fp8}"});
  const std::int64_t products = kProducts * kLayers;
  for (const auto& [plan, gathers] :
       {std::pair("data: 2, batch: 2, zero: 1", 1), std::pair("data: 2, batch: 2, zero: 2, overlap_weights: true", 1),
        std::pair("data: 2, batch: 2, zero: 3", 2)}) {
    CAPTURE(plan);
    const auto data = [](const Program& program) {
      return test::traffic(program, program.roles[0])("data", CollectiveKind::kAllGather);
    };
    const Program before = llama(plain, plan);
    const Program after = llama(packed, plan);
    CHECK(data(before) - data(after) == gathers * products);
    CHECK(hbm(after) > hbm(before) + gathers * (products + 2 * products));
  }
}

TEST_CASE("rows are packed for the tensor group's gathers and sums") {
  const std::string plan = "batch: 1, tensor: 4, sequence_parallel: true";
  const Program before = llama(test::stack_named("megatron_core"), plan);
  const Program after = llama(with_precision("megatron_core", {"wire={tensor: fp8}"}), plan);
  const auto tensor = [](const Program& program, CollectiveKind kind) {
    return test::traffic(program, program.roles[0], &test::in_layer)("tensor", kind);
  };
  const std::int64_t rows = kTokens * kHidden;
  CHECK(tensor(before, CollectiveKind::kAllGather) == 6 * 2 * rows * kLayers);
  CHECK(tensor(after, CollectiveKind::kAllGather) == 6 * rows * kLayers);
  CHECK(tensor(before, CollectiveKind::kReduceScatter) == 4 * 2 * rows * kLayers);
  CHECK(tensor(after, CollectiveKind::kReduceScatter) == 4 * rows * kLayers);
  // Six gathers: a share packed, all unpacked; four sums: all packed, a share unpacked.
  CHECK(hbm(after) - hbm(before) == 10 * (3 * rows + 3 * rows / 4) * kLayers);
}

TEST_CASE("DeepSeek-V3 sends rows to experts in FP8 and back in BF16, forward and backward") {
  const DecoderModel model = model_named("deepseek_v3_next_token");
  const Plan plan = plan_of(model, "{data: 64, expert: 64, expert_tensor: 1, batch: 64, sequence: 4096}");
  const auto sent = [&](const std::vector<std::string>& precision) {
    const Program program =
        training_step(model, plan, with_precision("megatron_bridge", precision), chip_named("h100_sxm"));
    return test::traffic(program, program.roles[0])("expert", CollectiveKind::kAllToAll);
  };
  const std::int64_t rows = std::int64_t{4096} * 8 * 7168;
  const std::int64_t layers = 58;
  CHECK(sent({}) == 4 * 2 * rows * layers);
  CHECK(sent({"wire={dispatch: fp8_block}"}) == 2 * (rows + rows / 32 + 2 * rows) * layers);
  CHECK(sent({"wire={dispatch: fp8_block, combine: bf16}"}) == sent({"wire={dispatch: fp8_block}"}));
  CHECK(sent({"wire={dispatch: fp8_block, combine: fp8_block}"}) == 4 * (rows + rows / 32) * layers);
}

TEST_CASE("moments and master weights take the bytes of their formats") {
  const auto state = [](const Stack& stack, const std::string& optimizer) {
    return test::bytes_of(llama_memory(stack, "batch: 1, optimizer: " + optimizer), "optimizer");
  };
  const Stack plain = test::stack_named("megatron_core");
  CHECK(state(plain, "adam") == 12 * parameters());
  CHECK(state(plain, "{name: adam, moments: bf16}") == 8 * parameters());
  CHECK(state(plain, "{name: adam, moments: fp8}") == 6 * parameters());
  CHECK(state(with_precision("megatron_core", {"master=fp16"}), "{name: adam, moments: fp8}") == 4 * parameters());
  // BF16 weights that are updated themselves.
  CHECK(state(with_precision("megatron_core", {"master=bf16"}), "{name: adam, moments: bf16}") == 4 * parameters());
  const auto moved = [&](const Stack& stack, const std::string& optimizer) {
    return hbm(llama(stack, "batch: 1, optimizer: " + optimizer));
  };
  // Two moments, read and written, of two bytes less.
  CHECK(moved(plain, "adam") - moved(plain, "{name: adam, moments: bf16}") == 8 * parameters());
  // A master weight, read and written, of two bytes less, and no copy of it: 4 read, 2 written.
  CHECK(moved(plain, "adam") - moved(with_precision("megatron_core", {"master=bf16"}), "adam") == 10 * parameters());
}

TEST_CASE("what a stack or plan can't mean is said") {
  const auto stack_error = [](const std::string& assignment) {
    return test::input_error([&] { return with_precision("nemo_fp8", {assignment}); });
  };
  CHECK(stack_error("products=fp6").find("no precision of products and weights is called 'fp6'") != std::string::npos);
  CHECK(stack_error("weights=mxfp8").find("weights in mxfp8 are of use to products in mxfp8 alone") !=
        std::string::npos);
  CHECK(stack_error("master=fp8").find("no format is called 'fp8'") != std::string::npos);
  CHECK(stack_error("wire={gradient: bf16}").find("gradient") != std::string::npos);
  const DecoderModel model = model_named("llama3_8b");
  const auto plan_error = [&](const std::string& optimizer) {
    return test::input_error([&] { return plan_of(model, "{batch: 1, optimizer: " + optimizer + "}"); });
  };
  CHECK(plan_error("{name: muon, moments: bf16}").find("'muon' keeps no moments in other formats than fp32") !=
        std::string::npos);
  CHECK(plan_error("{name: adam, moments: bf8}").find("no format is called 'bf8'") != std::string::npos);
  CHECK(stack_fault(with_precision("megatron_core", {"master=bf16"}), plan_of(model, "{batch: 1, optimizer: muon}")) ==
        "the stack Megatron Core keeps master weights in bf16, which only the optimizer 'adam' updates");
  CHECK(stack_fault(with_precision("nemo_fp8", {"products=nvfp4"}), chip_named("h100_sxm")) ==
        "NVIDIA H100 SXM5 80 GB computes no matrix products in fp4, as the stack NeMo FP8 demands");
}
