// Halves a slot while there are too few of it.
#include "sim/collective/cutting.h"

#include <algorithm>
#include <cmath>

namespace orrery {

namespace {

constexpr std::int64_t kKiB = 1024;
constexpr std::int64_t kTreesOfHead = 2;  // a channel each
constexpr std::int64_t kBuffer = 4096 * kKiB;
constexpr std::int64_t kSlotOfLL = 32 * kKiB;
constexpr std::int64_t kSlotOfLL128 = 576'000;

// A slot, halved while it is larger than `down_to` and the vector has fewer than `wanted` of what goes at once.
struct Slot {
  std::int64_t bytes;    // of the vector
  std::int64_t at_once;  // slots side by side
  std::int64_t slot;

  void halve(double wanted, std::int64_t down_to) {
    while (slot > down_to && static_cast<double>(slots()) < wanted) slot /= 2;
  }
  [[nodiscard]] std::int64_t slots() const { return bytes / (at_once * slot); }  // whole ones
  // Straight to `down_to`.
  void drop(std::int64_t wanted, std::int64_t down_to) {
    if (slot > down_to && bytes < wanted * at_once * slot) slot = down_to;
  }
};

}  // namespace

std::vector<std::string> cutting_names() { return {"tree_LL", "tree_LL128", "tree_Simple", "nvls_tree"}; }

Bytes chunk_of(Cutting cutting, const Spread& collective, const Buffers& buffers) {
  const auto heads = static_cast<std::int64_t>(collective.heads);
  const double each = static_cast<double>(collective.members) / static_cast<double>(collective.nodes);
  const double levels = std::floor(std::log2(static_cast<double>(collective.nodes)));
  Slot slot{collective.bytes.count(), kTreesOfHead * heads, kSlotOfLL};
  switch (cutting) {
    case Cutting::kTreeLL:
      break;
    case Cutting::kTreeLL128: {
      const double steps = 1 + levels + 0.1 * each;
      slot.slot = kSlotOfLL128;
      slot.halve(steps * 64 / each, 128 * kKiB);
      slot.halve(steps * 16 / each, 32 * kKiB);
      break;
    }
    case Cutting::kTreeSimple: {
      const double depth = each - 1 + levels;
      slot.slot = (buffers.buffer > Bytes() ? buffers.buffer.count() : kBuffer) / kBufferSlots;
      slot.halve(depth * 8, 128 * kKiB);
      slot.halve(depth * 4, 64 * kKiB);
      slot.halve(depth, 32 * kKiB);
      break;
    }
    case Cutting::kNvlsTree:
      slot.at_once = buffers.nvls_channels * heads;
      slot.slot = buffers.nvls_chunk > Bytes() ? buffers.nvls_chunk.count() : (collective.nodes >= 4 ? 64 : 128) * kKiB;
      slot.drop(32, 256 * kKiB);
      slot.drop(16, 128 * kKiB);
      slot.drop(4, 64 * kKiB);
      slot.drop(1, 32 * kKiB);
      slot.slot *= buffers.nvls_channels;
      break;
  }
  return Bytes(slot.slot);
}

double open_share(Cutting cutting, const Spread& collective) {
  if (cutting == Cutting::kNvlsTree) return 1;
  const std::int64_t each = (cutting == Cutting::kTreeLL ? 4 : cutting == Cutting::kTreeLL128 ? 5 : 32) * kKiB;
  const std::int64_t channels = kTreesOfHead * static_cast<std::int64_t>(collective.heads);
  const std::int64_t open = std::clamp<std::int64_t>(collective.bytes.count() / each, 1, channels);
  return static_cast<double>(open) / static_cast<double>(channels);
}

bool cuts(Cutting cutting, std::string_view algorithm) {
  return algorithm == (cutting == Cutting::kNvlsTree ? "nvls_tree" : "double_binary_tree");
}

}  // namespace orrery
