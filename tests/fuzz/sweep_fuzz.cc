// Any bytes as a sweep: InputError or a file that is read whole, nothing else. Its scenarios aren't opened.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sim/base/error.h"
#include "sim/scenario/sweep_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const orrery::Library library({ORRERY_SOURCE_DIR});
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const orrery::yaml::Node root = orrery::yaml::parse(text, "/nowhere/fuzz.yaml");
    const orrery::SweepFile file = orrery::read_sweep(library, root, "/nowhere/fuzz.yaml", {"mfu", "step"});
    for (const orrery::SweepFile::Line& line : file.lines)
      if (!line.by_point.empty() && line.by_point.size() != file.points.size()) std::abort();
  } catch (const orrery::InputError&) {
  }
  return 0;
}
