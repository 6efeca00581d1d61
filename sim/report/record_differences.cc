// Both texts as lists of values by path, in order, then merged.
#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "sim/base/yaml.h"
#include "sim/report/record.h"

namespace orrery {
namespace {

struct Value {
  std::string text;
  std::optional<double> number;
};
struct Values {
  std::vector<std::string> order;
  std::map<std::string, Value> by_path;

  void add(const std::string& path, Value value) {
    if (by_path.emplace(path, std::move(value)).second) order.push_back(path);
  }
};

std::string below(const std::string& path, const std::string& key) { return path.empty() ? key : path + '.' + key; }

// Entries of lists go by their name where they have one: a link that is new doesn't move all others.
std::string element(const std::string& path, const nlohmann::ordered_json& item, std::size_t index) {
  if (item.is_object())
    for (const char* key : {"name", "link", "resource", "tier", "kind"})
      if (const auto found = item.find(key); found != item.end() && found->is_string())
        return fmt::format("{}[{}]", path, found->get<std::string>());
  return fmt::format("{}[{}]", path, index);
}

void flatten_json(const nlohmann::ordered_json& json, const std::string& path, Values& values) {
  if (json.is_object()) {
    for (const auto& [key, item] : json.items()) flatten_json(item, below(path, key), values);
  } else if (json.is_array()) {
    for (std::size_t i = 0; i < json.size(); ++i) flatten_json(json[i], element(path, json[i], i), values);
  } else {
    values.add(path, {json.is_string() ? json.get<std::string>() : json.dump(),
                      json.is_number() ? std::optional(json.get<double>()) : std::nullopt});
  }
}

std::optional<double> number_of(const std::string& text) {
  double value = 0;
  std::size_t used = 0;
  try {
    value = std::stod(text, &used);
  } catch (const std::exception&) {
    return std::nullopt;
  }
  return used == text.size() ? std::optional(value) : std::nullopt;
}

void flatten_yaml(const yaml::Node& node, const std::string& path, Values& values) {
  if (node.is_map()) {
    yaml::Map map(node, "a scenario");
    for (const auto& [key, item] : map.rest()) flatten_yaml(item, below(path, key.text()), values);
  } else if (node.is_sequence()) {
    const std::vector<yaml::Node> items = node.items();
    for (std::size_t i = 0; i < items.size(); ++i) flatten_yaml(items[i], fmt::format("{}[{}]", path, i), values);
  } else {
    const std::string text = node.is_null() ? "null" : node.text();
    values.add(path, {text, number_of(text)});
  }
}

std::vector<Difference> merged(const Values& before, const Values& after) {
  std::vector<Difference> differences;
  for (const std::string& path : before.order) {
    const Value& was = before.by_path.at(path);
    const auto is = after.by_path.find(path);
    if (is == after.by_path.end()) {
      differences.push_back({path, was.text, "", 0});
    } else if (is->second.text != was.text) {
      const bool numbers = was.number && is->second.number && *was.number != 0;
      differences.push_back({path, was.text, is->second.text, numbers ? *is->second.number / *was.number - 1 : 0});
    }
  }
  for (const std::string& path : after.order)
    if (!before.by_path.contains(path)) differences.push_back({path, "", after.by_path.at(path).text, 0});
  return differences;
}

}  // namespace

std::vector<Difference> json_differences(std::string_view before, std::string_view after) {
  Values a;
  Values b;
  flatten_json(nlohmann::ordered_json::parse(before), "", a);
  flatten_json(nlohmann::ordered_json::parse(after), "", b);
  return merged(a, b);
}

std::vector<Difference> yaml_differences(std::string_view before, std::string_view after) {
  Values a;
  Values b;
  flatten_yaml(yaml::parse(before, "before"), "", a);
  flatten_yaml(yaml::parse(after, "after"), "", b);
  return merged(a, b);
}

}  // namespace orrery
