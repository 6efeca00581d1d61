// Schedules put together from schedules of parts of a group: side by side, one stage after the other.
#pragma once

#include <span>

#include "sim/collective/schedule.h"

namespace orrery {

// Where a part stands in the whole.
struct Part {
  std::span<const std::int32_t> positions;  // of the part's positions in the group
  std::int32_t first_piece = 0;             // of the whole vector: where the part's vector begins
  std::int32_t scale = 1;                   // pieces of the whole that make one of the part
  std::int32_t first_channel = 0;           // of the whole: the part's channel 0
};

// Adds the part's steps to `whole` from its step `stage` on, beside what is there: the k-th steps of all that is added
// at one stage are one step. The caller sets Step::bytes, of a piece of the whole.
void add_part(const Schedule& part, const Part& where, std::size_t stage, Schedule& whole);

}  // namespace orrery
