// Writes stacks out into layers.
#include "workloads/families/rnn/model.h"

#include <fmt/format.h>

namespace orrery::rnn {
namespace {

constexpr std::int64_t kMostLayers = 10'000;
constexpr std::int64_t kWidest = std::int64_t{1} << 17U;
constexpr std::int64_t kLargestVocabulary = std::int64_t{1} << 26U;

bool flag(yaml::Map& map, std::string_view key) {
  const auto node = map.optional(key);
  return node && node->boolean();
}

void add_stack(const yaml::Node& node, Recurrence& model) {
  yaml::Map map(node, "a stack of layers");
  const std::string name = map.required("name").text();
  const std::int64_t layers = map.required("layers").integer(1, kMostLayers);
  const bool bidirectional = flag(map, "bidirectional");
  const bool attends = flag(map, "attends");
  map.finish();
  if (attends && model.layers.empty()) node.fail("there is no stack before this one that it could attend to");
  if (static_cast<std::int64_t>(model.layers.size()) + layers > kMostLayers)
    node.fail(fmt::format("more than {} layers", kMostLayers));
  const std::int64_t h = model.hidden;
  const std::int64_t context = attends ? h : 0;
  for (std::int64_t l = 0; l < layers; ++l) {
    LstmLayer layer{.stack = name, .in = h + context, .hidden = h};
    if (l == 0) {
      layer.embeds = true;
      layer.attends = attends;
      layer.directions = bidirectional ? 2 : 1;
      layer.waits = !model.layers.empty();
      layer.extra_weights = model.vocab * h + (attends ? 2 * h * h + h : 0);
    }
    if (l == 1 && bidirectional) {
      layer.in += h;
      layer.waits = true;
    }
    layer.sent = layer.directions * h + context;
    model.layers.push_back(std::move(layer));
  }
}

}  // namespace

std::int64_t Recurrence::parameters() const {
  std::int64_t sum = head_weights();
  for (const LstmLayer& layer : layers) sum += layer.cell_weights() + layer.extra_weights;
  return sum;
}

Recurrence read_recurrence(const yaml::Node& node) {
  yaml::Map map(node, "a model of the family 'rnn'");
  static_cast<void>(map.required("family"));
  Recurrence model;
  model.name = map.required("name").text();
  model.source = map.required("source").text();
  model.hidden = map.required("hidden").integer(1, kWidest);
  model.vocab = map.required("vocab").integer(1, kLargestVocabulary);
  const yaml::Node stacks = map.required("stacks");
  for (const yaml::Node& stack : stacks.items()) add_stack(stack, model);
  if (model.layers.empty()) stacks.fail("a network has one stack of layers at least");
  model.layers.back().ends = true;
  map.finish();
  return model;
}

}  // namespace orrery::rnn
