// Looks each thing up before it adds it.
#include "workloads/chakra/trace_book.h"

#include <bit>

namespace orrery::chakra {
namespace {

constexpr std::size_t kMostNameBytes = 120;

std::uint32_t next_index(std::size_t size) { return static_cast<std::uint32_t>(size); }

}  // namespace

std::uint32_t TraceBook::name(std::string_view text) {
  const auto [entry, added] =
      names_.try_emplace(std::string(text.substr(0, kMostNameBytes)), next_index(program.names.size()));
  if (added) {
    std::string shown = entry->first;
    for (char& c : shown)
      if (c < ' ' || c > '~') c = '?';
    program.names.push_back(std::move(shown));
  }
  return entry->second;
}

std::uint32_t TraceBook::algorithm(std::string_view name) {
  const auto [entry, added] = algorithms_.try_emplace(std::string(name), next_index(program.algorithms.size()));
  if (added) program.algorithms.emplace_back(name);
  return entry->second;
}

std::uint32_t TraceBook::delay(Duration duration) {
  const auto [entry, added] = delays_.try_emplace(duration, next_index(program.delays.size()));
  if (added) program.delays.push_back(duration);
  return entry->second;
}

std::uint32_t TraceBook::message(const MessageOp& message) {
  const auto [entry, added] =
      messages_.try_emplace(std::make_tuple(message.dimension, message.delta, message.bytes, message.channel),
                            next_index(program.messages.size()));
  if (added) program.messages.push_back(message);
  return entry->second;
}

std::uint32_t TraceBook::collective(const TracedCollective& collective) {
  const auto [entry, added] = collectives_.try_emplace(collective, next_index(collectives.size()));
  if (added) collectives.push_back(collective);
  return entry->second;
}

SegmentId TraceBook::segment(Segment segment, const std::vector<KernelRow>& kernels) {
  std::vector<std::int64_t> key = {segment.duration.ps(),
                                   segment.hbm.count(),
                                   std::bit_cast<std::int64_t>(segment.model_flops.count()),
                                   std::bit_cast<std::int64_t>(segment.hardware_flops.count()),
                                   std::bit_cast<std::int64_t>(segment.matrix_seconds),
                                   segment.host_time.ps(),
                                   segment.host_path.ps(),
                                   std::bit_cast<std::int64_t>(segment.vector_flops.count())};
  for (const double flops : segment.other_flops) key.push_back(std::bit_cast<std::int64_t>(flops));
  for (const KernelRow& kernel : kernels) {
    key.push_back(kernel.name);
    key.push_back(kernel.duration.ps());
  }
  const auto [entry, added] = segments_.try_emplace(std::move(key), SegmentId(program.segments.size()));
  if (!added) return entry->second;
  segment.kernel_count = next_index(kernels.size());
  segment.first_kernel = next_index(program.kernels.size());
  program.kernels.insert(program.kernels.end(), kernels.begin(), kernels.end());
  return program.segments.add(segment);
}

}  // namespace orrery::chakra
