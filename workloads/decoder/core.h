// The core of attention, between the projections: scores, softmax, and the values they weigh.
#pragma once

#include "workloads/decoder/linear.h"
#include "workloads/decoder/shapes.h"
#include "workloads/step/tape.h"

namespace orrery::decoder {

// FLOPs. The model counts the full square of scores, as the published formulas of Megatron-LM do (4·tokens·s·width
// forward, twice that backward); the hardware counts what runs: with flash attention the backward pass forms the scores
// again, and with causal_skip only s(s + 1)/2 of s² scores are formed.
void core_forward(const Shapes& shapes, step::TapeWriter& tape);
void core_backward(const Shapes& shapes, step::TapeWriter& tape);

// From the forward pass for the backward pass, besides what projections keep: of the core, and of its output, which
// `last` reads.
[[nodiscard]] Bytes core_kept(const Shapes& shapes);
[[nodiscard]] Bytes output_kept(const Shapes& shapes, const Linear& last);

// The two kinds of it, one file each.
void materialized_forward(const Shapes& shapes, step::TapeWriter& tape);
void materialized_backward(const Shapes& shapes, step::TapeWriter& tape);
void flash_forward(const Shapes& shapes, step::TapeWriter& tape);
void flash_backward(const Shapes& shapes, step::TapeWriter& tape);
// Of new tokens to those that a sequence holds, which the new ones join.
void cached_forward(const Shapes& shapes, step::TapeWriter& tape);
// Of keys and values of so many tokens of each of a rank's sequences, in one layer.
[[nodiscard]] Bytes cache_bytes(const Shapes& shapes, std::int64_t tokens);
// Flash attention where ranks share out each sequence.
void context_forward(const Shapes& shapes, step::TapeWriter& tape);
void context_backward(const Shapes& shapes, step::TapeWriter& tape);

}  // namespace orrery::decoder
