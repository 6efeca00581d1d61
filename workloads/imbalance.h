// How many times the mean's rows the rank gets whose experts are asked for most: all others wait for it.
#pragma once

#include "sim/base/yaml.h"
#include "workloads/model.h"

namespace orrery {

// A plan's `imbalance`, for experts dealt out in order over `ranks`:
//
//     1.2                  that factor itself
//     {zipf: 0.5}          the k-th most popular expert is asked for in proportion to k^−0.5; which one that is, is
//                          drawn, always the same
//     {loads: [310, 295]}  as measured: what each expert got, in any unit
//
// The last two: the largest sum of a rank's experts ÷ the mean of all ranks. 1 where ranks can't share the experts out
// evenly: that is said elsewhere. InputError for loads of another number of experts, and for a model without any.
[[nodiscard]] double read_imbalance(const yaml::Node& node, const DecoderModel& model, std::int64_t ranks);

}  // namespace orrery
