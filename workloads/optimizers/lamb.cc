// LAMB: Adam whose step in each weight tensor is scaled by the tensor's norm over its update's.
//
// Source: You et al. 2019 (arXiv 1904.00962), in two passes as Apex' fused LAMB: Adam's update is written, its norm and
// the weight's are taken over the tensor, and the weights moved by it.
#include "workloads/optimizers/layer_norms.h"

namespace orrery {
namespace {

Bytes lamb_state(const OptimizerWork& work) { return Bytes(2 * kStateBytes * work.others); }

void lamb_update(const OptimizerWork& work, step::TapeWriter& tape) {
  element_pass("lamb moments", work.others, work.gradient + Bytes(3 * kStateBytes), Bytes(3 * kStateBytes), tape);
  element_pass("lamb norms", work.others, Bytes(2 * kStateBytes), Bytes(0), tape);
  reduce_layer_norms(work, tape);
  element_pass("lamb", work.others, Bytes(2 * kStateBytes), Bytes(kStateBytes), tape);
}

const Optimizers::Entry kLamb{{.name = "lamb",
                               .sentence = "Adam with a step size a tensor, from two norms of it, for large batches",
                               .state = &lamb_state,
                               .update = &lamb_update}};

}  // namespace
}  // namespace orrery
