// Optimizers: FLOPs, states and communicated bytes of each against its closed form, for a replicated and a sharded
// plan.
#include "workloads/optimizers/optimizer.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "tests/workloads/fixture.h"
#include "workloads/decoder/chunk.h"
#include "workloads/decoder/weights.h"

using namespace orrery;
using test::plan_of;

namespace {

struct Sums {
  double model = 0;                     // FLOPs, all ranks
  double hardware = 0;                  // FLOPs, all ranks
  std::map<std::string, double> bytes;  // of collectives, by group; one rank
};

// What a step of the small GPT on one pipeline stage does.
Sums sums_of(const std::string& plan_text) {
  const DecoderModel model = test::small_gpt();
  const Plan plan = plan_of(model, plan_text);
  const Program program = training_step(model, plan, test::stack_named("megatron_core"), test::chip_named("h100_sxm"));
  Sums sums;
  sums.model = step_flops(program).model.count();
  sums.hardware = step_flops(program).hardware.count();
  for (const Op& op : program.roles[0].ops)
    if (op.kind == OpKind::kCollective) {
      const CollectiveOp& collective = program.collectives[op.body];
      sums.bytes[program.groups[collective.group.index()].name] += collective.bytes.as_double();
    }
  return sums;
}

double state_of(const std::string& plan_text) {
  const DecoderModel model = test::small_gpt();
  const MemoryUse use = stage_memory(model, plan_of(model, plan_text), test::stack_named("megatron_core"),
                                     test::chip_named("h100_sxm"), 0);
  return std::find_if(use.categories.begin(), use.categories.end(), [](const auto& c) { return c.name == "optimizer"; })
      ->bytes.as_double();
}

// Two plans of four ranks. All four replicas whole; or two tensor ranks and two replicas that share out the update.
const std::string kWhole = "data: 4, batch: 8, sequence: 128";
const std::string kSharded = "tensor: 2, data: 2, zero: 1, batch: 4, sequence: 128";

std::string with_optimizer(const std::string& plan, const std::string& optimizer) {
  return "{" + plan + ", optimizer: " + optimizer + "}";
}

struct Matrix {
  double m, n, count;  // m×n, on one rank
};
// Of eight layers: qkv, attention's output, into and out of the MLP.
const std::vector<Matrix> kOnWhole = {{256, 768, 8}, {256, 256, 8}, {256, 1024, 8}, {1024, 256, 8}};
const std::vector<Matrix> kOnTensorRank = {{256, 384, 8}, {128, 256, 8}, {256, 512, 8}, {512, 256, 8}};

template <class Term>
double sum(const std::vector<Matrix>& matrices, Term term) {
  double all = 0;
  for (const Matrix& one : matrices) all += one.count * term(one.m, one.n);
  return all;
}
double size(double m, double n) { return m * n; }

// Extra FLOPs of a rank, in the whole step of four ranks, over Adam's.
void check_flops(const std::string& optimizer, double whole, double sharded) {
  CAPTURE(optimizer);
  for (const auto& [plan, rank] : {std::pair(kWhole, whole), std::pair(kSharded, sharded)}) {
    CAPTURE(plan);
    const Sums adam = sums_of(with_optimizer(plan, "adam"));
    const Sums own = sums_of(with_optimizer(plan, optimizer));
    CHECK(own.model == adam.model);  // the model needs no optimizer
    CHECK(own.hardware - adam.hardware == doctest::Approx(4 * rank).epsilon(1e-9));
  }
}

// State in bytes a rank, the master copy (4 bytes a weight) included.
void check_state(const std::string& optimizer, double whole, double sharded) {
  CAPTURE(optimizer);
  CHECK(state_of(with_optimizer(kWhole, optimizer)) == doctest::Approx(whole).epsilon(1e-12));
  CHECK(state_of(with_optimizer(kSharded, optimizer)) == doctest::Approx(sharded).epsilon(1e-12));
}

// Bytes of collectives of a rank over Adam's.
void check_bytes(const std::string& optimizer, const std::map<std::string, double>& whole,
                 const std::map<std::string, double>& sharded) {
  CAPTURE(optimizer);
  for (const auto& [plan, expected] : {std::pair(kWhole, whole), std::pair(kSharded, sharded)}) {
    CAPTURE(plan);
    Sums adam = sums_of(with_optimizer(plan, "adam"));
    Sums own = sums_of(with_optimizer(plan, optimizer));
    for (const char* group : {"data", "tensor", "model"}) {
      CAPTURE(group);
      const auto found = expected.find(group);
      CHECK(own.bytes[group] - adam.bytes[group] == (found == expected.end() ? 0 : found->second));
    }
  }
}

// Weights of a rank, and those of them that aren't matrices: norms and biases, the tables of words and positions.
double weights_of(double tensor) {
  return 8 * (12 * 256.0 * 256 / tensor + (768 + 1024) / tensor + 6 * 256) + 2048 * 256 / tensor + 128 * 256 + 2 * 256;
}
double others_of(double tensor) { return weights_of(tensor) - 8 * 12 * 256.0 * 256 / tensor; }

}  // namespace

TEST_CASE("the weights that an optimizer sees are all weights") {
  for (const char* name : {"megatron_22b", "llama3_8b", "gpt3_175b"}) {
    CAPTURE(name);
    const DecoderModel model = test::model_named(name);
    const Plan plan = plan_of(model, "{tensor: 8, pipeline: 4, batch: 4}");
    const decoder::Shapes shapes(model, plan, test::stack_named("megatron_core"));
    for (std::int64_t stage = 0; stage < 4; ++stage) {
      const decoder::Chunk chunk = decoder::chunk_of(shapes, plan, stage, 0);
      CHECK(elements_of(decoder::chunk_weight_shapes(shapes, chunk)) == decoder::chunk_weights(shapes, chunk).all());
    }
  }
  for (const char* name : {"mixtral_8x7b", "deepseek_v3", "qwen3_30b_a3b"}) {
    CAPTURE(name);
    const DecoderModel model = test::model_named(name);
    const Plan plan = plan_of(model, "{data: 8, expert: 8, batch: 8}");
    const decoder::Shapes shapes(model, plan, test::stack_named("megatron_core"));
    const decoder::Chunk chunk = decoder::chunk_of(shapes, plan, 0, 0);
    const std::vector<WeightShape> listed = decoder::chunk_weight_shapes(shapes, chunk);
    CHECK(elements_of(listed) == decoder::chunk_weights(shapes, chunk).all());
    CHECK(expert_elements(listed) == decoder::chunk_weights(shapes, chunk).experts);
  }
}

TEST_CASE("every weight is dealt to one replica, and the busiest has the most") {
  CHECK(rc::check([] {
    std::vector<WeightShape> shapes;
    std::int64_t count = 0;
    for (int k = 0; k < *rc::gen::inRange(1, 6); ++k) {
      shapes.push_back(
          {WeightKind::kMatrix, *rc::gen::inRange(1, 50), *rc::gen::inRange(1, 50), *rc::gen::inRange(1, 20)});
      count += shapes.back().count;
    }
    const std::int64_t replicas = *rc::gen::inRange(1, 9);
    const std::vector<WeightShape> share = busiest_share(shapes, replicas);
    std::int64_t dealt = 0;
    for (const WeightShape& shape : share) dealt += shape.count;
    RC_ASSERT(dealt == (count + replicas - 1) / replicas);
    RC_ASSERT(elements_of(share) * replicas >= elements_of(shapes));
    for (const WeightShape& block : blocks_of(shapes, 7)) RC_ASSERT(block.rows <= 7 && block.columns <= 7);
    RC_ASSERT(elements_of(blocks_of(shapes, 7)) >= elements_of(shapes));
  }));
}

TEST_CASE("optimizers that go weight by weight count no FLOPs; states in bytes a weight") {
  const double whole = weights_of(1);
  const double sharded = weights_of(2) / 2;
  for (const char* optimizer : {"sgd", "lars", "lamb", "adafactor"}) check_flops(optimizer, 0, 0);
  check_state("adam", 12 * whole, 12 * sharded);
  check_state("lamb", 12 * whole, 12 * sharded);
  check_state("sgd", 8 * whole, 8 * sharded);
  check_state("lars", 8 * whole, 8 * sharded);
  // Rows and columns of each matrix, the two tables among them; vectors whole.
  const auto sides = [](double m, double n) { return m + n; };
  const double vectors_whole = 8 * (768 + 1024 + 6 * 256.0) + 2 * 256;
  const double vectors_tensor = 8 * (384 + 512 + 6 * 256.0) + 2 * 256;
  const double whole_state = sum(kOnWhole, sides) + 2048 + 256 + 128 + 256 + vectors_whole;
  // Dealt out, largest first: the words' table to the busiest of two; then of 16, 8 and 8 matrices the other has first
  // turn, and the smallest, the table of positions, falls to it too.
  const double sharded_state = sum(kOnTensorRank, sides) / 2 + 1024 + 256 + vectors_tensor / 2;
  check_state("adafactor", 4 * (whole + whole_state), 4 * (sharded + sharded_state));
}

TEST_CASE("LAMB and LARS reduce two numbers a tensor over all that hold a part of it") {
  // On a tensor rank: 8·(4 matrices; norms and biases, 2432 = 9·256 + 128 weights, as ten vectors), two tables, the
  // last norm as two vectors.
  const double tensors = 8 * 14 + 4;
  for (const char* optimizer : {"lamb", "lars"})
    check_bytes(optimizer, {}, {{"tensor", 8 * tensors}, {"data", 8 * tensors}});
  check_bytes("sgd", {}, {});
  check_bytes("adafactor", {}, {{"tensor", 4 * tensors}});
}

TEST_CASE("Muon: 5·(4m²n + 2m³) a matrix on whoever has it, one moment, Adam's communication") {
  const auto flops = [](double rows, double columns) {
    const double m = std::min(rows, columns);
    const double n = std::max(rows, columns);
    return 20 * m * m * n + 10 * m * m * m;
  };
  check_flops("muon", sum(kOnWhole, flops), sum(kOnTensorRank, flops) / 2);
  check_state("muon", 4 * weights_of(1) + 4 * sum(kOnWhole, size) + 8 * others_of(1),
              4 * weights_of(2) / 2 + 4 * sum(kOnTensorRank, size) / 2 + 8 * others_of(2) / 2);
  check_bytes("muon", {}, {});
}

TEST_CASE("Shampoo: statistics and two products a block in each step, roots at intervals") {
  // Blocks of 256: on a whole rank all of 256×256, 3 + 1 + 4 + 4 a layer; on a tensor rank 2 of 256×192, one of
  // 128×256, 2 + 2 of 256×256.
  const std::vector<Matrix> whole = {{256, 256, 96}};
  const std::vector<Matrix> tensor = {{256, 192, 16}, {128, 256, 8}, {256, 256, 32}};
  const auto flops = [](double every) {
    return [every](double m, double n) { return 4 * m * m * n + 4 * m * n * n + 25 * (m * m * m + n * n * n) * every; };
  };
  // Dealt out over four replicas, with ZeRO or without.
  check_flops("{name: shampoo, block: 256}", sum(whole, flops(0.01)) / 4, sum(tensor, flops(0.01)) / 2);
  check_flops("{name: shampoo, block: 256, interval: 20}", sum(whole, flops(0.05)) / 4, sum(tensor, flops(0.05)) / 2);
  check_flops("{name: shampoo, block: 256, step: plain}", sum(whole, flops(0)) / 4, sum(tensor, flops(0)) / 2);
  check_flops("{name: shampoo, block: 256, step: expensive}", sum(whole, flops(1)) / 4, sum(tensor, flops(1)) / 2);
  const auto state = [](double m, double n) { return 2 * (m * m + n * n) + 2 * m * n; };
  check_state("{name: shampoo, block: 256}", 4 * weights_of(1) + 4 * sum(whole, state) / 4 + 8 * others_of(1),
              4 * weights_of(2) / 2 + 4 * sum(tensor, state) / 2 + 8 * others_of(2) / 2);
  // Search directions in fp32, where no ZeRO gathers weights anyway.
  check_bytes("{name: shampoo, block: 256}", {{"data", 4 * sum(kOnWhole, size)}}, {});
}

TEST_CASE("SOAP: 6m²n + 6mn² in each step, a power step and a QR decomposition at intervals") {
  const auto flops = [](double m, double n) {
    return 6 * m * m * n + 6 * m * n * n + (2 + 8.0 / 3) * (m * m * m + n * n * n) / 10;
  };
  check_flops("soap", sum(kOnWhole, flops), sum(kOnTensorRank, flops) / 2);
  const auto state = [](double m, double n) { return 2 * (m * m + n * n) + 2 * m * n; };
  check_state("soap", 4 * weights_of(1) + 4 * sum(kOnWhole, state) + 8 * others_of(1),
              4 * weights_of(2) / 2 + 4 * sum(kOnTensorRank, state) / 2 + 8 * others_of(2) / 2);
  check_bytes("soap", {}, {});
  // Sides longer than 300 have no basis: of the matrices of a whole rank only the sides of 256.
  const auto short_sides = [](double m, double n) {
    const auto of = [](double side, double other) {
      return side > 300 ? 0 : 6 * side * side * other + (2 + 8.0 / 3) * side * side * side / 10;
    };
    return of(m, n) + of(n, m);
  };
  check_flops("{name: soap, block: 300}", sum(kOnWhole, short_sides), sum(kOnTensorRank, short_sides) / 2);
}

TEST_CASE("K-FAC: factors from a microbatch, inverses shared out, two products in each step") {
  const auto factors = [](double m, double n) { return 2 * 128 * (m * m + n * n) / 10; };
  const auto inverses = [](double m, double n) { return 2 * (m * m * m + n * n * n) / 100; };
  const auto products = [](double m, double n) { return 2 * m * m * n + 2 * m * n * n; };
  check_flops("kfac", sum(kOnWhole, factors) + sum(kOnWhole, inverses) / 4 + sum(kOnWhole, products),
              sum(kOnTensorRank, factors) + sum(kOnTensorRank, inverses) / 2 + sum(kOnTensorRank, products) / 2);
  const auto square = [](double m, double n) { return m * m + n * n; };
  check_state("kfac", 4 * weights_of(1) + 4 * (2 * sum(kOnWhole, square) + sum(kOnWhole, size)) + 8 * others_of(1),
              4 * weights_of(2) / 2 + 4 * (2 * sum(kOnTensorRank, square) + sum(kOnTensorRank, size) / 2) +
                  8 * others_of(2) / 2);
  const auto bytes = [&](const std::vector<Matrix>& matrices) {
    return std::floor(4 * sum(matrices, square) / 10) + std::floor(4 * sum(matrices, square) / 100);
  };
  check_bytes("kfac", {{"data", bytes(kOnWhole)}}, {{"data", bytes(kOnTensorRank)}});
}

TEST_CASE("what an optimizer hasn't got is said where it stands") {
  const DecoderModel model = test::small_gpt();
  const auto fault = [&](const std::string& optimizer, const std::string& more) {
    return test::input_error(
        [&] { return plan_of(model, "{batch: 8, data: 2, optimizer: " + optimizer + more + "}"); });
  };
  CHECK(fault("moun", "") ==
        "plan.yaml:1:32: error: no optimizer is called 'moun'; did you mean 'muon'?\n"
        "  1 | {batch: 8, data: 2, optimizer: moun}\n"
        "    |                                ^~~~\n"
        "  note: optimizers: adafactor, adam, kfac, lamb, lars, muon, sgd, shampoo, soap");
  CHECK(fault("{name: muon, interval: 3}", "").find("the optimizer 'muon' does the same in every step") !=
        std::string::npos);
  CHECK(fault("{name: adam, block: 3}", "").find("doesn't care how long a matrix' sides are") != std::string::npos);
  CHECK(fault("muon", ", zero: 3").find("zero could be 0 or 1") != std::string::npos);
  CHECK(fault("lamb", ", zero: 3, sequence: 128").empty());
}
