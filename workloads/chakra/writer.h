// Writes a Chakra execution trace, node by node; the same nodes give the same bytes.
//
// Strict where readers differ in what they take: metadata that isn't empty, ids that are there once, dependencies only
// on nodes of the file (before or after), known types, attributes with a name and a value.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "workloads/chakra/node.h"

namespace orrery::chakra {

class Writer {
 public:
  // `out` gets the bytes in order. `name`: of the file, for messages.
  using Out = std::function<void(std::string_view bytes)>;
  Writer(std::string name, Out out, const GlobalMetadata& metadata);

  // RunError for a node that strict readers would refuse.
  void write(const Node& node);
  // Once, last. RunError if a node depends on one that isn't there.
  void finish() const;

 private:
  template <class Message>
  void put(const Message& message);
  [[noreturn]] void fail(const std::string& message) const;

  std::string name_;
  Out out_;
  std::string bytes_;
  std::unordered_set<std::uint64_t> ids_;
  std::unordered_set<std::uint64_t> awaited_;  // that nodes depend on and that aren't there yet
};

}  // namespace orrery::chakra
