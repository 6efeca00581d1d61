// Looks beside the file first.
#include "sim/scenario/scenario_path.h"

#include <fmt/format.h>

namespace orrery {

std::filesystem::path scenario_beside(const Library& library, const std::filesystem::path& file,
                                      const yaml::Node& named) {
  const std::string word = named.text();
  std::filesystem::path beside = file.parent_path() / word;
  if (std::filesystem::exists(beside)) return beside;
  if (word.ends_with(".yaml")) named.fail(fmt::format("there is no file '{}'", beside.string()));
  return library.resolve(named, "scenarios", "scenario").span().file;
}

}  // namespace orrery
