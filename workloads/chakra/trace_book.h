// What all ranks' traces have in common: every distinct segment, delay, message and collective once.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "sim/kernel/program.h"

namespace orrery::chakra {

// A collective before it is known what its rank's groups have in common with those of others.
struct TracedCollective {
  CollectiveKind kind = CollectiveKind::kAllReduce;
  std::uint32_t slot = 0;  // its group, as the rank came to use them: 0 for the first
  Bytes bytes;
  bool per_member = false;  // `bytes` is what each member brings
  std::uint32_t algorithm = 0;
  std::uint32_t copies = 1;

  friend auto operator<=>(const TracedCollective&, const TracedCollective&) = default;
};

class TraceBook {
 public:
  // Its tables of names, kernels, segments, delays, messages and algorithms are filled here.
  Program program;
  std::vector<TracedCollective> collectives;

  // Control characters and what isn't ASCII become '?', as names end up on terminals; very long ones are cut.
  std::uint32_t name(std::string_view text);
  std::uint32_t algorithm(std::string_view name);
  std::uint32_t delay(Duration duration);
  std::uint32_t message(const MessageOp& message);
  std::uint32_t collective(const TracedCollective& collective);
  // `first_kernel` and `kernel_count` are set here.
  SegmentId segment(Segment segment, const std::vector<KernelRow>& kernels);

 private:
  std::unordered_map<std::string, std::uint32_t> names_;
  std::map<std::string, std::uint32_t, std::less<>> algorithms_;
  std::map<Duration, std::uint32_t> delays_;
  std::map<std::tuple<std::uint32_t, std::int32_t, Bytes, std::uint32_t>, std::uint32_t> messages_;
  std::map<TracedCollective, std::uint32_t> collectives_;
  std::map<std::vector<std::int64_t>, SegmentId> segments_;
};

}  // namespace orrery::chakra
