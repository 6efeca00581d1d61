// Where a file's numbers come from: every block of numbers cites an entry of the file's `sources:` map.
#pragma once

#include <string>
#include <vector>

#include "sim/base/yaml.h"

namespace orrery {

// A file that keeps sources ends with
//
//     sources:
//       a100_datasheet: NVIDIA A100 Tensor Core GPU data sheet (June 2021)
//
// and each block of numbers says `source: a100_datasheet`, or a list of such names.
class Sources {
 public:
  // Takes the required key `sources` of the file's top mapping.
  explicit Sources(yaml::Map& file);

  // Opens a block and takes its `source`. InputError if the block has none or names one that the file doesn't list.
  [[nodiscard]] yaml::Map open(yaml::Node block, std::string_view what);
  // InputError at a source that no block has cited.
  void finish() const;

 private:
  struct Entry {
    yaml::Node key;
    std::string name;
    bool cited = false;
  };
  void cite(const yaml::Node& name);

  std::vector<Entry> entries_;
};

}  // namespace orrery
