// What one rank of a decoder holds and computes for one microbatch: every width divided as the plan divides it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "workloads/model.h"
#include "workloads/plan.h"
#include "workloads/stack.h"

namespace orrery::decoder {

inline constexpr std::int64_t kFp32Bytes = 4;

// Bytes of so many, scales included.
[[nodiscard]] inline std::int64_t operator*(std::int64_t elements, const Format& format) {
  return format.bytes(elements).count();
}

// The routed experts of a layer as one rank holds them.
struct ExpertShapes {
  std::int64_t held = 0;    // dealt out to this rank
  std::int64_t worked = 0;  // of those, that get any row: fewer where rows are few
  std::int64_t ffn = 0;     // this rank's share of one's width
  std::int64_t ffn_in = 0;
  std::int64_t shared = 0;  // of what every token takes, split over the tensor group
  std::int64_t shared_in = 0;
  std::int64_t routed = 0;  // rows that leave this rank, or stay, for experts: its own tokens × top_k
  std::int64_t met = 0;     // rows that this rank's experts work on, with the imbalance
  std::int64_t rows = 0;    // of those, for each expert, rounded up
  double row_share = 1;     // rows without imbalance and rounding ÷ those with
  bool whole = true;        // no expert is shared out over tensor ranks
};

// Inference: what a sequence holds of the tokens before those that are computed now.
struct Cache {
  std::int64_t tokens = 0;
  int bits = 16;  // of a key's or a value's element
};

// Weights that are read with fewer bits than the stack computes in, or with a part of them left out.
struct Compression {
  int weight_bits = 0;  // 0: as the stack keeps them
  bool sparse = false;  // two of four weights are zero: a product takes half the time and reads half the weights
};

// The scan of a layer as one rank runs it: its share of heads and groups, over its share of each sequence.
struct ScanShapes {
  std::int64_t inner = 0;
  std::int64_t heads = 0;
  std::int64_t groups = 0;
  std::int64_t state = 0;
  std::int64_t head_dim = 0;
  std::int64_t conv = 0;
  std::int64_t conv_width = 0;
  std::int64_t projected = 0;
  std::int64_t chunk = 0;   // tokens of one
  std::int64_t chunks = 0;  // of a microbatch, the last of each sequence padded
};

// Widths and heads are one tensor rank's. All counts are of elements unless a unit stands in the type.
struct Shapes {
  Shapes(const DecoderModel& model, const Plan& plan, const Stack& stack);

  DecoderModel model;
  Stack stack;
  std::int64_t tensor = 1;
  std::int64_t tensor_rows = 1;
  std::int64_t tensor_tiles = 1;
  std::int64_t sharded_over = 1;  // replicas that share the weights out, or their updates; and of experts
  std::int64_t experts_sharded_over = 1;
  bool overlap_tensor = true;
  bool sequence_parallel = false;  // only where there is more than one tensor rank
  Recompute recompute = Recompute::kNone;
  RecomputeModules again;     // of selective recomputation; none otherwise
  bool offloads = false;      // activations, to the host
  Adapters adapters;          // where they alone are trained
  bool skips_masked = false;  // scores that a causal mask hides aren't formed

  std::int64_t sequences = 1;  // of a microbatch
  std::int64_t sequence = 1;
  std::int64_t documents = 1;  // packed into one
  std::int64_t context = 1;    // ranks that share it out
  ContextExchange context_exchange = ContextExchange::kRing;
  std::int64_t window = 0;  // tokens that one looks back on at most, itself among them; 0: all
  std::int64_t keys = 1;    // tokens that attention's queries meet
  std::int64_t own = 1;     // tokens of a sequence on this rank: sequence ÷ context
  std::int64_t tokens = 1;  // = sequences × own: rows of every product
  std::int64_t shard = 1;   // rows of norms, dropouts and the residual stream: tokens ÷ tensor if sequence parallel
  std::int64_t hidden = 1;
  std::int64_t heads = 1;
  std::int64_t kv_heads = 1;
  std::int64_t head_dim = 1;      // of queries and keys
  std::int64_t value_dim = 1;     // of values
  std::int64_t query_width = 1;   // heads × head_dim
  std::int64_t output_width = 1;  // heads × value_dim
  std::int64_t kv_width = 1;      // key-value heads × head_dim
  std::int64_t qkv_width = 1;     // queries, keys and values
  std::int64_t ffn = 1;
  std::int64_t ffn_in = 1;
  std::shared_ptr<const Shapes> source;  // what an encoder reads, where there is one
  ExpertShapes experts;                  // where there are some
  std::optional<Cache> cache;            // in inference
  Compression compression;               // in inference
  ScanShapes scan;                       // where there are some
  std::int64_t vocab = 1;                // padded
  double vocab_share = 1;                // without padding: what FLOPs are counted of
  std::int64_t element = 2;              // bytes of a weight or an activation
  Format product_element;                // of an operand of the layers' linear parts
  Format kept_element;                   // of their inputs, kept for the backward pass
  std::int64_t gradient_element = 4;     // bytes of an accumulated gradient

  [[nodiscard]] Bytes bytes(std::int64_t elements) const { return Bytes(elements * element); }
  // Of a context rank's own tokens.
  [[nodiscard]] Bytes keys_and_values() const { return bytes(tokens * kv_heads * (head_dim + value_dim)); }
  [[nodiscard]] Bytes hidden_bytes() const { return bytes(tokens * hidden); }  // of a whole microbatch's activations
  [[nodiscard]] bool frozen() const { return adapters.any(); }                 // all but adapters is
};

}  // namespace orrery::decoder
