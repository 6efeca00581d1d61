// Writes stages out into layers.
#include "workloads/families/cnn/network.h"

#include <fmt/format.h>

#include "workloads/model.h"

namespace orrery::cnn {
namespace {

constexpr std::int64_t kMostBlocks = 20'000;
constexpr std::int64_t kMostStages = 64;
constexpr std::int64_t kMostChannels = std::int64_t{1} << 20U;
constexpr std::int64_t kLargestImage = std::int64_t{1} << 14U;
constexpr std::int64_t kLargestKernel = 63;
constexpr std::int64_t kLongestStride = 16;

std::int64_t strided(std::int64_t size, std::int64_t stride) { return (size + stride - 1) / stride; }

class NetworkWriter {
 public:
  NetworkWriter(Network& network, Tensor image, bool after) : network_(&network), now_(image), after_(after) {}

  void part(std::string name) { part_ = std::move(name); }
  void block(std::int32_t block) { block_ = block; }
  [[nodiscard]] const Tensor& now() const { return now_; }

  void convolution(std::int64_t width, std::int64_t kernel, std::int64_t stride) {
    push(LayerKind::kConvolution, {width, strided(now_.rows, stride), strided(now_.columns, stride)}, kernel);
  }
  void norm(bool adds = false, bool rectifies = true) {
    push(LayerKind::kNorm, now_, 1);
    network_->layers.back().adds = adds;
    network_->layers.back().rectifies = rectifies;
  }
  void pool(std::int64_t stride) {
    push(LayerKind::kPool, {now_.channels, strided(now_.rows, stride), strided(now_.columns, stride)}, 3);
  }
  void head(std::int64_t classes) { push(LayerKind::kHead, {classes, 1, 1}, 1); }

  void bottleneck(std::int64_t width, std::int64_t expansion, std::int64_t stride) {
    const Tensor entry = now_;
    const bool projects = stride > 1 || entry.channels != width * expansion;
    if (!after_) norm();
    if (projects) {
      convolution(width * expansion, 1, stride);
      if (after_) norm(false, false);
      now_ = entry;
    }
    convolution(width, 1, 1);
    norm();
    convolution(width, 3, stride);
    norm();
    convolution(width * expansion, 1, 1);
    if (after_) return norm(true);
    push(LayerKind::kAdd, now_, 1);
  }

 private:
  void push(LayerKind kind, const Tensor& out, std::int64_t kernel) {
    network_->layers.push_back(
        {.kind = kind, .part = part_, .block = block_, .in = now_, .out = out, .kernel = kernel});
    now_ = out;
  }

  Network* network_;
  Tensor now_;
  bool after_;
  std::string part_;
  std::int32_t block_ = -1;
};

}  // namespace

std::int64_t Layer::weights() const {
  switch (kind) {
    case LayerKind::kConvolution:
      return in.channels * out.channels * kernel * kernel;
    case LayerKind::kNorm:
      return 2 * out.channels;
    case LayerKind::kHead:
      return (in.channels + 1) * out.channels;
    case LayerKind::kAdd:
    case LayerKind::kPool:
      break;
  }
  return 0;
}

double Layer::flops() const {
  if (kind == LayerKind::kHead) return 2.0 * static_cast<double>(in.channels) * static_cast<double>(out.channels);
  if (kind != LayerKind::kConvolution) return 0;
  return 2.0 * static_cast<double>(weights()) * static_cast<double>(out.rows * out.columns);
}

std::int64_t Network::parameters() const {
  std::int64_t sum = 0;
  for (const Layer& layer : layers) sum += layer.weights();
  return sum;
}

double Network::forward_flops() const {
  double sum = 0;
  for (const Layer& layer : layers) sum += layer.flops();
  return sum;
}

Network read_network(const yaml::Node& model) {
  yaml::Map map(model, "a model of the family 'cnn'");
  static_cast<void>(map.required("family"));
  Network network;
  network.name = map.required("name").text();
  network.source = map.required("source").text();
  yaml::Map image(map.required("image"), "an image");
  const std::int64_t size = image.required("size").integer(1, kLargestImage);
  const std::int64_t channels = image.required("channels").integer(1, kMostChannels);
  image.finish();
  const std::int64_t classes = map.required("classes").integer(1, kMostChannels);
  const bool after = map.required("normalize").choice("place of normalisations", {"after", "before"}) == 0;
  const std::int64_t expansion = map.required("expansion").integer(1, 64);
  NetworkWriter writer(network, {channels, size, size}, after);

  yaml::Map stem(map.required("stem"), "a stem");
  writer.part("stem");
  const std::int64_t kernel = stem.required("kernel").integer(1, kLargestKernel);
  const std::int64_t stride = stem.required("stride").integer(1, kLongestStride);
  writer.convolution(stem.required("width").integer(1, kMostChannels), kernel, stride);
  if (after) writer.norm();
  if (const auto pool = stem.optional("pool")) writer.pool(pool->integer(1, kLongestStride));
  stem.finish();

  const std::vector<yaml::Node> stages = map.required("stages").items();
  if (stages.empty() || stages.size() > kMostStages) model.fail(fmt::format("stages are 1 to {}", kMostStages));
  for (std::size_t s = 0; s < stages.size(); ++s) {
    yaml::Map stage(stages[s], "a stage");
    const std::int64_t blocks = stage.required("blocks").integer(1, kMostBlocks);
    const std::int64_t width = stage.required("width").integer(1, kMostChannels / 64);
    const auto stride_node = stage.optional("stride");
    const std::int64_t first = stride_node ? stride_node->integer(1, kLongestStride) : 1;
    stage.finish();
    if (network.blocks + blocks > kMostBlocks) stages[s].fail(fmt::format("more than {} blocks", kMostBlocks));
    writer.part(fmt::format("stage {}", s + 1));
    for (std::int64_t b = 0; b < blocks; ++b) {
      writer.block(network.blocks++);
      writer.bottleneck(width, expansion, b == 0 ? first : 1);
    }
  }
  writer.part("head");
  writer.block(-1);
  if (!after) writer.norm();
  writer.head(classes);
  map.finish();
  Int128 weights = 0;
  for (const Layer& layer : network.layers) weights += layer.weights();
  if (weights > kMostParameters) model.fail("this model has more than 10¹⁵ parameters, the most that is possible");
  return network;
}

}  // namespace orrery::cnn
