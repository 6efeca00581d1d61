// Tensor parallelism in tiles and over a mesh: FLOPs and bytes stay what formulas say, and tiles hide what they gather.
#include <map>

#include "tests/workloads/fixture.h"
#include "tests/workloads/traffic.h"

using namespace orrery;
using test::model_named;
using test::plan_of;
using test::traffic;
using test::Traffic;

namespace {

using enum CollectiveKind;

Program step_of(const std::string& plan, std::string_view stack = "megatron_core",
                std::string_view name = "llama3_8b") {
  const DecoderModel model = model_named(name);
  return training_step(model, plan_of(model, plan), test::stack_named(stack), test::chip_named("h100_sxm"));
}

std::int64_t hbm_of(const Program& program) {
  std::int64_t bytes = 0;
  for (const Op& op : program.roles[0].ops)
    if (op.kind == OpKind::kCompute) bytes += program.segments[SegmentId(op.body)].hbm.count();
  return bytes;
}

constexpr std::int64_t kHidden = 4096;
constexpr std::int64_t kQueries = 4096;
constexpr std::int64_t kKeysAndValues = 2 * 1024;
constexpr std::int64_t kFfn = 14336;

}  // namespace

TEST_CASE("tiles cut what is gathered and summed, not how much of it there is") {
  for (const char* stack : {"megatron_core", "nemo_fp8"}) {
    CAPTURE(stack);
    const std::string plan = "{tensor: 8, sequence_parallel: true, batch: 2, sequence: 2048";
    const Program whole = step_of(plan + "}", stack);
    const Program tiled = step_of(plan + ", tensor_tiles: 4}", stack);
    CHECK_NOTHROW(validate(tiled));
    const Traffic one = traffic(whole, whole.roles[0]);
    const Traffic four = traffic(tiled, tiled.roles[0]);
    CHECK(four.collectives == one.collectives);
    CHECK(step_flops(tiled).model.count() == doctest::Approx(step_flops(whole).model.count()).epsilon(1e-12));
    CHECK(step_flops(tiled).hardware.count() == doctest::Approx(step_flops(whole).hardware.count()).epsilon(1e-12));
    CHECK(hbm_of(tiled) > hbm_of(whole));  // each tile of a product reads its weight again
    std::map<std::string, int> counts;
    for (const Op& op : tiled.roles[0].ops) ++counts[tiled.names[op.name]];
    CHECK(counts["output"] == 4 * 2 * 32 * 2);  // attention's and the MLP's, of every layer and microbatch
  }
}

TEST_CASE("an odd number of rows falls into tiles of almost one size") {
  const Program tiled = step_of("{tensor: 2, batch: 1, sequence: 1000, tensor_tiles: 3}");
  std::map<std::int64_t, int> sizes;
  for (const Op& op : tiled.roles[0].ops)
    if (op.kind == OpKind::kCollective && tiled.names[op.name] == "output")
      ++sizes[tiled.collectives[op.body].bytes.count()];
  CHECK(sizes == std::map<std::int64_t, int>{{333 * 4096 * 2, 64 * 2}, {334 * 4096 * 2, 64}});
}

TEST_CASE("a mesh sends shares of both widths, and trains the same FLOPs") {
  // 2 × 4 ranks: of a layer by columns the stream's half width is gathered over four and the result's quarter scattered
  // over two; by rows the other way round.
  const Program mesh =
      step_of("{tensor: 8, tensor_rows: 2, sequence_parallel: true, batch: 1, sequence: 2048, overlap_tensor: false}");
  const Program line = step_of("{tensor: 8, sequence_parallel: true, batch: 1, sequence: 2048, overlap_tensor: false}");
  CHECK_NOTHROW(validate(mesh));
  CHECK(step_flops(mesh).model.count() == doctest::Approx(step_flops(line).model.count()).epsilon(1e-12));
  CHECK(mesh.role_of_rank.size() == 8);
  const Traffic sent = traffic(mesh, mesh.roles[0], test::in_layer);
  const std::int64_t element = 2;
  const std::int64_t tokens = 2048;
  // Forward two layers by columns and two by rows gather or scatter the stream; backward the gradients, and by columns
  // the input again.
  const std::int64_t stream = tokens * kHidden / 2 * element;
  CHECK(sent("tensor", kAllGather) == 32 * 6 * stream);
  CHECK(sent("tensor", kReduceScatter) == 32 * 4 * stream);
  const std::int64_t widths = (kQueries + kKeysAndValues + 2 * kFfn + kQueries + kFfn) / 4;
  CHECK(sent("tensor row", kReduceScatter) == 32 * tokens * widths * element);
  CHECK(sent("tensor row", kAllGather) == 32 * tokens * widths * element);
  // A norm's statistics each way: of two norms a layer, and of the last.
  std::map<std::string, int> counts;
  for (const Op& op : mesh.roles[0].ops)
    if (op.kind == OpKind::kCollective) ++counts[mesh.names[op.name]];
  CHECK(counts["row statistics"] == 2 * (2 * 32 + 1));
  // Weights are as many as without a mesh.
  const DecoderModel model = model_named("llama3_8b");
  const auto weights = [&](const std::string& rows) {
    const Plan plan = plan_of(model, "{tensor: 8, sequence_parallel: true, batch: 1, sequence: 2048" + rows + "}");
    return test::bytes_of(memory_use(model, plan, test::stack_named("megatron_core"), test::chip_named("h100_sxm")),
                          "weights");
  };
  CHECK(weights(", tensor_rows: 2") == weights(""));
}

TEST_CASE("meshes that can't be are refused") {
  const auto fault = [](std::string_view name, const std::string& plan) {
    const DecoderModel model = model_named(name);
    return test::input_error([&] { return plan_of(model, plan); });
  };
  CHECK(fault("llama3_8b", "{tensor: 8, tensor_rows: 3, sequence_parallel: true, batch: 1}").find("evenly over 3") !=
        std::string::npos);
  CHECK(fault("llama3_8b", "{tensor: 8, tensor_rows: 2, batch: 1}").find("sequence_parallel: true") !=
        std::string::npos);
  CHECK(fault("mixtral_8x7b", "{tensor: 8, tensor_rows: 2, sequence_parallel: true, batch: 1}")
            .find("only plain attention") != std::string::npos);
}
