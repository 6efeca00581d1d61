// Looks an attribute up, takes it in any kind that loses nothing, and refuses the rest with node and place.
#include "workloads/chakra/node_checks.h"

#include <fmt/format.h>

namespace orrery::chakra {
namespace {

constexpr std::int64_t kMostMicros = std::int64_t{1} << 40;  // 13 days
constexpr double kMostFlops = 1e30;

}  // namespace

std::int64_t NodeChecks::integer(const Node& node, std::string_view name, std::int64_t least, std::int64_t most) const {
  const Attribute* attribute = find(node, name);
  if (attribute == nullptr)
    reader_->fail(fmt::format("node {}, a {}, lacks '{}'", node.id(), to_name(node.type()), name));
  const std::optional<std::int64_t> value = as_integer(*attribute);
  if (!value) reader_->fail(fmt::format("'{}' of node {} is no whole number", name, node.id()));
  if (*value < least || *value > most)
    reader_->fail(
        fmt::format("'{}' of node {} is {}; it must be between {} and {}", name, node.id(), *value, least, most));
  return *value;
}

std::int64_t NodeChecks::integer_or(const Node& node, std::string_view name, std::int64_t otherwise, std::int64_t least,
                                    std::int64_t most) const {
  return find(node, name) == nullptr ? otherwise : integer(node, name, least, most);
}

double NodeChecks::number_or(const Node& node, std::string_view name, double otherwise) const {
  const Attribute* attribute = find(node, name);
  if (attribute == nullptr) return otherwise;
  const std::optional<double> value = as_number(*attribute);
  if (!value || *value < 0 || *value > kMostFlops)
    reader_->fail(fmt::format("'{}' of node {} is no number from 0 to {}", name, node.id(), kMostFlops));
  return *value;
}

std::string NodeChecks::text_or(const Node& node, std::string_view name, std::string_view otherwise) const {
  const Attribute* attribute = find(node, name);
  if (attribute == nullptr) return std::string(otherwise);
  if (const std::optional<std::string_view> text = as_text(*attribute)) return std::string(*text);
  if (const std::optional<std::int64_t> number = as_integer(*attribute)) return std::to_string(*number);
  reader_->fail(fmt::format("'{}' of node {} is no text", name, node.id()));
}

Duration NodeChecks::recorded(const Node& node) const {
  if (node.duration_micros() > static_cast<std::uint64_t>(kMostMicros))
    reader_->fail(fmt::format("node {} lasts {} microseconds: more than 13 days", node.id(), node.duration_micros()));
  return Duration::microseconds(static_cast<std::int64_t>(node.duration_micros()));
}

}  // namespace orrery::chakra
