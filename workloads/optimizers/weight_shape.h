// Weights of a rank as an optimizer sees them: matrices, tables and vectors, each with its sides.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace orrery {

enum class WeightKind : std::uint8_t {
  kMatrix,  // of a linear layer
  kTable,   // of an embedding, positions or logits
  kVector,  // of a norm, or a bias
};

struct WeightShape {
  WeightKind kind = WeightKind::kMatrix;
  std::int64_t rows = 1;
  std::int64_t columns = 1;
  std::int64_t count = 1;  // of weights alike
  bool experts = false;    // of the experts dealt out to this rank: held by fewer replicas than the rest

  [[nodiscard]] std::int64_t size() const { return rows * columns; }
  [[nodiscard]] std::int64_t elements() const { return size() * count; }
  friend bool operator==(const WeightShape&, const WeightShape&) = default;
};

[[nodiscard]] std::int64_t elements_of(std::span<const WeightShape> shapes);
[[nodiscard]] std::int64_t expert_elements(std::span<const WeightShape> shapes);  // of experts alone
// Matrices cut into blocks of at most `block` rows and columns, as even as may be; 0: whole.
[[nodiscard]] std::vector<WeightShape> blocks_of(std::span<const WeightShape> shapes, std::int64_t block);
// What the busiest of `replicas` has when whole matrices are dealt out in turn, the largest first.
[[nodiscard]] std::vector<WeightShape> busiest_share(std::span<const WeightShape> shapes, std::int64_t replicas);

}  // namespace orrery
