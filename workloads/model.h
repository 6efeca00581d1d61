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
};

[[nodiscard]] DecoderModel read_model(const yaml::Node& node);
[[nodiscard]] DecoderModel load_model(const Library& library, const yaml::Node& reference);

}  // namespace orrery
