// Mamba-2 and hybrids: weights, FLOPs, bytes and faults, against formulas written out here.
#include "tests/workloads/fixture.h"
#include "tests/workloads/traffic.h"

using namespace orrery;
using test::bytes_of;
using test::in_layer;
using test::model_named;
using test::plan_of;
using test::traffic;
using test::Traffic;

namespace {

using enum CollectiveKind;

Program step_of(std::string_view name, const std::string& plan) {
  const DecoderModel model = model_named(name);
  return training_step(model, plan_of(model, plan), test::stack_named("megatron_core"), test::chip_named("h100_sxm"));
}

bool in_forward_layer(const Op& op) { return op.layer >= 0 && op.phase == Phase::kForward; }

// Forward FLOPs a token of one Mamba-2 layer: as Megatron-LM counts the model's, and of products in chunks of `chunk`.
struct Layer {
  double hidden, inner, state, head_dim, groups, chunk;

  [[nodiscard]] double heads() const { return inner / head_dim; }
  [[nodiscard]] double projections() const {
    return 2 * hidden * (2 * inner + 2 * groups * state + heads()) + 2 * inner * hidden;
  }
  [[nodiscard]] double scan() const { return 7 * inner * state; }
  [[nodiscard]] double within() const { return 2 * chunk * state * groups; }       // C·Bᵀ
  [[nodiscard]] double applied() const { return 2 * chunk * head_dim * heads(); }  // times what is scanned
  [[nodiscard]] double states() const { return 2 * state * head_dim * heads(); }
  [[nodiscard]] double products() const { return within() + applied() + 2 * states(); }
  // Both directions: backward twice as many, states and C·Bᵀ again.
  [[nodiscard]] double trained() const { return 3 * products() + states() + within(); }
};
const Layer kMamba2{2560, 5120, 128, 64, 1, 256};
const Layer kHybrid{4096, 8192, 128, 64, 8, 128};

}  // namespace

TEST_CASE("published sizes of state spaces and hybrids") {
  // 64 layers of 2560·(2·5120 + 2·128 + 80) + 5120·2560 + 5·(5120 + 256) + 3·80 + 5120 + 2560, one table, one norm.
  CHECK(model_named("mamba2_2.7b").parameters() == 2'702'599'680);
  CHECK(model_named("mamba2_2.7b").active_parameters() == 2'702'599'680);
  // 24 of Mamba-2, 24 MLPs, four of attention; 54, 54 and ten.
  CHECK(model_named("nemotron_h_8b").parameters() == 8'100'852'736);
  CHECK(model_named("nemotron_h_56b").parameters() == 56'324'350'464);
}

TEST_CASE("Mamba-2's FLOPs are those that Megatron-LM counts, whatever the plan") {
  const double tokens = 16.0 * 2048;
  const double layers = 64 * (kMamba2.projections() + kMamba2.scan());
  const double products = 64 * (3 * kMamba2.projections() + kMamba2.trained());
  const double logits = 2.0 * 2560 * 50288;
  for (const char* plan : {"{data: 4, batch: 16}", "{pipeline: 4, data: 2, batch: 16, microbatch: 2}",
                           "{context: 4, batch: 16, microbatch: 2}", "{context: 2, pipeline: 2, batch: 16, zero: 1}",
                           "{data: 4, batch: 16, zero: 3}", "{pipeline: 4, data: 2, batch: 16, schedule: zb_h1}"}) {
    CAPTURE(plan);
    const StepFlops own = step_flops(step_of("mamba2_2.7b", plan));
    CHECK(own.model.count() == doctest::Approx(3 * tokens * (layers + logits)).epsilon(1e-12));
    CHECK(own.hardware.count() == doctest::Approx(tokens * (products + 3 * logits)).epsilon(1e-12));
  }
}

TEST_CASE("a hybrid's FLOPs: scans, squared ReLU's two products, grouped attention") {
  const double s = 8192;
  const double tokens = 16 * s;
  const double h = 4096;
  const double attention = 2 * h * (4096 + 2 * 1024) + 2 * 4096 * h + 4 * s * 4096;
  const double mlp = 4 * h * 21504;
  const double logits = 2 * h * 131072;
  const double model = 24 * (kHybrid.projections() + kHybrid.scan()) + 24 * mlp + 4 * attention + logits;
  for (const char* plan : {"{tensor: 8, data: 2, batch: 16, sequence: 8192}",
                           "{tensor: 2, sequence_parallel: true, pipeline: 4, batch: 16, sequence: 8192}",
                           "{tensor: 2, context: 4, batch: 16, sequence: 8192, recompute: full}"}) {
    CAPTURE(plan);
    CHECK(step_flops(step_of("nemotron_h_8b", plan)).model.count() ==
          doctest::Approx(3 * tokens * model).epsilon(1e-12));
  }
}

TEST_CASE("a Mamba-2 layer keeps its first product's result, the scan's, and what its products read") {
  const DecoderModel model = model_named("nemotron_h_8b");
  const Stack stack = test::stack_named("megatron_core");
  const auto kept = [&](const std::string& plan) {
    return layer_activations(model, plan_of(model, plan), stack, 0).count();
  };
  const std::int64_t tokens = 8192;
  const std::int64_t projected = 2 * 8192 + 2 * 8 * 128 + 128;
  CHECK(kept("{batch: 1, sequence: 8192}") == 2 * tokens * (2 * 4096 + projected + 2 * 8192));
  // Selective recomputation finds nothing more to form again.
  CHECK(kept("{batch: 1, sequence: 8192, recompute: selective}") == kept("{batch: 1, sequence: 8192}"));
  CHECK(kept("{tensor: 4, batch: 1, sequence: 8192}") == 2 * tokens * (2 * 4096 + (projected + 2 * 8192) / 4));
  CHECK(kept("{tensor: 4, sequence_parallel: true, batch: 1, sequence: 8192}") ==
        2 * tokens * (2 * 4096 + projected + 2 * 8192) / 4);
  // A context rank also keeps the state, fp32, and the three tokens that came before its own.
  CHECK(kept("{context: 4, batch: 1, sequence: 8192}") ==
        2 * tokens / 4 * (2 * 4096 + projected + 2 * 8192) + 4 * 8192 * 128 + 2 * 3 * (8192 + 2 * 8 * 128));
  CHECK(kept("{batch: 1, sequence: 8192, recompute: full}") == 2 * tokens * 4096);
}

TEST_CASE("weights and gradients of Mamba-2, each on the rank that holds it") {
  const std::int64_t layer =
      std::int64_t{2560} * (2 * 5120 + 2 * 128 + 80) + 5120 * 2560 + 5 * (5120 + 256) + 3 * 80 + 5120 + 2560;
  const std::int64_t table = 2560 * std::int64_t{50304};  // padded to a multiple of 128
  const DecoderModel model = model_named("mamba2_2.7b");
  const Stack stack = test::stack_named("megatron_core");
  const Chip chip = test::chip_named("h100_sxm");
  const Plan plan = plan_of(model, "{pipeline: 2, data: 2, batch: 4, zero: 1}");
  CHECK(bytes_of(stage_memory(model, plan, stack, chip, 0), "weights") == 2 * (32 * layer + table));
  CHECK(bytes_of(stage_memory(model, plan, stack, chip, 1), "weights") == 2 * (32 * layer + table + 2560));
  const Program program = training_step(model, plan, stack, chip);
  CHECK(traffic(program, program.roles[0])("data", kReduceScatter) == 4 * (32 * layer + table));
  CHECK(traffic(program, program.roles[1])("data", kReduceScatter) == 4 * (32 * layer + table + 2560));
  CHECK(traffic(program, program.roles[1])("data", kAllGather) == 2 * (32 * layer + table + 2560));

  // Split over tensor ranks: all but the norm of the residual stream.
  const DecoderModel hybrid = model_named("nemotron_h_8b");
  const std::int64_t scanning =
      std::int64_t{4096} * (2 * 8192 + 2 * 8 * 128 + 128) + 8192 * 4096 + 5 * (8192 + 2 * 8 * 128) + 3 * 128 + 8192;
  const std::int64_t mlp = std::int64_t{2} * 4096 * 21504;
  const std::int64_t attention = std::int64_t{4096} * (4096 + 2 * 1024) + 4096 * 4096;
  const std::int64_t norms = 53 * 4096;
  const std::int64_t whole = 24 * (scanning + mlp) + 4 * attention + 2 * std::int64_t{4096} * 131072;
  const Plan split = plan_of(hybrid, "{tensor: 4, sequence_parallel: true, data: 2, batch: 2, sequence: 8192}");
  CHECK(bytes_of(stage_memory(hybrid, split, stack, chip, 0), "weights") == 2 * (whole / 4 + norms));
  const Program step = training_step(hybrid, split, stack, chip);
  CHECK(traffic(step, step.roles[0])("data", kAllReduce) == 4 * (whole / 4 + norms));
  // Of a sub-layer's input twice as many gathers as sums: three of the former, two of the latter.
  const Traffic layers = traffic(step, step.roles[0], &in_layer);
  const std::int64_t stream = 2 * std::int64_t{8192} * 4096;
  CHECK(layers("tensor", kAllGather) == 52 * 3 * stream);
  CHECK(layers("tensor", kReduceScatter) == 52 * 2 * stream);
}

TEST_CASE("context ranks pass on one state a hop and three tokens; hops are the logarithm of the ranks") {
  const std::int64_t state = 4 * std::int64_t{5120} * 128;
  const std::int64_t halo = 2 * 3 * (5120 + 2 * 128);
  for (const auto& [ranks, hops] : {std::pair(2, 1), std::pair(4, 2), std::pair(8, 3), std::pair(6, 3)}) {
    CAPTURE(ranks);
    const Program program =
        step_of("mamba2_2.7b", "{batch: 4, microbatch: 2, sequence: 12288, context: " + std::to_string(ranks) + "}");
    CHECK_NOTHROW(validate(program));
    const Traffic forward = traffic(program, program.roles[0], &in_forward_layer);
    const Traffic both = traffic(program, program.roles[0], &in_layer);
    CHECK(forward.sent == 2 * 64 * 2 * (hops * state + halo));
    CHECK(forward.received == forward.sent);
    CHECK(both.sent == 2 * forward.sent);
  }
  // A rank's share of the columns; four layers of attention pass their keys and values on besides.
  const Program split = step_of("nemotron_h_8b", "{batch: 1, sequence: 8192, tensor: 2, context: 2}");
  const std::int64_t keys = 2 * std::int64_t{4096} * 2 * 4 * 128;
  CHECK(traffic(split, split.roles[0], &in_forward_layer).sent ==
        24 * (4 * 4096 * 128 + 2 * 3 * (4096 + 2 * 4 * 128)) + 4 * keys);
}

TEST_CASE("what can't be scanned is said") {
  const auto fault = [](std::string_view model, const std::string& plan) {
    return test::input_error([&] { return plan_of(model_named(model), plan); });
  };
  CHECK(fault("mamba2_2.7b", "{tensor: 2, batch: 1}").find("1 groups of the scan's heads can't be split") !=
        std::string::npos);
  CHECK(fault("mamba2_2.7b", "{context: 4, sequence: 8, batch: 1}").find("a convolution over 4 tokens sees more") !=
        std::string::npos);
  const auto broken = [](const std::string& changed) {
    return test::input_error([&] {
      const std::string text =
          "name: m\nsource: s\nlayers: 2\nhidden: 64\nvocab: 100\nnorm: rms_norm\nposition: none\nbiases: false\n"
          "dropout: false\ntied_embeddings: true\nmamba: {inner: 128, state: 16, head_dim: 32, groups: 2}\n"
          "pattern: M M\n";
      const auto override = yaml::Override::parse(changed);
      return read_model(yaml::parse(text, "m.yaml", {override}));
    });
  };
  CHECK(broken("layers=2").empty());
  CHECK(broken("heads=4").find("no layer of this model attends") != std::string::npos);
  CHECK(broken("ffn=256").find("no layer of this model has an MLP") != std::string::npos);
  CHECK(broken("pattern=M *").find("heads") != std::string::npos);
  CHECK(broken("pattern='* *'").find("no layer of this model takes it") != std::string::npos);
  CHECK(broken("mamba.head_dim=30").find("a width of 128 doesn't divide into heads of 30") != std::string::npos);
  CHECK(broken("mamba.groups=3").find("4 heads don't fall into 3 equal groups") != std::string::npos);
}
