// Interleaved 1F1B: a stage holds several model chunks, so that the pipeline fills and drains in smaller pieces.
//
// Source: Narayanan et al. 2021 (arXiv 2104.04473), section 2.2 and figure 4, in the order of Megatron-LM's own
// schedule. With v chunks a stage and p stages, microbatches go in groups of p through chunk 0, then through chunk 1,
// and so on; backward passes take the chunks the other way round. Stage i warms up with 2(p − i − 1) + (v − 1)p forward
// passes (with all of them if there are just p microbatches). Bubble (p − 1)/(v·m) of the ideal time. With one chunk a
// stage it is 1F1B.
#include <algorithm>

#include "workloads/schedules/microbatch_rounds.h"
#include "workloads/schedules/schedule.h"

namespace orrery {
namespace {

std::vector<Pass> interleaved_passes(std::int32_t stage, std::int32_t stages, std::int32_t microbatches,
                                     std::int32_t interleave) {
  if (interleave == 1) return PipelineSchedules::find("1f1b")->passes(stage, stages, microbatches, interleave);
  const std::int32_t total = microbatches * interleave;
  const std::int32_t warm_up =
      microbatches == stages ? total : std::min(total, 2 * (stages - stage - 1) + (interleave - 1) * stages);
  return rounds(warm_up, stages, microbatches, interleave, false);
}

const PipelineSchedules::Entry kInterleaved{
    {.name = "interleaved",
     .sentence = "1f1b over several model chunks a stage: a smaller bubble for more messages",
     .passes = &interleaved_passes,
     .interleaves = true}};

}  // namespace
}  // namespace orrery
