// Any bytes as each of ASTRA-sim's input files: an error, or inputs whose collectives can be planned.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/error.h"
#include "workloads/astra/inputs.h"
#include "workloads/astra/phases.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace orrery::astra;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<std::string> unheeded;
  const NetworkInput::Dimension eight{.shape = Shape::kRing, .npus = 8, .bytes_per_ns = 50, .latency = 500};
  const NetworkInput network{{eight, eight}};
  try {
    if (read_network_input(orrery::yaml::parse(text, "network.yml"), unheeded).npus() < 2) std::abort();
  } catch (const orrery::InputError&) {
  }
  try {
    const SystemInput system = read_system_input(orrery::yaml::parse(text, "system.json"), network, unheeded);
    for (std::size_t kind = 0; kind < kKinds; ++kind)
      if (phases_of(static_cast<Kind>(kind), system, system.implementations[kind], {}).size() >
          2 * network.dimensions.size())
        std::abort();
  } catch (const orrery::InputError&) {
  }
  try {
    (void)read_memory_input(orrery::yaml::parse(text, "memory.json"), unheeded);
  } catch (const orrery::InputError&) {
  }
  return 0;
}
