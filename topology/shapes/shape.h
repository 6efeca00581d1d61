// What a shape is: a way to join blocks, each a chip or another shape, into a larger block that has ports of its own.
//
// A shape is one .cc file here that registers a ShapeKind. It is used in two steps. read() takes the shape's keys from
// the file, checks them and returns a Block: nothing is allocated yet, but counts() is exact, so that a fabric too
// large is refused in time. build() then adds the block's vertices and links and returns its ports.
//
// Ports are where an outer shape fastens its cables, in a fixed order; port i of every block of one kind is its rail i.
// A chip has one port, its engine. A node with NICs offers its NICs, a tree its topmost switches; every other shape
// hands on the ports of its own blocks.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/registry.h"
#include "sim/base/yaml.h"
#include "topology/fabric.h"

namespace orrery {

// A fabric under construction, and the node that chips belong to.
class Builder {
 public:
  explicit Builder(Chip chip) : fabric(std::move(chip)) {}
  Fabric fabric;

  // The chips that follow share a host or a scale-up domain; returns its number.
  std::uint32_t open_node() { return nodes_++; }
  [[nodiscard]] std::uint32_t node() const { return nodes_ == 0 ? 0 : nodes_ - 1; }

  VertexId add(VertexKind kind, std::string name) { return fabric.add_vertex({kind, ChipId(), std::move(name)}); }
  // One cable like `link` between two vertices.
  void join(Link link, VertexId from, VertexId to) {
    link.from = from;
    link.to = to;
    fabric.add_cable(link);
  }

 private:
  std::uint32_t nodes_ = 0;
};

// How much a block holds. Saturates at the largest value, so that any file can be counted.
struct Counts {
  std::uint64_t chips = 0;
  std::uint64_t vertices = 0;
  std::uint64_t links = 0;  // one-way

  friend bool operator==(const Counts&, const Counts&) = default;
  friend Counts operator+(const Counts& a, const Counts& b);
  friend Counts operator*(const Counts& a, std::uint64_t times);
};
[[nodiscard]] std::uint64_t saturating_product(std::uint64_t a, std::uint64_t b);
[[nodiscard]] std::uint64_t saturating_sum(std::uint64_t a, std::uint64_t b);

using Ports = std::vector<VertexId>;

class Block {
 public:
  virtual ~Block() = default;
  [[nodiscard]] virtual Counts counts() const = 0;             // of what build() adds, exactly
  [[nodiscard]] virtual std::uint64_t port_count() const = 0;  // of what build() returns, exactly
  [[nodiscard]] virtual bool is_chip() const { return false; }
  // Where the first `used` chips are used, over several equal parts that hang on the block's topmost switches of use
  // alike, so that any permutation of these parts maps the block onto itself: the chips of a part. 0: no such parts.
  [[nodiscard]] virtual std::uint64_t part_chips(std::uint64_t) const { return 0; }
  // Names of what it adds begin with `name`: "node3", or empty for the outermost block.
  virtual Ports build(Builder& builder, const std::string& name) const = 0;
};

struct ShapeKind {
  std::string_view name;
  std::string_view sentence;
  // `map` has every key of the shape but `shape`; the caller calls finish(). `chips_wanted` > 0: cut the number of
  // blocks to what holds that many chips, where the shape has a number that can be cut.
  std::unique_ptr<Block> (*read)(yaml::Map& map, std::uint64_t chips_wanted);
};
using Shapes = Registry<ShapeKind>;

// A mapping with `shape: NAME`, or the word `chip`.
[[nodiscard]] std::unique_ptr<Block> read_block(const yaml::Node& node, std::uint64_t chips_wanted = 0);

// For shapes of many equal blocks: `block:` (a chip when absent), and how many of them.
struct Blocks {
  std::unique_ptr<Block> block;
  std::uint64_t count = 0;           // to build
  std::uint64_t count_in_file = 0;   // before a cut
  std::uint64_t chips_per_node = 0;  // of bare chips

  [[nodiscard]] Counts counts() const { return block->counts() * count; }
  // Builds them in order; [i] are the ports of block i.
  [[nodiscard]] std::vector<Ports> build(Builder& builder, const std::string& name) const;
};
enum class ChipsShare { kNode, kNothing };  // bare chips are one node all together, or each its own
// Reads `block`, the count at `count_key` and, over bare chips, the optional `chips_per_node`.
[[nodiscard]] Blocks read_blocks(yaml::Map& map, std::string_view count_key, std::uint64_t chips_wanted,
                                 ChipsShare share);
// The same where the count comes from elsewhere (a mesh's sizes); it can't be cut.
[[nodiscard]] Blocks read_blocks(yaml::Map& map, std::uint64_t count, ChipsShare share);

// The required key `link`, with kind and tier as suits what it joins: NVLink and scale-up between bare
// chips, network and rail between larger blocks.
[[nodiscard]] Link read_block_link(yaml::Map& map, const Block& block);

inline constexpr std::int64_t kMostBlocks = 1 << 24;

// "node3" + "chip5" → "node3/chip5".
[[nodiscard]] std::string join_names(const std::string& outer, std::string_view kind, std::uint64_t index);

}  // namespace orrery
