// `orrery replay --astra`: ASTRA-sim's own files, with its semantics.
#pragma once

#include <string>

#include "tools/orrery/shown_run.h"
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
  std::string spans;  // a table of nodes, .csv or .json

  void declare(CLI::App& command);  // what no other replay has
};

// `show`: as other replays; fold kOff plays every rank.
[[nodiscard]] int replay_astra(const AstraRequest& request, const ShowRequest& show);

}  // namespace orrery
