// Recommendation models: MLPerf's weights, how tables are dealt out, bytes exchanged and memory by hand.
#include <algorithm>
#include <numeric>

#include "tests/workloads/families.h"
#include "workloads/families/dlrm/step.h"

using namespace orrery;
using test::category;
using test::sums_of;
using test::workload_of;

namespace {

constexpr std::int64_t kDim = 128;
constexpr std::int64_t kTables = 26;
constexpr std::int64_t kRows = 187'767'399;
// 13-512-256-128 and 479-1024-1024-512-256-1, with biases.
constexpr std::int64_t kBottom = 14 * 512 + 513 * 256 + 257 * 128;
constexpr std::int64_t kTop = 480 * 1024 + 1025 * 1024 + 1025 * 512 + 513 * 256 + 257;

}  // namespace

TEST_CASE("MLPerf's DLRM has its published tables and weights") {
  const auto model = dlrm::read_recommender(test::library().open("workloads/models", "dlrm_mlperf"));
  CHECK(model.rows() == kRows);
  CHECK(model.top.widths.front() == 479);
  CHECK(model.dense_weights() == kBottom + kTop);
  CHECK(model.parameters() == kRows * kDim + kBottom + kTop);  // 24 billion: 96 GB in fp32
}

TEST_CASE("a sample's FLOPs: perceptrons and all pairs, three times but for the gradient to the dense features") {
  const auto net = workload_of("dlrm_mlperf", "{batch: 2048}");
  const double bottom = 13.0 * 512 + 512.0 * 256 + 256.0 * 128;
  const double top = 479.0 * 1024 + 1024.0 * 1024 + 1024.0 * 512 + 512.0 * 256 + 256;
  const double pairs = 27.0 * 27 * 128;
  const double flops = 2 * (3 * (bottom + top + pairs) - 13.0 * 512);
  CHECK(sums_of(net->program(test::chip_named("a100_sxm_80gb"))).model_flops ==
        doctest::Approx(2048 * flops).epsilon(1e-12));
}

TEST_CASE("tables are dealt out so that ranks hold as many, and no rank much more than its share of rows") {
  const auto model = dlrm::read_recommender(test::library().open("workloads/models", "dlrm_mlperf"));
  for (const std::int64_t ranks : {2, 8, 13, 26}) {
    const auto dealt = dlrm::deal_out(model, ranks);
    std::vector<std::size_t> all;
    for (const auto& own : dealt) {
      CHECK(own.size() <= static_cast<std::size_t>((kTables + ranks - 1) / ranks));
      all.insert(all.end(), own.begin(), own.end());
    }
    std::sort(all.begin(), all.end());
    std::vector<std::size_t> each(kTables);
    std::iota(each.begin(), each.end(), std::size_t{0});
    CHECK(all == each);
  }
}

TEST_CASE("whole tables: pooled vectors and gradients in an all-to-all of the rank that has most tables") {
  const Chip chip = test::chip_named("a100_sxm_80gb");
  for (const std::int64_t ranks : {8, 13}) {
    const std::int64_t batch = 1024 * ranks;
    const auto net = workload_of("dlrm_mlperf", fmt::format("{{data: {}, batch: {}}}", ranks, batch));
    const Program program = net->program(chip);
    validate(program);
    const std::int64_t most = (kTables + ranks - 1) / ranks;
    for (const Role& role : program.roles) {
      const auto sums = sums_of(program, role);
      CHECK(sums.exchanged.at("data") == 1024 * kTables * 8 + 2 * batch * most * kDim * 2);
      CHECK(sums.reduced.at("data") == 4 * (kBottom + kTop));
    }
    static_cast<void>(test::run_of(program, chip, test::quick_stack()));
  }
}

TEST_CASE("rows shared out: sums of all tables are reduced and scattered, gradients gathered") {
  const Chip chip = test::chip_named("a100_sxm_80gb");
  const auto net = workload_of("dlrm_mlperf", "{data: 32, batch: 32768, sharding: row_wise}");
  const Program program = net->program(chip);
  validate(program);
  CHECK(program.roles.size() == 1);
  const auto sums = sums_of(program);
  CHECK(sums.exchanged.at("data") == 1024 * kTables * 8);
  CHECK(sums.others.at("data") == 2 * 32768 * kTables * kDim * 2);
  CHECK(category(net->memory(chip), "tables") == 4 * kDim * ((kRows + 31) / 32));
  static_cast<void>(test::run_of(program, chip, test::quick_stack()));
}

TEST_CASE("memory: the rank with the largest tables, and pooled vectors of all samples both ways") {
  const Chip chip = test::chip_named("a100_sxm_80gb");
  const MemoryUse use = workload_of("dlrm_mlperf", "{data: 26, batch: 26000}")->memory(chip);
  CHECK(category(use, "tables") == 4 * kDim * std::int64_t{39'979'771});
  CHECK(category(use, "buffers") == 2 * 26000 * kDim * 2 + (25 << 20));
  CHECK(!workload_of("dlrm_mlperf", "{batch: 2048}")->memory(chip).fits());  // 96 GB on one
}

TEST_CASE("plans that tables can't follow are refused at the key") {
  const auto said = [](const std::string& plan) {
    return test::input_error([&] { return workload_of("dlrm_mlperf", plan); });
  };
  CHECK(said("{data: 32, batch: 64}").find("sharding: row_wise shares out every table's rows") != std::string::npos);
  CHECK(said("{data: 2, batch: 64, sharding: by_column}").find("no sharding of tables is called") != std::string::npos);
}
