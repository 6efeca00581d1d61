// Hybrid sharding and local SGD: which ranks meet, bytes they send and keep, against formulas written out here.
#include "tests/workloads/fixture.h"
#include "tests/workloads/traffic.h"

using namespace orrery;
using test::model_named;
using test::plan_of;
using test::traffic;
using test::Traffic;

namespace {

using enum CollectiveKind;

Program step_of(const std::string& plan, std::string_view name = "llama3_8b") {
  const DecoderModel model = model_named(name);
  return training_step(model, plan_of(model, plan), test::stack_named("megatron_core"), test::chip_named("h100_sxm"));
}

MemoryUse memory_with(const std::string& plan) {
  const DecoderModel model = model_named("llama3_8b");
  return memory_use(model, plan_of(model, plan), test::stack_named("megatron_core"), test::chip_named("h100_sxm"));
}

std::size_t members_of(const Program& program, const std::string& group) {
  for (std::size_t g = 0; g < program.groups.size(); ++g)
    if (program.groups[g].name == group) return program.members(GroupSpecId(g), RankId(0)).size();
  return 0;
}

std::string fault_of(const std::string& plan) {
  const DecoderModel model = model_named("mixtral_8x7b");
  return test::input_error([&] { return plan_of(model, plan); });
}

const std::int64_t kParameters = model_named("llama3_8b").parameters();
constexpr std::int64_t kTable = 128256 * std::int64_t{4096};

}  // namespace

TEST_CASE("hybrid sharding gathers and scatters within a share, and sums each share over its copies") {
  // Sixteen replicas in shares of four; two microbatches each.
  const std::string plan = "{data: 16, batch: 32, shard: 4, zero: ";
  const Program fully = step_of(plan + "3}");
  CHECK_NOTHROW(validate(fully));
  CHECK(members_of(fully, "shard") == 4);
  CHECK(members_of(fully, "data") == 4);
  Traffic sent = traffic(fully, fully.roles[0]);
  CHECK(sent("shard", kReduceScatter) == 2 * 4 * kParameters);
  CHECK(sent("shard", kAllGather) == 2 * 2 * (2 * kParameters - kTable));
  CHECK(sent("data", kAllReduce) == 2 * kParameters);  // 4 bytes a weight ÷ 4, of each microbatch
  for (const char* more : {"1}", "1, overlap_gradients: false}"}) {
    CAPTURE(more);
    const Program one = step_of(plan + more);
    sent = traffic(one, one.roles[0]);
    CHECK(sent("shard", kReduceScatter) == 4 * kParameters);
    CHECK(sent("shard", kAllGather) == 2 * kParameters);
    CHECK(sent("data", kAllReduce) == kParameters);
  }
}

TEST_CASE("a share of hybrid sharding is kept as if there were no other copies") {
  for (const char* zero : {"1", "2", "3"}) {
    CAPTURE(zero);
    const std::string rest = std::string(", zero: ") + zero + "}";
    const MemoryUse hybrid = memory_with("{data: 16, batch: 32, shard: 4" + rest);
    const MemoryUse alone = memory_with("{data: 4, batch: 8" + rest);
    REQUIRE(hybrid.categories.size() == alone.categories.size());
    for (std::size_t c = 0; c < alone.categories.size(); ++c)
      CHECK(hybrid.categories[c].bytes == alone.categories[c].bytes);
  }
}

TEST_CASE("experts are sharded over their part of a share") {
  const Program program = step_of("{data: 16, expert: 4, batch: 16, zero: 1, shard: 8}", "mixtral_8x7b");
  CHECK_NOTHROW(validate(program));
  CHECK(members_of(program, "expert") == 4);
  CHECK(members_of(program, "shard") == 8);         // four places of experts × two
  CHECK(members_of(program, "expert shard") == 2);  // of those that hold the same experts
  CHECK(members_of(program, "data") == 2);          // copies of either
  const DecoderModel model = model_named("mixtral_8x7b");
  const std::int64_t experts = 32 * 8 / 4 * 3 * 4096 * std::int64_t{14336};
  const std::int64_t shared = model.parameters() - 4 * experts;
  const Traffic sent = traffic(program, program.roles[0]);
  CHECK(sent("shard", kReduceScatter) == 4 * shared);
  CHECK(sent("expert shard", kReduceScatter) == 4 * experts);
  CHECK(sent("data", kAllReduce) == 4 * shared / 8 + 4 * experts / 2);
}

TEST_CASE("sites meet once in so many steps, each rank with the weights that it updates") {
  const std::string common = "{tensor: 2, sequence_parallel: true, data: 8, batch: 16, ";
  const auto site = [&](const std::string& more) {
    const Program program = step_of(common + more);
    CHECK_NOTHROW(validate(program));
    return traffic(program, program.roles[0]);
  };
  const std::int64_t own = model_named("llama3_8b").parameters() / 2;  // of a tensor rank, norms apart
  const auto about = [](std::int64_t bytes) { return doctest::Approx(static_cast<double>(bytes)).epsilon(1e-4); };
  const auto bytes = [](const Traffic& sent, const char* group, CollectiveKind kind) {
    return static_cast<double>(sent(group, kind));
  };
  // Two sites of four replicas.
  const std::string local = "local_sgd: {sites: 2, steps: 50, step: ";
  const Traffic whole = site("zero: 1, " + local + "expensive}}");
  CHECK(bytes(whole, "site", kAllReduce) == about(4 * own / 4));
  CHECK(bytes(whole, "data", kReduceScatter) == about(4 * own));
  CHECK(bytes(whole, "data", kAllGather) == about(2 * own));
  CHECK(bytes(site("zero: 1, " + local + "average}}"), "site", kAllReduce) == about(own / 50));
  CHECK(site("zero: 1, " + local + "plain}}")("site", kAllReduce) == 0);
  CHECK(bytes(site("zero: 1, local_sgd: {sites: 2, steps: 50, step: expensive, sent: bf16}}"), "site", kAllReduce) ==
        about(2 * own / 4));
  // Replicas that update all weights share them out for a meeting, and gather what comes of it.
  const Traffic unsharded = site(local + "expensive}}");
  CHECK(bytes(unsharded, "site", kAllReduce) == about(own));
  CHECK(bytes(unsharded, "data", kAllGather) == about(4 * own));
}

TEST_CASE("a rank keeps eight bytes more for each weight of its share") {
  const MemoryUse apart = memory_with("{data: 8, batch: 16, zero: 1, local_sgd: {sites: 2, steps: 50}}");
  const MemoryUse one = memory_with("{data: 4, batch: 8, zero: 1}");
  CHECK(test::bytes_of(apart, "optimizer") - test::bytes_of(one, "optimizer") == 8 * kParameters / 4);
  CHECK(test::bytes_of(apart, "activations") == test::bytes_of(one, "activations"));
}

TEST_CASE("replicas that can't be told apart so are refused") {
  CHECK(
      fault_of("{data: 6, batch: 6, local_sgd: {sites: 4, steps: 10}}").find("6 can't be split evenly over 4 sites") !=
      std::string::npos);
  CHECK(fault_of("{data: 16, batch: 16, zero: 3, shard: 6}").find("can't be split into shares of 6") !=
        std::string::npos);
  CHECK(fault_of("{data: 16, expert: 8, batch: 16, zero: 1, shard: 4}").find("a multiple of 8") != std::string::npos);
}
