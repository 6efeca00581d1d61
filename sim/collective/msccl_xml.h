// An MSCCL algorithm as its XML file has it: GPUs, their thread blocks, and the steps of each.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/source_text.h"
#include "sim/collective/schedule.h"

namespace orrery::msccl {

enum class Op : std::uint8_t {
  kSend,
  kReceive,
  kCopy,
  kReduce,
  kReceiveCopySend,
  kReceiveReduceCopy,
  kReceiveReduceSend,
  kReceiveReduceCopySend,
  kNop
};
[[nodiscard]] constexpr bool receives(Op op) {
  return op == Op::kReceive || op == Op::kReceiveCopySend || op == Op::kReceiveReduceCopy ||
         op == Op::kReceiveReduceSend || op == Op::kReceiveReduceCopySend;
}
[[nodiscard]] constexpr bool sends(Op op) {
  return op == Op::kSend || op == Op::kReceiveCopySend || op == Op::kReceiveReduceSend ||
         op == Op::kReceiveReduceCopySend;
}
[[nodiscard]] constexpr bool reduces(Op op) {
  return op == Op::kReduce || op == Op::kReceiveReduceCopy || op == Op::kReceiveReduceSend ||
         op == Op::kReceiveReduceCopySend;
}
[[nodiscard]] constexpr bool stores(Op op) { return op != Op::kSend && op != Op::kReceiveReduceSend && op != Op::kNop; }

// A stretch of a buffer: 0 input, 1 output, 2 scratch.
struct Place {
  std::uint8_t buffer = 0;
  std::int32_t first = 0;
};

struct Step {
  Op op = Op::kNop;
  Place source;
  Place target;
  std::int32_t count = 0;  // chunks
  // Waits for this step of this thread block of its GPU, too.
  std::optional<std::uint32_t> block;
  std::uint32_t step = 0;
  std::size_t at = 0;  // in the text
};

struct Block {
  std::int32_t send = -1;  // peers; −1: none
  std::int32_t receive = -1;
  std::int32_t channel = 0;
  std::vector<Step> steps;
  std::size_t at = 0;
};

struct Gpu {
  std::int32_t chunks[3] = {0, 0, 0};  // of input, output, scratch
  std::vector<Block> blocks;
};

struct Algorithm {
  std::string name;
  CollectiveKind kind = CollectiveKind::kAllReduce;
  bool in_place = false;  // only so: input and output are one
  std::vector<Gpu> gpus;
  std::size_t at = 0;
};

// InputError for XML that isn't well-formed, and for values that no algorithm can have.
[[nodiscard]] Algorithm read(const SourceText& text);

}  // namespace orrery::msccl
