// Reads a mapping key by key, and names the keys that are missing or that nobody knows.
#include <fmt/format.h>

#include <algorithm>

#include "sim/base/yaml_tree.h"

namespace orrery::yaml {

Map::Map(Node node, std::string_view what) : node_(std::move(node)), what_(what) {
  if (!node_.is_map()) fail_expected(*node_.data_, fmt::format("{} (a mapping of keys to values)", what_));
  read_.resize(node_.data_->entries(), false);
}

std::optional<Node> Map::optional(std::string_view key) {
  if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) asked_.emplace_back(key);
  const std::size_t entry = find_entry(*node_.data_, key);
  if (entry == node_.data_->entries()) return std::nullopt;
  read_[entry] = true;
  return Node(std::shared_ptr<const NodeData>(node_.data_, &node_.data_->value(entry)));
}

Node Map::required(std::string_view key) {
  if (std::optional<Node> value = optional(key)) return *std::move(value);
  std::vector<std::string> unread;
  std::vector<std::size_t> entries;
  for (std::size_t i = 0; i < read_.size(); ++i) {
    if (read_[i]) continue;
    unread.emplace_back(node_.data_->key(i).text);
    entries.push_back(i);
  }
  std::vector<std::string> notes;
  if (const std::string_view near = nearest(key, unread); !near.empty()) {
    const auto at = std::find(unread.begin(), unread.end(), near) - unread.begin();
    const NodeData& meant = node_.data_->key(entries[static_cast<std::size_t>(at)]);
    const SourceSpan place = meant.span();
    notes.push_back(fmt::format("is it the key '{}' at {}:{}:{}?", near, place.file, place.line, place.column));
  }
  node_.fail(fmt::format("{} needs the key '{}'", what_, key), notes);
}

std::vector<std::pair<Node, Node>> Map::rest() {
  const NodeData& map = *node_.data_;
  std::vector<std::pair<Node, Node>> entries;
  for (std::size_t i = 0; i < map.entries(); ++i) {
    if (read_[i]) continue;
    read_[i] = true;
    entries.emplace_back(Node(std::shared_ptr<const NodeData>(node_.data_, &map.key(i))),
                         Node(std::shared_ptr<const NodeData>(node_.data_, &map.value(i))));
  }
  return entries;
}

void Map::finish() const {
  const auto unread = static_cast<std::size_t>(std::find(read_.begin(), read_.end(), false) - read_.begin());
  if (unread == read_.size()) return;
  const NodeData& key = node_.data_->key(unread);
  std::string message = fmt::format("{} has no key {}", what_, in_quotes(key.text));
  if (const std::string_view near = nearest(key.text, asked_); !near.empty())
    message += fmt::format("; did you mean '{}'?", near);
  key.fail(std::move(message), {name_list("key", asked_)});
}

}  // namespace orrery::yaml
