// What a rank keeps of a microbatch's forward pass, and what comes and goes while a pass runs.
#pragma once

#include <string_view>

#include "workloads/decoder/chunk.h"
#include "workloads/decoder/shapes.h"

namespace orrery::decoder {

// `layer`: its sub-layers' symbols.
[[nodiscard]] Bytes layer_activations(const Shapes& shapes, std::string_view layer, Recompute recompute);
// Layers whose activations stay, the embedding's dropout mask, and the head's inputs and logits.
[[nodiscard]] Bytes chunk_activations(const Shapes& shapes, const Chunk& chunk);
// Of a split backward pass: what its first half leaves for the second, operands of the products that make weights'
// gradients: what layers read, gathered over the tensor group, and the gradients of what they wrote. For 16-bit GPTs
// with f = 4h and one tensor rank 32·s·b·h a layer (arXiv 2401.10241, table 1).
[[nodiscard]] Bytes chunk_weight_operands(const Shapes& shapes, const Chunk& chunk);
// The largest that is held besides at one moment of the chunk's passes.
[[nodiscard]] Bytes chunk_buffers(const Shapes& shapes, const Chunk& chunk);

}  // namespace orrery::decoder
