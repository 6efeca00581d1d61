// What a profile (Kineto's) of the same run measured of each operator of an execution trace.
//
// Facts: a profile's "cpu_op" events carry "Record function id", the rf_id of the trace's node, beside their "External
// id"; a kernel carries the "External id" of the operator that launched it. Older PyTorch writes no "Record function
// id": then nothing can be joined.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>

#include "sim/base/units.h"
#include "workloads/chakra/byte_source.h"

namespace orrery::pytorch_trace {

struct MeasuredKernels {
  std::string file;
  std::optional<std::uint32_t> rank;
  bool joins = false;                          // it carries "Record function id"
  std::map<std::int64_t, Duration> of_record;  // by rf_id: its kernels one after another, without NCCL's
};

// InputError with file and byte where it is no profile.
[[nodiscard]] MeasuredKernels read_measured_kernels(const std::filesystem::path& file);
[[nodiscard]] MeasuredKernels read_measured_kernels(std::unique_ptr<chakra::Blocks> blocks);

}  // namespace orrery::pytorch_trace
