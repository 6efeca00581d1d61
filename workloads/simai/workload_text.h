// A workload as SimAI's AICB writes it in text (ASTRA-sim 1's form): a line a layer, with what each pass computes and
// communicates.
//
//     HYBRID_TRANSFORMER_FWD_IN_BCKWD model_parallel_NPU_group: 8 ep: 1 pp: 1 vpp: 32 ga: 8 all_gpus: 64
//         checkpoints: 1 0 checkpoint_initiates: 1 4 pp_comm: 0        // (all on the first line)
//     2                                                                // so many layers
//     attention -1 1000 ALLGATHER 16777216 1000 REDUCESCATTER 16777216 800 NONE 0 100
//     mlp       -1 2000 ALLTOALL_EP 4096   2000 ALLTOALL_EP 4096       1900 ALLREDUCE 33554432 100
//
// A layer's fields: name, a number that nothing reads, then for the forward pass, the gradient of inputs and that of
// weights each nanoseconds, a kind of collective and its bytes; last nanoseconds after the collective of weights.
// Lines that begin with # may stand before the first. Source: aliyun/SimAI,
// astra-sim-alibabacloud/astra-sim/workload/Workload.cc.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/units.h"
#include "sim/collective/schedule.h"

namespace orrery::simai {

// Whom a collective is among: "ALLREDUCE" alone means the tensor group, and for weights the data group.
enum class Among : std::uint8_t { kTensor, kData, kExpert, kExpertData };
inline constexpr std::size_t kAmongCount = 4;

struct LayerPass {
  Duration compute;
  std::optional<CollectiveKind> kind;  // nothing: NONE
  Among among = Among::kTensor;
  Bytes bytes;  // what a rank brings in all, of an all-gather what it makes
};

struct Layer {
  std::string name;
  LayerPass forward;
  LayerPass input_gradient;
  LayerPass weight_gradient;
  Duration update;             // after the collective of weights
  bool is_checkpoint = false;  // forward passes are run again from here,
  bool starts_replay = false;  // before this one's backward pass
};

struct Workload {
  std::string file;
  std::uint32_t ranks = 1;
  std::uint32_t tensor = 1;
  std::uint32_t pipeline = 1;
  std::uint32_t expert = 1;
  std::vector<Layer> layers;
  std::vector<std::string> notes;  // what in the first line changes nothing here, or was changed
};

// InputError with line and column.
[[nodiscard]] Workload read_workload(const std::filesystem::path& file);
[[nodiscard]] Workload parse_workload(std::string name, std::string text);
// The same on more or fewer data ranks; each does what it did. InputError where they can't be shared out so.
[[nodiscard]] Workload on_ranks(Workload workload, std::uint32_t ranks);

}  // namespace orrery::simai
