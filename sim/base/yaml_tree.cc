// Keeps the rows of a document and the limits that a hostile one runs into.
#include "sim/base/yaml_tree.h"

#include <fmt/format.h>

#include <algorithm>

namespace orrery::yaml {

SourceSpan NodeData::span() const {
  const std::string_view all = source->text.text();
  const std::size_t line_end = std::min(all.find('\n', begin), all.size());
  std::size_t last = 0;
  for (const NodeData* child : children) {
    if (child->begin >= line_end) break;
    if (child->source == source && child->begin >= begin) last = std::max<std::size_t>(last, child->end);
  }
  const bool cut = end > line_end && last > 0;
  return source->text.span(begin, cut ? std::min(last, line_end) : end);
}

std::size_t find_entry(const NodeData& map, std::string_view key) {
  for (std::size_t i = 0; i < map.entries(); ++i)
    if (map.key(i).text == key) return i;
  return map.entries();
}

std::string key_problem(const NodeData& key) {
  constexpr std::size_t kMostKeyBytes = 256;
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (key.kind == Kind::kNull && key.begin == key.end) return "a key is missing before ':'";
  if (!key.is_scalar()) return "a key must be text";
  if (key.text.empty()) return "a key must not be empty";
  if (key.text.size() > kMostKeyBytes) return fmt::format("a key must not be longer than {} bytes", kMostKeyBytes);
  if (std::any_of(key.text.begin(), key.text.end(), is_control)) return "a key must be one line of plain text";
  return {};
}

const Source& Document::add_source(std::string name, std::string text, std::filesystem::path directory, bool one_line) {
  if (text.size() > bytes_left())
    throw InputError(SourceSpan{std::move(name), 0, 0, 1, ""},
                     fmt::format("the document is larger than {} MiB, its included files counted", kMostBytes >> 20U));
  source_bytes_ += text.size();
  return sources_.emplace_back(SourceText(std::move(name), std::move(text), one_line), std::move(directory));
}

const NodeData* Document::add(NodeData row, std::span<const NodeData* const> children) {
  std::uint64_t nodes = 1;
  std::uint64_t bytes = row.text.size();
  int height = 1;
  for (const NodeData* child : children) {
    nodes += child->nodes;
    bytes += child->bytes;
    height = std::max(height, child->height + 1);
    if (nodes > kMostNodes)
      row.fail(fmt::format("this holds more than {} values once its aliases are written out", kMostNodes));
    if (bytes > kMostBytes)
      row.fail(fmt::format("this holds more than {} MiB of text once its aliases are written out", kMostBytes >> 20U));
  }
  if (height > kMostDepth) row.fail(fmt::format("values are nested more than {} levels deep", kMostDepth));
  if (rows_.size() >= kMostNodes) row.fail(fmt::format("the document holds more than {} values", kMostNodes));
  row.height = static_cast<std::uint8_t>(height);
  row.nodes = static_cast<std::uint32_t>(nodes);
  row.bytes = static_cast<std::uint32_t>(bytes);
  if (!children.empty()) row.children = lists_.emplace_back(children.begin(), children.end());
  return &rows_.emplace_back(row);
}

std::string_view Document::keep(std::string text) { return texts_.emplace_back(std::move(text)); }

}  // namespace orrery::yaml
