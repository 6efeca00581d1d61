// Any bytes as a scenario: InputError or a checked scenario, nothing else. Nothing is run.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sim/scenario/scenario.h"

namespace {

// Small enough for thousands a second; what is refused above that is the business of other tests.
constexpr orrery::ScenarioLimits kLimits = {.chips = 256, .fabric = {.vertices = 20'000, .links = 40'000}};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const orrery::Library library({ORRERY_SOURCE_DIR});
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const orrery::yaml::Node root = orrery::yaml::parse(text, "/nowhere/fuzz.yaml");
    const orrery::Scenario scenario = orrery::read_scenario(library, root, "fuzz", kLimits);
    (void)orrery::placement_of(scenario);
    (void)orrery::advice_of(scenario);
  } catch (const orrery::InputError&) {
  }
  return 0;
}
