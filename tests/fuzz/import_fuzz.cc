// Any bytes as what a machine printed about itself: InputError, or a cluster file that can be read.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "sim/base/error.h"
#include "sim/base/library.h"
#include "topology/cluster.h"
#include "topology/imports/import.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMostBytes = 1 << 16;  // longer inputs teach the fuzzer nothing new
  if (size > kMostBytes) return 0;
  static const orrery::Library library({ORRERY_SOURCE_DIR});
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  for (const std::string& format : orrery::ImportFormats::names()) {
    std::string cluster;
    try {
      orrery::Imported imported = read_import(orrery::SourceText("fuzz", bytes), format);
      if (size % 2 == 0) add_scale_up(imported, orrery::Bandwidth::bytes_per_second(1'000'000'000));
      cluster = cluster_text(imported, "a \"name\"", "imported\tfrom fuzz", "h100_sxm");
    } catch (const orrery::InputError& error) {
      if (std::string_view(error.what()).empty()) std::abort();
      continue;
    }
    try {
      static_cast<void>(
          read_cluster(library, orrery::yaml::parse(cluster, "imported.yaml"), 0, {.vertices = 2000, .links = 8000}));
    } catch (const orrery::InputError& error) {
      // Only what the machine itself got wrong may be refused: a fabric in pieces, or one that is too large.
      const std::string_view message = error.message();
      if (message.find("not connected") == std::string_view::npos && message.find("at most") == std::string_view::npos)
        std::abort();
    }
  }
  return 0;
}
