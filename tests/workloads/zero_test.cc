// What ZeRO shards: bytes gathered, scattered and kept are those of the paper's formulas.
#include <algorithm>

#include "tests/workloads/fixture.h"

using namespace orrery;
using test::model_named;
using test::plan_of;

namespace {

using enum CollectiveKind;

// Llama 3 8B over four replicas of four microbatches each.
std::string four(const std::string& more) { return "{data: 4, batch: 16, " + more + "}"; }

Program step_of(const std::string& plan, std::string_view name = "llama3_8b") {
  const DecoderModel model = model_named(name);
  return training_step(model, plan_of(model, plan), test::stack_named("megatron_core"), test::chip_named("h100_sxm"));
}

std::int64_t moved(const Program& program, std::size_t role, CollectiveKind kind, std::string_view name = "") {
  std::int64_t bytes = 0;
  for (const Op& op : program.roles[role].ops) {
    if (op.kind != OpKind::kCollective || (!name.empty() && program.names[op.name] != name)) continue;
    const CollectiveOp& body = program.collectives[op.body];
    if (body.kind == kind && program.groups[body.group.index()].name == "data") bytes += body.bytes.count();
  }
  return bytes;
}

std::int64_t kept(const std::string& plan, std::size_t category) {
  const DecoderModel model = model_named("llama3_8b");
  return memory_use(model, plan_of(model, plan), test::stack_named("megatron_core"), test::chip_named("h100_sxm"))
      .categories[category]
      .bytes.count();
}

const std::int64_t kParameters = model_named("llama3_8b").parameters();  // divisible by four
constexpr std::int64_t kTable = 128256 * std::int64_t{4096};

}  // namespace

TEST_CASE("ZeRO 2 scatters gradients in every microbatch and gathers weights once") {
  for (const char* bucket : {"bucket: 25 MiB", "bucket: 8 GiB"}) {
    CAPTURE(bucket);
    const Program program = step_of(four(std::string("zero: 2, ") + bucket));
    CHECK_NOTHROW(validate(program));
    CHECK(moved(program, 0, kReduceScatter) == 4 * 4 * kParameters);
    CHECK(moved(program, 0, kAllGather) == 2 * kParameters);
    CHECK(moved(program, 0, kAllReduce) == 4);  // the norm
  }
}

TEST_CASE("ZeRO 2 of several chunks scatters a chunk's gradients once for each run of its microbatches") {
  // Eight microbatches come through each chunk in two runs of four, as many as there are stages.
  const std::string common = "{data: 2, pipeline: 4, batch: 16, schedule: interleaved, interleave: 8";
  const Program two = step_of(common + ", zero: 2}");
  const Program one = step_of(common + ", zero: 1}");
  for (std::size_t stage = 0; stage < 4; ++stage)
    CHECK(moved(two, stage, kReduceScatter) == 2 * moved(one, stage, kReduceScatter));
  // Until then a chunk's gradients are whole: the largest is a layer with a table.
  const std::int64_t layer = 4096 * (6144 + 4096 + 3 * std::int64_t{14336}) + 2 * 4096;
  CHECK(kept(common + ", zero: 2}", 4) - kept(common + ", zero: 1}", 4) == 4 * (layer + kTable + 4096));
}

TEST_CASE("ZeRO 3 gathers weights for each pass, layer by layer") {
  const Program program = step_of(four("zero: 3"));
  CHECK_NOTHROW(validate(program));
  CHECK(moved(program, 0, kReduceScatter) == 4 * 4 * kParameters);
  // Backward all but the input embedding, of which a gradient needs only the rows.
  CHECK(moved(program, 0, kAllGather) == 4 * 2 * (2 * kParameters - kTable));
  const Program again = step_of(four("zero: 3, recompute: full"));
  CHECK(moved(again, 0, kAllGather) == moved(program, 0, kAllGather));
}

TEST_CASE("under ZeRO 3 a layer's weights are under way while the layer before runs, and no earlier") {
  const Program program = step_of(four("zero: 3"));
  // By each gather of the first forward pass: how many ops of the compute stream it waits for.
  const Role& role = program.roles[0];
  std::vector<std::uint32_t> after;
  for (const Op& op : role.ops) {
    if (op.kind != OpKind::kCollective || op.phase != Phase::kForward || op.microbatch != 0) continue;
    std::uint32_t count = after.empty() ? 0 : after.back();  // its stream has waited for these already
    for (std::uint32_t w = op.first_wait; w < op.first_wait + op.wait_count; ++w)
      if (role.waits[w].stream == kComputeStream) count = std::max(count, role.waits[w].count);
    after.push_back(count);
  }
  REQUIRE(after.size() == 34);  // embedding, layers, head
  CHECK(after[0] == after[1]);
  for (std::size_t unit = 2; unit < after.size(); ++unit) {
    CAPTURE(unit);
    CHECK(after[unit] == after[unit - 1] + 1);  // a layer is a segment
  }
}

TEST_CASE("states take 2 + 4 + 12 bytes a weight, of which ZeRO 1, 2 and 3 share out more and more") {
  const auto states = [](const std::string& plan) { return std::vector{kept(plan, 0), kept(plan, 1), kept(plan, 2)}; };
  const std::int64_t n = kParameters;
  REQUIRE(n % 4 == 0);
  CHECK(states(four("zero: 0")) == std::vector{2 * n, 4 * n, 12 * n});
  CHECK(states(four("zero: 1")) == std::vector{2 * n, 4 * n, 3 * n});
  CHECK(states(four("zero: 2")) == std::vector{2 * n, n, 3 * n});
  CHECK(states(four("zero: 3")) == std::vector{n / 2, n, 3 * n});
  // One replica has nobody to share with.
  CHECK(states("{batch: 1, zero: 3}") == std::vector{2 * n, 4 * n, 12 * n});
  // Two buckets besides; two layers with their gradients, the largest of which is a table.
  CHECK(kept(four("zero: 2, bucket: 32 MiB"), 4) - kept(four("zero: 1"), 4) == 2 * (32 << 20));
  CHECK(kept(four("zero: 3"), 4) - kept(four("zero: 1"), 4) == 2 * (2 + 4) * (kTable + 4096));
}

TEST_CASE("weights gathered beside the first passes are as many, and the optimizer gathers none") {
  const struct {
    const char* model;
    const char* plan;
  } rows[] = {
      {"llama3_8b", "{data: 4, batch: 16, zero: 1"},
      {"llama3_8b", "{data: 4, batch: 16, zero: 2"},
      {"llama3_8b", "{data: 2, pipeline: 4, batch: 16, zero: 1, schedule: interleaved, interleave: 8"},
      {"megatron_1.7b", "{data: 2, batch: 8, zero: 1"},  // embedding and head share a weight
      {"megatron_1.7b", "{data: 2, pipeline: 2, batch: 8, zero: 1, tensor: 2, sequence_parallel: true"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.plan);
    const Program after = step_of(std::string(row.plan) + "}", row.model);
    const Program beside = step_of(std::string(row.plan) + ", overlap_weights: true}", row.model);
    CHECK_NOTHROW(validate(beside));
    for (std::size_t role = 0; role < after.roles.size(); ++role) {
      CAPTURE(role);
      CHECK(moved(beside, role, kAllGather) == moved(after, role, kAllGather));
      CHECK(moved(beside, role, kReduceScatter) == moved(after, role, kReduceScatter));
      for (const Op& op : beside.roles[role].ops)
        if (op.kind == OpKind::kCollective && beside.collectives[op.body].kind == kAllGather &&
            beside.groups[beside.collectives[op.body].group.index()].name == "data")
          CHECK(op.microbatch <= 0);
    }
  }
}

TEST_CASE("gradients that nobody keeps whole can't wait for the end") {
  const auto error = [](const std::string& plan) {
    return test::input_error([&] { return plan_of(model_named("llama3_8b"), plan); });
  };
  CHECK(error("{data: 4, batch: 16, zero: 2, overlap_gradients: false}") ==
        "plan.yaml:1:50: error: zero: 2 scatters gradients in each backward pass: none are left for the end\n"
        "  1 | {data: 4, batch: 16, zero: 2, overlap_gradients: false}\n"
        "    |                                                  ^~~~~\n"
        "  note: overlap_gradients could be true");
  CHECK(error("{batch: 16, zero: 2, overlap_gradients: false}").empty());
}
