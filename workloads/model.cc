// Reads a model file and counts its weights.
#include "workloads/model.h"

#include <fmt/format.h>

namespace orrery {
namespace {

constexpr std::int64_t kMostLayers = 100'000;
constexpr std::int64_t kMostWidth = std::int64_t{1} << 24U;  // of anything counted in elements of a row

// Weights in 128 bits: the reader's bounds alone let the product of three of them pass 2⁶³.
Int128 count_weights(const DecoderModel& model) {
  const Int128 hidden = model.hidden;
  const Int128 bias = model.biases ? 1 : 0;
  const Int128 norm = hidden * (model.norm == NormKind::kLayerNorm && model.biases ? 2 : 1);
  const Int128 qkv = model.query_width() + 2 * model.kv_width();
  const Int128 attention = hidden * qkv + bias * qkv + hidden * model.query_width() + bias * hidden;
  const Int128 mlp = hidden * (model.ffn_in() + model.ffn) + bias * (model.ffn_in() + hidden);
  const Int128 table = hidden * model.vocab;
  const Int128 positions = model.position == PositionKind::kLearned ? hidden * model.positions : 0;
  return table * (model.tied_embeddings ? 1 : 2) + positions + model.layers * (2 * norm + attention + mlp) + norm;
}

}  // namespace

std::int64_t DecoderModel::parameters() const { return static_cast<std::int64_t>(count_weights(*this)); }

DecoderModel read_model(const yaml::Node& node) {
  yaml::Map map(node, "a model");
  DecoderModel model;
  model.name = map.required("name").text();
  model.source = map.required("source").text();
  model.layers = map.required("layers").integer(1, kMostLayers);
  model.hidden = map.required("hidden").integer(1, kMostWidth);
  const yaml::Node heads = map.required("heads");
  model.heads = heads.integer(1, kMostWidth);
  model.kv_heads = model.heads;
  if (const auto kv_heads = map.optional("kv_heads")) {
    model.kv_heads = kv_heads->integer(1, model.heads);
    if (model.heads % model.kv_heads != 0)
      kv_heads->fail(fmt::format("{} heads don't fall into {} equal groups", model.heads, model.kv_heads));
  }
  if (const auto head_dim = map.optional("head_dim")) {
    model.head_dim = head_dim->integer(1, kMostWidth);
  } else {
    if (model.hidden % model.heads != 0)
      heads.fail(fmt::format("a width of {} doesn't divide into {} heads", model.hidden, model.heads),
                 {"give head_dim where heads × head_dim isn't the width"});
    model.head_dim = model.hidden / model.heads;
  }
  model.ffn = map.required("ffn").integer(1, kMostWidth);
  model.vocab = map.required("vocab").integer(1, kMostWidth);
  model.positions = map.required("positions").integer(1, kMostWidth);
  model.mlp = map.required("mlp").choice("MLP", {"gelu", "swiglu"}) == 0 ? MlpKind::kGelu : MlpKind::kSwiglu;
  model.norm =
      map.required("norm").choice("norm", {"layer_norm", "rms_norm"}) == 0 ? NormKind::kLayerNorm : NormKind::kRmsNorm;
  model.position = map.required("position").choice("position embedding", {"learned", "rotary"}) == 0
                       ? PositionKind::kLearned
                       : PositionKind::kRotary;
  model.biases = map.required("biases").boolean();
  model.dropout = map.required("dropout").boolean();
  model.tied_embeddings = map.required("tied_embeddings").boolean();
  map.finish();
  if (model.query_width() > kMostWidth)
    heads.fail(fmt::format("{} heads of {} are {} wide; at most {} is possible", model.heads, model.head_dim,
                           model.query_width(), kMostWidth));
  if (count_weights(model) > kMostParameters)
    node.fail("this model has more than 10¹⁵ parameters, the most that is possible");
  return model;
}

DecoderModel load_model(const Library& library, const yaml::Node& reference) {
  return read_model(library.resolve(reference, "workloads/models", "model"));
}

}  // namespace orrery
