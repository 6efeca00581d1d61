// A kernel's time keeps to the limits of its chip: never under the roofline, near it when large, gaps and rounding
// told.
#include "workloads/compute/kernel.h"

#include <rapidcheck.h>

#include <algorithm>
#include <limits>

#include "tests/workloads/fixture.h"

using namespace orrery;

namespace {

const Chip& a100() {
  static const Chip chip = test::chip_named("a100_sxm_80gb");
  return chip;
}

double roofline(const Kernel& kernel, const Chip& chip) {
  const double matrix = kernel.kind == KernelKind::kStream
                            ? 0
                            : kernel.hardware_flops.count() /
                                  chip.matrix_peak[static_cast<std::size_t>(kernel.precision)].flops_per_second();
  return std::max(matrix, (kernel.read + kernel.written).as_double() / chip.hbm.bandwidth.as_double());
}

}  // namespace

TEST_CASE("a product counts two FLOPs a multiply-add and each operand once") {
  const Kernel kernel = matrix_product("p", Precision::kFp16, 3, 5, 7, 11);
  CHECK(kernel.hardware_flops.count() == 2.0 * 3 * 5 * 7 * 11);
  CHECK(kernel.model_flops.count() == kernel.hardware_flops.count());
  CHECK(kernel.read == Bytes(3 * 2 * (5 * 11 + 11 * 7)));
  CHECK(kernel.written == Bytes(3 * 2 * 5 * 7));
  CHECK(matrix_product("odd", Precision::kFp4, 1, 1, 1, 3).read == Bytes(2 + 2));  // 12 bits each, rounded up
}

TEST_CASE("no kernel beats the roofline of its chip") {
  CHECK(rc::check([] {
    const auto size = [] { return *rc::gen::inRange<std::int64_t>(1, 20'000); };
    const Kernel product = matrix_product("p", Precision::kBf16, *rc::gen::inRange<std::int64_t>(1, 64), size(),
                                          size() % 4096 + 1, size() % 4096 + 1);
    const KernelCost own = cost(product, a100());
    RC_ASSERT(own.duration.in_seconds() >= roofline(product, a100()));
    RC_ASSERT(own.duration >= a100().kernel_gap);
    RC_ASSERT(own.hbm >= product.read + product.written);
    RC_ASSERT(own.matrix_seconds <= own.duration.in_seconds());
    const Kernel copy = stream("c", Bytes(size() * size()), Bytes(size()));
    RC_ASSERT(cost(copy, a100()).duration.in_seconds() >= roofline(copy, a100()));
  }));
}

TEST_CASE("large products come near the peak, long streams near the bandwidth") {
  const Kernel product = matrix_product("p", Precision::kBf16, 1, 16384, 16384, 16384);
  const double of_peak = roofline(product, a100()) / cost(product, a100()).duration.in_seconds();
  CHECK(of_peak > 0.7);
  CHECK(of_peak < 1.0);
  const Kernel copy = stream("c", Bytes(std::int64_t{1} << 32U), Bytes(std::int64_t{1} << 32U));
  const double of_bandwidth = roofline(copy, a100()) / cost(copy, a100()).duration.in_seconds();
  CHECK(of_bandwidth > 0.7);
  CHECK(of_bandwidth < 1.0);
}

TEST_CASE("more work never takes less time") {
  CHECK(rc::check([] {
    const auto bytes = *rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 34U);
    const auto more = *rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 30U);
    RC_ASSERT(cost(stream("a", Bytes(bytes + more), Bytes(0)), a100()).duration >=
              cost(stream("b", Bytes(bytes), Bytes(0)), a100()).duration);
    const auto k = *rc::gen::inRange<std::int64_t>(1, 8192);
    RC_ASSERT(cost(matrix_product("a", Precision::kBf16, 1, 4096, 4096, k + 1024), a100()).duration >=
              cost(matrix_product("b", Precision::kBf16, 1, 4096, 4096, k), a100()).duration);
  }));
}

TEST_CASE("a chip that would take for ever gets a time that can still be compared") {
  Chip chip = a100();
  chip.matrix_peak.fill(FlopRate());
  const KernelCost never = cost(matrix_product("p", Precision::kBf16, 1, 1024, 1024, 1024), chip);
  CHECK(never.duration.in_seconds() > 3600.0 * 24);
}
