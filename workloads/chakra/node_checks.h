// What a node of a trace must say, and within which bounds; else an error where it stands.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sim/base/units.h"
#include "workloads/chakra/reader.h"

namespace orrery::chakra {

// Bounds are inclusive. InputError at the node that the reader has returned last, which `node` must be.
class NodeChecks {
 public:
  explicit NodeChecks(const Reader& reader) : reader_(&reader) {}

  [[nodiscard]] std::int64_t integer(const Node& node, std::string_view name, std::int64_t least,
                                     std::int64_t most) const;
  [[nodiscard]] std::int64_t integer_or(const Node& node, std::string_view name, std::int64_t otherwise,
                                        std::int64_t least, std::int64_t most) const;
  [[nodiscard]] double number_or(const Node& node, std::string_view name, double otherwise) const;
  [[nodiscard]] std::string text_or(const Node& node, std::string_view name, std::string_view otherwise) const;
  [[nodiscard]] Duration recorded(const Node& node) const;  // its duration_micros

 private:
  const Reader* reader_;
};

}  // namespace orrery::chakra
