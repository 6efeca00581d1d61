// Activations of layers that wait with the host for their backward pass.
#pragma once

#include <cstddef>
#include <vector>

#include "workloads/decoder/chunk.h"

namespace orrery::decoder {

// A layer's activations leave once its forward pass is done, and come back beside the backward pass of the layer behind
// it. Each way two layers' have room at a time: what one leaves behind, or asks for, waits until the one before last
// has gone. The last layer's stay: they are asked for first.
//
// Source: Transformer Engine's cpu_offload (github.com/NVIDIA/TransformerEngine, pytorch/cpu_offload.py), double
// buffered, on streams of its own.
class Offloading {
 public:
  // Does nothing where the plan doesn't offload, or the chunk has one layer.
  Offloading(const Shapes& shapes, const Chunk& chunk, const step::Draft& draft, step::TapeWriter& tape);

  void begin_forward(std::size_t layer);
  void end_forward(std::size_t layer);
  void begin_backward();  // of the whole pass
  void begin_backward(std::size_t layer);

 private:
  [[nodiscard]] bool offloads(std::size_t layer) const { return layer < marks_.size(); }
  void fetch(std::size_t layer);

  step::TapeWriter* tape_;
  std::vector<Duration> copies_;   // by layer
  std::vector<step::Mark> marks_;  // likewise: the end of its copy
};

// What of a microbatch lies with the host between its passes.
[[nodiscard]] Bytes offloaded_activations(const Shapes& shapes, const Chunk& chunk);
// The room that copies need on the chip.
[[nodiscard]] Bytes offloading_buffers(const Shapes& shapes, const Chunk& chunk);

}  // namespace orrery::decoder
