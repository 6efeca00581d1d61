// A training step of a residual network: which rank holds which images and rows, and the Program that comes of it.
//
// Law. Ranks along `data` hold different images, those along `spatial` share out the rows of each. A convolution is an
// implicit product of m = images·rows·columns by n = channels out over k = channels in·kernel² (Chetlur et al. 2014,
// arXiv 1410.0759), whose HBM traffic is that of the tensors themselves; its gradient to the input is one of m =
// images·rows· columns of the input over as many FLOPs, that to the weights one over k = images·rows·columns, cut into
// as many slices as fill the cores. Normalisations take the statistics of a rank's own images and rows: forward they
// read their input twice and write once, backward they read input and gradient twice and write once, the ReLU with
// them; a stack without `fused_bias_gelu` runs additions and ReLUs in passes of their own. Rows on either side are
// exchanged with the neighbours before each convolution wider than 1, forward of its input, backward of its output's
// gradient (Dryden et al. 2019, arXiv 1903.06681); the image's edges have nobody beyond. Gradients are summed over all
// ranks, late layers first, beside the backward pass. Reading images is not in it.
#pragma once

#include "workloads/families/cnn/network.h"
#include "workloads/families/data_parallel.h"

namespace orrery::cnn {

struct Split {
  DataParallel parallel;
  std::int64_t spatial = 1;

  // Of a tensor's rows, on the rank that holds most of them.
  [[nodiscard]] std::int64_t rows(std::int64_t all) const { return (all + spatial - 1) / spatial; }
  // Elements of a tensor on that rank, all its images together.
  [[nodiscard]] std::int64_t elements(const Tensor& tensor) const {
    return parallel.samples_a_rank() * tensor.channels * rows(tensor.rows) * tensor.columns;
  }
};

// Grid: spatial (fastest), data. Roles: the first rows, those between, the last rows.
[[nodiscard]] Program write_step(const Network& network, const Split& split, const Stack& stack, const Chip& chip);

// Kept from the forward pass for the backward: what each convolution, normalisation, addition and pooling makes, and
// the images. Buffers: a gradient in and a gradient out of the largest layer, and a bucket under way.
[[nodiscard]] MemoryUse memory_of(const Network& network, const Split& split, const Stack& stack, const Chip& chip);

}  // namespace orrery::cnn
