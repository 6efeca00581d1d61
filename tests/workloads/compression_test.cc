// Compressed gradients: bytes sent, FLOPs and memory of each way against its closed form.
#include <cmath>

#include "tests/workloads/fixture.h"
#include "tests/workloads/traffic.h"
#include "workloads/compression/compressor.h"
#include "workloads/decoder/chunk.h"
#include "workloads/decoder/weights.h"

using namespace orrery;
using test::plan_of;

namespace {

constexpr std::int64_t kReplicas = 4;
const std::string kPlan = "{data: 4, batch: 8, sequence: 128, overlap_gradients: false";

Program step_of(const std::string& more) {
  const DecoderModel model = test::small_gpt();
  return training_step(model, plan_of(model, kPlan + more + "}"), test::stack_named("megatron_core"),
                       test::chip_named("h100_sxm"));
}

test::Traffic sent(const std::string& more) {
  const Program program = step_of(more);
  return test::traffic(program, program.roles[0]);
}

std::int64_t gradients(const std::string& more) {
  const DecoderModel model = test::small_gpt();
  return test::bytes_of(memory_use(model, plan_of(model, kPlan + more + "}"), test::stack_named("megatron_core"),
                                   test::chip_named("h100_sxm")),
                        "gradients");
}

// Of the small GPT: eight layers' qkv, attention's output, into and out of the MLP; words and positions.
struct Matrix {
  std::int64_t n, m, count;
};
const std::vector<Matrix> kMatrices = {{256, 768, 8},  {256, 256, 8},  {256, 1024, 8},
                                       {1024, 256, 8}, {2048, 256, 1}, {128, 256, 1}};
template <class Term>
std::int64_t sum(Term term) {
  std::int64_t all = 0;
  for (const Matrix& one : kMatrices) all += one.count * term(one.n, one.m);
  return all;
}

std::int64_t weights() {
  const DecoderModel model = test::small_gpt();
  const Plan plan = plan_of(model, kPlan + "}");
  const decoder::Shapes shapes(model, plan, test::stack_named("megatron_core"));
  return decoder::chunk_weights(shapes, decoder::chunk_of(shapes, plan, 0, 0)).all();
}

}  // namespace

TEST_CASE("PowerSGD sends rank × (rows + columns) of each matrix, and vectors whole") {
  const std::int64_t all = weights();
  const std::int64_t in_matrices = sum([](auto n, auto m) { return n * m; });
  for (const std::int64_t rank : {1, 4, 16}) {
    CAPTURE(rank);
    const std::string more = ", gradient_compression: {kind: powersgd, rank: " + std::to_string(rank) + "}";
    const std::int64_t narrow = sum([rank](auto n, auto m) { return rank * (n + m); });
    CHECK(sent(more)("data", CollectiveKind::kAllReduce) == 4 * (narrow + all - in_matrices));
    CHECK(gradients(more) == 4 * (all + in_matrices + sum([rank](auto, auto m) { return rank * m; })));
    const double products = 3 * 2.0 * static_cast<double>(rank * in_matrices);
    const double orthogonal = 2.0 * static_cast<double>(rank * rank * sum([](auto n, auto) { return n; }));
    CHECK(step_flops(step_of(more)).hardware.count() - step_flops(step_of("")).hardware.count() ==
          doctest::Approx(kReplicas * (products + orthogonal)));
    CHECK(step_flops(step_of(more)).model.count() == step_flops(step_of("")).model.count());
  }
  // A matrix that two narrow ones would be no smaller than stays whole.
  CHECK(sent(", gradient_compression: {kind: powersgd, rank: 2000}")("data", CollectiveKind::kAllReduce) == 4 * all);
}

TEST_CASE("top-k gathers a value and an index of each replica's largest gradients") {
  const std::int64_t all = weights();
  const auto k = static_cast<std::int64_t>(std::ceil(0.01 * static_cast<double>(all)));
  const std::string more = ", gradient_compression: {kind: top_k, share: 1 %}";
  CHECK(sent(more)("data", CollectiveKind::kAllGather) == kReplicas * 8 * k);
  CHECK(sent(more)("data", CollectiveKind::kAllReduce) == 0);
  CHECK(gradients(more) == 2 * 4 * all);
}

TEST_CASE("one bit a gradient goes to whoever sums it and comes back") {
  const std::int64_t all = weights();
  const std::string more = ", gradient_compression: one_bit";
  CHECK(sent(more)("data", CollectiveKind::kAllToAll) == (all + 7) / 8);
  CHECK(sent(more)("data", CollectiveKind::kAllGather) == (all + 7) / 8);
  CHECK(sent(more)("data", CollectiveKind::kAllReduce) == 0);
  CHECK(gradients(more) == 4 * (2 * all + (all + kReplicas - 1) / kReplicas));
}

TEST_CASE("a lone replica compresses nothing") {
  const DecoderModel model = test::small_gpt();
  const auto step = [&](const std::string& more) {
    return training_step(model, plan_of(model, "{batch: 8, sequence: 128" + more + "}"),
                         test::stack_named("megatron_core"), test::chip_named("h100_sxm"));
  };
  CHECK(step_flops(step(", gradient_compression: powersgd")).hardware.count() == step_flops(step("")).hardware.count());
}

TEST_CASE("what can't be compressed is said") {
  const DecoderModel small = test::small_gpt();
  const auto error = [&](const std::string& plan, const DecoderModel& model) {
    return test::input_error([&] { return plan_of(model, "{batch: 8, " + plan + "}"); });
  };
  const auto says = [&](const std::string& plan, const char* what) {
    CAPTURE(plan);
    CHECK(error(plan, small).find(what) != std::string::npos);
  };
  says("data: 2, gradient_compression: powersgd", "once all of them are there");
  says("data: 2, zero: 1, overlap_gradients: false, gradient_compression: powersgd", "gradients are compressed whole");
  says("gradient_compression: power_sgd", "did you mean 'powersgd'?");
  says("gradient_compression: {kind: one_bit, rank: 2}", "'one_bit' has no rank");
  says("gradient_compression: {kind: powersgd, share: 0.1}", "'powersgd' has no share");
  says("gradient_compression: {kind: top_k, share: 0}", "no gradient would be sent");
  CHECK(error("overlap_gradients: false, gradient_compression: one_bit", test::model_named("mixtral_8x7b"))
            .find("has experts") != std::string::npos);
}
