// Cuts weights into blocks and deals them out.
#include "workloads/optimizers/weight_shape.h"

#include <algorithm>

namespace orrery {
namespace {

std::int64_t quotient_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

}  // namespace

std::int64_t elements_of(std::span<const WeightShape> shapes) {
  std::int64_t sum = 0;
  for (const WeightShape& shape : shapes) sum += shape.elements();
  return sum;
}

std::int64_t expert_elements(std::span<const WeightShape> shapes) {
  std::int64_t sum = 0;
  for (const WeightShape& shape : shapes) sum += shape.experts ? shape.elements() : 0;
  return sum;
}

std::vector<WeightShape> blocks_of(std::span<const WeightShape> shapes, std::int64_t block) {
  std::vector<WeightShape> blocks(shapes.begin(), shapes.end());
  if (block == 0) return blocks;
  for (WeightShape& shape : blocks) {
    const std::int64_t down = quotient_up(shape.rows, block);
    const std::int64_t across = quotient_up(shape.columns, block);
    shape.rows = quotient_up(shape.rows, down);
    shape.columns = quotient_up(shape.columns, across);
    shape.count *= down * across;
  }
  return blocks;
}

std::vector<WeightShape> busiest_share(std::span<const WeightShape> shapes, std::int64_t replicas) {
  std::vector<WeightShape> sorted(shapes.begin(), shapes.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const WeightShape& a, const WeightShape& b) { return a.size() > b.size(); });
  std::vector<WeightShape> share;
  std::int64_t dealt = 0;
  for (WeightShape shape : sorted) {
    const std::int64_t count = shape.count;
    // Of places dealt … dealt + count − 1, the multiples of `replicas`.
    shape.count = quotient_up(dealt + count, replicas) - quotient_up(dealt, replicas);
    dealt += count;
    if (shape.count > 0) share.push_back(shape);
  }
  return share;
}

}  // namespace orrery
