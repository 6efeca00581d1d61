// Reads the keys, writes the end of a step.
#include "workloads/families/data_parallel.h"

#include <fmt/format.h>

namespace orrery {

namespace {
constexpr std::int64_t kFp32Size = 4;
}  // namespace

DataParallel DataParallel::read(PlanKeys& keys, std::string_view samples) {
  DataParallel parallel;
  parallel.data = keys.integer("data", 1, 1, kMostFamilyRanks);
  parallel.batch = keys.required("batch", 1, kMostFamilySamples);
  parallel.overlap_gradients = keys.boolean("overlap_gradients", true);
  parallel.bucket = keys.bytes("bucket", parallel.bucket);
  if (parallel.batch % parallel.data != 0) {
    const std::int64_t below = parallel.batch / parallel.data * parallel.data;
    keys.fail(
        "batch",
        fmt::format("a batch of {} {}s can't be split evenly over data {}", parallel.batch, samples, parallel.data),
        {below > 0 ? fmt::format("batch could be {} or {}", below, below + parallel.data)
                   : fmt::format("batch could be {}", parallel.data)});
  }
  if (!parallel.overlap_gradients) keys.idle("bucket", "gradients are reduced after the backward pass, all at once");
  return parallel;
}

std::optional<step::Buckets> DataParallel::buckets(const Stack& stack) const {
  if (!overlap_gradients) return std::nullopt;
  return step::Buckets{bucket, size_of(stack.gradient), CollectiveKind::kAllReduce};
}

void update_by_momentum(step::TapeWriter& tape, const DataParallel& parallel, const Stack& stack,
                        std::int64_t weights) {
  const Bytes gradients = size_of(stack.gradient) * weights;
  tape.flush_buckets();
  tape.phase(Phase::kGradients);
  tape.part("gradients");
  tape.layer(-1);
  if (!parallel.overlap_gradients)
    tape.wait(
        tape.collective(step::Stream::kData, CollectiveKind::kAllReduce, tape.groups().data, gradients, "gradients"));
  tape.wait(tape.last(step::Stream::kData));
  tape.phase(Phase::kOptimizer);
  tape.part("optimizer");
  const Bytes states(2 * kFp32Size * weights);
  const Bytes copy = stack.compute == Precision::kFp32 ? Bytes(0) : size_of(stack.compute) * weights;
  tape.run(stream("momentum SGD", gradients + states, states + copy));
}

std::vector<MemoryUse::Category> momentum_memory(const Stack& stack, std::int64_t weights) {
  const std::int64_t states = stack.compute == Precision::kFp32 ? 1 : 2;
  return {{"weights", size_of(stack.compute) * weights},
          {"gradients", size_of(stack.gradient) * weights},
          {"optimizer", Bytes(kFp32Size * states * weights)}};
}

}  // namespace orrery
