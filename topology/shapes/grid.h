// Blocks on an n-dimensional grid, each joined to its neighbours: what ring, mesh and torus are made of.
#pragma once

#include <vector>

#include "topology/shapes/shape.h"

namespace orrery {

enum class Wraparound : std::uint8_t { kNo, kYes };

// Block at coordinates (x_0 … x_n−1) is block number Σ x_d·stride_d; the last dimension varies fastest. Port i is
// joined to port i of the neighbour. A dimension of size 2 has one cable between its two blocks, wrapped around or not.
class GridBlock : public Block {
 public:
  // `links[d]` are the cables of dimension d. The product of `sizes` is the count of `blocks`.
  GridBlock(Blocks blocks, std::vector<std::uint64_t> sizes, std::vector<Link> links, Wraparound wraparound);

  [[nodiscard]] Counts counts() const override;
  [[nodiscard]] std::uint64_t port_count() const override;
  Ports build(Builder& builder, const std::string& name) const override;

 private:
  [[nodiscard]] std::uint64_t cables_per_line(std::uint64_t size) const;

  Blocks blocks_;
  std::vector<std::uint64_t> sizes_;
  std::vector<Link> links_;
  Wraparound wraparound_;
};

// Reads `size: [4, 4, 8]`, `link` (one mapping, or a list with one per dimension) and `block`.
[[nodiscard]] std::unique_ptr<Block> read_grid(yaml::Map& map, Wraparound wraparound);

}  // namespace orrery
