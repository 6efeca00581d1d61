// Finds the format of a text, checks what was read from it, and joins nodes that it couldn't show.
#include "topology/imports/import.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace orrery {
namespace {

// Of the whole text: there is no line to show.
[[noreturn]] void refuse_import(const SourceText& text, std::string message,
                                const std::vector<std::string>& notes = {}) {
  SourceSpan span;
  span.file = text.name();
  throw InputError(std::move(span), std::move(message), notes);
}

const ImportFormat& find_format(const SourceText& text, std::string_view name) {
  for (const ImportFormat* format : ImportFormats::all())
    if (name.empty() ? format->recognises(text.text()) : format->name == name) return *format;
  const std::vector<std::string> names = ImportFormats::names();
  if (!name.empty()) refuse_import(text, unknown_name("format", name, names));
  refuse_import(text, "this is in no format that can be imported", {name_list("format", names)});
}

}  // namespace

void Imported::assume(std::string sentence) {
  if (std::find(assumptions.begin(), assumptions.end(), sentence) == assumptions.end())
    assumptions.push_back(std::move(sentence));
}

Imported read_import(const SourceText& text, std::string_view format) {
  Imported imported = find_format(text, format).read(text);
  const auto refuse = [&](std::size_t count, std::string_view what, std::size_t most) {
    if (count > most) refuse_import(text, fmt::format("{} {} are more than can be imported: {}", count, what, most));
  };
  refuse(imported.vertices.size(), "vertices", kMostImportedVertices);
  refuse(imported.cables.size(), "cables", kMostImportedCables);
  if (std::none_of(imported.vertices.begin(), imported.vertices.end(),
                   [](const ImportedVertex& vertex) { return vertex.kind == VertexKind::kEngine; }))
    refuse_import(text, "there are no chips in it: nothing would compute");
  return imported;
}

void add_scale_up(Imported& imported, Bandwidth rate) {
  std::map<std::uint32_t, std::vector<std::size_t>> chips;
  for (std::size_t i = 0; i < imported.vertices.size(); ++i)
    if (imported.vertices[i].kind == VertexKind::kEngine) chips[imported.vertices[i].node].push_back(i);
  for (const auto& [node, members] : chips) {
    const std::size_t centre = imported.add(fmt::format("scale_up{}", node), VertexKind::kSwitch);
    for (const std::size_t chip : members)
      imported.join(chip, centre,
                    {.from = {},
                     .to = {},
                     .bandwidth = rate,
                     .latency = Duration::nanoseconds(350),
                     .kind = LinkKind::kNvlink,
                     .tier = Tier::kScaleUp});
  }
  imported.assume("the chips of a node are joined by one switch, at the rate that was asked for and 350 ns a link");
}

}  // namespace orrery
