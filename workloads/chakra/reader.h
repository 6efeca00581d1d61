// Reads a Chakra execution trace, one node at a time: memory for one message, whatever the file's length.
//
// Lenient where traces in the wild differ: packed with gzip or not, any integer kind, fields in any order, unknown
// fields (kept), dependencies on nodes that come later or never. Strict where a file is damaged: every message must be
// whole and of the schema.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "workloads/chakra/byte_source.h"
#include "workloads/chakra/node.h"

namespace orrery::chakra {

// A longer message is refused.
inline constexpr std::size_t kMostMessageBytes = std::size_t{16} << 20U;

class Reader {
 public:
  // InputError if the file can't be read or doesn't begin with metadata.
  explicit Reader(const std::filesystem::path& file) : Reader(blocks_of_file(file)) {}
  explicit Reader(std::unique_ptr<Blocks> blocks);

  [[nodiscard]] const std::string& name() const { return source_.name(); }
  [[nodiscard]] const GlobalMetadata& metadata() const { return metadata_; }
  // The next node, which stays until the next call; nullptr at the end. InputError names file and byte:
  // "trace.0.et:byte 1234: error: the file ends here, 40 bytes before the end of a node".
  const Node* next();
  // Where the message of the node begins that next() returned last.
  [[nodiscard]] std::uint64_t offset() const { return offset_; }
  // InputError at that node.
  [[noreturn]] void fail(const std::string& message) const { source_.fail(offset_, message); }

 private:
  // Reads a length and as many bytes into message_; false at the end of the file.
  bool read_message();

  ByteSource source_;
  GlobalMetadata metadata_;
  Node node_;
  std::string message_;
  std::uint64_t offset_ = 0;
};

}  // namespace orrery::chakra
