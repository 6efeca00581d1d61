// A law by name, its sizes by the operands' shapes.
#include "workloads/pytorch_trace/operator_kernel.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string_view>

#include "workloads/pytorch_trace/schema_names.h"

namespace orrery::pytorch_trace {
namespace {

constexpr std::int64_t kMostSize = std::int64_t{1} << 40U;
constexpr double kMostWork = 1e17;  // multiplications of one operator: more is no real one

enum class Law : std::uint8_t { kNone, kProduct, kLinear, kConvolution, kConvolutionBackward, kAttention, kLookup };

// "aten::mm" → "mm"; nothing where it isn't ATen's.
std::string_view aten_name(const Operator& op) {
  constexpr std::string_view kAten = "aten::";
  return std::string_view(op.name).starts_with(kAten) ? std::string_view(op.name).substr(kAten.size())
                                                      : std::string_view();
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

Law law_of(const Operator& op) {
  const std::string_view aten = aten_name(op);
  constexpr std::array<std::string_view, 9> kProducts = {
      "mm", "addmm", "bmm", "baddbmm", "matmul", "_scaled_mm", "_int_mm", "_addmm_activation", "addbmm"};
  if (std::find(kProducts.begin(), kProducts.end(), aten) != kProducts.end()) return Law::kProduct;
  if (aten == "linear") return Law::kLinear;
  if (contains(aten, "attention") && (contains(aten, "flash") || contains(aten, "efficient") ||
                                      contains(aten, "cudnn") || aten == "scaled_dot_product_attention"))
    return Law::kAttention;
  if (contains(aten, "convolution") || aten == "conv1d" || aten == "conv2d" || aten == "conv3d")
    return contains(aten, "backward") ? Law::kConvolutionBackward : Law::kConvolution;
  if (contains(op.name, "embedding") && !contains(op.name, "backward") && !op.schema.empty()) return Law::kLookup;
  return Law::kNone;
}

bool has_device_tensor(const std::vector<Argument>& arguments) {
  for (const Argument& argument : arguments)
    for (const Tensor& tensor : argument.tensors)
      if (tensor.on_device) return true;
  return false;
}

const Argument* argument_named(const Operator& op, std::string_view name) {
  for (const Argument& input : op.inputs)
    if (input.name == name) return &input;
  return nullptr;
}

const Tensor* tensor_named(const Operator& op, std::string_view name) {
  const Argument* found = argument_named(op, name);
  return found == nullptr || found->tensors.empty() ? nullptr : &found->tensors.front();
}

std::optional<Precision> precision_of(std::string_view type) {
  if (type.starts_with("c10::")) type.remove_prefix(5);
  if (type == "float" || type == "Float") return Precision::kFp32;
  if (type == "double" || type == "Double") return Precision::kFp64;
  if (type == "Half" || type == "half") return Precision::kFp16;
  if (type == "BFloat16" || type == "bfloat16") return Precision::kBf16;
  if (type.starts_with("Float8")) return Precision::kFp8;
  if (type == "signed char" || type == "unsigned char" || type == "Char") return Precision::kInt8;
  return std::nullopt;
}

// Where the chip multiplies in that precision; 32 bits by the rate of its vector engine.
void choose_engine(Kernel& kernel, std::string_view type, const Chip& chip, Precision usual) {
  const auto peak = [&](Precision precision) {
    return chip.matrix_peak[static_cast<std::size_t>(precision)].flops_per_second();
  };
  const Precision asked = precision_of(type).value_or(usual);
  kernel.precision = peak(asked) > 0 ? asked : usual;
  if (asked != Precision::kFp32 || peak(Precision::kFp32) > 0) return;
  const double vector = chip.vector_peak[static_cast<std::size_t>(Precision::kFp32)].flops_per_second();
  const Precision stands_in = peak(Precision::kTf32) > 0 ? Precision::kTf32 : usual;
  kernel.precision = stands_in;
  if (vector > 0 && vector < peak(stands_in)) kernel.engine_share = vector / peak(stands_in);
}

std::int64_t product_of(const std::vector<std::int64_t>& sizes, std::size_t first, std::size_t end) {
  double product = 1;
  for (std::size_t i = first; i < end; ++i) product *= static_cast<double>(sizes[i]);
  return product < static_cast<double>(kMostSize) ? static_cast<std::int64_t>(product) : kMostSize;
}

// Bytes as the tensors are, not as the kernel's precision would have them.
struct Moved {
  Bytes read;
  Bytes written;
};
Moved moved_by(const Operator& op) {
  Moved moved;
  std::set<std::int64_t> read;
  const std::string_view aten = aten_name(op);
  const bool only_writes = aten == "fill_" || aten == "zero_" || aten.starts_with("_foreach_zero");
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    if (only_writes || (i == 0 && aten == "copy_")) continue;
    for (const Tensor& tensor : op.inputs[i].tensors)
      if (tensor.on_device && read.insert(tensor.storage).second) moved.read += tensor.bytes();
  }
  bool says_result = false;
  for (const Argument& output : op.outputs)
    for (const Tensor& tensor : output.tensors) {
      says_result = true;
      if (tensor.on_device) moved.written += tensor.bytes();
    }
  // What changes lists of tensors in place returns nothing.
  if (!says_result && aten.ends_with('_') && !op.inputs.empty())
    for (const Tensor& tensor : op.inputs.front().tensors)
      if (tensor.on_device) moved.written += tensor.bytes();
  return moved;
}

Kernel product(const Operator& op, const Tensor& operand, const Chip& chip, Precision usual, std::int64_t batch,
               std::int64_t m, std::int64_t n, std::int64_t k) {
  Kernel kernel = matrix_product(op.name, usual, batch, m, n, k);
  choose_engine(kernel, operand.type, chip, usual);
  const Moved moved = moved_by(op);
  kernel.read = moved.read;
  kernel.written = moved.written;
  return kernel;
}

bool small_enough(std::initializer_list<std::int64_t> sizes) {
  double product = 1;
  for (const std::int64_t size : sizes) {
    if (size <= 0) return false;
    product *= static_cast<double>(size);
  }
  return product < kMostWork;
}

// The last two operands that are matrices: [.., m, k] × [.., k, n].
std::optional<Kernel> matrix_kernel(const Operator& op, const Chip& chip, Precision usual) {
  const bool adds =
      op.name.starts_with("aten::add") || op.name.starts_with("aten::_addmm") || op.name == "aten::baddbmm";
  std::vector<const Tensor*> tensors;
  for (const Argument& input : op.inputs)
    for (const Tensor& tensor : input.tensors) tensors.push_back(&tensor);
  const std::size_t first = adds ? 1 : 0;
  if (tensors.size() < first + 2) return std::nullopt;
  const Tensor& a = *tensors[first];
  const Tensor& b = *tensors[first + 1];
  if (a.shape.size() < 2 || b.shape.size() < 2) return std::nullopt;
  const std::int64_t k = a.shape.back();
  const std::int64_t n = b.shape.back();
  std::int64_t m = a.shape[a.shape.size() - 2];
  std::int64_t batch = product_of(b.shape, 0, b.shape.size() - 2);
  if (b.shape.size() == 2) m = product_of(a.shape, 0, a.shape.size() - 1);
  batch = std::max<std::int64_t>(batch, b.shape.size() == 2 ? 1 : product_of(a.shape, 0, a.shape.size() - 2));
  if (b.shape[b.shape.size() - 2] != k || !small_enough({batch, m, n, k})) return std::nullopt;
  return product(op, a, chip, usual, batch, m, n, k);
}

// Rows [.., k] by weights [n, k].
std::optional<Kernel> linear_kernel(const Operator& op, const Chip& chip, Precision usual) {
  if (op.inputs.size() < 2 || op.inputs[0].tensors.empty() || op.inputs[1].tensors.empty()) return std::nullopt;
  const Tensor& rows = op.inputs[0].tensors.front();
  const Tensor& weight = op.inputs[1].tensors.front();
  if (rows.shape.empty() || weight.shape.size() != 2 || rows.shape.back() != weight.shape[1]) return std::nullopt;
  const std::int64_t m = product_of(rows.shape, 0, rows.shape.size() - 1);
  if (!small_enough({m, weight.shape[0], weight.shape[1]})) return std::nullopt;
  return product(op, rows, chip, usual, 1, m, weight.shape[0], weight.shape[1]);
}

// Input [n, c, …], weight [out, c ÷ groups, window…], output [n, out, …].
std::optional<Kernel> convolution_kernel(const Operator& op, const Chip& chip, Precision usual, bool backward) {
  const std::size_t first = backward ? 1 : 0;
  if (op.inputs.size() < first + 2 || op.inputs[first].tensors.empty() || op.inputs[first + 1].tensors.empty())
    return std::nullopt;
  const Tensor& input = op.inputs[first].tensors.front();
  const Tensor& weight = op.inputs[first + 1].tensors.front();
  const Tensor* output = nullptr;
  if (backward && !op.inputs[0].tensors.empty()) output = &op.inputs[0].tensors.front();
  if (!backward && !op.outputs.empty() && !op.outputs[0].tensors.empty()) output = &op.outputs[0].tensors.front();
  if (output == nullptr || input.shape.size() < 3 || weight.shape.size() != input.shape.size() ||
      output->shape.size() != input.shape.size() || weight.shape[1] <= 0 || input.shape[1] % weight.shape[1] != 0)
    return std::nullopt;
  const std::int64_t groups = std::max<std::int64_t>(1, input.shape[1] / weight.shape[1]);
  const std::int64_t images = output->shape[0];
  const std::int64_t pixels = product_of(output->shape, 2, output->shape.size());
  const std::int64_t n = std::max<std::int64_t>(1, weight.shape[0] / groups);
  const std::int64_t k = product_of(weight.shape, 1, weight.shape.size());
  if (!small_enough({groups, images, pixels, n, k})) return std::nullopt;
  return product(op, input, chip, usual, groups, images * pixels, n, k);
}

// Queries, keys and values are [batch, heads, tokens, width], or [batch, tokens, heads, width] below the operators that
// choose: then tokens stand second.
std::optional<Kernel> attention_kernel(const Operator& op, const Chip& chip, Precision usual) {
  const bool backward = contains(op.name, "backward");
  std::vector<const Tensor*> tensors;
  for (const Argument& input : op.inputs)
    for (const Tensor& tensor : input.tensors)
      if (tensor.shape.size() == 4) tensors.push_back(&tensor);
  const std::size_t first = backward ? 1 : 0;
  if (tensors.size() < first + 3) return std::nullopt;
  const std::vector<std::int64_t>& q = tensors[first]->shape;
  const std::vector<std::int64_t>& k = tensors[first + 1]->shape;
  const bool scaled = contains(op.name, "scaled_dot_product");
  const std::size_t tokens = scaled ? 2 : 1;
  const std::int64_t heads = q[scaled ? 1 : 2];
  if (!small_enough({q[0], heads, q[tokens], k[tokens], q[3]})) return std::nullopt;
  const std::int64_t batch = q[0] * heads;
  const Argument* causal = argument_named(op, "is_causal");
  const bool half = causal != nullptr && causal->number.value_or(0) != 0;
  Kernel kernel;
  kernel.name = op.name;
  kernel.kind = KernelKind::kFlashAttention;
  kernel.backward = backward;
  kernel.batch = batch;
  kernel.m = q[tokens];
  kernel.k = k[tokens];
  kernel.n = q[3];
  choose_engine(kernel, tensors[first]->type, chip, usual);
  const double square = 2.0 * static_cast<double>(batch) * static_cast<double>(kernel.m) *
                        static_cast<double>(kernel.k) * static_cast<double>(kernel.n);
  constexpr double kProductsForward = 2;
  constexpr double kProductsBackward = 5;  // scores are formed again
  constexpr double kHalf = 0.5;
  const double share = half ? kHalf : 1;
  kernel.model_flops = FlopCount(square * (backward ? 2 * kProductsForward : kProductsForward) * share);
  kernel.hardware_flops = FlopCount(square * (backward ? kProductsBackward : kProductsForward) * share);
  const Moved moved = moved_by(op);
  kernel.read = moved.read;
  kernel.written = moved.written;
  return kernel;
}

// A row for each index: as wide as the table says, or as what comes out of a bag.
std::optional<Kernel> lookup_kernel(const Operator& op) {
  const Tensor* indices = tensor_named(op, "indices");
  if (indices == nullptr) return std::nullopt;
  Bytes written;
  for (const Argument& output : op.outputs)
    for (const Tensor& tensor : output.tensors) written += tensor.bytes();
  const Tensor* table = tensor_named(op, "weight");
  const Tensor* offsets = tensor_named(op, "offsets");
  double row = 0;
  if (table != nullptr && table->shape.size() == 2) {
    row = static_cast<double>(table->shape[1] * table->element_bytes);
  } else if (offsets != nullptr && offsets->elements > 1) {
    row = written.as_double() / static_cast<double>(offsets->elements - 1);
  } else {
    return std::nullopt;
  }
  const double read = row * static_cast<double>(indices->elements) + indices->bytes().as_double();
  return stream(op.name, Bytes(static_cast<std::int64_t>(std::min(read, static_cast<double>(kMostSize)))), written);
}

}  // namespace

Work work_of(const Operator& op) {
  const std::string_view aten = aten_name(op);
  // Reading a value on the host waits for the device.
  if (aten == "_local_scalar_dense") return has_device_tensor(op.inputs) ? Work::kSync : Work::kNothing;
  if (!has_device_tensor(op.inputs) && !has_device_tensor(op.outputs)) return Work::kNothing;
  if (op.name.starts_with("torch::autograd::CppNode<")) return Work::kUnknown;
  if (op.compiled) return Work::kOwn;
  if (op.schema.empty() || makes_view(op.schema)) return Work::kNothing;
  if (law_of(op) != Law::kNone) return Work::kShaped;
  if (op.name.starts_with("c10d::") || op.name.starts_with("_c10d_functional") || op.name.starts_with("profiler::"))
    return Work::kNothing;
  if (aten.empty()) return Work::kOwn;
  constexpr std::array<std::string_view, 12> kNoWork = {
      "set_",       "resize_", "resize_as_",   "record_stream", "item",       "is_pinned",
      "pin_memory", "detach_", "_unsafe_view", "is_nonzero",    "lift_fresh", "_has_compatible_shallow_copy_type"};
  if (contains(aten, "empty") || std::find(kNoWork.begin(), kNoWork.end(), aten) != kNoWork.end())
    return Work::kNothing;
  return Work::kStream;
}

std::vector<Kernel> kernels_of(const Operator& op, const Chip& chip, Precision usual) {
  std::optional<Kernel> kernel;
  const Law law = law_of(op);
  switch (law) {
    case Law::kProduct:
      kernel = matrix_kernel(op, chip, usual);
      break;
    case Law::kLinear:
      kernel = linear_kernel(op, chip, usual);
      break;
    case Law::kConvolution:
    case Law::kConvolutionBackward:
      kernel = convolution_kernel(op, chip, usual, law == Law::kConvolutionBackward);
      break;
    case Law::kAttention:
      kernel = attention_kernel(op, chip, usual);
      break;
    case Law::kLookup:
      kernel = lookup_kernel(op);
      break;
    case Law::kNone: {
      const Moved moved = moved_by(op);
      if (moved.read + moved.written > Bytes(0)) kernel = stream(op.name, moved.read, moved.written);
      break;
    }
  }
  if (!kernel) return {};
  // Backward, one product makes the gradient of the input and one that of the weight.
  if (law == Law::kConvolutionBackward) return {*kernel, *kernel};
  return {*kernel};
}

}  // namespace orrery::pytorch_trace
