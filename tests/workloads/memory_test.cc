// Memory is what Korthikanti et al. 2022 (arXiv 2205.05198) print, and what doesn't fit comes with advice.
#include "workloads/memory.h"

#include <algorithm>

#include "tests/workloads/fixture.h"

using namespace orrery;
using test::model_named;
using test::plan_of;

namespace {

constexpr double kGib = 1024.0 * 1024.0 * 1024.0;

double gib(const MemoryUse& use, std::string_view category) {
  for (const MemoryUse::Category& each : use.categories)
    if (each.name == category) return each.bytes.as_double() / kGib;
  FAIL("no such category");
  return 0;
}

struct Row {
  const char* model;
  const char* plan;  // without sequence_parallel and recompute
  double par_opt;    // figure 1, GiB
  double act_none;
  double act_sp_sel;
  // Figure 7: per cent of the tensor-parallel baseline.
  double seq, sel, seqsel, full;
};

const Row kRows[] = {
    {"megatron_22b", "tensor: 8, microbatch: 4, batch: 4", 45.5625, 59.25, 9.5625, 66.84, 49.42, 16.18, 7.64},
    {"megatron_175b", "tensor: 8, pipeline: 8, batch: 64, schedule: interleaved, interleave: 3", 45.5625, 66.84375,
     12.3515625, 62.04, 56.53, 18.49, 8.71},
    {"megatron_529.6b", "tensor: 8, pipeline: 35, batch: 280, schedule: interleaved, interleave: 3", 31.640625,
     114.0234375, 23.076171875, 58.31, 62.04, 20.27, 9.42},
    {"megatron_1t", "tensor: 8, pipeline: 64, batch: 512", 32.958984375, 131.25, 26.5625, 58.31, 62.04, 20.27, 9.42},
};

Plan with(const Row& row, const std::string& more) {
  return plan_of(model_named(row.model), "{" + std::string(row.plan) + more + "}");
}

MemoryUse first_stage(const Row& row, const std::string& more) {
  return stage_memory(model_named(row.model), with(row, more), test::stack_named("megatron_lm"),
                      test::chip_named("a100_sxm_80gb"), 0);
}

// What the paper leaves out of figure 1: the embedding's dropout mask, one byte an element for each microbatch under
// way, and on a model's last stage the inputs of the last norm and of the logits, and the logits in fp32.
double beyond_layers(const Row& row, double shards) {
  const DecoderModel model = model_named(row.model);
  const Plan plan = with(row, "");
  const auto sbh = static_cast<double>(plan.sequence * plan.microbatch * model.hidden);
  // Microbatches of chunk 0 under way when the most is kept. Interleaved, the layers are at their most after 4p - 1
  // forward passes (p of each of three chunks, then p - 1 of chunk 0) and stay there: the first backward pass frees one
  // of the last chunk, and the forward after it is the p-th of chunk 0's second round. So 2p of its masks are kept.
  const auto p = static_cast<double>(plan.pipeline);
  const double masks = plan.interleave == 1 ? p : 2 * p;
  double bytes = masks * sbh / shards;
  if (plan.pipeline == 1)
    bytes += 4 * sbh / shards + 4 * static_cast<double>(plan.sequence * plan.microbatch * model.vocab) / 8;
  return bytes / kGib;
}

}  // namespace

TEST_CASE("activations of a layer are the paper's, to the byte") {
  const Stack stack = test::stack_named("megatron_lm");
  for (const Row& row : kRows) {
    CAPTURE(row.model);
    const DecoderModel model = model_named(row.model);
    const auto sbh = static_cast<double>(with(row, "").microbatch * 2048 * model.hidden);
    const double maps = 5.0 * static_cast<double>(model.heads) * 2048 / static_cast<double>(model.hidden);
    const auto own = [&](const std::string& more) {
      return layer_activations(model, with(row, more), stack).as_double();
    };
    CHECK(own("") == sbh * (10 + (24 + maps) / 8));
    CHECK(own(", sequence_parallel: true") == doctest::Approx(sbh * (34 + maps) / 8).epsilon(1e-12));
    CHECK(own(", recompute: selective") == sbh * (10 + 24.0 / 8));
    CHECK(own(", sequence_parallel: true, recompute: selective") == sbh * 34 / 8);
    CHECK(own(", recompute: full") == sbh * 2);
  }
}

TEST_CASE("figure 1: the first stage's activations, microbatches under way included") {
  for (const Row& row : kRows) {
    CAPTURE(row.model);
    const double slack = 1e-9;
    const double none = gib(first_stage(row, ""), "activations") - beyond_layers(row, 1);
    CHECK(none == doctest::Approx(row.act_none).epsilon(slack));
    const double least =
        gib(first_stage(row, ", sequence_parallel: true, recompute: selective"), "activations") - beyond_layers(row, 8);
    CHECK(least == doctest::Approx(row.act_sp_sel).epsilon(slack));
  }
}

TEST_CASE("figure 1: weights, gradients and optimizer take 18 bytes a weight") {
  for (const Row& row : kRows) {
    CAPTURE(row.model);
    const DecoderModel model = model_named(row.model);
    const Plan plan = with(row, "");
    // A stage between the ends has layers only; on a single stage the tables are taken off.
    const std::uint32_t stage = plan.pipeline == 1 ? 0 : 1;
    const MemoryUse use =
        stage_memory(model, plan, test::stack_named("megatron_lm"), test::chip_named("a100_sxm_80gb"), stage);
    double states = gib(use, "weights") + gib(use, "gradients") + gib(use, "optimizer");
    if (plan.pipeline == 1) states -= 18.0 * static_cast<double>(model.hidden) * (51200.0 / 8 + 2048 + 2) / kGib;
    CHECK(states == doctest::Approx(row.par_opt).epsilon(0.001));  // biases and norms: 13h of 12h²
  }
}

TEST_CASE("figure 7: what each technique leaves of a layer's activations") {
  const Stack stack = test::stack_named("megatron_lm");
  for (const Row& row : kRows) {
    CAPTURE(row.model);
    const DecoderModel model = model_named(row.model);
    const double base = layer_activations(model, with(row, ""), stack).as_double();
    const auto per_cent = [&](const std::string& more) {
      return 100 * layer_activations(model, with(row, more), stack).as_double() / base;
    };
    // Bars of a figure: read to about a tenth of a per cent.
    CHECK(std::abs(per_cent(", sequence_parallel: true") - row.seq) < 0.15);
    CHECK(std::abs(per_cent(", recompute: selective") - row.sel) < 0.15);
    CHECK(std::abs(per_cent(", sequence_parallel: true, recompute: selective") - row.seqsel) < 0.15);
    CHECK(std::abs(per_cent(", recompute: full") - row.full) < 0.15);
  }
}

TEST_CASE("the first stage of 1F1B holds most activations, GPipe's all alike") {
  const DecoderModel model = test::small_gpt();
  const Stack stack = test::stack_named("megatron_lm");
  const Chip chip = test::chip_named("a100_sxm_80gb");
  const auto activations = [&](const char* schedule, std::uint32_t stage) {
    const Plan plan =
        plan_of(model, std::string("{pipeline: 4, batch: 16, sequence: 128, schedule: ") + schedule + "}");
    const MemoryUse use = stage_memory(model, plan, stack, chip, stage);
    return std::find_if(use.categories.begin(), use.categories.end(),
                        [](const auto& c) { return c.name == "activations"; })
        ->bytes;
  };
  CHECK(activations("1f1b", 1) * 2 == activations("1f1b", 2) * 3);
  CHECK(activations("gpipe", 1) == activations("gpipe", 2));
  CHECK(activations("gpipe", 1) * 3 == activations("1f1b", 1) * 16);
}

TEST_CASE("ZeRO 1 leaves 6 + 12/d bytes a weight") {
  const DecoderModel model = model_named("llama3_8b");
  const Plan plan = plan_of(model, "{data: 8, zero: 1, batch: 8}");
  const MemoryUse use = memory_use(model, plan, test::stack_named("megatron_core"), test::chip_named("h100_sxm"));
  const double states = (gib(use, "weights") + gib(use, "gradients") + gib(use, "optimizer")) * kGib;
  CHECK(states == doctest::Approx((6 + 12.0 / 8) * 8'030'261'248.0).epsilon(1e-9));
}

TEST_CASE("what was published to run fits, and what needed recomputation doesn't without") {
  const Chip chip = test::chip_named("a100_sxm_80gb");
  const Stack stack = test::stack_named("megatron_lm");
  for (const Row& row : kRows) {
    CAPTURE(row.model);
    const DecoderModel model = model_named(row.model);
    CHECK(memory_use(model, with(row, ", recompute: full"), stack, chip).fits());
    CHECK(memory_use(model, with(row, ", sequence_parallel: true, recompute: selective"), stack, chip).fits());
    CHECK_FALSE(memory_use(model, with(row, ""), stack, chip).fits());
    CHECK(advice(model, with(row, ", recompute: full"), stack, chip).empty());
  }
}

TEST_CASE("advice names what is needed, what is largest and the cheapest change that helps") {
  const Chip chip = test::chip_named("a100_sxm_80gb");
  const Stack stack = test::stack_named("megatron_lm");
  const auto advised = [&](std::string_view name, const std::string& plan) {
    const DecoderModel model = model_named(name);
    return advice(model, plan_of(model, plan), stack, chip);
  };
  const auto ends = [](const std::string& text, std::string_view end) {
    CAPTURE(text);
    CHECK(text.starts_with("needs "));
    CHECK(text.find(" of 80.0 GiB; largest: ") != std::string::npos);
    CHECK(text.ends_with(end));
  };
  ends(advised("megatron_22b", "{tensor: 8, microbatch: 4, batch: 4}"), "; recompute: selective would fit");
  ends(advised("megatron_22b", "{tensor: 8, microbatch: 4, batch: 4, sequence_parallel: true, sequence: 2048}"), "");
  ends(advised("megatron_175b", "{tensor: 8, pipeline: 8, batch: 64}"), "; sequence_parallel: true would fit");
  ends(advised("megatron_7.5b", "{data: 8, batch: 8, recompute: full}"), "; zero: 1 would fit");
  ends(advised("megatron_175b", "{tensor: 8, pipeline: 2, batch: 2, sequence_parallel: true, recompute: full}"),
       "; pipeline: 8 would fit");
  ends(advised("megatron_1t", "{batch: 1}"), "optimizer 11.0 TiB");  // no single change helps
}
