// Positions and pieces renamed, repeats as many as the longest part has.
#include "sim/collective/parts.h"

#include <algorithm>

namespace orrery {

void add_part(const Schedule& part, const Part& where, std::size_t stage, Schedule& whole) {
  if (whole.steps.size() < stage + part.steps.size()) whole.steps.resize(stage + part.steps.size());
  for (std::size_t s = 0; s < part.steps.size(); ++s) {
    Step& step = whole.steps[stage + s];
    step.repeats = std::max(step.repeats, part.steps[s].repeats);
    for (Transfer transfer : part.steps[s].transfers) {
      transfer.from = where.positions[static_cast<std::size_t>(transfer.from)];
      transfer.to = where.positions[static_cast<std::size_t>(transfer.to)];
      if (transfer.piece != kAnyPiece) transfer.piece = where.first_piece + transfer.piece * where.scale;
      transfer.channel += where.first_channel;
      if (transfer.awaits >= 0) transfer.awaits += where.first_channel;
      transfer.pieces *= where.scale;
      transfer.stride *= where.scale;
      transfer.period *= where.scale;
      step.transfers.push_back(transfer);
    }
  }
}

}  // namespace orrery
