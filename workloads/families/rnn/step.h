// A training step of LSTM layers, token after token: which stage holds which layers, and the Program that comes of it.
//
// Law. A cell is a product of B sequences by 4·hidden over in + hidden, then the gates; it needs the cell of the token
// before and of the layer below, so a stack of L layers on L stages takes s + L − 1 cells for s tokens (a wavefront),
// on one stage s·L. Weights are read from HBM for every token. Backward each cell has the product of its gradients with
// the weights; the weights' own gradient is one product over all tokens at the end of a layer. Layers that wait for the
// whole sequence (above a bidirectional layer, of a decoder that attends) begin a wave of their own: their stage gets
// the layer below in one message. Attention (Bahdanau et al. 2015) is computed at the decoder's first layer, token by
// token, and goes up with its output; its keys are one product. The vocabulary's product is one over all tokens.
// Products count as FLOPs, gates and attention's sums don't. Source: Wu et al. 2016 (arXiv 1609.08144).
#pragma once

#include "workloads/families/data_parallel.h"
#include "workloads/families/rnn/model.h"

namespace orrery::rnn {

struct Shares {
  DataParallel parallel;  // samples are sequences
  std::int64_t pipeline = 1;
  std::int64_t tokens = 1;  // of a sequence; of both languages alike
  std::int64_t chunk = 1;   // tokens in a message between stages
};

// Grid: pipeline (fastest), data. A role a stage.
[[nodiscard]] Program write_step(const Recurrence& model, const Shares& shares, const Stack& stack, const Chip& chip);

// Of the stage that holds most. Kept of each token and layer: gates, cell state and output; of the last, the scores.
[[nodiscard]] MemoryUse memory_of(const Recurrence& model, const Shares& shares, const Stack& stack, const Chip& chip);

}  // namespace orrery::rnn
