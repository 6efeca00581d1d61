// Rank by rank, then the groups.
#include "tools/orrery/chakra_folder.h"

#include <iostream>
#include <system_error>

#include "sim/base/write_file.h"
#include "workloads/chakra/trace_program.h"
#include "workloads/chakra/write_traces.h"

namespace orrery {

void write_chakra(const std::filesystem::path& folder, const std::string& stem, const Prepared& prepared) {
  const Scenario& scenario = *prepared.scenario;
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) throw WriteError(folder, failed.value());
  if (scenario.placement != "packed" || !scenario.placed.empty() || !scenario.events.empty() ||
      !scenario.background.empty())
    std::cerr << "warning: traces don't hold where ranks are placed, events and background: a replay has none\n";
  chakra::OwnFacts facts;
  facts.stack = scenario.stack.name;
  facts.precision = scenario.stack.compute;
  facts.costs = scenario.stack.communication;
  if (scenario.stack.fp8_products) {
    facts.products = scenario.stack.operands;
    facts.products_share = scenario.stack.fp8_share;
  }
  facts.asks_library = scenario.library.has_value();
  const chakra::TraceWriting writing(prepared.program, facts);
  for (std::size_t r = 0; r < prepared.program.role_of_rank.size(); ++r)
    writing.write(RankId(r), chakra::trace_file(folder / stem, r));
  write_file(folder / "groups.json", writing.groups());
}

}  // namespace orrery
