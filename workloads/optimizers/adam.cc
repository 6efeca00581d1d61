// Adam and AdamW: two moments of each weight.
//
// Source: Kingma and Ba 2014 (arXiv 1412.6980), Loshchilov and Hutter 2017 (arXiv 1711.05101), in one pass as Apex'
// fused Adam: gradient, master weight and both moments are read, the last three written. Moments may be in bf16
// (DeepSeek-AI 2024, arXiv 2412.19437, section 3.3.3), fp16 or fp8 (Transformer Engine's FusedAdam).
#include "workloads/optimizers/optimizer.h"

namespace orrery {
namespace {

Bytes adam_state(const OptimizerWork& work) { return size_of(work.choice.moments) * (2 * work.others); }

void adam_update(const OptimizerWork& work, step::TapeWriter& tape) {
  const Bytes states = work.master + size_of(work.choice.moments) * 2;
  element_pass("adam", work.others, work.gradient + states, states, tape);
}

const Optimizers::Entry kAdam{
    {.name = "adam",
     .sentence = "Adam or AdamW: two moments a weight, one pass over them; all that is not said otherwise",
     .state = &adam_state,
     .update = &adam_update,
     .by_element = true,
     .narrow_moments = true}};

}  // namespace
}  // namespace orrery
