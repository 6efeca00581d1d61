// Any bytes as an iteration of reinforcement learning: InputError or a file that is read whole, nothing else. Its
// scenarios aren't opened.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sim/base/error.h"
#include "sim/scenario/rl_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const orrery::Library library({ORRERY_SOURCE_DIR});
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const orrery::yaml::Node root = orrery::yaml::parse(text, "/nowhere/fuzz.yaml");
    const orrery::RlFile file = orrery::read_rl(library, root, "/nowhere/fuzz.yaml");
    // As many responses as are drawn in a moment; stretches must follow each other.
    std::int64_t next = 0;
    for (const orrery::RolloutStretch& stretch :
         orrery::stretches_of(file.responses, std::min<std::int64_t>(file.prompts, 64))) {
      if (stretch.first != next || stretch.steps < 1 || stretch.active < 1) std::abort();
      next += stretch.steps;
    }
  } catch (const orrery::InputError&) {
  }
  return 0;
}
