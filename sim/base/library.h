// Where named files live: chips, clusters, models and software stacks are found by name, one YAML file each.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sim/base/yaml.h"

namespace orrery {

// Folders that hold `topology/chips`, `topology/clusters`, `workloads/models` and `workloads/stacks`; earlier ones win.
class Library {
 public:
  explicit Library(std::vector<std::filesystem::path> roots);
  // $ORRERY_LIBRARY (colon-separated) when it is set, then the source tree this was built from if it still exists, then
  // share/orrery beside the running command's own folder, then the installed share directory.
  static Library standard();

  // `shelf` is a folder such as "topology/chips"; `kind` names its things in messages ("chip"). A scalar node is a name
  // (h100_sxm) or, when it ends in .yaml or has a '/', a file relative to the file it stands in; a mapping is the thing
  // itself. Not found: an InputError at the node with the names that exist.
  [[nodiscard]] yaml::Node resolve(const yaml::Node& reference, std::string_view shelf, std::string_view kind) const;
  [[nodiscard]] std::vector<std::string> names(std::string_view shelf) const;          // sorted, without .yaml
  [[nodiscard]] yaml::Node open(std::string_view shelf, std::string_view name) const;  // InputError if absent

 private:
  std::vector<std::filesystem::path> roots_;
};

}  // namespace orrery
