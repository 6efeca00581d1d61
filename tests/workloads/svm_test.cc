// Linear machines: FLOPs a sample, the vector summed each local batch or once in several, memory.
#include "tests/workloads/families.h"

using namespace orrery;
using test::category;
using test::sums_of;
using test::workload_of;

TEST_CASE("four FLOPs a nonzero, and one sum of the gradient a local batch") {
  const Chip chip = test::chip_named("a100_sxm_80gb");
  for (const std::int64_t ranks : {4, 16}) {
    const auto net = workload_of("svm_epsilon", fmt::format("{{data: {}, batch: 8192}}", ranks), "cuda_mpi");
    CHECK(net->parameters() == 2000);
    const Program program = net->program(chip);
    validate(program);
    const auto sums = sums_of(program);
    CHECK(sums.model_flops == doctest::Approx(4.0 * 2000 * 8192 / static_cast<double>(ranks)));
    CHECK(sums.reduced.at("data") == 4 * 2000);
    CHECK(category(net->memory(chip), "examples") == 400'000 / ranks * 2000 * 4);
    static_cast<void>(test::run_of(program, chip, test::quick_stack("cuda_mpi")));
  }
}

TEST_CASE("local steps: the same sum for as many times the samples") {
  const Chip chip = test::chip_named("a100_sxm_80gb");
  const auto each = workload_of("svm_webspam", "{data: 8, batch: 4096}", "cuda_mpi");
  const auto seldom = workload_of("svm_webspam", "{data: 8, batch: 4096, local_steps: 16}", "cuda_mpi");
  CHECK(seldom->samples() == 16 * each->samples());
  const auto before = sums_of(each->program(chip));
  const auto after = sums_of(seldom->program(chip));
  CHECK(after.reduced.at("data") == before.reduced.at("data"));
  CHECK(after.reduced.at("data") == 4 * std::int64_t{16'609'143});
  CHECK(after.model_flops == doctest::Approx(16 * before.model_flops));
  CHECK(category(seldom->memory(chip), "examples") == std::int64_t{43'750} * 3727 * 8);
  validate(seldom->program(chip));
}

TEST_CASE("the machine's limit: FLOPs a byte reduced are half the local batch where samples are dense") {
  const auto net = workload_of("svm_epsilon", "{data: 4, batch: 4096}", "cuda_mpi");
  const auto sums = sums_of(net->program(test::chip_named("a100_sxm_80gb")));
  // 4·m·d ÷ (2·4·d) with m = 1024 samples a rank: half of m.
  CHECK(sums.model_flops / (2.0 * static_cast<double>(sums.reduced.at("data"))) == doctest::Approx(512));
}
