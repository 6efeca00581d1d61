// The paths between two chips, hop by hop, as text or JSON.
#pragma once

#include <string>

#include "topology/routes.h"

namespace orrery {

// Two chips as a user names them, "node0/chip0:node1/chip3" or by number, "0:11".
struct ChipsOfRoute {
  ChipId from;
  ChipId to;
};
// `option`: where the text was given, for the InputError.
[[nodiscard]] ChipsOfRoute read_chips_of_route(const std::string& text, std::string_view option, const Fabric& fabric);

[[nodiscard]] std::string route_to_text(Routes& routes, ChipsOfRoute chips, std::string_view routing);
[[nodiscard]] std::string route_to_json(Routes& routes, ChipsOfRoute chips, std::string_view routing);

}  // namespace orrery
