// The shape `imported`: what a real machine printed about itself, read where it stands.
//
//     shape: imported
//     file: node.xml               # relative to this file
//     format: nccl                 # or hwloc, ibnetdiscover; seen from the text when absent
//     scale_up: 300 GB/s           # optional: also join the chips of a node on a switch, at this rate each way a chip
//
// As `orrery import` reads it (topology/imports), which also lists what had to be assumed. Ports: the NICs of a node,
// the chips where there are none and of a fabric.
#include <fmt/format.h>

#include <map>

#include "topology/imports/import.h"
#include "topology/shapes/shape.h"

namespace orrery {
namespace {

class ImportedBlock : public Block {
 public:
  explicit ImportedBlock(Imported imported) : imported_(std::move(imported)) {
    for (std::size_t i = 0; i < imported_.vertices.size(); ++i)
      if (imported_.vertices[i].kind == VertexKind::kEngine) chips_.push_back(i);
  }

  [[nodiscard]] Counts counts() const override {
    // A chip's HBM is a vertex besides, on a cable of its own.
    return {chips_.size(), imported_.vertices.size() + chips_.size(), 2 * (imported_.cables.size() + chips_.size())};
  }
  [[nodiscard]] std::uint64_t port_count() const override {
    return imported_.ports.empty() ? chips_.size() : imported_.ports.size();
  }

  Ports build(Builder& builder, const std::string& name) const override {
    Ports built;
    std::map<std::uint32_t, std::uint32_t> nodes;
    for (const ImportedVertex& vertex : imported_.vertices) {
      std::string full = name.empty() ? vertex.name : name + "/" + vertex.name;
      if (vertex.kind != VertexKind::kEngine) {
        built.push_back(builder.add(vertex.kind, std::move(full)));
        continue;
      }
      auto found = nodes.find(vertex.node);
      if (found == nodes.end()) found = nodes.emplace(vertex.node, builder.open_node()).first;
      built.push_back(builder.fabric.engine(builder.fabric.add_chip(found->second, std::move(full))));
    }
    for (const ImportedCable& cable : imported_.cables) builder.join(cable.link, built[cable.from], built[cable.to]);
    Ports ports;
    for (const std::size_t i : imported_.ports.empty() ? chips_ : imported_.ports) ports.push_back(built[i]);
    return ports;
  }

 private:
  Imported imported_;
  std::vector<std::size_t> chips_;
};

// A file that can't be read is said where it is named.
std::string read_named(const yaml::Node& name, const std::string& path) {
  try {
    return read_file(path, kMostImportedBytes);
  } catch (const InputError& error) {
    name.fail(fmt::format("{}: {}", path, error.message()));
  }
}

std::unique_ptr<Block> read_imported(yaml::Map& map, std::uint64_t) {
  const yaml::Node file = map.required("file");
  std::string format;
  if (const auto node = map.optional("format")) {
    const std::vector<std::string> names = ImportFormats::names();
    format = names[node->choice("format", names)];
  }
  const std::string path = (file.directory() / file.text()).string();
  Imported imported = read_import(SourceText(path, read_named(file, path)), format);
  if (const auto rate = map.optional("scale_up")) add_scale_up(imported, rate->bandwidth());
  return std::make_unique<ImportedBlock>(std::move(imported));
}

const Shapes::Entry kImported{
    {"imported", "what a real machine printed about itself: NCCL or hwloc XML, ibnetdiscover", &read_imported}};

}  // namespace
}  // namespace orrery
