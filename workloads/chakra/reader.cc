// Frames, then protobuf.
#include "workloads/chakra/reader.h"

#include <fmt/format.h>

#include "sim/base/error.h"

namespace orrery::chakra {

Reader::Reader(std::unique_ptr<Blocks> blocks) : source_(std::move(blocks)) {
  if (!read_message()) fail("the file is empty: a trace begins with its metadata");
  if (!metadata_.ParseFromString(message_)) fail("what stands here is not the metadata of a Chakra trace");
}

const Node* Reader::next() {
  if (!read_message()) return nullptr;
  if (!node_.ParseFromString(message_)) fail("what stands here is not a node of a Chakra trace");
  if (node_.type() <= INVALID_NODE || node_.type() > COMM_COLL_NODE)
    fail(fmt::format("node {} is of type {}: types are 1 (metadata) to 7 (collective)", node_.id(),
                     static_cast<int>(node_.type())));
  return &node_;
}

bool Reader::read_message() {
  offset_ = source_.offset();
  std::uint64_t size = 0;
  for (unsigned shift = 0;; shift += 7) {
    const int byte = source_.get();
    if (byte < 0 && shift == 0) return false;
    if (byte < 0) source_.fail(source_.offset(), "the file ends here, in the length of a message");
    // Five bytes hold 32 bits and a little more.
    if (shift > 28) fail("the length of a message has more than five bytes");
    size |= (static_cast<std::uint64_t>(byte) & 0x7FU) << shift;
    if ((static_cast<unsigned>(byte) & 0x80U) == 0) break;
  }
  if (size > kMostMessageBytes)
    fail(fmt::format("a message of {} bytes: more than {} are no node of a trace", size, kMostMessageBytes));
  // CORRECTNESS: a length is not believed before its bytes are there; read() grows with what comes.
  source_.read(static_cast<std::size_t>(size), message_);
  if (message_.size() < size)
    source_.fail(source_.offset(),
                 fmt::format("the file ends here, {} bytes before the end of a message", size - message_.size()));
  return true;
}

}  // namespace orrery::chakra
