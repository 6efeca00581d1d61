// A training step of a recommendation model: tables shared out over all ranks, samples too, and the Program of it.
//
// Law. A rank has batch ÷ data samples for the perceptrons, and its tables' rows for all samples. Indices are exchanged
// first (8 bytes each). A lookup reads a row of dim fp32 numbers in whole sectors of HBM, as many at a time as Little's
// law lets the cores keep in flight, and pooled vectors are written in the stack's precision. `table_wise`: whole
// tables on ranks, the same number on each but for one; pooled vectors go to their samples' ranks in an all-to-all of
// batch·tables of the rank with most·dim, gradients the same way back. `row_wise`: a share of every table's rows on
// each rank, which pools what it holds for all samples; sums are reduced and scattered, gradients gathered (TorchRec's
// row-wise sharding): batch·tables·dim each. The forward exchange runs beside the bottom perceptron's pass, the
// backward one beside its backward pass. Rows looked up are updated by plain SGD, the perceptrons by momentum SGD,
// their gradients summed over all ranks beside the backward pass. FLOPs are those of the perceptrons and the
// interaction's full product.
#pragma once

#include "workloads/families/data_parallel.h"
#include "workloads/families/dlrm/model.h"

namespace orrery::dlrm {

enum class Sharding : std::uint8_t { kTableWise, kRowWise };

struct Spread {
  DataParallel parallel;  // all ranks
  Sharding sharding = Sharding::kTableWise;
};

// Tables of each rank, by index: largest first to the rank that holds least of those with room for one more.
[[nodiscard]] std::vector<std::vector<std::size_t>> deal_out(const Recommender& model, std::int64_t ranks);

// Grid: data. A role for each number of lookups and tables that a rank may have.
[[nodiscard]] Program write_step(const Recommender& model, const Spread& spread, const Stack& stack, const Chip& chip);

// Of the rank that holds most: its tables in fp32, the perceptrons' states, activations, pooled vectors on both sides.
[[nodiscard]] MemoryUse memory_of(const Recommender& model, const Spread& spread, const Stack& stack, const Chip& chip);

}  // namespace orrery::dlrm
