// Adam and AdamW: two moments of each weight.
//
// Source: Kingma and Ba 2014 (arXiv 1412.6980), Loshchilov and Hutter 2017 (arXiv 1711.05101), in one pass as Apex'
// fused Adam: gradient, master weight and both moments are read, the last three written.
#include "workloads/optimizers/optimizer.h"

namespace orrery {
namespace {

Bytes adam_state(const OptimizerWork& work) { return Bytes(2 * kStateBytes * work.others); }

void adam_update(const OptimizerWork& work, step::TapeWriter& tape) { adam_pass(work.others, work.gradient, tape); }

const Optimizers::Entry kAdam{
    {.name = "adam",
     .sentence = "Adam or AdamW: two moments a weight, one pass over them; all that is not said otherwise",
     .state = &adam_state,
     .update = &adam_update}};

}  // namespace
}  // namespace orrery
