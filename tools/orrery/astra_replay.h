// `orrery replay --astra`: ASTRA-sim's own files, with its semantics.
#pragma once

#include <string>

#include "tools/orrery/verb.h"

namespace orrery {

struct AstraRequest {
  bool asked = false;  // --astra
  std::string workload;
  std::string system;
  std::string network;
  std::string memory;
  std::string groups;
  std::string congestion = "unaware";
  bool fold = true;
  // How to show it, as other replays.
  std::string json;
  bool quiet = false;
  bool no_color = false;

  void declare(CLI::App& command);  // what no other replay has
};

[[nodiscard]] int replay_astra(const AstraRequest& request);

}  // namespace orrery
