// The ends of a model that names what is in an image: patches and a class token first, a head on that token last.
//
// Law. A patch of c channels and p × p pixels becomes a row by a product c·p² × h; a learned row, the class token,
// stands beside them; learned positions are added. After the layers and a norm of all rows, the class token's go
// through a product h × classes. Tensor ranks hold all of it in common.
//
// Keys of a model file: image: {size, channels, patch, classes}.
//
// Source: Dosovitskiy et al. 2020 (arXiv 2010.11929), section 3.1; the head is that of fine-tuning, one product.
#include "workloads/decoder/ends/ends.h"
#include "workloads/decoder/ends/patches.h"
#include "workloads/decoder/ends/rows.h"
#include "workloads/decoder/kernels.h"
#include "workloads/decoder/residual.h"

namespace orrery::decoder {
namespace {

using step::TapeWriter;

void read_classes(yaml::Map& map, DecoderModel& model) { read_images(map, model, 1); }

// Of the class token and the positions.
std::int64_t learned_rows(const DecoderModel& model) {
  return (model.position == PositionKind::kLearned ? model.image_tokens : 0) + 1;
}
std::int64_t naming_weights(const DecoderModel& model) { return model.image->classes * (model.hidden + 1); }

Int128 classes_parameters(const DecoderModel& model) {
  return patch_weights(model) + Int128{model.hidden} * learned_rows(model) + model.norm_weights() +
         naming_weights(model);
}

Linear naming(const Shapes& shapes) {
  return common_product(shapes, "classes", shapes.hidden, shapes.model.image->classes, shapes.sequences);
}

Weights classes_first_weights(const Shapes& shapes) {
  return {.replicated = patch_weights(shapes.model) + shapes.hidden * learned_rows(shapes.model)};
}
Weights classes_last_weights(const Shapes& shapes, bool) {
  return {.replicated = norm_weights(shapes) + naming_weights(shapes.model)};
}

void classes_first_forward(const Shapes& shapes, TapeWriter& tape) {
  const std::int64_t elements = shapes.shard * shapes.hidden;
  const std::int64_t e = shapes.element;
  patches_forward(shapes, tape);
  tape.run(pass_over("class token and positions", elements, 2 * e, e));
  if (shapes.model.dropout) tape.run(pass_over("dropout", elements, e, e + 1));
}

void classes_first_backward(const Shapes& shapes, TapeWriter& tape) {
  const std::int64_t elements = shapes.shard * shapes.hidden;
  const std::int64_t learned = shapes.hidden * learned_rows(shapes.model);
  const Bytes gradient(learned * shapes.gradient_element);
  tape.part("embedding");
  if (shapes.model.dropout) tape.run(pass_over("dropout gradient", elements, shapes.element + 1, shapes.element));
  tape.run(stream("position gradient", shapes.bytes(elements) + gradient, gradient));
  tape.gradients_ready(learned);
  patches_backward(shapes, tape);
}

// Under sequence parallelism the class token's row stands on one tensor rank.
void share_row(const Shapes& shapes, std::string_view name, TapeWriter& tape) {
  if (shapes.sequence_parallel) tape.reduce(tape.groups().tensor, shapes.bytes(shapes.sequences * shapes.hidden), name);
}

void classes_last_forward(const Shapes& shapes, bool, TapeWriter& tape) {
  const std::int64_t e = shapes.element;
  tape.part("head");
  norm_forward(shapes, e, tape);
  tape.run(pass_over("pick class token", shapes.sequences * shapes.hidden, e, e));
  share_row(shapes, "class token", tape);
  local_forward(shapes, naming(shapes), tape);
  tape.part("loss");
  tape.run(pass_over("cross entropy", shapes.sequences * shapes.model.image->classes, e, kFp32Bytes));
}

void classes_last_backward(const Shapes& shapes, bool, TapeWriter& tape) {
  const std::int64_t e = shapes.element;
  tape.part("loss");
  tape.run(pass_over("loss gradient", shapes.sequences * shapes.model.image->classes, kFp32Bytes, e));
  tape.part("head");
  local_backward(shapes, naming(shapes), tape);
  tape.run(stream("spread class token", shapes.bytes(shapes.sequences * shapes.hidden),
                  shapes.bytes(shapes.shard * shapes.hidden)));
  norm_backward(shapes, false, tape);
}

Bytes classes_first_kept(const Shapes& shapes) {
  return patches_kept(shapes) + Bytes(shapes.model.dropout ? shapes.shard * shapes.hidden : 0);
}
// The norm's input, the class token after it, and what the loss made of its classes.
Bytes classes_last_kept(const Shapes& shapes) {
  return shapes.bytes((shapes.shard + shapes.sequences) * shapes.hidden) +
         Bytes(shapes.sequences * shapes.model.image->classes * kFp32Bytes);
}
Bytes classes_last_buffers(const Shapes& shapes) { return shapes.bytes(shapes.shard * shapes.hidden); }

const EndKinds::Entry kClasses{{"classes", "patches of images and a class token first; that token's classes last",
                                &read_classes, &classes_parameters, &classes_first_weights, &classes_last_weights,
                                &classes_first_forward, &classes_first_backward, &classes_last_forward,
                                &classes_last_backward, &classes_first_kept, &classes_last_kept, &classes_last_buffers,
                                &nothing_carried}};

}  // namespace
}  // namespace orrery::decoder
