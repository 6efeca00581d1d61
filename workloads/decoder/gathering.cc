// Puts gathers on the data stream, as early as what holds the weights allows.
//
// Law. Under ZeRO 3 a rank has room for two units: unit i + 1 is gathered once unit i − 1 has run, beside unit i. Under
// ZeRO 1 and 2 it has room for all: gathers of a stage's first chunk begin with the step, those of the next with the
// first pass through the chunk before; they follow each other without a break, and a unit waits for its own.
//
// Source: Zhao et al. 2023 (arXiv 2304.11277), PyTorch FSDP with one unit prefetched and weights dropped after the
// forward pass; Megatron-LM's --overlap-param-gather,
// which begins a chunk's gathers one chunk ahead.
#include "workloads/decoder/gathering.h"

#include <utility>

#include "workloads/decoder/weights.h"

namespace orrery::decoder {

using step::Mark;
using step::Stream;

std::vector<Bytes> weight_units(const Shapes& shapes, const Chunk& chunk, Gathers how) {
  std::vector<Bytes> units;
  Chunk part;
  const auto add = [&] { units.push_back(stored_bytes(shapes, chunk_weights(shapes, part))); };
  if (chunk.embeds) {
    part = {.embeds = true};
    add();
  }
  part = {.layers = 1};
  for (std::int64_t layer = 0; layer < chunk.layers; ++layer) add();
  if (chunk.ends) {
    part = {.ends = true, .shares_weight = chunk.shares_weight && how == Gathers::kOnce};
    add();
  }
  return units;
}

Gathering::Gathering(Gathers how, std::vector<Bytes> units, const std::vector<Bytes>& following, step::TapeWriter& tape)
    : how_(how), units_(std::move(units)), tape_(&tape), marks_(units_.size()) {
  if (how_ == Gathers::kNone || units_.empty()) return;
  if (how_ == Gathers::kAhead) {
    marks_[0] = gather(units_[0]);
    return;
  }
  for (std::size_t i = 0; i < units_.size(); ++i)
    marks_[i] = step::before_tape(Stream::kData, static_cast<std::uint32_t>(units_.size() - 1 - i));
  for (const Bytes unit : following) gather(unit);
}

Mark Gathering::gather(Bytes bytes) {
  return tape_->collective(Stream::kData, CollectiveKind::kAllGather, tape_->groups().data, bytes, "weights");
}

void Gathering::enter() {
  if (how_ == Gathers::kNone) return;
  const std::size_t unit = next_++;
  if (how_ == Gathers::kAhead && unit + 1 < units_.size()) marks_[unit + 1] = gather(units_[unit + 1]);
  tape_->wait(marks_[unit]);
}

}  // namespace orrery::decoder
