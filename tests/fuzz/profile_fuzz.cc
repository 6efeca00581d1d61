// Any bytes as a profile of PyTorch: an error that names the file, or a Program that is sound.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sim/base/error.h"
#include "workloads/kineto/profile.h"
#include "workloads/kineto/profile_program.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    const orrery::kineto::Profile profile =
        orrery::kineto::read_profile(orrery::chakra::blocks_of_text("worker.json", bytes, 16));
    constexpr std::uint32_t kMostRanks = 4096;  // more would only be slow here
    if (profile.world_size.value_or(1) > kMostRanks || profile.rank.value_or(0) > kMostRanks) return 0;
    orrery::validate(orrery::kineto::program_of({profile}, "ring").program);
  } catch (const orrery::InputError& error) {
    if (std::string_view(error.what()).find("worker.json") == std::string_view::npos) std::abort();
  }
  return 0;
}
