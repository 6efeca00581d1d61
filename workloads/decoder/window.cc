// The sub-layer of attention to a window: attention's own, whose core looks no further back.
//
// Law. Each of s tokens meets w keys at most, itself among them: w·s − w(w − 1)/2 pairs where the mask skips the
// others; the model is counted w·s, as it is s·s without a window. A cache holds w tokens. Materialized scores are
// formed whole all the same.
//
// Source: Beltagy et al. 2020 (arXiv 2004.05150), section 3.1; Jiang et al. 2023, Mistral 7B (arXiv 2310.06825).
#include "workloads/decoder/sublayer.h"

namespace orrery::decoder {
namespace {

using step::TapeWriter;

// As attention's core and its cache see such a layer.
Shapes windowed(const Shapes& shapes) {
  Shapes narrow = shapes;
  narrow.window = shapes.model.window;
  return narrow;
}

const SubLayer& attention() { return sublayer(kAttentionSymbol); }

Weights window_weights(const Shapes& shapes) { return attention().weights(shapes); }
void window_forward(const Shapes& shapes, TapeWriter& tape) { attention().forward(windowed(shapes), tape); }
void window_backward(const Shapes& shapes, TapeWriter& tape) { attention().backward(windowed(shapes), tape); }
Bytes window_kept(const Shapes& shapes) { return attention().kept(shapes); }
Bytes window_formed_again(const Shapes& shapes) { return attention().formed_again(shapes); }
Bytes window_buffers(const Shapes& shapes) { return attention().buffers(shapes); }
std::vector<Linear> window_linears(const Shapes& shapes) { return attention().linears(shapes); }
Bytes window_cached(const Shapes& shapes, std::int64_t tokens) { return attention().cached(windowed(shapes), tokens); }

const SubLayers::Entry kWindow{{"window_attention", "attention of each token to the last few before it", kWindowSymbol,
                                &window_weights, &window_forward, &window_backward, &window_kept, &window_formed_again,
                                &window_buffers, &window_linears, &window_cached}};

}  // namespace
}  // namespace orrery::decoder
