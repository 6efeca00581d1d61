// The sub-layers of an encoder: attention and MLP as a decoder's, of the source's rows, which all meet each other.
#include "workloads/decoder/sublayer.h"

namespace orrery::decoder {
namespace {

using step::TapeWriter;

// What `symbol` stands for, on the source.
template <char symbol>
struct OfSource {
  static Weights weights(const Shapes& shapes) { return sublayer(symbol).weights(*shapes.source); }
  static void forward(const Shapes& shapes, TapeWriter& tape) { sublayer(symbol).forward(*shapes.source, tape); }
  static void backward(const Shapes& shapes, TapeWriter& tape) { sublayer(symbol).backward(*shapes.source, tape); }
  static Bytes kept(const Shapes& shapes) { return sublayer(symbol).kept(*shapes.source); }
  static Bytes formed_again(const Shapes& shapes) { return sublayer(symbol).formed_again(*shapes.source); }
  static Bytes buffers(const Shapes& shapes) { return sublayer(symbol).buffers(*shapes.source); }
  static std::vector<Linear> linears(const Shapes& shapes) {
    std::vector<Linear> linears = sublayer(symbol).linears(*shapes.source);
    for (Linear& linear : linears) linear.rows = shapes.source->tokens;
    return linears;
  }
};

using SourceAttention = OfSource<kAttentionSymbol>;
using SourceMlp = OfSource<kMlpSymbol>;

const SubLayers::Entry kSourceAttention{
    {"source_attention", "an encoder's attention: all of a source's tokens to all", kSourceAttentionSymbol,
     &SourceAttention::weights, &SourceAttention::forward, &SourceAttention::backward, &SourceAttention::kept,
     &SourceAttention::formed_again, &SourceAttention::buffers, &SourceAttention::linears}};
const SubLayers::Entry kSourceMlp{{"source_mlp", "an encoder's MLP", kSourceMlpSymbol, &SourceMlp::weights,
                                   &SourceMlp::forward, &SourceMlp::backward, &SourceMlp::kept,
                                   &SourceMlp::formed_again, &SourceMlp::buffers, &SourceMlp::linears}};

}  // namespace
}  // namespace orrery::decoder
