// One pass over the profile's events, then the join.
#include "workloads/pytorch_trace/measured_kernels.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "workloads/recorded/json_list.h"

namespace orrery::pytorch_trace {
namespace {

using nlohmann::json;

constexpr double kLongestMicros = 1e9;
constexpr double kPicosecondsPerMicro = 1e6;

struct MeasuredKernel {
  std::int64_t external = 0;
  Duration length;
};

}  // namespace

MeasuredKernels read_measured_kernels(const std::filesystem::path& file) {
  return read_measured_kernels(chakra::blocks_of_file(file));
}

MeasuredKernels read_measured_kernels(std::unique_ptr<chakra::Blocks> blocks) {
  chakra::ByteSource source(std::move(blocks));
  MeasuredKernels measured;
  measured.file = source.name();
  std::map<std::int64_t, std::int64_t> record_of;  // by external id
  std::vector<MeasuredKernel> kernels;
  const json root = recorded::read_json_list(source, "traceEvents", "profile of PyTorch", [&](const json& event) {
    const std::string category = recorded::text_or(event, "cat");
    if (!event.contains("args") || !event["args"].is_object()) return;
    const std::int64_t external = recorded::integer_or(event["args"], "External id", -1);
    if (category == "cpu_op") {
      const std::int64_t record = recorded::integer_or(event["args"], "Record function id", 0);
      if (record > 0 && external >= 0) record_of[external] = record;
    } else if (category == "kernel" || category == "gpu_memcpy" || category == "gpu_memset") {
      const std::string name = recorded::text_or(event, "name");
      if (name.starts_with("nccl") || name.starts_with("rccl")) return;
      if (!event.contains("dur") || !event["dur"].is_number()) return;
      const double micros = event["dur"].get<double>();
      if (!(micros >= 0 && micros < kLongestMicros))
        source.fail(source.offset(), "a kernel before this byte lasts days");
      kernels.push_back({external, Duration::picoseconds(std::llround(micros * kPicosecondsPerMicro))});
    }
  });
  if (const auto info = root.find("distributedInfo"); info != root.end() && info->is_object()) {
    constexpr std::int64_t kMostRanks = 1 << 20;
    const std::int64_t rank = recorded::integer_or(*info, "rank", -1);
    if (rank >= 0 && rank < kMostRanks) measured.rank = static_cast<std::uint32_t>(rank);
  }
  measured.joins = !record_of.empty();
  for (const MeasuredKernel& kernel : kernels) {
    const auto record = record_of.find(kernel.external);
    if (record == record_of.end()) continue;
    Duration& sum = measured.of_record[record->second];
    sum = saturating_sum(sum, kernel.length);
  }
  return measured;
}

}  // namespace orrery::pytorch_trace
