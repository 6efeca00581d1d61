// Finds a chunk's neighbours by the shape of the way.
#include "workloads/schedules/way.h"

namespace orrery {

ChunkPlace chunk_place(Way way, std::int64_t stage, std::int64_t stages, std::int64_t chunk, std::int64_t chunks) {
  switch (way) {
    case Way::kRound:
      break;
    case Way::kVee: {
      const std::int32_t turn = stage == stages - 1 ? 0 : 1;  // to the next stage, or to the other chunk of this one
      if (chunk == 0) return {.position = stage, .count = 2 * stages, .ahead = turn, .behind = -1};
      return {.position = 2 * stages - 1 - stage, .count = 2 * stages, .ahead = -1, .behind = turn};
    }
    case Way::kBothWays: {
      const bool down = (chunk == 0) == (stage < stages / 2);
      if (down) return {.position = stage, .count = stages, .copy = 0, .ahead = 1, .behind = -1};
      return {.position = stages - 1 - stage, .count = stages, .copy = 1, .ahead = -1, .behind = 1};
    }
  }
  return {.position = chunk * stages + stage, .count = stages * chunks, .ahead = 1, .behind = -1};
}

}  // namespace orrery
