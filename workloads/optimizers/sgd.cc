// SGD with momentum: one moment of each weight.
#include "workloads/optimizers/optimizer.h"

namespace orrery {
namespace {

Bytes sgd_state(const OptimizerWork& work) { return Bytes(kStateBytes * work.others); }

void sgd_update(const OptimizerWork& work, step::TapeWriter& tape) {
  element_pass("sgd", work.others, work.gradient + Bytes(2 * kStateBytes), Bytes(2 * kStateBytes), tape);
}

const Optimizers::Entry kSgd{{.name = "sgd",
                              .sentence = "stochastic gradient descent with momentum: one moment a weight",
                              .state = &sgd_state,
                              .update = &sgd_update,
                              .by_element = true}};

}  // namespace
}  // namespace orrery
