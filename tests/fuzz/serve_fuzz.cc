// Any bytes as a service: InputError or a file that is read whole, nothing else. Its scenarios aren't opened.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sim/base/error.h"
#include "sim/scenario/serve_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const orrery::Library library({ORRERY_SOURCE_DIR});
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const orrery::yaml::Node root = orrery::yaml::parse(text, "/nowhere/fuzz.yaml");
    const orrery::ServeFile file = orrery::read_serve(library, root, "/nowhere/fuzz.yaml");
    for (std::int64_t k = 0; k < 16; ++k)
      if (file.prompts.length(k, 16) < 1 || file.responses.length(k, 16) < 1) std::abort();
  } catch (const orrery::InputError&) {
  }
  return 0;
}
