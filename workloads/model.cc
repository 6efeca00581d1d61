// Reads a model file and counts its weights.
#include "workloads/model.h"

#include <fmt/format.h>

#include <algorithm>

#include "workloads/decoder/ends/ends.h"
#include "workloads/layer_pattern.h"

namespace orrery {
namespace {

constexpr std::int64_t kMostLayers = 100'000;
constexpr std::int64_t kMostPredicted = 64;
constexpr const char* kEncoderEnds = "encoder_decoder";
constexpr std::int64_t kWidestState = std::int64_t{1} << 16U;
constexpr std::int64_t kLongestChunk = std::int64_t{1} << 16U;  // of a scan

// Weights in 128 bits: the reader's bounds alone let the product of three of them pass 2⁶³.
Int128 attention_count(const DecoderModel& model) {
  const Int128 hidden = model.hidden;
  const Int128 bias = model.biases ? 1 : 0;
  const Int128 head_norms = model.query_key_norm ? 2 * model.head_dim : 0;
  if (const auto& latent = model.latent) {
    const Int128 heads = model.heads;
    const Int128 query_in = latent->query > 0 ? latent->query : model.hidden;
    const Int128 down = hidden * (latent->query + latent->kv + latent->rope);
    const Int128 up = query_in * heads * model.head_dim +
                      Int128{latent->kv} * heads * (model.head_dim - latent->rope + latent->value);
    return down + up + latent->query + latent->kv + heads * latent->value * hidden + head_norms;
  }
  const Int128 qkv = model.query_width() + 2 * model.kv_width();
  return hidden * qkv + bias * qkv + hidden * model.query_width() + bias * hidden + head_norms;
}

// Queries of one sequence, keys and values of another: as many weights as to one.
Int128 cross_attention_count(const DecoderModel& model) {
  const Int128 hidden = model.hidden;
  const Int128 qkv = model.query_width() + 2 * model.kv_width();
  const Int128 biases = model.biases ? qkv + hidden : 0;
  return hidden * qkv + hidden * model.query_width() + biases;
}

Int128 mlp_count(const DecoderModel& model, std::int64_t width, bool biases) {
  const Int128 hidden = model.hidden;
  const Int128 in = model.columns_in(width);
  return hidden * (in + width) + (biases ? in + hidden : 0);
}

// `taken`: of the routed experts.
Int128 experts_count(const DecoderModel& model, std::int64_t taken) {
  const Experts& experts = *model.experts;
  Int128 sum = Int128{model.hidden} * experts.count + (experts.biased ? experts.count : 0) +
               taken * mlp_count(model, experts.ffn, false);
  if (experts.shared > 0) sum += mlp_count(model, experts.shared, false) + (experts.shared_gate ? model.hidden : 0);
  return sum;
}

Int128 mamba_count(const DecoderModel& model) {
  const Mamba& mamba = *model.mamba;
  const Int128 hidden = model.hidden;
  const Int128 convolution = Int128{mamba.conv_width()} * (mamba.conv + 1);  // and its biases
  const Int128 biases = model.biases ? mamba.projected() + model.hidden : 0;
  return hidden * mamba.projected() + hidden * mamba.inner + biases + convolution + Int128{3} * mamba.heads() +
         mamba.inner;
}

Int128 layer_count(const DecoderModel& model, std::string_view layer, std::int64_t taken) {
  Int128 sum = 0;
  for (const char symbol : layer) {
    if (symbol == kModulationSymbol) {
      sum += 6 * (Int128{model.hidden} * model.hidden + model.hidden);
      continue;
    }
    sum += model.norm_weights();
    if (symbol == kAttentionSymbol || symbol == kWindowSymbol || symbol == kSourceAttentionSymbol)
      sum += attention_count(model);
    if (symbol == kCrossAttentionSymbol) sum += cross_attention_count(model);
    if (symbol == kMlpSymbol || symbol == kSourceMlpSymbol) sum += mlp_count(model, model.ffn, model.biases);
    if (symbol == kExpertsSymbol) sum += experts_count(model, taken);
    if (symbol == kMambaSymbol) sum += mamba_count(model);
  }
  return sum;
}

Int128 count_weights(const DecoderModel& model, std::int64_t taken) {
  Int128 sum = decoder::ends_of(model).parameters(model);
  if (model.pattern.empty()) return sum + model.layers * layer_count(model, kPlainLayer, taken);
  for (const std::string& layer : model.pattern) sum += layer_count(model, layer, taken);
  return sum;
}

void read_heads(yaml::Map& map, DecoderModel& model) {
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
  if (model.query_width() > kMostWidth)
    heads.fail(fmt::format("{} heads of {} are {} wide; at most {} is possible", model.heads, model.head_dim,
                           model.query_width(), kMostWidth));
}

LatentAttention read_latent(const yaml::Node& node, const DecoderModel& model) {
  yaml::Map map(node, "latent attention");
  LatentAttention latent;
  if (const auto query = map.optional("query")) latent.query = query->integer(0, kMostWidth);
  latent.kv = map.required("kv").integer(1, kMostWidth);
  const yaml::Node rope = map.required("rope");
  latent.rope = rope.integer(1, kMostWidth);
  latent.value = map.required("value").integer(1, kMostWidth);
  map.finish();
  if (latent.rope >= model.head_dim)
    rope.fail(fmt::format("a head is {} wide, positions included: rope must be less", model.head_dim));
  if (model.grouped()) node.fail("heads of latent attention share no keys: kv_heads must be absent");
  if (model.biases) node.fail("latent attention has no biases: `biases` must be false");
  return latent;
}

Experts read_experts(const yaml::Node& node) {
  yaml::Map map(node, "experts");
  Experts experts;
  experts.count = map.required("count").integer(1, kMostWidth);
  experts.top_k = map.required("top_k").integer(1, experts.count);
  experts.ffn = map.required("ffn").integer(1, kMostWidth);
  if (const auto shared = map.optional("shared")) experts.shared = shared->integer(0, kMostWidth);
  if (const auto gate = map.optional("shared_gate")) experts.shared_gate = gate->boolean();
  if (const auto biased = map.optional("biased")) experts.biased = biased->boolean();
  if (const auto bias = map.optional("output_bias")) experts.output_bias = bias->boolean();
  map.finish();
  return experts;
}

Mamba read_mamba(const yaml::Node& node) {
  yaml::Map map(node, "mamba");
  Mamba mamba;
  const yaml::Node inner = map.required("inner");
  mamba.inner = inner.integer(1, kMostWidth);
  mamba.state = map.required("state").integer(1, kWidestState);
  mamba.head_dim = map.required("head_dim").integer(1, mamba.inner);
  if (mamba.inner % mamba.head_dim != 0)
    inner.fail(fmt::format("a width of {} doesn't divide into heads of {}", mamba.inner, mamba.head_dim));
  if (const auto groups = map.optional("groups")) {
    mamba.groups = groups->integer(1, mamba.heads());
    if (mamba.heads() % mamba.groups != 0)
      groups->fail(fmt::format("{} heads don't fall into {} equal groups", mamba.heads(), mamba.groups));
  }
  if (const auto conv = map.optional("conv")) mamba.conv = conv->integer(1, kLongestChunk);
  if (const auto chunk = map.optional("chunk")) mamba.chunk = chunk->integer(1, kLongestChunk);
  map.finish();
  if (mamba.projected() > kMostWidth)
    node.fail(fmt::format("its first product is {} wide; at most {} is possible", mamba.projected(), kMostWidth));
  return mamba;
}

void read_pattern(yaml::Map& map, DecoderModel& model) {
  const auto node = map.optional("pattern");
  if (node) {
    model.pattern = read_layer_pattern(*node, model.layers);
  } else if (model.experts) {
    model.pattern.assign(static_cast<std::size_t>(model.layers), {kAttentionSymbol, kExpertsSymbol});
  }
  if (!node) return;
  if (model.has(kExpertsSymbol) && !model.experts)
    node->fail("'E' stands for experts, of which this model has none", {"give experts: {count, top_k, ffn}"});
  if (!model.has(kExpertsSymbol) && model.experts)
    node->fail("this model has experts, but no layer ('E') takes them", {"for example 3(*-) 58(*E)"});
  if (model.has(kMambaSymbol) && !model.mamba)
    node->fail("'M' stands for Mamba-2, of which this model says nothing",
               {"give mamba: {inner, state, head_dim, groups}"});
}

// What a model's layers are made of, and the widths that those need.
void read_layers(yaml::Map& map, DecoderModel& model) {
  if (const auto experts = map.optional("experts")) model.experts = read_experts(*experts);
  const auto mamba = map.optional("mamba");
  if (mamba) model.mamba = read_mamba(*mamba);
  read_pattern(map, model);
  if (model.has(kModulationSymbol) && model.ends != "diffusion")
    map.required("pattern").fail("'A' modulates layers by what an image is to be: only `ends: diffusion` says that");
  if (mamba && !model.has(kMambaSymbol))
    mamba->fail("no layer of this model takes it", {"in the pattern, M stands for it: 64(M)"});
  if (model.encodes() != (model.ends == kEncoderEnds))
    map.required("pattern").fail(fmt::format("an encoder's layers, B and F, go with `ends: {}`", kEncoderEnds));
  if (model.has(kCrossAttentionSymbol) && !model.encodes())
    map.required("pattern").fail("'X' attends to what an encoder made, but there is none",
                                 {"for example 24(BF) 24(*X-)"});
  const auto is_encoders = [](const std::string& layer) {
    return layer.find_first_not_of(std::string{kSourceAttentionSymbol, kSourceMlpSymbol}) == std::string::npos;
  };
  if (model.encodes() && !std::is_partitioned(model.pattern.begin(), model.pattern.end(), is_encoders))
    map.required("pattern").fail("an encoder's layers, of B and F alone, come before all others",
                                 {"for example 24(BF) 24(*X-)"});
  if (const auto window = map.optional("window")) {
    model.window = window->integer(1, kMostWidth);
    if (!model.has(kWindowSymbol))
      window->fail("no layer of this model looks through it", {"in the pattern, W stands for it: 18(W- *-)"});
  } else if (model.has(kWindowSymbol)) {
    map.required("pattern").fail("'W' attends to a window, of which this model says nothing", {"give window: 4096"});
  }
  if (model.attends()) {
    read_heads(map, model);
  } else if (const auto heads = map.optional("heads")) {
    heads->fail("no layer of this model attends: it has no heads");
  }
  if (model.has(kMlpSymbol) || model.has(kSourceMlpSymbol)) {
    model.ffn = map.required("ffn").integer(1, kMostWidth);
  } else if (const auto ffn = map.optional("ffn")) {
    if (!model.experts) ffn->fail("no layer of this model has an MLP");
    model.ffn = ffn->integer(1, kMostWidth);
  }
}

MlpKind read_mlp(const yaml::Node& node) {
  return static_cast<MlpKind>(node.choice("MLP", {"gelu", "swiglu", "squared_relu", "relu"}));
}

const decoder::Ends& read_ends(yaml::Map& map, DecoderModel& model) {
  if (const auto node = map.optional("ends")) {
    const std::vector<std::string> names = decoder::EndKinds::names();
    model.ends = names[node->choice("kind of ends", names)];
  }
  return decoder::ends_of(model);
}

void read_position(yaml::Map& map, DecoderModel& model) {
  const yaml::Node position = map.required("position");
  model.position = static_cast<PositionKind>(position.choice("position embedding", {"learned", "rotary", "none"}));
  if (model.position == PositionKind::kNone) return;
  if (model.image) {
    model.positions = model.image_tokens;
    return;
  }
  model.positions = map.required("positions").integer(1, kMostWidth);
}

// What a stack may not have in its fused kernels.
void read_variants(yaml::Map& map, DecoderModel& model) {
  constexpr double kMostLimit = 1e6;
  if (const auto limit = map.optional("activation_limit")) {
    (void)limit->number(0, kMostLimit);
    if (model.mlp != MlpKind::kSwiglu) limit->fail("only gated activations (swiglu) are clamped");
    model.clamps = true;
  }
  if (const auto scaling = map.optional("rotary_scaling")) {
    model.scaled_rotary = scaling->choice("scaling of rotary positions", {"none", "yarn"}) == 1;
    if (model.scaled_rotary && model.position != PositionKind::kRotary)
      scaling->fail("only rotary positions can be stretched: `position` must be rotary");
  }
}

}  // namespace

bool DecoderModel::has(char symbol) const {
  if (pattern.empty()) return kPlainLayer.find(symbol) != std::string_view::npos;
  return std::any_of(pattern.begin(), pattern.end(),
                     [symbol](const std::string& layer) { return layer.find(symbol) != std::string::npos; });
}

std::int64_t DecoderModel::parameters() const {
  return static_cast<std::int64_t>(count_weights(*this, experts ? experts->count : 0));
}
std::int64_t DecoderModel::active_parameters() const {
  return static_cast<std::int64_t>(count_weights(*this, experts ? experts->top_k : 0));
}

DecoderModel read_model(const yaml::Node& node) {
  yaml::Map map(node, "a model");
  DecoderModel model;
  model.name = map.required("name").text();
  model.source = map.required("source").text();
  model.layers = map.required("layers").integer(1, kMostLayers);
  model.hidden = map.required("hidden").integer(1, kMostWidth);
  const decoder::Ends& ends = read_ends(map, model);
  read_layers(map, model);
  ends.read(map, model);
  read_position(map, model);
  if (model.ffn > 0 || model.experts) model.mlp = read_mlp(map.required("mlp"));
  model.norm = static_cast<NormKind>(map.required("norm").choice("norm", {"layer_norm", "rms_norm", "plain"}));
  model.biases = map.required("biases").boolean();
  model.dropout = map.required("dropout").boolean();
  if (const auto causal = map.optional("causal")) model.causal = causal->boolean();
  if (model.window > 0 && !model.causal) map.required("window").fail("a window looks back: the model must be causal");
  if (const auto norms = map.optional("query_key_norm")) model.query_key_norm = norms->boolean();
  read_variants(map, model);
  if (const auto latent = map.optional("latent_attention")) model.latent = read_latent(*latent, model);
  if (const auto predicted = map.optional("predicted")) {
    model.predicted = predicted->integer(0, kMostPredicted);
    if (model.predicted > 0 && model.position != PositionKind::kRotary)
      predicted->fail("further tokens are predicted only where positions are rotary");
    if (model.predicted > 0 && model.ends != "language")
      predicted->fail("further tokens are predicted only of language");
  }
  map.finish();
  if (count_weights(model, model.experts ? model.experts->count : 0) > kMostParameters)
    node.fail("this model has more than 10¹⁵ parameters, the most that is possible");
  return model;
}

DecoderModel load_model(const Library& library, const yaml::Node& reference) {
  return read_model(library.resolve(reference, "workloads/models", "model"));
}

}  // namespace orrery
