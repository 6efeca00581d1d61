// What real machines print about themselves becomes a cluster file: NCCL's and hwloc's XML, ibnetdiscover's text.
//
// A format is one .cc file here that registers an ImportFormat. read() turns the text into vertices and links, as the
// shape `explicit` lists them; cluster_text() writes those down as a cluster file, with a comment for everything that
// the text didn't say and that had to be assumed. Bad text is an InputError at its line and column.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/registry.h"
#include "sim/base/source_text.h"
#include "topology/fabric.h"

namespace orrery {

struct ImportedVertex {
  std::string name;
  VertexKind kind = VertexKind::kSwitch;  // kEngine: a chip
  std::uint32_t node = 0;                 // of a chip
};

// A cable, both ways.
struct ImportedCable {
  std::size_t from = 0;  // of the vertices
  std::size_t to = 0;
  Link link;  // its rates; the ends are above
};

struct Imported {
  std::vector<std::string> assumptions;  // a sentence each, without a full stop
  std::vector<ImportedVertex> vertices;
  std::vector<ImportedCable> cables;
  std::vector<std::size_t> ports;  // empty: the chips

  std::size_t add(std::string name, VertexKind kind, std::uint32_t node = 0) {
    vertices.push_back({std::move(name), kind, node});
    return vertices.size() - 1;
  }
  void join(std::size_t from, std::size_t to, const Link& link) { cables.push_back({from, to, link}); }
  void assume(std::string sentence);  // once each
};

// So much is read at most; more is refused.
inline constexpr std::size_t kMostImportedBytes = std::size_t{64} << 20U;
inline constexpr std::size_t kMostImportedVertices = 100'000;
inline constexpr std::size_t kMostImportedCables = 200'000;

struct ImportFormat {
  std::string_view name;
  std::string_view sentence;
  bool (*recognises)(std::string_view text);  // a quick look; the first format in order of name that does is taken
  Imported (*read)(const SourceText& text);
};
using ImportFormats = Registry<ImportFormat>;

// `format`: a name, or empty: whichever recognises the text; an InputError for the whole text if none does.
[[nodiscard]] Imported read_import(const SourceText& text, std::string_view format = "");

// Joins the chips of each node through one more switch, `rate` each way a chip: what the text couldn't show.
void add_scale_up(Imported& imported, Bandwidth rate);

// The whole cluster file.
[[nodiscard]] std::string cluster_text(const Imported& imported, const std::string& name, const std::string& source,
                                       const std::string& chip);

}  // namespace orrery
