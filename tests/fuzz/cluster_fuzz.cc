// Any bytes as a cluster file: InputError, or a fabric whose every chip can be routed to, surveyed and drawn.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sim/base/error.h"
#include "sim/base/library.h"
#include "topology/cluster.h"
#include "topology/dot.h"
#include "topology/routes.h"
#include "topology/survey.h"

namespace {

constexpr std::size_t kMostBytes = 1 << 16;  // longer inputs teach the fuzzer nothing new
constexpr orrery::FabricLimits kLimits = {.vertices = 500, .links = 2000};

void use(const orrery::Cluster& cluster) {
  const orrery::Fabric& fabric = cluster.fabric;
  orrery::Routes routes(fabric);
  const std::size_t chips = fabric.chip_count();
  if (chips == 0) std::abort();
  for (std::size_t to = 0; to < chips; ++to) {
    // Connected when it was read: a route that is missing is a bug.
    const auto route = routes.route(orrery::ChipId(0), orrery::ChipId(to));
    if (route.empty() != (to == 0)) std::abort();
    if (to != 0 && fabric.links()[route.back()].to != fabric.engine(orrery::ChipId(to))) std::abort();
  }
  if (to_text(survey(cluster)).empty() || to_dot(fabric).empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > kMostBytes) return 0;
  static const orrery::Library library({ORRERY_SOURCE_DIR});
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    use(read_cluster(library, orrery::yaml::parse(text, "fuzz.yaml"), size % 3 == 0 ? size % 17 : 0, kLimits));
  } catch (const orrery::InputError& error) {
    if (std::string_view(error.what()).empty()) std::abort();
  }
  return 0;
}
