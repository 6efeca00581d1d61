// A published model's configuration, read from workloads/models/*.yaml.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/library.h"
#include "sim/base/units.h"

namespace orrery {

enum class MlpKind : std::uint8_t { kGelu, kSwiglu, kSquaredRelu, kRelu };
enum class NormKind : std::uint8_t { kLayerNorm, kRmsNorm, kPlain };  // plain: a layer norm without weights
enum class PositionKind : std::uint8_t { kLearned, kRotary, kNone };

// Latent attention: queries, keys and values come from narrow products that all heads share.
struct LatentAttention {
  std::int64_t query = 0;  // width of the queries' latent; 0: queries come straight from the residual stream
  std::int64_t kv = 0;     // width of that of keys and values
  std::int64_t rope = 0;   // of a head's width, what carries positions; its key is one for all heads
  std::int64_t value = 0;  // width of a head's values
};

// Routed MLPs, of which each token takes a few.
struct Experts {
  std::int64_t count = 0;
  std::int64_t top_k = 1;
  std::int64_t ffn = 0;      // width of one
  std::int64_t shared = 0;   // width of those that every token takes, together
  bool shared_gate = false;  // their output is weighed by a product of its own
  bool biased = false;       // the router adds a bias an expert, to choose by
  bool output_bias = false;  // each adds one to its rows, weighed as they are; counted as passes, not as weights
};

// A selective state space in each of many heads, as Mamba-2 has it (decoder/mamba.cc).
struct Mamba {
  std::int64_t inner = 0;     // width of what is scanned: heads × head_dim
  std::int64_t state = 0;     // of each column of it
  std::int64_t head_dim = 0;  // columns that share a decay
  std::int64_t groups = 1;    // of heads that share what writes to their states and what reads them
  std::int64_t conv = 4;      // tokens that the convolution before the scan sees
  std::int64_t chunk = 256;   // tokens that are scanned by products

  [[nodiscard]] std::int64_t heads() const { return inner / head_dim; }
  [[nodiscard]] std::int64_t conv_width() const { return inner + 2 * groups * state; }
  // Columns of the product before the scan: a gate, what is convolved, a time step a head.
  [[nodiscard]] std::int64_t projected() const { return inner + conv_width() + heads(); }
};

// What a model of images cuts into patches, each a token.
struct Image {
  std::int64_t size = 0;      // of a side: pixels, or latents
  std::int64_t channels = 0;  // of one of them
  std::int64_t patch = 0;     // of a side
  std::int64_t classes = 0;   // that are told apart, or asked for

  [[nodiscard]] std::int64_t patches() const { return (size / patch) * (size / patch); }
  [[nodiscard]] std::int64_t patch_width() const { return channels * patch * patch; }
};

// Sub-layers of a layer, by a letter each in the order in which they join the residual stream.
inline constexpr char kAttentionSymbol = '*';
inline constexpr char kWindowSymbol = 'W';  // attention to a window of tokens
inline constexpr char kMlpSymbol = '-';
inline constexpr char kExpertsSymbol = 'E';
inline constexpr char kMambaSymbol = 'M';
inline constexpr char kModulationSymbol = 'A';
inline constexpr char kSourceAttentionSymbol = 'B';
inline constexpr char kSourceMlpSymbol = 'F';
inline constexpr char kCrossAttentionSymbol = 'X';
inline constexpr std::string_view kPlainLayer = "*-";

// A transformer, or what is built like one. Counts are those of the published configuration.
struct DecoderModel {
  std::string name;
  std::string source;
  std::int64_t layers = 0;
  std::int64_t hidden = 0;
  std::int64_t heads = 0;     // 0, as what follows, where no layer attends
  std::int64_t kv_heads = 0;  // = heads: multi-head attention; fewer: grouped-query
  std::int64_t head_dim = 0;
  std::int64_t ffn = 0;  // width of the MLP; 0: no layer has one
  std::int64_t vocab = 0;
  std::int64_t positions = 0;  // longest sequence: rows of a learned position embedding
  MlpKind mlp = MlpKind::kGelu;
  NormKind norm = NormKind::kLayerNorm;
  PositionKind position = PositionKind::kLearned;
  bool biases = true;
  bool dropout = true;
  bool tied_embeddings = true;
  bool query_key_norm = false;  // each head's queries and keys are normalised
  bool clamps = false;          // what goes into an MLP's activation is kept within a limit
  bool scaled_rotary = false;   // rotary positions stretched beyond the length of pre-training
  std::optional<LatentAttention> latent;
  std::optional<Experts> experts;
  std::optional<Mamba> mamba;
  std::int64_t window = 0;           // tokens that one meets at most, itself among them, where layers say so ('W')
  bool causal = true;                // a token meets those before it, not all
  std::string ends = "language";     // what stands before the first layer and after the last (decoder/ends/ends.h)
  std::optional<Image> image;        // of ends that take images
  std::int64_t image_tokens = 0;     // of which an image is made, patches and what stands beside them
  double masked_share = 0;           // of tokens that are to be guessed, of ends that mask them
  std::int64_t token_types = 0;      // rows of an embedding of their own
  std::int64_t predicted = 0;        // further tokens that are predicted, by a layer of their own each
  std::vector<std::string> pattern;  // each layer's sub-layers; empty: kPlainLayer each

  [[nodiscard]] std::string_view layer(std::int64_t index) const {
    return pattern.empty() ? kPlainLayer : std::string_view(pattern[static_cast<std::size_t>(index)]);
  }
  [[nodiscard]] bool has(char symbol) const;  // in any layer
  // Some layers are an encoder's, whose tokens are others than the decoder's.
  [[nodiscard]] bool encodes() const { return has(kSourceAttentionSymbol) || has(kSourceMlpSymbol); }
  [[nodiscard]] bool attends() const {
    return has(kAttentionSymbol) || has(kWindowSymbol) || has(kSourceAttentionSymbol) || has(kCrossAttentionSymbol);
  }

  // Exact count of weights (embeddings, norms and biases included; tied embeddings once).
  [[nodiscard]] std::int64_t parameters() const;
  // Of those, what works on one token: of the routed experts, top_k.
  [[nodiscard]] std::int64_t active_parameters() const;
  // Weights of one norm of the residual stream.
  [[nodiscard]] std::int64_t norm_weights() const {
    if (norm == NormKind::kPlain) return 0;
    return norm == NormKind::kLayerNorm && biases ? 2 * hidden : hidden;
  }
  // What is counted of a step: "token", "image".
  [[nodiscard]] const char* sample() const { return image ? "image" : "token"; }
  [[nodiscard]] bool grouped() const { return kv_heads < heads; }
  // Width of one position's queries (keys, values): heads × head_dim.
  [[nodiscard]] std::int64_t query_width() const { return heads * head_dim; }
  [[nodiscard]] std::int64_t kv_width() const { return kv_heads * head_dim; }
  [[nodiscard]] std::int64_t value_dim() const { return latent ? latent->value : head_dim; }
  // Columns of an MLP's first product: its width, twice for a gated one.
  [[nodiscard]] std::int64_t columns_in(std::int64_t width) const {
    return mlp == MlpKind::kSwiglu ? 2 * width : width;
  }
  [[nodiscard]] std::int64_t ffn_in() const { return columns_in(ffn); }
};

inline constexpr std::int64_t kMostWidth = std::int64_t{1} << 24U;  // of anything counted in elements of a row

// A larger model is refused, so that no count of bytes or FLOPs can overflow.
inline constexpr std::int64_t kMostParameters = 1'000'000'000'000'000;

// A model file:
//
//     name: Llama 3 8B
//     source: where the configuration is published
//     layers: 32
//     hidden: 4096
//     heads: 32
//     kv_heads: 8             # heads when absent
//     head_dim: 128           # hidden ÷ heads when absent
//     ffn: 14336
//     vocab: 128256
//     positions: 8192
//     mlp: swiglu             # gelu | swiglu | squared_relu | relu
//     norm: rms_norm          # layer_norm | rms_norm | plain (a layer norm without weights)
//     position: rotary        # learned | rotary | none (and no positions above)
//     biases: false
//     dropout: false
//     tied_embeddings: false
//     query_key_norm: false   # these and what follows are optional
//     activation_limit: 7     # what goes into an activation is clamped to it
//     rotary_scaling: yarn    # none when absent
//     latent_attention: {query: 1536, kv: 512, rope: 64, value: 128}   # query: 0 when absent; head_dim counts rope in
//     experts: {count: 256, top_k: 8, ffn: 2048, shared: 2048}         # shared: 0 when absent
//     mamba: {inner: 8192, state: 128, head_dim: 64, groups: 8}         # groups: 1, conv: 4, chunk: 256 when absent
//     pattern: "3(*-) 58(*E)" # layers: attention (*), an MLP (-), experts (E), Mamba-2 (M), modulation (A); of an
//                             # encoder attention (B), an MLP (F); attention to it (X), or to a window (W). Absent:
//                             # (*-), with experts (*E). Without attention no heads; without MLPs and experts no ffn
//                             # and no mlp
//     window: 4096            # tokens that one meets at most in layers with W, itself among them
//     predicted: 1            # further tokens (multi-token prediction)
//     causal: false           # tokens meet all tokens; true when absent
//     ends: masked            # language when absent; the others say which keys they want (decoder/ends/)
[[nodiscard]] DecoderModel read_model(const yaml::Node& node);
[[nodiscard]] DecoderModel load_model(const Library& library, const yaml::Node& reference);

}  // namespace orrery
