// Mixtures of experts and latent attention: weights, FLOPs, bytes and faults, against formulas written out here.
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

Program step_of(const DecoderModel& model, const std::string& plan, const Stack& stack) {
  return training_step(model, plan_of(model, plan), stack, test::chip_named("h100_sxm"));
}
Program step_of(std::string_view model, const std::string& plan) {
  return step_of(model_named(model), plan, test::stack_named("megatron_core"));
}

// What a token needs of every layer of a mixture, in multiply-adds of one forward pass (Megatron-LM's
// num_floating_point_operations), core of attention apart.
double expert_macs(double h, double experts, double top_k, double ffn, double shared) {
  return top_k * 3 * h * ffn + 3 * h * shared + h * experts;
}

}  // namespace

TEST_CASE("published sizes of mixtures of experts") {
  struct Row {
    const char* model;
    double billions;  // as published
    double active;
    std::int64_t exact;
  };
  for (const Row& row :
       {Row{"mixtral_8x7b", 46.7, 12.9, 46'702'792'704}, Row{"mixtral_8x22b", 140.6, 39.2, 140'630'071'296},
        Row{"qwen3_30b_a3b", 30.53, 3.35, 30'532'122'624}, Row{"qwen3_235b_a22b", 235.1, 22.2, 235'093'634'560},
        Row{"deepseek_v2", 235.7, 21.4, 235'741'434'880}, Row{"deepseek_v3", 671.0, 37.55, 671'026'419'200}}) {
    CAPTURE(row.model);
    const DecoderModel model = model_named(row.model);
    CHECK(model.parameters() == row.exact);
    CHECK(static_cast<double>(model.parameters()) == doctest::Approx(row.billions * 1e9).epsilon(0.001));
    CHECK(static_cast<double>(model.active_parameters()) == doctest::Approx(row.active * 1e9).epsilon(0.005));
  }
  // DeepSeek-V3's own count of active parameters, 36.6 billion, leaves the embedding's table out.
  CHECK(static_cast<double>(model_named("deepseek_v3").active_parameters()) - 129280.0 * 7168 ==
        doctest::Approx(36.6e9).epsilon(0.001));
}

TEST_CASE("a mixture's FLOPs are those of the experts that tokens take, whatever the plan") {
  const double h = 4096;
  const double tokens = 16.0 * 4096;
  const double attention = 2 * h * h + 2 * h * 1024 + 2 * 4096 * h;
  const double expected = 3 * 2 * tokens * (32 * (attention + expert_macs(h, 8, 2, 14336, 0)) + h * 32000);
  for (const char* plan :
       {"{data: 8, expert: 8, batch: 16, sequence: 4096}",
        "{tensor: 2, sequence_parallel: true, data: 4, expert: 4, batch: 16, sequence: 4096}",
        "{tensor: 4, sequence_parallel: true, data: 2, expert: 8, expert_tensor: 1, batch: 16, sequence: 4096}",
        "{data: 8, expert: 4, pipeline: 4, batch: 16, sequence: 4096, imbalance: 1.5}",
        "{data: 4, pipeline: 2, batch: 16, sequence: 4096, zero: 1}"}) {
    CAPTURE(plan);
    const StepFlops own = step_flops(step_of("mixtral_8x7b", plan));
    CHECK(own.model.count() == doctest::Approx(expected).epsilon(1e-12));
  }
}

TEST_CASE("latent attention, shared experts and a predicted token: DeepSeek-V3's FLOPs") {
  const double h = 7168;
  const double s = 4096;
  const double tokens = 64 * s;
  const double latent = h * (1536 + 512 + 64) + 1536 * 128 * 192.0 + 512 * 128 * 256.0 + 128 * 128 * h;
  const double core = s * 128 * (192 + 128);
  const double dense = latent + core + 3 * h * 18432;
  const double mixture = latent + core + expert_macs(h, 256, 8, 2048, 2048);
  const double logits = h * 129280;
  const double expected = 3 * 2 * tokens * (3 * dense + 58 * mixture + logits + 2 * h * h + mixture + logits);
  for (const char* plan : {"{data: 64, expert: 64, batch: 64, sequence: 4096}",
                           "{tensor: 2, sequence_parallel: true, data: 16, expert: 32, expert_tensor: 1, pipeline: 8, "
                           "stage_layers: [8, 8, 8, 8, 8, 8, 8, 5], batch: 64, sequence: 4096}"}) {
    CAPTURE(plan);
    CHECK(step_flops(step_of("deepseek_v3", plan)).model.count() == doctest::Approx(expected).epsilon(1e-12));
  }
}

TEST_CASE("experts: every token's row travels top_k times each way, forward and backward") {
  // Of 32 layers over 4 stages 8; a rank of 4,096 tokens, 2 bytes an element.
  const std::int64_t rows = std::int64_t{4096} * 2 * 4096 * 2;
  {
    const Program program = step_of("mixtral_8x7b", "{data: 8, expert: 8, pipeline: 4, batch: 64, sequence: 4096}");
    for (const Role& role : program.roles) {
      const Traffic layers = traffic(program, role, &in_layer);
      CHECK(layers("expert", kAllToAll) == 4 * rows * 8 * 8);
      CHECK(layers("tensor", kAllGather) == 0);
    }
  }
  // Tensor ranks route a part of the tokens each; where they share experts out, they need all rows.
  const std::string tensor = "{tensor: 2, sequence_parallel: true, data: 4, expert: 4, batch: 32, sequence: 4096";
  const std::int64_t inputs = std::int64_t{4096} * 4096 * 2;
  {
    const Program program = step_of("mixtral_8x7b", tensor + "}");
    const Traffic layers = traffic(program, program.roles[0], &in_layer);
    CHECK(layers("expert", kAllToAll) == 4 * rows / 2 * 32 * 8);
    CHECK(layers("tensor", kAllGather) == (3 * inputs + 2 * rows) * 32 * 8);  // attention's three; rows, gradients
    CHECK(layers("tensor", kReduceScatter) == (2 * inputs + 2 * rows) * 32 * 8);
  }
  {
    const Program program = step_of(
        "mixtral_8x7b",
        "{tensor: 2, sequence_parallel: true, data: 4, expert: 8, expert_tensor: 1, batch: 32, sequence: 4096}");
    const Traffic layers = traffic(program, program.roles[0], &in_layer);
    CHECK(layers("expert", kAllToAll) == 4 * rows / 2 * 32 * 8);
    CHECK(layers("tensor", kAllGather) == 3 * inputs * 32 * 8);
  }
}

TEST_CASE("an expert's gradients are summed over those who hold it, the rest over all replicas") {
  const std::int64_t h = 4096;
  const std::int64_t expert = 3 * h * 14336;
  const std::int64_t rest = 32 * (2 * h * h + 2 * h * 1024 + 8 * h + 2 * h) + 2 * h * 32000 + h;
  struct Row {
    const char* plan;
    std::int64_t held;     // experts a rank
    std::int64_t holders;  // ranks with the same
    CollectiveKind kind;
  };
  for (const Row& row :
       {Row{"{data: 8, expert: 4, batch: 8, sequence: 4096}", 2, 2, kAllReduce},
        Row{"{data: 8, expert: 2, batch: 8, sequence: 4096, overlap_gradients: false}", 4, 4, kAllReduce},
        Row{"{data: 8, expert: 8, batch: 8, sequence: 4096}", 1, 1, kAllReduce},
        Row{"{data: 8, expert: 4, batch: 8, sequence: 4096, zero: 1}", 2, 2, kReduceScatter},
        Row{"{data: 8, batch: 8, sequence: 4096, zero: 1}", 8, 8, kReduceScatter}}) {
    CAPTURE(row.plan);
    const Program program = step_of("mixtral_8x7b", row.plan);
    const Traffic all = traffic(program, program.roles[0]);
    CHECK(all("data", row.kind) == 4 * rest);
    CHECK(all("expert data", row.kind) == (row.holders > 1 ? 4 * 32 * row.held * expert : 0));
    if (row.kind == kReduceScatter) {
      CHECK(all("data", kAllGather) == 2 * rest);
      CHECK(all("expert data", kAllGather) == 2 * 32 * row.held * expert);
    }
    for (const GroupSpec& group : program.groups)
      if (group.name == "expert data")
        CHECK(
            program.members(GroupSpecId(static_cast<std::size_t>(&group - program.groups.data())), RankId(0)).size() ==
            static_cast<std::size_t>(row.holders));
  }
}

TEST_CASE("fully sharded experts: gathered forward and backward, scattered once, over their own holders") {
  const std::int64_t expert = 3 * std::int64_t{4096} * 14336;
  const Program program = step_of("mixtral_8x7b", "{data: 8, expert: 4, batch: 8, sequence: 4096, zero: 3}");
  const Traffic all = traffic(program, program.roles[0]);
  CHECK(all("expert data", kAllGather) == 2 * 2 * 32 * 2 * expert);
  CHECK(all("expert data", kReduceScatter) == 4 * 32 * 2 * expert);
}

TEST_CASE("imbalance: all ranks wait for the one whose experts get most") {
  const StepFlops even = step_flops(step_of("mixtral_8x7b", "{data: 8, expert: 8, batch: 8, sequence: 4096}"));
  const StepFlops uneven =
      step_flops(step_of("mixtral_8x7b", "{data: 8, expert: 8, batch: 8, sequence: 4096, imbalance: 1.5}"));
  CHECK(uneven.model.count() == even.model.count());
  const Program program = step_of("mixtral_8x7b", "{data: 8, expert: 8, batch: 8, sequence: 4096, imbalance: 1.5}");
  const std::int64_t rows = std::int64_t{4096} * 2 * 4096 * 2;
  CHECK(traffic(program, program.roles[0], &in_layer)("expert", kAllToAll) == 4 * rows * 3 / 2 * 32);
}

TEST_CASE("imbalance as measured, or by Zipf's law: what the rank holds whose experts get most") {
  const DecoderModel model = model_named("mixtral_8x7b");
  const auto imbalance = [&](const std::string& said, int expert) {
    return read_plan(yaml::parse("{data: 8, expert: " + std::to_string(expert) +
                                     ", batch: 8, sequence: 4096, imbalance: " + said + "}",
                                 "plan"),
                     model)
        .imbalance;
  };
  // Eight experts: 36 in all, 4.5 on average; two a rank: 1 + 2, … , 7 + 8 = 15 of 9.
  CHECK(imbalance("{loads: [1, 2, 3, 4, 5, 6, 7, 8]}", 8) == doctest::Approx(8 / 4.5));
  CHECK(imbalance("{loads: [1, 2, 3, 4, 5, 6, 7, 8]}", 4) == doctest::Approx(15.0 / 9));
  CHECK(imbalance("{loads: [0, 0, 0, 0, 0, 0, 0, 3]}", 1) == 1);
  double sum = 0;
  for (int k = 1; k <= 8; ++k) sum += 1 / std::sqrt(k);
  CHECK(imbalance("{zipf: 0.5}", 8) == doctest::Approx(8 / sum));
  CHECK(imbalance("{zipf: 0}", 8) == doctest::Approx(1));
  CHECK(imbalance("{zipf: 1}", 4) < imbalance("{zipf: 1}", 8));
  const auto error = [&](const std::string& said) -> std::string {
    try {
      (void)imbalance(said, 8);
    } catch (const InputError& input) {
      return input.what();
    }
    return "";
  };
  CHECK(error("{loads: [1, 2]}").find("2 loads are given for the model's 8 experts") != std::string::npos);
  CHECK(error("{loads: [0, 0, 0, 0, 0, 0, 0, 0]}").find("no expert got anything") != std::string::npos);
  CHECK(error("{}").find("{zipf: 0.5}") != std::string::npos);
  CHECK(error("[1, 2]").find("{zipf: 0.5}") != std::string::npos);
  CHECK(error("{zipf: -1}").find("-1") != std::string::npos);
  CHECK(error("{zip: 1}").find("zipf") != std::string::npos);
}

TEST_CASE("weights of all ranks are the model's, each expert once for each of its holders") {
  const DecoderModel model = model_named("mixtral_8x7b");
  const std::int64_t experts = 32 * 8 * 3 * std::int64_t{4096} * 14336;
  const std::int64_t rest = model.parameters() - experts;
  const auto bytes = [&](const std::string& plan, const char* category) {
    return test::bytes_of(
        stage_memory(model, plan_of(model, plan), test::stack_named("megatron_core"), test::chip_named("h100_sxm"), 0),
        category);
  };
  CHECK(bytes("{data: 8, expert: 8, batch: 8, sequence: 4096}", "weights") == 2 * (rest + experts / 8));
  CHECK(bytes("{data: 8, expert: 8, batch: 8, sequence: 4096}", "gradients") == 4 * (rest + experts / 8));
  CHECK(bytes("{data: 8, expert: 4, batch: 8, sequence: 4096, zero: 1}", "optimizer") ==
        12 * ((rest + 7) / 8 + experts / 4 / 2));
  CHECK(bytes("{data: 8, expert: 4, batch: 8, sequence: 4096, zero: 3}", "weights") == 2 * rest / 8 + 2 * experts / 8);
}

TEST_CASE("what can't be dealt out is said, with what could") {
  const DecoderModel mixture = model_named("mixtral_8x7b");
  const DecoderModel dense = model_named("llama3_8b");
  const auto fault = [](const DecoderModel& model, const std::string& plan) {
    return test::input_error([&] { return plan_of(model, plan); });
  };
  CHECK(
      fault(mixture, "{data: 8, expert: 3, batch: 8, sequence: 4096}").find("8 experts can't be split evenly over 3") !=
      std::string::npos);
  CHECK(
      fault(mixture, "{data: 2, expert: 8, batch: 8, sequence: 4096}").find("experts can't be dealt out over 8 of 2") !=
      std::string::npos);
  CHECK(fault(mixture, "{tensor: 2, batch: 8, sequence: 4096}").find("sequence_parallel: true gives each its own") !=
        std::string::npos);
  CHECK(fault(dense, "{data: 8, expert: 8, batch: 8, sequence: 4096}").find("Llama 3 8B has no experts") !=
        std::string::npos);
  CHECK(fault(dense, "{data: 8, imbalance: 1.5, batch: 8, sequence: 4096}").find("has no experts") !=
        std::string::npos);
}
