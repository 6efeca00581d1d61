// Every ring's transfers in a single step, so that they run side by side.
#include "sim/collective/ring_steps.h"

#include <algorithm>

namespace orrery {

namespace {

std::int32_t narrow(std::size_t number) { return static_cast<std::int32_t>(number); }

}  // namespace

Bytes piece_of(Bytes bytes, std::int64_t pieces) { return Bytes(divide(bytes.count(), pieces, Rounding::kUp)); }

std::int32_t chunks_of(Bytes bytes, Bytes chunk) {
  constexpr std::int64_t kMostChunks = 1024;
  return static_cast<std::int32_t>(
      std::clamp<std::int64_t>(divide(bytes.count(), chunk.count(), Rounding::kUp), 1, kMostChunks));
}

Schedule round_trip(CollectiveKind kind, const Rings& rings, Bytes bytes) {
  const std::int32_t n = narrow(rings.front().size());
  const std::int32_t rounds = kind == CollectiveKind::kAllReduce ? 2 : 1;
  const bool reduces = kind != CollectiveKind::kAllGather;
  Schedule schedule;
  schedule.pieces = n * narrow(rings.size());
  Step step;
  step.bytes = piece_of(bytes, schedule.pieces);
  step.repeats = rounds * (n - 1);
  step.transfers.reserve(rings.size() * rings.front().size() * static_cast<std::size_t>(rounds));
  for (std::size_t c = 0; c < rings.size(); ++c) {
    for (std::int32_t i = 0; i < n; ++i) {
      Transfer transfer;
      transfer.from = rings[c][static_cast<std::size_t>(i)];
      transfer.to = rings[c][static_cast<std::size_t>(i + 1 == n ? 0 : i + 1)];
      transfer.count = n - 1;
      transfer.reduces = reduces;
      transfer.channel = narrow(c);
      transfer.piece = narrow(c) * n + (reduces ? (i + n - 1) % n : i);
      transfer.stride = -1;
      transfer.period = n;
      step.transfers.push_back(transfer);
      if (rounds == 1) continue;
      transfer.first = n - 1;
      transfer.reduces = false;
      transfer.piece = narrow(c) * n + i;
      step.transfers.push_back(transfer);
    }
  }
  schedule.steps.push_back(std::move(step));
  return schedule;
}

Schedule chain(CollectiveKind kind, const Rings& rings, Bytes bytes) {
  const std::int32_t n = narrow(rings.front().size());
  const std::int32_t chunks = chunks_of(piece_of(bytes, narrow(rings.size())));
  Schedule schedule;
  schedule.pieces = chunks * narrow(rings.size());
  Step step;
  step.bytes = piece_of(bytes, schedule.pieces);
  step.repeats = chunks + n - 2;
  for (std::size_t c = 0; c < rings.size(); ++c) {
    std::vector<std::int32_t> order = rings[c];
    std::rotate(order.begin(), std::find(order.begin(), order.end(), 0), order.end());
    if (kind == CollectiveKind::kReduce) std::rotate(order.begin(), order.begin() + 1, order.end());  // root last
    for (std::int32_t i = 0; i + 1 < n; ++i) {
      Transfer transfer;
      transfer.from = order[static_cast<std::size_t>(i)];
      transfer.to = order[static_cast<std::size_t>(i) + 1];
      transfer.first = i;
      transfer.count = chunks;
      transfer.reduces = kind == CollectiveKind::kReduce;
      transfer.channel = narrow(c);
      transfer.piece = narrow(c) * chunks;
      transfer.stride = 1;
      step.transfers.push_back(transfer);
    }
  }
  schedule.steps.push_back(std::move(step));
  return schedule;
}

}  // namespace orrery
