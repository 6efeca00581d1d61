// Any bytes as an execution trace of PyTorch: an error that names the file, or a Program that is sound.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sim/base/error.h"
#include "workloads/pytorch_trace/execution_program.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  static const orrery::Chip kChip =
      orrery::load_chip(orrery::Library::standard(), orrery::yaml::parse("a100_sxm_80gb", "chip"));
  try {
    const orrery::pytorch_trace::ExecutionTrace trace =
        orrery::pytorch_trace::read_execution_trace(orrery::chakra::blocks_of_text("worker.json", bytes, 16));
    constexpr std::size_t kMostRanks = 4096;  // more would only be slow here
    const std::size_t ranks = orrery::pytorch_trace::ranks_of({trace});
    if (ranks > kMostRanks) return 0;
    const orrery::pytorch_trace::Rules rules{.chip = &kChip, .algorithm = "ring"};
    orrery::validate(orrery::pytorch_trace::program_of({trace}, {}, rules).program);
    orrery::validate(
        orrery::pytorch_trace::program_of({trace}, {}, rules, static_cast<std::uint32_t>(2 * ranks)).program);
  } catch (const orrery::InputError& error) {
    if (std::string_view(error.what()).find("worker.json") == std::string_view::npos) std::abort();
  }
  return 0;
}
