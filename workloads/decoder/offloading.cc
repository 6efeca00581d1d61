// Puts copies to the host and back beside passes.
#include "workloads/decoder/offloading.h"

#include <algorithm>

#include "workloads/decoder/activations.h"
#include "workloads/step/host_copy.h"

namespace orrery::decoder {
namespace {

using step::Stream;

constexpr std::size_t kBuffers = 2;

Bytes bytes_of(const Shapes& shapes, std::string_view layer) {
  return layer_activations(shapes, layer, shapes.recompute);
}

// How many of a chunk's layers, from its first.
std::size_t layers_offloaded(const Shapes& shapes, const Chunk& chunk) {
  return shapes.offloads && !chunk.layers.empty() ? chunk.layers.size() - 1 : 0;
}

}  // namespace

Offloading::Offloading(const Shapes& shapes, const Chunk& chunk, const step::Draft& draft, step::TapeWriter& tape)
    : tape_(&tape), marks_(layers_offloaded(shapes, chunk)) {
  copies_.reserve(marks_.size());
  for (std::size_t layer = 0; layer < marks_.size(); ++layer)
    copies_.push_back(step::copy_time(*draft.chip().host, bytes_of(shapes, chunk.layers[layer])));
}

// CORRECTNESS: the copies of a pass before may still be under way when this one begins. Its second layer, which would
// need a third buffer, waits for them; so do its copies back, of what these bring out.
void Offloading::begin_forward(std::size_t layer) {
  if (layer + 1 == kBuffers && !marks_.empty()) tape_->wait(step::before_tape(Stream::kToHost, 0));
  if (layer >= kBuffers && offloads(layer - kBuffers)) tape_->wait(marks_[layer - kBuffers]);
}

void Offloading::end_forward(std::size_t layer) {
  if (offloads(layer)) marks_[layer] = tape_->delay(Stream::kToHost, copies_[layer], "activations to host");
}

void Offloading::fetch(std::size_t layer) {
  tape_->layer(static_cast<std::int32_t>(layer));
  marks_[layer] =
      tape_->delay(Stream::kFromHost, copies_[layer], "activations from host", step::before_tape(Stream::kToHost, 0));
}

void Offloading::begin_backward() {
  if (marks_.empty()) return;
  fetch(marks_.size() - 1);
  tape_->layer(-1);
}

void Offloading::begin_backward(std::size_t layer) {
  if (!offloads(layer)) return;
  const step::Mark here = marks_[layer];
  if (layer > 0) fetch(layer - 1);
  tape_->layer(static_cast<std::int32_t>(layer));
  tape_->wait(here);
}

Bytes offloaded_activations(const Shapes& shapes, const Chunk& chunk) {
  Bytes bytes;
  for (std::size_t layer = 0; layer < layers_offloaded(shapes, chunk); ++layer)
    bytes += bytes_of(shapes, chunk.layers[layer]);
  return bytes;
}

Bytes offloading_buffers(const Shapes& shapes, const Chunk& chunk) {
  const std::size_t layers = layers_offloaded(shapes, chunk);
  Bytes largest;
  for (std::size_t layer = 0; layer < layers; ++layer)
    largest = std::max(largest, bytes_of(shapes, chunk.layers[layer]));
  return largest * static_cast<std::int64_t>(std::min(kBuffers, layers));
}

}  // namespace orrery::decoder
