// Reads attributes leniently and writes them strictly.
#include "workloads/chakra/node.h"

#include <array>
#include <cmath>
#include <limits>

namespace orrery::chakra {
namespace {

constexpr double kMostWhole = 9007199254740992;  // 2^53: every whole number up to it is a double

template <class Message>
const Attribute* find_last(const Message& message, std::string_view name) {
  for (int i = message.attr_size(); i > 0; --i)
    if (message.attr(i - 1).name() == name) return &message.attr(i - 1);
  return nullptr;
}

std::optional<std::int64_t> narrowed(std::uint64_t value) {
  if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

template <class Message>
Attribute& added(Message& message, std::string_view name) {
  Attribute& attribute = *message.add_attr();
  attribute.set_name(std::string(name));
  return attribute;
}

}  // namespace

const Attribute* find(const Node& node, std::string_view name) { return find_last(node, name); }
const Attribute* find(const GlobalMetadata& metadata, std::string_view name) { return find_last(metadata, name); }

std::optional<std::int64_t> as_integer(const Attribute& attribute) {
  switch (attribute.value_case()) {
    case Attribute::kInt32Val:
      return attribute.int32_val();
    case Attribute::kInt64Val:
      return attribute.int64_val();
    case Attribute::kUint32Val:
      return attribute.uint32_val();
    case Attribute::kUint64Val:
      return narrowed(attribute.uint64_val());
    case Attribute::kSint32Val:
      return attribute.sint32_val();
    case Attribute::kSint64Val:
      return attribute.sint64_val();
    case Attribute::kFixed32Val:
      return attribute.fixed32_val();
    case Attribute::kFixed64Val:
      return narrowed(attribute.fixed64_val());
    case Attribute::kSfixed32Val:
      return attribute.sfixed32_val();
    case Attribute::kSfixed64Val:
      return attribute.sfixed64_val();
    case Attribute::kBoolVal:
      return attribute.bool_val() ? 1 : 0;
    default:
      return std::nullopt;
  }
}

std::optional<bool> as_flag(const Attribute& attribute) {
  const std::optional<std::int64_t> value = as_integer(attribute);
  if (!value || *value < 0 || *value > 1) return std::nullopt;
  return *value == 1;
}

std::optional<double> as_number(const Attribute& attribute) {
  double value = 0;
  if (attribute.value_case() == Attribute::kDoubleVal) {
    value = attribute.double_val();
  } else if (attribute.value_case() == Attribute::kFloatVal) {
    value = static_cast<double>(attribute.float_val());
  } else {
    const std::optional<std::int64_t> whole = as_integer(attribute);
    if (!whole) return std::nullopt;
    value = static_cast<double>(*whole);
    if (std::abs(value) > kMostWhole) return std::nullopt;
  }
  if (!std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<std::string_view> as_text(const Attribute& attribute) {
  if (attribute.value_case() == Attribute::kStringVal) return attribute.string_val();
  if (attribute.value_case() == Attribute::kBytesVal) return attribute.bytes_val();
  return std::nullopt;
}

std::string_view to_name(NodeType type) {
  constexpr std::array<std::string_view, 8> kNames = {"invalid", "metadata",  "mem_load",  "mem_store",
                                                      "comp",    "comm_send", "comm_recv", "comm_coll"};
  const auto index = static_cast<std::size_t>(type);
  return index < kNames.size() ? kNames[index] : "unknown";
}

void add_int32(Node& node, std::string_view name, std::int32_t value) { added(node, name).set_int32_val(value); }
void add_int64(Node& node, std::string_view name, std::int64_t value) { added(node, name).set_int64_val(value); }
void add_uint64(Node& node, std::string_view name, std::uint64_t value) { added(node, name).set_uint64_val(value); }
void add_double(Node& node, std::string_view name, double value) { added(node, name).set_double_val(value); }
void add_flag(Node& node, std::string_view name, bool value) { added(node, name).set_bool_val(value); }
void add_text(Node& node, std::string_view name, std::string_view value) {
  added(node, name).set_string_val(std::string(value));
}
void add_int64(GlobalMetadata& metadata, std::string_view name, std::int64_t value) {
  added(metadata, name).set_int64_val(value);
}
void add_double(GlobalMetadata& metadata, std::string_view name, double value) {
  added(metadata, name).set_double_val(value);
}
void add_text(GlobalMetadata& metadata, std::string_view name, std::string_view value) {
  added(metadata, name).set_string_val(std::string(value));
}

}  // namespace orrery::chakra
