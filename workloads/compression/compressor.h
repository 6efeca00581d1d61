// Ways to send less of a step's gradients than all of them: what each computes, keeps and sends. One file each.
//
// All of a rank's gradients are compressed once they are there, after the last backward pass. What a step leaves out is
// kept, in the precision of gradients, and added to the next one's (error feedback: Karimireddy et al. 2019, arXiv
// 1901.09847). How well a run converges is not modelled.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "sim/base/registry.h"
#include "sim/base/units.h"
#include "topology/chip.h"
#include "workloads/compression/choice.h"
#include "workloads/optimizers/weight_shape.h"

namespace orrery {

namespace step {
class TapeWriter;
}

// Gradients of one rank, which all of its replicas have.
struct CompressionWork {
  CompressionChoice choice;
  std::vector<WeightShape> shapes;
  std::int64_t replicas = 1;
  Bytes gradient;                         // of one weight
  Precision products = Precision::kTf32;  // of matrices
  [[nodiscard]] std::int64_t weights() const { return elements_of(shapes); }
};

struct Compressor {
  std::string_view name;
  std::string_view sentence;
  Bytes (*memory)(const CompressionWork& work);  // kept from step to step
  // From each replica's gradients to what all replicas go on with.
  void (*reduce)(const CompressionWork& work, step::TapeWriter& tape);
  bool ranked = false;  // has a rank
  bool shared = false;  // has a share
};
using Compressors = Registry<Compressor>;

}  // namespace orrery
