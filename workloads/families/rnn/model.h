// A network of LSTM layers out of its model file: one stack of them, or an encoder and a decoder that attends to it.
//
// A model file:
//
//     family: rnn
//     name: GNMT
//     source: where the configuration is published
//     hidden: 1024             # width of every layer, embedding and context
//     vocab: 32000
//     stacks:
//       - {name: encoder, layers: 8, bidirectional: true}   # its first layer reads both ways; false when absent
//       - {name: decoder, layers: 8, attends: true}         # to the stack before it; false when absent
//
// Each stack has an embedding of its own; the last one ends in a product with the vocabulary. A layer above a
// bidirectional one takes both outputs; layers of a stack that attends take the context beside their input.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/base/yaml.h"

namespace orrery::rnn {

struct LstmLayer {
  std::string stack;
  std::int64_t in = 0;
  std::int64_t hidden = 0;
  std::int64_t directions = 1;
  bool embeds = false;    // the first of its stack: looks tokens up first
  bool attends = false;   // the first of a stack that attends: computes the context first
  bool waits = false;     // begins only once the layer before is through the whole sequence
  std::int64_t sent = 0;  // width of what the layer above takes from below: output, and context where there is one
  std::int64_t extra_weights = 0;  // of its embedding, its attention
  bool ends = false;               // the last: the product with the vocabulary follows

  // 4·hidden·(in + hidden) and 4·hidden biases, for each direction.
  [[nodiscard]] std::int64_t cell_weights() const { return directions * 4 * hidden * (in + hidden + 1); }
  // Forward, of a token: 8·hidden·(in + hidden) a direction.
  [[nodiscard]] double cell_flops() const {
    return 8.0 * static_cast<double>(directions) * static_cast<double>(hidden) * static_cast<double>(in + hidden);
  }
};

struct Recurrence {
  std::string name;
  std::string source;
  std::int64_t hidden = 0;
  std::int64_t vocab = 0;
  std::vector<LstmLayer> layers;

  [[nodiscard]] std::int64_t head_weights() const { return (hidden + 1) * vocab; }
  [[nodiscard]] std::int64_t parameters() const;
};

// InputError at whatever is wrong.
[[nodiscard]] Recurrence read_recurrence(const yaml::Node& model);

}  // namespace orrery::rnn
