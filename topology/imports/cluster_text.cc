// Writes imported vertices and cables down as a cluster file of the shape `explicit`.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "topology/imports/import.h"

namespace orrery {
namespace {

// A double-quoted YAML text on one line.
std::string double_quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out + "\"";
}

bool is_plain(std::string_view name) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  // Not a word that YAML reads as something else (`no`, `null`): a digit or '_' or '/' must occur.
  return !name.empty() && is_letter(name.front()) && std::all_of(name.begin(), name.end(), [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '/';
  }) && std::any_of(name.begin(), name.end(), [&](char c) { return !is_letter(c); });
}

std::string name_text(std::string_view name) { return is_plain(name) ? std::string(name) : double_quoted(name); }

// At most `most` bytes of it, whole characters.
std::string shortened(const std::string& text, std::size_t most) {
  if (text.size() <= most) return text;
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end);
}

// Names that are there twice get a number; a name is short enough for one line.
std::vector<std::string> distinct_names(const std::vector<ImportedVertex>& vertices) {
  constexpr std::size_t kLongestName = 200;
  std::set<std::string> taken;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < vertices.size(); ++i) {
    std::string name = shortened(vertices[i].name, kLongestName);
    if (name.empty()) name = "unnamed";
    if (!taken.insert(name).second) {
      name +=
          fmt::format("#{}", i);  // `#` is in no other name's end but by a file's own doing; try on until it is free
      while (!taken.insert(name).second) name += '#';
    }
    names.push_back(std::move(name));
  }
  return names;
}

std::string_view kind_text(VertexKind kind) { return kind == VertexKind::kEngine ? "chip" : to_name(kind); }

// `# ` before each line, wrapped.
std::string comment(const std::string& sentence) {
  constexpr std::size_t kColumns = 118;
  std::string text = "#";
  std::size_t column = 1;
  for (std::size_t at = 0; at < sentence.size();) {
    const std::size_t end = std::min(sentence.find(' ', at), sentence.size());
    if (column + 1 + end - at > kColumns && column > 3) {
      text += "\n#  ";
      column = 3;
    }
    text += ' ';
    for (const char c : std::string_view(sentence).substr(at, end - at))
      text += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    column += 1 + end - at;
    at = end + 1;
  }
  return text + "\n";
}

std::string link_text(const Link& link) {
  return fmt::format("bandwidth: {} B/s, latency: {} ps, kind: {}, tier: {}", link.bandwidth.bytes_per_second(),
                     link.latency.ps(), to_name(link.kind), to_name(link.tier));
}

}  // namespace

std::string cluster_text(const Imported& imported, const std::string& name, const std::string& source,
                         const std::string& chip) {
  std::string text = comment(fmt::format("{}: {}.", name, source));
  if (!imported.assumptions.empty()) text += "#\n# What it doesn't say was assumed:\n";
  for (const std::string& sentence : imported.assumptions) text += comment("- " + sentence + ".");
  text += fmt::format("name: {}\nsource: {}\nchip: {}\nfabric:\n  shape: explicit\n  vertices:\n", double_quoted(name),
                      double_quoted(source), name_text(chip));
  const auto out = std::back_inserter(text);
  const std::vector<std::string> names = distinct_names(imported.vertices);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const ImportedVertex& vertex = imported.vertices[i];
    fmt::format_to(out, "    - {{name: {}, kind: {}", name_text(names[i]), kind_text(vertex.kind));
    if (vertex.kind == VertexKind::kEngine) fmt::format_to(out, ", node: {}", vertex.node);
    text += "}\n";
  }
  if (!imported.cables.empty()) text += "  links:\n";
  for (const ImportedCable& cable : imported.cables)
    fmt::format_to(out, "    - {{from: {}, to: {}, {}}}\n", name_text(names[cable.from]), name_text(names[cable.to]),
                   link_text(cable.link));
  if (!imported.ports.empty()) {
    text += "  ports: [";
    for (std::size_t i = 0; i < imported.ports.size(); ++i)
      text += (i == 0 ? "" : ", ") + name_text(names[imported.ports[i]]);
    text += "]\n";
  }
  return text;
}

}  // namespace orrery
