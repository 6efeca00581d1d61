// Convolutional networks: residual networks of bottleneck blocks, data parallel, rows of images shared out or not.
#include "workloads/family.h"

#include <fmt/format.h>

#include "workloads/families/cnn/step.h"

namespace orrery::cnn {
namespace {

class ConvolutionalNetwork : public Workload {
 public:
  ConvolutionalNetwork(Network network, Split split, const Stack& stack, std::vector<std::string> warnings)
      : Workload("cnn", network.name, network.source, stack),
        network_(std::move(network)),
        split_(split),
        warnings_(std::move(warnings)) {}

  [[nodiscard]] std::int64_t parameters() const override { return network_.parameters(); }
  [[nodiscard]] std::int64_t samples() const override { return split_.parallel.batch; }
  [[nodiscard]] std::string_view sample() const override { return "image"; }
  [[nodiscard]] std::int64_t chips() const override { return split_.spatial * split_.parallel.data; }
  [[nodiscard]] std::vector<PlanEntry> plan() const override {
    std::vector<PlanEntry> entries = {{"data", split_.parallel.data}};
    if (split_.spatial > 1) entries.push_back({"spatial", split_.spatial});
    entries.push_back({"batch", split_.parallel.batch});
    entries.push_back({"images_a_rank", split_.parallel.samples_a_rank()});
    return entries;
  }
  [[nodiscard]] std::optional<Growth> growth() const override {
    return Growth{split_.parallel.data, split_.parallel.batch};
  }
  [[nodiscard]] std::vector<std::string> warnings() const override { return warnings_; }
  [[nodiscard]] Program program(const Chip& chip) const override { return write_step(network_, split_, stack(), chip); }
  [[nodiscard]] MemoryUse memory(const Chip& chip) const override { return memory_of(network_, split_, stack(), chip); }

 private:
  Network network_;
  Split split_;
  std::vector<std::string> warnings_;
};

std::shared_ptr<const Workload> read(const yaml::Node& model, const yaml::Node& plan, const Stack& stack) {
  Network network = read_network(model);
  PlanKeys keys(plan);
  Split split;
  split.parallel = DataParallel::read(keys, "image");
  split.spatial = keys.integer("spatial", 1, 1, kMostFamilyRanks);
  keys.finish();
  for (const Layer& layer : network.layers)
    if (split.spatial > layer.in.rows && layer.kind != LayerKind::kHead)
      keys.fail("spatial", fmt::format("{} rows of the tensors in {} can't be shared out over {} ranks", layer.in.rows,
                                       layer.part, split.spatial));
  if (split.spatial * split.parallel.data == 1)
    for (const char* key : {"overlap_gradients", "bucket"})
      keys.idle(key, "there is only one rank: no gradients are reduced");
  // A tensor's bytes stay far below 2⁶³.
  Int128 most = 0;
  for (const Layer& layer : network.layers)
    most += static_cast<Int128>(split.parallel.samples_a_rank()) * layer.out.elements() * layer.kernel * layer.kernel;
  if (most > (Int128{1} << 54U)) keys.fail("batch", "the tensors of so many images are larger than anything holds");
  return std::make_shared<const ConvolutionalNetwork>(std::move(network), split, stack, keys.warnings());
}

const Families::Entry kCnn{{"cnn",
                            "residual convolutional networks: data parallel, rows of an image shared out with halos",
                            &read, [](const yaml::Node& model) { return read_network(model).parameters(); }}};

}  // namespace
}  // namespace orrery::cnn
