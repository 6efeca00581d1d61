// What a rank keeps in its host's memory instead of its own: activations between passes, the optimizer's state.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/base/yaml.h"
#include "topology/chip.h"

namespace orrery {

struct Plan;
struct PlanFault;
struct DecoderModel;

struct Offload {
  bool activations = false;  // of all layers of a chunk but its last, which a backward pass asks for first
  bool optimizer = false;    // its state and master weights, which the host's own processor updates
  [[nodiscard]] bool any() const { return activations || optimizer; }
  [[nodiscard]] std::vector<std::string> names() const;  // as a plan lists them

  friend bool operator==(const Offload&, const Offload&) = default;
};

// `offload: [activations, optimizer]`, at least one of them. InputError for anything else.
[[nodiscard]] Offload read_offload(const yaml::Node& list);

// A plan's `offload:` against its model and its other keys: chunks of more than one layer and passes that stay whole;
// an optimizer that works element by element, whose ranks meet every step.
[[nodiscard]] std::optional<PlanFault> offload_fault(const Plan& plan, const DecoderModel& model);
// Why there is nowhere to offload to, if there isn't: the chip's file says nothing of its host.
[[nodiscard]] std::optional<std::string> offload_fault(const Plan& plan, const Chip& chip);

}  // namespace orrery
