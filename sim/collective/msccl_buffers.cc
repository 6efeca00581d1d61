// Chunks by number: an all-gather's are numbered by their owner, an all-to-all's by sender and place in its input.
#include "sim/collective/msccl_buffers.h"

#include <fmt/format.h>

namespace orrery::msccl {

namespace {

std::set<std::int32_t> everyone(std::size_t gpus) {
  std::set<std::int32_t> all;
  for (std::size_t g = 0; g < gpus; ++g) all.insert(all.end(), static_cast<std::int32_t>(g));
  return all;
}

bool adds_up(CollectiveKind kind) {
  return kind == CollectiveKind::kAllReduce || kind == CollectiveKind::kReduceScatter ||
         kind == CollectiveKind::kReduce;
}

}  // namespace

Buffers::Buffers(const Algorithm& algorithm) : algorithm_(algorithm) {
  const std::set<std::int32_t> all = everyone(algorithm.gpus.size());
  for (std::size_t g = 0; g < algorithm.gpus.size(); ++g) {
    const Gpu& gpu = algorithm.gpus[g];
    cells_.emplace_back(static_cast<std::size_t>(gpu.chunks[0]) + static_cast<std::size_t>(gpu.chunks[1]) +
                        static_cast<std::size_t>(gpu.chunks[2]));
    const auto number = static_cast<std::int32_t>(g);
    for (std::int32_t c = 0; c < gpu.chunks[0]; ++c) {
      if (algorithm.kind == CollectiveKind::kBroadcast && g != 0) continue;
      const bool own = algorithm.kind == CollectiveKind::kAllGather || algorithm.kind == CollectiveKind::kAllToAll;
      Cell& cell = cells_[g][at(g, 0, c)];
      cell.chunk = own ? number * gpu.chunks[0] + c : c;
      cell.from = adds_up(algorithm.kind) ? std::set<std::int32_t>{number} : all;
    }
  }
}

// In place, the input of an all-gather is its part of the output, the output of a reduce-scatter its part of the input;
// else they are the same.
std::size_t Buffers::at(std::size_t gpu, std::uint8_t buffer, std::int32_t index) const {
  const std::int32_t* chunks = algorithm_.gpus[gpu].chunks;
  const auto number = static_cast<std::int32_t>(gpu);
  std::int32_t place = index + (buffer > 0 ? chunks[0] : 0) + (buffer > 1 ? chunks[1] : 0);
  if (algorithm_.in_place && buffer < 2) {
    const bool gathers = algorithm_.kind == CollectiveKind::kAllGather && chunks[1] > chunks[0];
    const bool scatters = algorithm_.kind == CollectiveKind::kReduceScatter && chunks[0] > chunks[1];
    if (gathers) place = chunks[0] + index + (buffer == 0 ? number * chunks[0] : 0);
    if (scatters) place = index + (buffer == 1 ? number * chunks[1] : 0);
    if (!gathers && !scatters && chunks[0] == chunks[1]) place = index;
  }
  return std::min(static_cast<std::size_t>(place), cells_[gpu].size() - 1);
}

Cells Buffers::load(std::size_t gpu, Place place, std::int32_t count) const {
  Cells cells;
  for (std::int32_t k = 0; k < count; ++k) cells.push_back(cells_[gpu][at(gpu, place.buffer, place.first + k)]);
  return cells;
}

void Buffers::store(std::size_t gpu, Place place, const Cells& cells) {
  for (std::size_t k = 0; k < cells.size(); ++k)
    cells_[gpu][at(gpu, place.buffer, place.first + static_cast<std::int32_t>(k))] = cells[k];
}

std::string Buffers::add(const Cells& more, Cells& cells) {
  for (std::size_t k = 0; k < cells.size(); ++k) {
    if (more[k].chunk < 0 || cells[k].chunk < 0) return "it adds up a chunk that isn't there";
    if (more[k].chunk != cells[k].chunk)
      return fmt::format("it adds chunk {} to chunk {}", more[k].chunk, cells[k].chunk);
    for (const std::int32_t gpu : more[k].from)
      if (!cells[k].from.insert(gpu).second)
        return fmt::format("it adds gpu {}'s part of chunk {} a second time", gpu, more[k].chunk);
  }
  return {};
}

bool Buffers::is_right(std::size_t gpu, std::int32_t index) const {
  const Gpu& facts = algorithm_.gpus[gpu];
  const auto gpus = static_cast<std::int32_t>(algorithm_.gpus.size());
  const auto number = static_cast<std::int32_t>(gpu);
  std::int32_t chunk = index;
  if (algorithm_.kind == CollectiveKind::kReduceScatter) chunk = number * facts.chunks[1] + index;
  if (algorithm_.kind == CollectiveKind::kAllToAll) {
    const std::int32_t each = std::max(1, facts.chunks[1] / gpus);
    chunk = index / each * facts.chunks[0] + number * each + index % each;
  }
  const Cell& cell = cells_[gpu][at(gpu, 1, index)];
  return cell.chunk == chunk && cell.from.size() == algorithm_.gpus.size();
}

std::string Buffers::missing() const {
  const std::size_t receivers = algorithm_.kind == CollectiveKind::kReduce ? 1 : algorithm_.gpus.size();
  for (std::size_t g = 0; g < receivers; ++g)
    for (std::int32_t c = 0; c < algorithm_.gpus[g].chunks[1]; ++c)
      if (!is_right(g, c)) return fmt::format("output chunk {} of gpu {} isn't what it should be", c, g);
  return {};
}

}  // namespace orrery::msccl
