// Lengths and messages, one after another.
#include "workloads/chakra/writer.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/base/error.h"
#include "workloads/chakra/reader.h"

namespace orrery::chakra {

Writer::Writer(std::string name, Out out, const GlobalMetadata& metadata)
    : name_(std::move(name)), out_(std::move(out)) {
  if (metadata.version().empty() && metadata.attr_size() == 0)
    fail("metadata without a version or an attribute is a message of no bytes, at which some readers stop");
  put(metadata);
}

void Writer::write(const Node& node) {
  if (node.type() <= INVALID_NODE || node.type() > COMM_COLL_NODE) fail(fmt::format("node {} has no type", node.id()));
  if (!ids_.insert(node.id()).second) fail(fmt::format("two nodes have the id {}", node.id()));
  awaited_.erase(node.id());
  for (const auto* deps : {&node.ctrl_deps(), &node.data_deps()}) {
    for (const std::uint64_t dep : *deps) {
      if (dep == node.id()) fail(fmt::format("node {} depends on itself", node.id()));
      if (!ids_.contains(dep)) awaited_.insert(dep);
    }
  }
  for (const Attribute& attribute : node.attr())
    if (attribute.name().empty() || attribute.value_case() == Attribute::VALUE_NOT_SET)
      fail(fmt::format("node {} has an attribute without a name or a value", node.id()));
  put(node);
}

void Writer::finish() const {
  if (awaited_.empty()) return;
  fail(
      fmt::format("a node depends on node {}, which isn't there", *std::min_element(awaited_.begin(), awaited_.end())));
}

template <class Message>
void Writer::put(const Message& message) {
  const std::size_t size = message.ByteSizeLong();
  if (size > kMostMessageBytes) fail(fmt::format("a message of {} bytes is too long", size));
  bytes_.clear();
  for (std::size_t rest = size;; rest >>= 7U) {
    bytes_ += static_cast<char>((rest & 0x7FU) | (rest > 0x7FU ? 0x80U : 0U));
    if (rest <= 0x7FU) break;
  }
  message.AppendToString(&bytes_);
  out_(bytes_);
}

void Writer::fail(const std::string& message) const { throw RunError(name_ + ": can't be written: " + message); }

}  // namespace orrery::chakra
