// Adapters: what is trained, computed, kept, communicated and held, against closed forms and published counts.
#include "tests/workloads/fixture.h"
#include "tests/workloads/traffic.h"
#include "workloads/decoder/chunk.h"
#include "workloads/decoder/weights.h"

using namespace orrery;
using test::chip_named;
using test::model_named;
using test::plan_of;
using test::stack_named;

namespace {

std::int64_t trained(const DecoderModel& model, const std::string& plan_text) {
  const Plan plan = plan_of(model, plan_text);
  const decoder::Shapes shapes(model, plan, stack_named("megatron_core"));
  return decoder::trained_weights(shapes, decoder::chunk_of(shapes, plan, 0, 0)).all();
}

// Of Llama 3 8B.
constexpr double kTokens = 8192;
constexpr std::int64_t kHidden = 4096;
constexpr std::int64_t kKeys = 1024;
constexpr std::int64_t kFfn = 14336;
constexpr std::int64_t kLayers = 32;
constexpr std::int64_t kProducts = kHidden * (kHidden + 2 * kKeys + kHidden + 3 * kFfn);

const std::string kOne = "sequence: 8192, batch: 1";
const std::string kAll = ", train: {lora: {rank: 16, on: [attention, mlp]}}";
constexpr std::int64_t kAdapters =
    16 * (2 * (kHidden + kHidden) + 2 * (kHidden + kKeys) + 3 * (kHidden + kFfn)) * kLayers;

Program step_of(const std::string& plan, const std::string& stack = "megatron_core") {
  const DecoderModel model = model_named("llama3_8b");
  return training_step(model, plan_of(model, "{" + plan + "}"), stack_named(stack), chip_named("h100_sxm"));
}

MemoryUse memory_of(const std::string& plan) {
  const DecoderModel model = model_named("llama3_8b");
  return memory_use(model, plan_of(model, "{" + plan + "}"), stack_named("megatron_core"), chip_named("h100_sxm"));
}

std::int64_t kept(const std::string& plan) {
  const DecoderModel model = model_named("llama3_8b");
  return layer_activations(model, plan_of(model, "{" + plan + "}"), stack_named("megatron_core")).count();
}

std::int64_t hbm(const Program& program) {
  std::int64_t bytes = 0;
  for (const Op& op : program.roles[0].ops)
    if (op.kind == OpKind::kCompute) bytes += program.segments[SegmentId(op.body)].hbm.count();
  return bytes;
}

}  // namespace

// Hu et al. 2021 (arXiv 2106.09685), on the query and value matrices of GPT-3 175B: 4.7 M at rank 1, 37.7 M at rank 8
// (table 4); at rank 4 a checkpoint of 35 MB instead of 350 GB, and training in 350 GB (section 4.2).
TEST_CASE("GPT-3's adapters are as many as the paper's, and with them it is trained in its weights' memory") {
  const DecoderModel model = model_named("gpt3_175b");
  const auto on = [&](int rank) {
    return trained(model, "{batch: 1, train: {lora: {rank: " + std::to_string(rank) + ", on: [query, value]}}}");
  };
  CHECK(on(1) == 2 * 2 * 12288 * 96);
  CHECK(static_cast<double>(on(1)) == doctest::Approx(4.7e6).epsilon(0.01));
  CHECK(static_cast<double>(on(8)) == doctest::Approx(37.7e6).epsilon(0.01));
  CHECK(static_cast<double>(2 * on(4)) == doctest::Approx(35.0 * (1 << 20)).epsilon(0.05));
  const Plan plan = plan_of(model, "{batch: 1, train: {lora: {rank: 4, on: [query, value]}}}");
  const MemoryUse use = memory_use(model, plan, stack_named("megatron_core"), chip_named("h100_sxm"));
  double states = 0;
  for (const char* category : {"weights", "gradients", "optimizer"})
    states += static_cast<double>(test::bytes_of(use, category));
  CHECK(states == doctest::Approx(350e9).epsilon(0.01));
}

TEST_CASE("adapters have rank × (rows + columns) weights, of each matrix named") {
  const DecoderModel model = model_named("llama3_8b");
  const auto on = [&](const std::string& list) {
    return trained(model, "{batch: 1, train: {lora: {rank: 16, on: [" + list + "]}}}");
  };
  CHECK(on("query") == 16 * (kHidden + kHidden) * kLayers);
  CHECK(on("key, value") == 2 * 16 * (kHidden + kKeys) * kLayers);
  CHECK(on("mlp_in") == 2 * 16 * (kHidden + kFfn) * kLayers);
  CHECK(on("mlp_out") == 16 * (kHidden + kFfn) * kLayers);
  CHECK(on("attention, mlp") == kAdapters);
  CHECK(trained(model, "{batch: 1, train: {lora: {rank: 16}}}") == on("attention"));
  // Tensor ranks have parts of the wide sides.
  CHECK(trained(model, "{batch: 1, tensor: 2, train: {lora: {rank: 16, on: [query]}}}") ==
        16 * (kHidden + kHidden / 2) * kLayers);
}

TEST_CASE("frozen weights have no gradients, what they read still has; adapters have all") {
  const StepFlops whole = step_flops(step_of(kOne));
  const StepFlops frozen = step_flops(step_of(kOne + kAll));
  const double vocabulary = 128256;
  const double saved = 2 * kTokens * (static_cast<double>(kProducts * kLayers) + vocabulary * kHidden);
  const double added = 3 * 2 * kTokens * static_cast<double>(kAdapters);
  CHECK(frozen.model.count() == doctest::Approx(whole.model.count() - saved + added).epsilon(1e-9));
  CHECK(frozen.hardware.count() == doctest::Approx(whole.hardware.count() - saved + added).epsilon(1e-9));
}

TEST_CASE("inputs of frozen layers aren't kept") {
  const auto tokens = static_cast<std::int64_t>(kTokens);
  const std::string one = kOne + ", train: {lora: {rank: 16, on: ";
  // With an adapter beside each, all is kept, and each x·A.
  CHECK(kept(kOne + kAll) == kept(kOne) + 2 * tokens * 16 * 7);
  // Beside none but the query: neither the MLP's two inputs nor, since attention reads it itself, its output.
  CHECK(kept(one + "[query]}}") == kept(kOne) - 2 * tokens * (kHidden + kFfn) + 2 * tokens * 16);
  CHECK(kept(one + "[mlp]}}") == kept(kOne) - 2 * tokens * kHidden + 2 * tokens * 16 * 3);
  CHECK(kept(one + "[query]}}, recompute: [norms]") ==
        kept(kOne) - 2 * tokens * (2 * kHidden + kFfn) + 2 * tokens * 16);
}

TEST_CASE("states and gradients are the adapters' alone") {
  const std::int64_t parameters = model_named("llama3_8b").parameters();
  const MemoryUse use = memory_of(kOne + kAll);
  CHECK(test::bytes_of(use, "weights") == 2 * (parameters + kAdapters));
  CHECK(test::bytes_of(use, "gradients") == 4 * kAdapters);
  CHECK(test::bytes_of(use, "optimizer") == 12 * kAdapters);
  const MemoryUse sharded = memory_of("sequence: 8192, batch: 4, data: 4, zero: 3" + kAll);
  CHECK(test::bytes_of(sharded, "weights") == 2 * (parameters + kAdapters) / 4);
  CHECK(test::bytes_of(sharded, "optimizer") == 12 * kAdapters / 4);
}

TEST_CASE("replicas sum the gradients of adapters, tensor ranks those that they hold in common") {
  for (const std::string more : {"", ", overlap_gradients: false"}) {
    const Program program = step_of("sequence: 8192, batch: 2, data: 2" + kAll + more);
    const test::Traffic traffic = test::traffic(program, program.roles[0]);
    CHECK(traffic("data", CollectiveKind::kAllReduce) == 4 * kAdapters);
  }
  const Program zero1 = step_of("sequence: 8192, batch: 2, data: 2, zero: 1" + kAll);
  CHECK(test::traffic(zero1, zero1.roles[0])("data", CollectiveKind::kAllGather) == 2 * kAdapters);
  // Sharded whole: frozen weights are gathered forward and backward, and never scattered.
  const Program zero3 = step_of("sequence: 8192, batch: 2, data: 2, zero: 3" + kAll);
  const std::int64_t parameters = model_named("llama3_8b").parameters();
  const std::int64_t table = std::int64_t{128256} * kHidden;
  CHECK(test::traffic(zero3, zero3.roles[0])("data", CollectiveKind::kAllGather) ==
        2 * 2 * (parameters + kAdapters) - 2 * table);
  CHECK(test::traffic(zero3, zero3.roles[0])("data", CollectiveKind::kReduceScatter) == 4 * kAdapters);
  const std::string query = ", train: {lora: {rank: 16, on: [query, output]}}";
  const Program tensor = step_of("sequence: 8192, batch: 1, tensor: 2" + query);
  const test::Traffic after = test::traffic(tensor, tensor.roles[0], [](const Op& op) { return op.layer < 0; });
  const Program plain = step_of("sequence: 8192, batch: 1, tensor: 2, recompute: none");
  const test::Traffic before = test::traffic(plain, plain.roles[0], [](const Op& op) { return op.layer < 0; });
  // A of the query's, B of the output's.
  CHECK(after("tensor", CollectiveKind::kAllReduce) - before("tensor", CollectiveKind::kAllReduce) ==
        4 * 2 * 16 * kHidden * kLayers);
}

TEST_CASE("frozen weights in nf4 are held in half a byte and a scale, and made 16-bit before each product") {
  const std::string nf4 = ", train: {lora: {rank: 16, on: [attention, mlp], frozen: nf4}}";
  const std::int64_t products = kProducts * kLayers;
  const std::int64_t packed = products / 2 + products / 64 + products / (64 * 64);
  const std::int64_t others = model_named("llama3_8b").parameters() - products;
  const std::int64_t weights = test::bytes_of(memory_of(kOne + nf4), "weights");
  CHECK(static_cast<double>(weights - 2 * (others + kAdapters)) ==
        doctest::Approx(static_cast<double>(packed)).epsilon(1e-3));
  CHECK(static_cast<double>(hbm(step_of(kOne + nf4)) - hbm(step_of(kOne + kAll))) ==
        doctest::Approx(2.0 * static_cast<double>(packed + 2 * products)).epsilon(1e-3));
}

TEST_CASE("what adapters can't stand in is said") {
  const auto error = [](const char* model_name, const std::string& plan) {
    const DecoderModel model = model_named(model_name);
    return test::input_error([&] { return plan_of(model, "{batch: 8, " + plan + "}"); });
  };
  const auto says = [&](const char* model, const std::string& plan, const char* what) {
    CAPTURE(what);
    CHECK(error(model, plan).find(what) != std::string::npos);
  };
  says("llama3_8b", "train: {lora: {rank: 0}}", "must be between 1 and 65536");
  says("llama3_8b", "train: {lora: {rank: 8192}}", "a rank of 8192 is more than the 4096 columns");
  says("llama3_8b", "train: {lora: {rank: 8, on: [queries]}}", "no linear layer is called 'queries'");
  says("llama3_8b", "train: {lora: {rank: 8, on: [attention, key]}}", "'key' is named twice");
  says("llama3_8b", "train: {lora: {rank: 8, on: []}}", "adapters stand beside some matrix");
  says("llama3_8b", "train: {lora: {on: [query]}}", "rank");
  says("llama3_8b", "pipeline: 2, schedule: zb_h1, train: {lora: {rank: 8}}", "frozen weights have none");
  says("deepseek_v3", "expert_tensor: 1, train: {lora: {rank: 8}}", "that predict one token");
  says("deepseek_v3_next_token", "expert_tensor: 1, train: {lora: {rank: 8}}", "latent attention");
  says("mixtral_8x7b", "train: {lora: {rank: 8, on: [mlp]}}", "has experts");
  says("mamba2_2.7b", "train: {lora: {rank: 8}}", "no layer of");
  const DecoderModel model = model_named("llama3_8b");
  CHECK(stack_fault(stack_named("nemo_fp8"), plan_of(model, "{batch: 1, train: {lora: {rank: 8, frozen: nf4}}}")) ==
        "the stack NeMo FP8 computes in fp8; weights that are frozen in nf4 are made 16-bit for products");
}
