// Reads what a scenario says in the same words whether it has one job or several.
#include "sim/scenario/parts.h"

#include <fmt/format.h>

namespace orrery {

Measured read_measured(const yaml::Node& node) {
  yaml::Map map(node, "a measurement");
  Measured measured;
  if (const auto step = map.optional("step")) measured.step = step->duration(Duration::picoseconds(1));
  if (const auto rate = map.optional("model_flops_per_chip")) measured.model_flops_per_chip = rate->flop_rate();
  if (const auto rate = map.optional("hardware_flops_per_chip")) measured.hardware_flops_per_chip = rate->flop_rate();
  measured.source = map.required("source").text();
  map.finish();
  if (!measured.step && !measured.model_flops_per_chip && !measured.hardware_flops_per_chip)
    node.fail("nothing is measured here: give step, model_flops_per_chip or hardware_flops_per_chip");
  return measured;
}

std::optional<CommunicationLibrary> library_asked(const Library& library, const Stack& stack, const Chip& chip) {
  const bool asked =
      stack.all_reduce == kTunersChoice || stack.all_gather == kTunersChoice || stack.reduce_scatter == kTunersChoice;
  if (!asked || chip.library.empty()) return std::nullopt;
  return load_communication_library(library, yaml::parse(chip.library, "library"));
}

void check_background_goes_with(const NetworkKind& network, const std::optional<yaml::Node>& background) {
  if (background && network.is_stepwise)
    background->fail(fmt::format("the network model '{}' moves messages: background, which never ends, needs another",
                                 network.name));
}

}  // namespace orrery
