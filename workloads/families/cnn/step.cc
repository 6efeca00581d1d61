// Writes forward pass, backward pass and update of one rank, once for each place along the rows.
#include "workloads/families/cnn/step.h"

#include <fmt/format.h>

#include <algorithm>

namespace orrery::cnn {
namespace {

constexpr std::int64_t kTile = 128;            // rows and columns of a product's tile, to reckon slices with
constexpr std::int64_t kShortestSlice = 1024;  // of a weight gradient's sum
constexpr std::uint32_t kSpatialDimension = 0;
constexpr std::uint32_t kDataDimension = 1;
constexpr step::Stream kSendDown = step::own_stream(0);
constexpr step::Stream kFromAbove = step::own_stream(1);
constexpr step::Stream kSendUp = step::own_stream(2);
constexpr step::Stream kFromBelow = step::own_stream(3);

enum class Place : std::uint8_t { kFirst, kBetween, kLast };

class PassWriter {
 public:
  PassWriter(const Network& network, const Split& split, step::Draft& draft, std::optional<GroupSpecId> rows,
             Place place)
      : network_(&network),
        split_(&split),
        stack_(&draft.stack()),
        chip_(&draft.chip()),
        rows_(rows),
        place_(place),
        images_(split.parallel.samples_a_rank()),
        tape_(draft, draft.groups().data ? split.parallel.buckets(draft.stack()) : std::nullopt) {}

  step::Tape write() {
    tape_.phase(Phase::kForward);
    for (std::size_t l = 0; l < network_->layers.size(); ++l) forward(network_->layers[l], l == 0);
    tape_.phase(Phase::kBackward);
    for (std::size_t l = network_->layers.size(); l-- > 0;) backward(network_->layers[l], l == 0);
    update_by_momentum(tape_, split_->parallel, *stack_, network_->parameters());
    return tape_.finish();
  }

 private:
  [[nodiscard]] Bytes bytes(const Tensor& tensor) const { return size_of(stack_->compute) * split_->elements(tensor); }
  // Of a layer's input, what its windows touch: of a 1×1 with a stride just some of it.
  [[nodiscard]] Bytes touched(const Layer& layer) const {
    const Tensor windows{layer.in.channels * layer.kernel * layer.kernel, layer.out.rows, layer.out.columns};
    return std::min(bytes(layer.in), bytes(windows));
  }

  void label(const Layer& layer) {
    tape_.part(layer.part);
    tape_.layer(layer.block);
  }

  void forward(const Layer& layer, bool first) {
    label(layer);
    switch (layer.kind) {
      case LayerKind::kConvolution: {
        if (!first) exchange_rows(layer.in, layer.halo(), "rows of activations");
        Kernel kernel = product(fmt::format("convolution {0}×{0}", layer.kernel), layer, points(layer.out),
                                layer.out.channels, layer.in.channels * layer.kernel * layer.kernel);
        kernel.read = touched(layer) + size_of(stack_->compute) * layer.weights();
        kernel.written = bytes(layer.out);
        return tape_.run(std::move(kernel));
      }
      case LayerKind::kNorm:
        return normalize(layer);
      case LayerKind::kAdd:
        return tape_.run(stream("add", bytes(layer.in) * 2, bytes(layer.out)));
      case LayerKind::kPool:
        exchange_rows(layer.in, layer.halo(), "rows of activations");
        return tape_.run(stream("maximum", bytes(layer.in), bytes(layer.out)));
      case LayerKind::kHead:
        break;
    }
    tape_.run(stream("mean", bytes(layer.in), pooled(layer)));
    tape_.reduce(rows_, pooled(layer), "means over rows");
    tape_.run(head_product("classes", layer, images_, layer.out.channels, layer.in.channels));
    tape_.run(stream("loss", scores(layer), scores(layer)));
  }

  void backward(const Layer& layer, bool first) {
    label(layer);
    switch (layer.kind) {
      case LayerKind::kConvolution:
        weight_gradient(layer);
        if (!first) input_gradient(layer);
        break;
      case LayerKind::kNorm:
        if (layer.adds) sum_gradients(layer);
        normalize_backward(layer);
        break;
      case LayerKind::kAdd:
        return sum_gradients(layer);
      case LayerKind::kPool:
        exchange_rows(layer.out, 1, "rows of gradients");
        tape_.run(stream("maximum backward", bytes(layer.out) * 2, bytes(layer.in)));
        break;
      case LayerKind::kHead:
        tape_.run(head_product("classes, weight gradient", layer, layer.in.channels, layer.out.channels, images_));
        tape_.run(head_product("classes, input gradient", layer, images_, layer.in.channels, layer.out.channels));
        tape_.run(stream("mean backward", pooled(layer), bytes(layer.in)));
        break;
    }
    tape_.gradients_ready(layer.weights());
  }

  // The addition and the ReLU that follow are done in the same pass, or in passes of their own.
  void normalize(const Layer& layer) {
    const Bytes tensor = bytes(layer.in);
    if (stack_->fused_bias_gelu) return tape_.run(stream("normalize, ReLU", tensor * (layer.adds ? 3 : 2), tensor));
    tape_.run(stream("normalize", tensor * 2, tensor));
    if (layer.adds) tape_.run(stream("add", tensor * 2, tensor));
    if (layer.rectifies) tape_.run(stream("ReLU", tensor, tensor));
  }
  void normalize_backward(const Layer& layer) {
    const Bytes tensor = bytes(layer.in);
    if (stack_->fused_bias_gelu)
      return tape_.run(stream("normalize, ReLU backward", tensor * 4, tensor * (layer.adds ? 2 : 1)));
    // What is added takes the ReLU's gradient as it stands.
    if (layer.rectifies) tape_.run(stream("ReLU backward", tensor * 2, tensor));
    tape_.run(stream("normalize backward", tensor * 4, tensor));
  }

  // The gradient of a block's output: through the next block and by its shortcut.
  void sum_gradients(const Layer& layer) {
    tape_.run(stream("sum of gradients", bytes(layer.out) * 2, bytes(layer.out)));
  }

  void weight_gradient(const Layer& layer) {
    const std::int64_t rows = layer.in.channels * layer.kernel * layer.kernel;
    const std::int64_t depth = points(layer.out);
    const std::int64_t tiles = ((rows + kTile - 1) / kTile) * ((layer.out.channels + kTile - 1) / kTile);
    const std::int64_t slices =
        std::clamp<std::int64_t>(std::min(chip_->cores / tiles, depth / kShortestSlice), 1, chip_->cores);
    Kernel kernel = product("weight gradient", layer, rows, layer.out.channels, (depth + slices - 1) / slices);
    kernel.batch = slices;
    kernel.hardware_flops = kernel.hardware_flops * static_cast<double>(slices);
    const Bytes gradient = size_of(stack_->gradient) * layer.weights();
    const Bytes partial(std::int64_t{4} * slices * layer.weights());
    kernel.read = touched(layer) + bytes(layer.out);
    kernel.written = slices > 1 ? partial : gradient;
    tape_.run(std::move(kernel));
    if (slices > 1) tape_.run(stream("sum of slices", partial, gradient));
  }

  void input_gradient(const Layer& layer) {
    exchange_rows(layer.out, layer.halo() > 0 ? 1 : 0, "rows of gradients");
    // As many multiply-adds as forward, dealt out over the input's points.
    const std::int64_t depth = (layer.out.channels * layer.kernel * layer.kernel * layer.out.rows * layer.out.columns +
                                layer.in.rows * layer.in.columns - 1) /
                               (layer.in.rows * layer.in.columns);
    Kernel kernel = product("input gradient", layer, points(layer.in), layer.in.channels, depth);
    kernel.read = bytes(layer.out) + size_of(stack_->compute) * layer.weights();
    kernel.written = bytes(layer.in);
    tape_.run(std::move(kernel));
  }

  // Pixels of a tensor on this rank.
  [[nodiscard]] std::int64_t points(const Tensor& tensor) const {
    return images_ * split_->rows(tensor.rows) * tensor.columns;
  }
  // Counts the model's FLOPs without what uneven rows add.
  Kernel product(std::string name, const Layer& layer, std::int64_t m, std::int64_t n, std::int64_t k) const {
    Kernel kernel = matrix_product(std::move(name), stack_->compute, 1, m, n, k);
    kernel.model_flops = FlopCount(layer.flops() * static_cast<double>(images_) / static_cast<double>(split_->spatial));
    return kernel;
  }
  Kernel head_product(std::string name, const Layer& layer, std::int64_t m, std::int64_t n, std::int64_t k) const {
    return product(std::move(name), layer, m, n, k);
  }
  [[nodiscard]] Bytes pooled(const Layer& layer) const {
    return size_of(stack_->compute) * (images_ * layer.in.channels);
  }
  [[nodiscard]] Bytes scores(const Layer& layer) const { return Bytes(4) * (images_ * layer.out.channels); }

  // Rows at both edges of this rank's share go to the neighbours, theirs come.
  void exchange_rows(const Tensor& tensor, std::int64_t rows, std::string_view name) {
    if (split_->spatial == 1 || rows == 0) return;
    const Bytes size = size_of(stack_->compute) * (images_ * rows * tensor.columns * tensor.channels);
    const bool above = place_ != Place::kFirst;
    const bool below = place_ != Place::kLast;
    const step::Mark down = tape_.exchange({.dimension = kSpatialDimension,
                                            .delta = 1,
                                            .bytes = size,
                                            .channel = 0,
                                            .send = kSendDown,
                                            .receive = kFromAbove,
                                            .sends = below,
                                            .receives = above},
                                           name);
    const step::Mark up = tape_.exchange({.dimension = kSpatialDimension,
                                          .delta = -1,
                                          .bytes = size,
                                          .channel = 1,
                                          .send = kSendUp,
                                          .receive = kFromBelow,
                                          .sends = above,
                                          .receives = below},
                                         name);
    tape_.wait(down);
    tape_.wait(up);
  }

  const Network* network_;
  const Split* split_;
  const Stack* stack_;
  const Chip* chip_;
  std::optional<GroupSpecId> rows_;
  Place place_;
  std::int64_t images_;
  step::TapeWriter tape_;
};

}  // namespace

Program write_step(const Network& network, const Split& split, const Stack& stack, const Chip& chip) {
  Grid grid;
  grid.dimensions = {{"spatial", static_cast<std::uint32_t>(split.spatial)},
                     {"data", static_cast<std::uint32_t>(split.parallel.data)}};
  std::vector<std::string> streams;
  if (split.spatial > 1) streams = {"send down", "from above", "send up", "from below"};
  step::Draft draft(std::move(grid), streams, stack, chip);
  const std::optional<GroupSpecId> rows = draft.group("spatial", {kSpatialDimension});
  draft.reduce_buckets_over(split.spatial > 1 ? draft.group("data", {kSpatialDimension, kDataDimension})
                                              : draft.group("data", {kDataDimension}));
  std::vector<Place> places = {Place::kFirst, Place::kBetween, Place::kLast};
  if (split.spatial == 1) places = {Place::kBetween};
  if (split.spatial == 2) places = {Place::kFirst, Place::kLast};
  for (const Place place : places) {
    step::Tape tape = PassWriter(network, split, draft, rows, place).write();
    draft.add({places.size() == 1       ? "replica"
               : place == Place::kFirst ? "first rows"
               : place == Place::kLast  ? "last rows"
                                        : "rows between",
               std::move(tape.ops), std::move(tape.waits)});
  }
  const auto last = static_cast<std::uint32_t>(places.size() - 1);
  return draft.finish([&](const Grid& whole, RankId rank) {
    const std::uint32_t row = whole.coordinate(rank, kSpatialDimension);
    if (row == 0) return 0U;
    return row + 1 == split.spatial ? last : 1U;
  });
}

MemoryUse memory_of(const Network& network, const Split& split, const Stack& stack, const Chip& chip) {
  MemoryUse use;
  use.capacity = chip.hbm.capacity;
  use.categories = momentum_memory(stack, network.parameters());
  std::int64_t kept = split.elements(network.layers.front().in);
  std::int64_t largest = 0;
  for (const Layer& layer : network.layers) {
    kept += split.elements(layer.out);
    largest = std::max(largest, split.elements(layer.in) + split.elements(layer.out));
  }
  const Bytes element = size_of(stack.compute);
  use.categories.push_back({"activations", element * kept});
  use.categories.push_back({"buffers", element * largest + split.parallel.bucket});
  return use;
}

}  // namespace orrery::cnn
