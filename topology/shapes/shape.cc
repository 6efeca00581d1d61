// What all shapes share: the bare chip, reading of nested blocks, counting without overflow.
#include "topology/shapes/shape.h"

#include <fmt/format.h>

#include <limits>

#include "topology/link_spec.h"

namespace orrery {
namespace {

class BareChip : public Block {
 public:
  // An engine, its HBM and the two links between them.
  [[nodiscard]] Counts counts() const override { return {.chips = 1, .vertices = 2, .links = 2}; }
  [[nodiscard]] std::uint64_t port_count() const override { return 1; }
  [[nodiscard]] bool is_chip() const override { return true; }
  Ports build(Builder& builder, const std::string& name) const override {
    return {builder.fabric.engine(builder.fabric.add_chip(builder.node(), name))};
  }
};

std::uint64_t cut(const yaml::Node& count_node, std::uint64_t count, std::uint64_t chips_each, std::uint64_t wanted) {
  if (wanted == 0) return count;
  // Rounded up: the last block may hold chips that nobody asked for.
  const std::uint64_t needed = (wanted - 1) / chips_each + 1;
  if (needed > count)
    count_node.fail(
        fmt::format("{} chips are wanted, but this cluster holds {}", wanted, saturating_product(count, chips_each)),
        {fmt::format("{} would hold them", needed)});
  return needed;
}

std::unique_ptr<Block> read_inner(yaml::Map& map) {
  const auto node = map.optional("block");
  return node ? read_block(*node) : std::make_unique<BareChip>();
}

std::uint64_t read_chips_per_node(yaml::Map& map, const Block& block, std::uint64_t count, ChipsShare share) {
  const auto node = map.optional("chips_per_node");
  if (!node) return share == ChipsShare::kNode ? count : 1;
  if (!block.is_chip()) node->fail("`chips_per_node` is for bare chips; these blocks have nodes of their own");
  return static_cast<std::uint64_t>(node->integer(1, kMostBlocks));
}

}  // namespace

std::uint64_t saturating_product(std::uint64_t a, std::uint64_t b) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  return a != 0 && b > kMost / a ? kMost : a * b;
}

std::uint64_t saturating_sum(std::uint64_t a, std::uint64_t b) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  return b > kMost - a ? kMost : a + b;
}

Counts operator+(const Counts& a, const Counts& b) {
  return {saturating_sum(a.chips, b.chips), saturating_sum(a.vertices, b.vertices), saturating_sum(a.links, b.links)};
}

Counts operator*(const Counts& a, std::uint64_t times) {
  return {saturating_product(a.chips, times), saturating_product(a.vertices, times),
          saturating_product(a.links, times)};
}

std::unique_ptr<Block> read_block(const yaml::Node& node, std::uint64_t chips_wanted) {
  if (node.is_scalar()) {
    if (node.text() == "chip") return std::make_unique<BareChip>();
    node.fail(fmt::format("a block is the word `chip` or a mapping with a `shape`, not '{}'", node.text()));
  }
  const std::vector<std::string> names = Shapes::names();
  const ShapeKind* kind = Shapes::find(names[yaml::Map(node, "a block").required("shape").choice("shape", names)]);
  yaml::Map map(node, fmt::format("the shape '{}'", kind->name));
  static_cast<void>(map.required("shape"));
  std::unique_ptr<Block> block = kind->read(map, chips_wanted);
  map.finish();
  return block;
}

Blocks read_blocks(yaml::Map& map, std::string_view count_key, std::uint64_t chips_wanted, ChipsShare share) {
  const yaml::Node node = map.required(count_key);
  Blocks blocks;
  blocks.count_in_file = static_cast<std::uint64_t>(node.integer(1, kMostBlocks));
  blocks.block = read_inner(map);
  blocks.count = cut(node, blocks.count_in_file, blocks.block->counts().chips, chips_wanted);
  blocks.chips_per_node = read_chips_per_node(map, *blocks.block, blocks.count, share);
  return blocks;
}

Blocks read_blocks(yaml::Map& map, std::uint64_t count, ChipsShare share) {
  Blocks blocks;
  blocks.block = read_inner(map);
  blocks.count = blocks.count_in_file = count;
  blocks.chips_per_node = read_chips_per_node(map, *blocks.block, blocks.count, share);
  return blocks;
}

std::vector<Ports> Blocks::build(Builder& builder, const std::string& name) const {
  std::vector<Ports> ports;
  ports.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    if (block->is_chip() && i % chips_per_node == 0) builder.open_node();
    ports.push_back(block->build(builder, join_names(name, block->is_chip() ? "chip" : "node", i)));
  }
  return ports;
}

Link read_block_link(yaml::Map& map, const Block& block) {
  return block.is_chip() ? read_link(map.required("link"), LinkKind::kNvlink, Tier::kScaleUp)
                         : read_link(map.required("link"), LinkKind::kNetwork, Tier::kRail);
}

std::string join_names(const std::string& outer, std::string_view kind, std::uint64_t index) {
  return outer.empty() ? fmt::format("{}{}", kind, index) : fmt::format("{}/{}{}", outer, kind, index);
}

}  // namespace orrery
