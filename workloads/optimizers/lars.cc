// LARS: SGD with momentum whose step in each weight tensor is scaled by the tensor's norm over its gradient's.
//
// Source: You et al. 2017 (arXiv 1708.03888).
#include "workloads/optimizers/layer_norms.h"

namespace orrery {
namespace {

Bytes lars_state(const OptimizerWork& work) { return Bytes(kStateBytes * work.others); }

void lars_update(const OptimizerWork& work, step::TapeWriter& tape) {
  element_pass("lars norms", work.others, work.gradient + Bytes(kStateBytes), Bytes(0), tape);
  reduce_layer_norms(work, tape);
  element_pass("lars", work.others, work.gradient + Bytes(2 * kStateBytes), Bytes(2 * kStateBytes), tape);
}

const Optimizers::Entry kLars{
    {.name = "lars",
     .sentence = "momentum with a step size a tensor, from two norms of it, for large batches",
     .state = &lars_state,
     .update = &lars_update}};

}  // namespace
}  // namespace orrery
