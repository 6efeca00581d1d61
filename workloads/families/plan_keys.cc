// Reads a family's plan key by key.
#include "workloads/families/plan_keys.h"

#include <fmt/format.h>

namespace orrery {

std::optional<yaml::Node> PlanKeys::find(const std::string& key) {
  auto node = map_.optional(key);
  if (node) places_.emplace(key, *node);
  return node;
}

std::int64_t PlanKeys::integer(const std::string& key, std::int64_t otherwise, std::int64_t least, std::int64_t most) {
  const auto node = find(key);
  return node ? node->integer(least, most) : otherwise;
}

std::int64_t PlanKeys::required(const std::string& key, std::int64_t least, std::int64_t most) {
  const yaml::Node node = map_.required(key);
  places_.emplace(key, node);
  return node.integer(least, most);
}

bool PlanKeys::boolean(const std::string& key, bool otherwise) {
  const auto node = find(key);
  return node ? node->boolean() : otherwise;
}

Bytes PlanKeys::bytes(const std::string& key, Bytes otherwise) {
  const auto node = find(key);
  return node ? node->bytes(Bytes(1)) : otherwise;
}

std::size_t PlanKeys::choice(const std::string& key, std::string_view kind, const std::vector<std::string>& names) {
  const auto node = find(key);
  return node ? node->choice(kind, names) : 0;
}

void PlanKeys::fail(const std::string& key, std::string message, const std::vector<std::string>& notes) const {
  const auto place = places_.find(key);
  (place != places_.end() ? place->second : map_.node()).fail(std::move(message), notes);
}

void PlanKeys::idle(const std::string& key, std::string_view why) {
  const auto place = places_.find(key);
  if (place == places_.end()) return;
  const SourceSpan where = place->second.span();
  warnings_.push_back(fmt::format("{}:{}: '{}' changes nothing: {}", where.file, where.line, key, why));
}

}  // namespace orrery
