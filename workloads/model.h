// A published model's configuration, read from workloads/models/*.yaml.
#pragma once

#include <cstdint>
#include <string>

#include "sim/base/library.h"
#include "sim/base/units.h"

namespace orrery {

enum class MlpKind : std::uint8_t { kGelu, kSwiglu };
enum class NormKind : std::uint8_t { kLayerNorm, kRmsNorm };
enum class PositionKind : std::uint8_t { kLearned, kRotary };

// A decoder-only transformer. Counts are those of the published configuration.
struct DecoderModel {
  std::string name;
  std::string source;
  std::int64_t layers = 0;
  std::int64_t hidden = 0;
  std::int64_t heads = 0;
  std::int64_t kv_heads = 0;  // = heads: multi-head attention; fewer: grouped-query
  std::int64_t head_dim = 0;
  std::int64_t ffn = 0;  // width of the MLP
  std::int64_t vocab = 0;
  std::int64_t positions = 0;  // longest sequence: rows of a learned position embedding
  MlpKind mlp = MlpKind::kGelu;
  NormKind norm = NormKind::kLayerNorm;
  PositionKind position = PositionKind::kLearned;
  bool biases = true;
  bool dropout = true;
  bool tied_embeddings = true;

  // Exact count of weights (embeddings, norms and biases included; tied embeddings once).
  [[nodiscard]] std::int64_t parameters() const;
  [[nodiscard]] bool grouped() const { return kv_heads < heads; }
  // Width of one position's queries (keys, values): heads × head_dim.
  [[nodiscard]] std::int64_t query_width() const { return heads * head_dim; }
  [[nodiscard]] std::int64_t kv_width() const { return kv_heads * head_dim; }
  // Columns of the MLP's first product: its width, twice for a gated one.
  [[nodiscard]] std::int64_t ffn_in() const { return mlp == MlpKind::kSwiglu ? 2 * ffn : ffn; }
};

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
//     mlp: swiglu             # gelu | swiglu
//     norm: rms_norm          # layer_norm | rms_norm
//     position: rotary        # learned | rotary
//     biases: false
//     dropout: false
//     tied_embeddings: false
[[nodiscard]] DecoderModel read_model(const yaml::Node& node);
[[nodiscard]] DecoderModel load_model(const Library& library, const yaml::Node& reference);

}  // namespace orrery
