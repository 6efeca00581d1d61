// Finds chips and links of a fabric by what a file calls them: names, patterns, numbers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/base/yaml.h"
#include "topology/fabric.h"

namespace orrery {

// Names are those of the fabric's vertices, as `orrery topology CLUSTER --dot` shows them; in a pattern `*` stands for
// any text. What isn't there is an InputError at its place. Keeps a pointer to the fabric.
class MachineNames {
 public:
  explicit MachineNames(const Fabric& fabric) : fabric_(&fabric) {}

  // `all`, a number (3), a range (8-15), a name (node0/chip3), a pattern (node1/*), or a list of these. In the order in
  // which they are named, each once.
  [[nodiscard]] std::vector<ChipId> chips(const yaml::Node& node) const;

  // A name or a pattern: the links that leave those vertices and, unless `one_way`, those that enter. Two of them in a
  // list: the links from the ones to the others and, unless `one_way`, back. Links to a chip's own HBM are none of
  // them.
  [[nodiscard]] std::vector<LinkId> links(const yaml::Node& node, bool one_way) const;

 private:
  [[nodiscard]] std::vector<bool> vertices(const yaml::Node& node) const;
  [[noreturn]] void fail_unknown(const yaml::Node& node, std::string_view kind, bool chips_only) const;
  [[noreturn]] void fail_apart(const yaml::Node& node, const std::vector<bool>& from) const;
  void add_chips(const yaml::Node& node, std::vector<ChipId>& chips) const;

  const Fabric* fabric_;
};

// Whether a text is what a pattern says.
[[nodiscard]] bool matches(std::string_view pattern, std::string_view text);

// The highest chip that a list of chips names by number, plus one; 0 if it names none so. For a fabric that isn't built
// yet.
[[nodiscard]] std::size_t chips_named(const yaml::Node& node);

}  // namespace orrery
