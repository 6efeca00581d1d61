// Reads `sources:` and keeps account of who cites what.
#include "topology/sources.h"

#include <fmt/format.h>

namespace orrery {

Sources::Sources(yaml::Map& file) {
  yaml::Map sources(file.required("sources"), "the sources");
  for (auto& [key, text] : sources.rest()) {
    if (text.text().empty()) text.fail("a source says where numbers come from, but this one is empty");
    entries_.push_back({key, key.text(), false});
  }
  sources.finish();
}

yaml::Map Sources::open(yaml::Node block, std::string_view what) {
  yaml::Map map(std::move(block), what);
  const auto source = map.optional("source");
  if (!source)
    map.node().fail(fmt::format("{} has no `source`", what),
                    {"every number cites an entry of `sources:` at the end of the file"});
  if (source->is_sequence()) {
    for (const yaml::Node& name : source->items()) cite(name);
  } else {
    cite(*source);
  }
  return map;
}

void Sources::cite(const yaml::Node& name) {
  std::vector<std::string> names;
  names.reserve(entries_.size());
  for (const Entry& entry : entries_) names.push_back(entry.name);
  entries_[name.choice("source", names)].cited = true;
}

void Sources::finish() const {
  for (const Entry& entry : entries_)
    if (!entry.cited) entry.key.fail(fmt::format("nothing cites the source '{}'", entry.name));
}

}  // namespace orrery
