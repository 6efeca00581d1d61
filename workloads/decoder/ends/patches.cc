// Writes the patch embedding: pixels copied patch by patch, then a product of rows.
#include "workloads/decoder/ends/patches.h"

#include <fmt/format.h>

#include "workloads/decoder/kernels.h"

namespace orrery::decoder {
namespace {

constexpr std::int64_t kLargestSide = std::int64_t{1} << 20U;
constexpr std::int64_t kMostPatches = std::int64_t{1} << 24U;  // tokens of a sequence (workloads/plan.h)

std::int64_t patch_rows(const Shapes& shapes) { return shapes.sequences * shapes.model.image->patches(); }

Kernel patch_product(const Shapes& shapes, const char* name, std::int64_t m, std::int64_t n, std::int64_t k) {
  Kernel kernel = product(name, shapes, m, n, k);
  const double share = 1 / static_cast<double>(shapes.tensor);
  kernel.model_flops = kernel.model_flops * share;
  kernel.hardware_flops = kernel.hardware_flops * share;
  return kernel;
}

}  // namespace

Image read_image(const yaml::Node& node) {
  yaml::Map map(node, "an image");
  Image image;
  const yaml::Node size = map.required("size");
  image.size = size.integer(1, kLargestSide);
  image.channels = map.required("channels").integer(1, kMostWidth);
  image.patch = map.required("patch").integer(1, image.size);
  image.classes = map.required("classes").integer(1, kMostWidth);
  map.finish();
  if (image.size % image.patch != 0)
    size.fail(fmt::format("{} can't be cut evenly into patches of {}", image.size, image.patch));
  if (image.patches() >= kMostPatches)
    size.fail(fmt::format("an image is {} patches; fewer than {} are possible", image.patches(), kMostPatches));
  if (Int128{image.channels} * image.patch * image.patch > kMostWidth)
    node.fail(fmt::format("a patch is wider than {}", kMostWidth));
  return image;
}

void read_images(yaml::Map& map, DecoderModel& model, std::int64_t beside) {
  model.image = read_image(map.required("image"));
  model.image_tokens = model.image->patches() + beside;
  model.tied_embeddings = false;
}

std::int64_t patch_weights(const DecoderModel& model) { return (model.image->patch_width() + 1) * model.hidden; }

void patches_forward(const Shapes& shapes, step::TapeWriter& tape) {
  const std::int64_t width = shapes.model.image->patch_width();
  tape.part("embedding");
  tape.run(pass_over("cut patches", patch_rows(shapes) * width, shapes.element, shapes.element));
  tape.run(patch_product(shapes, "patches", patch_rows(shapes), shapes.hidden, width));
}

void patches_backward(const Shapes& shapes, step::TapeWriter& tape) {
  const std::int64_t width = shapes.model.image->patch_width();
  const std::int64_t weights = width * shapes.hidden;
  const Bytes gradient(weights * shapes.gradient_element);
  tape.part("embedding");
  tape.run(patch_product(shapes, "patch weight gradient", shapes.hidden, width, patch_rows(shapes)));
  tape.run(stream("accumulate", gradient + shapes.bytes(weights), gradient));
  tape.run(pass_over("bias gradient", patch_rows(shapes) * shapes.hidden, shapes.element, 0));
  tape.gradients_ready(patch_weights(shapes.model));
}

Bytes patches_kept(const Shapes& shapes) {
  return shapes.bytes(patch_rows(shapes) * shapes.model.image->patch_width());
}

}  // namespace orrery::decoder
