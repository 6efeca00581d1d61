// What is the same in all traces of a job: how many ranks there are, and what traces of our own say in their metadata.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/collective/lower.h"
#include "sim/kernel/program.h"
#include "topology/chip.h"
#include "workloads/format.h"

namespace orrery::chakra {

class GlobalMetadata;
class Reader;

// Of a Program that was written to traces (own_attributes.h).
struct OwnFacts {
  Grid grid;
  std::vector<std::string> streams;
  std::vector<std::string> kernel_names;
  Duration host_op;
  std::string stack;
  Precision precision = Precision::kBf16;
  CommunicationCosts costs;  // launch, step, engine_share and hbm_per_byte
  bool staggered = false;
  std::optional<Format> products;  // of the layers' linear parts, where they are in fewer bits
  double products_share = 1;       // of the matrix engine's rate in these
  bool asks_library = false;
};

// Nothing: the trace is another's. InputError where ours are damaged, or of another number of ranks.
[[nodiscard]] std::optional<OwnFacts> own_facts(const Reader& reader, std::size_t ranks);
// Whether two ranks' traces say the same.
[[nodiscard]] bool agree(const OwnFacts& a, const OwnFacts& b);
[[nodiscard]] GlobalMetadata metadata_of(const OwnFacts& facts, const std::string& role);

}  // namespace orrery::chakra
