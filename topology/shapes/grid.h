// Blocks on an n-dimensional grid, each joined to its neighbours: what ring, mesh and the tori are made of.
#pragma once

#include <vector>

#include "topology/shapes/shape.h"

namespace orrery {

enum class Wraparound : std::uint8_t { kNo, kYes };

// Block at coordinates (x_0 … x_n−1) is block number Σ x_d·stride_d; the last dimension varies fastest. Port i is
// joined to port i of the neighbour. A dimension of size 2 has one cable between its two blocks, wrapped around or not.
struct GridPlan {
  Blocks blocks;
  std::vector<std::uint64_t> sizes;  // their product is the count of `blocks`
  std::vector<Link> links;           // one per dimension
  Wraparound wraparound = Wraparound::kNo;
  // Twisted: a dimension of size n wraps around with a shift of n along every dimension of size 2n, so that a line
  // closes only when it has been round twice. (Cámara, Moretó, Vallejo, Beivide, Miguel-Alonso, Martínez and Navaridas,
  // "Twisted Torus Topologies for Enhanced Interconnection Networks", IEEE TPDS 2010.)
  bool twisted = false;
  // Blocks stand in cubes of this side; what leaves a cube, wraparound included, is `between` instead of `links`. 0: no
  // cubes.
  std::uint64_t cube = 0;
  std::vector<Link> between;
};

class GridBlock : public Block {
 public:
  explicit GridBlock(GridPlan plan);

  [[nodiscard]] Counts counts() const override;
  [[nodiscard]] std::uint64_t port_count() const override;
  Ports build(Builder& builder, const std::string& name) const override;

 private:
  [[nodiscard]] bool is_twisted(std::size_t dimension) const;
  [[nodiscard]] std::uint64_t cables_per_line(std::size_t dimension) const;
  // The block that `from` reaches as it wraps around along `dimension`.
  [[nodiscard]] std::size_t wrapped(std::size_t from, std::size_t dimension) const;

  GridPlan plan_;
  std::vector<std::size_t> strides_;
};

// `[4, 4, 8]`: 1 to 8 sizes.
[[nodiscard]] std::vector<std::uint64_t> read_sizes(const yaml::Node& node);
[[nodiscard]] std::uint64_t product_of(const std::vector<std::uint64_t>& sizes);  // saturates

// A link for each of `dimensions`: one mapping for all, or a list.
[[nodiscard]] std::vector<Link> read_grid_links(const yaml::Node& node, const Block& block, std::size_t dimensions);

// `twist: true` is for sizes of n and 2n, both there, n at least 2, and nothing else.
[[nodiscard]] bool read_twist(yaml::Map& map, const std::vector<std::uint64_t>& sizes);

// Reads `size`, `link` and `block`; of a torus also `twist`.
[[nodiscard]] std::unique_ptr<Block> read_grid(yaml::Map& map, Wraparound wraparound);

}  // namespace orrery
