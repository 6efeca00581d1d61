// Reads precisions by role.
#include "workloads/precision_roles.h"

#include <string>
#include <string_view>
#include <vector>

namespace orrery {
namespace {

const std::vector<std::string> kWide = {"bf16", "fp16", "fp32"};

std::vector<std::string> wide_and_narrow() {
  std::vector<std::string> names = kWide;
  const std::vector<std::string> narrow = narrow_formats();
  names.insert(names.end(), narrow.begin(), narrow.end());
  return names;
}

std::optional<Format> format_at(yaml::Map& map, std::string_view key, const std::vector<std::string>& names) {
  const auto node = map.optional(key);
  if (!node) return std::nullopt;
  return *find_format(names[node->choice("format", names)]);
}

}  // namespace

PrecisionRoles read_precision_roles(yaml::Map& precision) {
  const std::vector<std::string> all = wide_and_narrow();
  PrecisionRoles roles;
  roles.activations = format_at(precision, "activations", all);
  roles.master = format_at(precision, "master", kWide);
  const auto node = precision.optional("wire");
  if (!node) return roles;
  yaml::Map wire(*node, "what travels");
  roles.gradients = format_at(wire, "gradients", all);
  roles.weights = format_at(wire, "weights", all);
  roles.tensor = format_at(wire, "tensor", all);
  roles.dispatch = format_at(wire, "dispatch", all);
  roles.combine = format_at(wire, "combine", all);
  wire.finish();
  return roles;
}

}  // namespace orrery
