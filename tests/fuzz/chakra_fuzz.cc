// Any bytes as one rank's trace: InputError, or nodes that are written again and a role of ops that wait for ops of it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "sim/base/error.h"
#include "sim/base/library.h"
#include "topology/chip.h"
#include "workloads/chakra/rank_trace.h"
#include "workloads/chakra/reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using orrery::chakra::blocks_of_text, orrery::chakra::NodeRules, orrery::chakra::own_facts, orrery::chakra::OwnFacts,
      orrery::chakra::RankTrace, orrery::chakra::read_rank, orrery::chakra::Reader, orrery::chakra::TraceBook;
  constexpr std::size_t kRanks = 8;
  static const orrery::Chip chip =
      orrery::read_chip(orrery::Library({ORRERY_SOURCE_DIR}).open("topology/chips", "a100_sxm_80gb"));
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    Reader reader(blocks_of_text("trace.0.et", bytes, 16));
    const std::optional<OwnFacts> facts = own_facts(reader, kRanks);
    TraceBook book;
    book.program.grid = facts ? facts->grid : orrery::Grid{{{"rank", kRanks}}};
    const NodeRules rules{
        .chip = &chip, .link = orrery::Bandwidth::bytes_per_second(1'000'000'000), .algorithm = "auto"};
    const RankTrace trace = read_rank(reader, rules, facts, orrery::RankId(0), kRanks, book);
    std::size_t waits = 0;
    for (const orrery::Op& op : trace.role.ops) {
      if (op.stream >= trace.streams) std::abort();
      waits += op.wait_count;
    }
    if (waits != trace.role.waits.size()) std::abort();
  } catch (const orrery::InputError& error) {
    if (std::string_view(error.what()).find("trace.0.et") == std::string_view::npos) std::abort();
  }
  return 0;
}
