// The tree behind yaml::Node: plain rows in an arena, made once and never changed. For the files sim/base/yaml_*.cc.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/source_text.h"
#include "sim/base/yaml.h"

namespace orrery::yaml {

enum class Kind : std::uint8_t { kNull, kPlain, kQuoted, kSequence, kMap };

// Where a text came from: what paths in it are relative to.
struct Source {
  SourceText text;
  std::filesystem::path directory;
};

// Aliases make it a directed acyclic graph: a row may be the child of many.
struct NodeData {
  Kind kind = Kind::kNull;
  std::uint8_t height = 1;  // levels, itself included
  std::uint32_t begin = 0;  // offsets into its source: the value itself, without anchor
  std::uint32_t end = 0;
  std::uint32_t nodes = 1;  // with all aliases written out; at most kMostNodes
  std::uint32_t bytes = 0;  // of text, likewise; at most kMostBytes
  const Source* source = nullptr;
  std::string_view text;                        // of a scalar
  std::span<const NodeData* const> children{};  // items of a sequence; key, value, key, value, … of a mapping

  [[nodiscard]] bool is_scalar() const { return kind == Kind::kPlain || kind == Kind::kQuoted; }
  [[nodiscard]] std::size_t entries() const { return children.size() / 2; }
  [[nodiscard]] const NodeData& key(std::size_t entry) const { return *children[2 * entry]; }
  [[nodiscard]] const NodeData& value(std::size_t entry) const { return *children[2 * entry + 1]; }
  // What a message points at: the value as far as it stands on its first line, without a comment behind it.
  [[nodiscard]] SourceSpan span() const;
  [[noreturn]] void fail(std::string message, const std::vector<std::string>& notes = {}) const {
    throw InputError(span(), std::move(message), notes);
  }
};

// Throws InputError: "expected WHAT, not …", with what stands there instead.
[[noreturn]] void fail_expected(const NodeData& node, std::string_view what,
                                const std::vector<std::string>& notes = {});

// The index of the entry with that key, or entries().
[[nodiscard]] std::size_t find_entry(const NodeData& map, std::string_view key);

// Why `key` can't be a key; empty when it can.
[[nodiscard]] std::string key_problem(const NodeData& key);

// Owns rows, lists, texts and sources of one loaded document, included files and overrides among them. The limits
// kMostBytes, kMostNodes and kMostDepth hold for all of it together.
class Document {
 public:
  const Source& add_source(std::string name, std::string text, std::filesystem::path directory, bool one_line = false);
  [[nodiscard]] std::size_t bytes_left() const { return kMostBytes - source_bytes_; }

  // Fills in height, nodes and bytes of `row` and keeps it; InputError at the row when a limit is passed.
  const NodeData* add(NodeData row, std::span<const NodeData* const> children = {});
  std::string_view keep(std::string text);

 private:
  std::size_t source_bytes_ = 0;
  std::deque<Source> sources_;
  std::deque<NodeData> rows_;
  std::deque<std::vector<const NodeData*>> lists_;
  std::deque<std::string> texts_;
};

// One YAML document: the text of `source` from `offset` on. Throws InputError; an empty one gives a row of kNull.
const NodeData* parse_text(Document& document, const Source& source, std::size_t offset = 0);

// `own` over `base`: entries of both, mappings under one key merged likewise, anything else as `own` has it. Entries of
// `base` come first. Positions of merged mappings are those of `own`.
const NodeData* merge_deep(Document& document, const NodeData& base, const NodeData& own);

// `map` with its `<<` entries replaced by the entries that they name: own keys win, then those named first.
const NodeData* merge_keys(Document& document, const NodeData& map);

// The key that includes files. It can't be overridden: by then it has been read.
inline constexpr std::string_view kIncludeKey = "include";

const NodeData* apply_override(Document& document, const NodeData& root, const Override& change);

}  // namespace orrery::yaml
