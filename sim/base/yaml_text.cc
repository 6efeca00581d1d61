// Writes a tree back as YAML: block style, two spaces a level, quotes only where they are needed to read the same back.
#include <fmt/format.h>

#include <algorithm>

#include "sim/base/yaml_tree.h"

namespace orrery::yaml {
namespace {

bool is_alphanumeric(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Text that means itself without quotes, whatever stands around it.
bool is_plain(std::string_view text) {
  if (text.empty() || text.back() == ' ') return false;
  for (const std::string_view word : {"null", "Null", "NULL"})
    if (text == word) return false;
  const bool number = text.size() > 1 && (text[0] == '-' || text[0] == '.') && text[1] >= '0' && text[1] <= '9';
  if (!number && !is_alphanumeric(text[0]) && text[0] != '/') return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return is_alphanumeric(c) || std::string_view(" _./+-%").find(c) != std::string_view::npos;
  });
}

class Writer {
 public:
  explicit Writer(const NodeData& root) : root_(root) {}

  std::string write() {
    if (is_block(root_)) {
      block(root_, 0, 0);
    } else {
      leaf(root_);
      out_ += '\n';
    }
    return std::move(out_);
  }

 private:
  static bool is_block(const NodeData& node) { return !node.children.empty(); }

  // The lines of a collection; of the first line, `written` spaces stand there already.
  void block(const NodeData& node, std::size_t indent, std::size_t written) {
    const bool is_map = node.kind == Kind::kMap;
    const std::size_t count = is_map ? node.entries() : node.children.size();
    for (std::size_t i = 0; i < count; ++i) {
      out_.append(indent - (i == 0 ? written : 0), ' ');
      const NodeData& value = is_map ? node.value(i) : *node.children[i];
      if (is_map) {
        text(node.key(i).text, false);
        out_ += ':';
      } else {
        out_ += '-';
      }
      if (!is_block(value)) {
        out_ += ' ';
        leaf(value);
        out_ += '\n';
      } else if (is_map) {
        out_ += '\n';
        block(value, indent + 2, 0);
      } else {
        out_ += ' ';
        block(value, indent + 2, indent + 2);
      }
      if (out_.size() > kMostBytes)
        root_.fail(fmt::format("the document is longer than {} MiB once it is written out", kMostBytes >> 20U));
    }
  }

  void leaf(const NodeData& node) {
    switch (node.kind) {
      case Kind::kNull:
        out_ += "null";
        break;
      case Kind::kPlain:
        text(node.text, false);
        break;
      case Kind::kQuoted:
        text(node.text, true);
        break;
      case Kind::kSequence:
        out_ += "[]";
        break;
      case Kind::kMap:
        out_ += "{}";
        break;
    }
  }

  void text(std::string_view value, bool quoted) {
    if (!quoted && is_plain(value)) {
      out_ += value;
      return;
    }
    out_ += '"';
    for (const char c : value) {
      const auto byte = static_cast<unsigned char>(c);
      if (c == '"' || c == '\\') {
        out_ += '\\';
        out_ += c;
      } else if (c == '\n') {
        out_ += "\\n";
      } else if (byte < 0x20 || byte == 0x7F) {
        out_ += fmt::format("\\x{:02x}", byte);
      } else {
        out_ += c;
      }
    }
    out_ += '"';
  }

  const NodeData& root_;
  std::string out_;
};

}  // namespace

std::string resolved_text(const Node& root) { return Writer(*root.data()).write(); }

}  // namespace orrery::yaml
