// One bit: of each gradient its sign, and a scale for all.
//
// Law. Each of N replicas sends its signs of a part of n/N gradients to the replica that sums it (an all-to-all of n
// bits), which sends the signs of the sums to all (an all-gather of n bits). What rounding leaves out is kept: of all
// gradients by each replica, of its part's sums by the one that sums them.
//
// Source: Seide et al. 2014, 1-bit stochastic gradient descent; Tang et al. 2021, 1-bit Adam (arXiv 2102.02888,
// section 4.3 and figure 3: compressed all-reduce), after its warm-up.
#include "workloads/compression/compressor.h"
#include "workloads/optimizers/optimizer.h"
#include "workloads/step/tape.h"

namespace orrery {
namespace {

std::int64_t part_of(const CompressionWork& work) { return (work.weights() + work.replicas - 1) / work.replicas; }
Bytes signs_of(std::int64_t gradients) { return Bytes((gradients + 7) / 8); }

Bytes one_bit_memory(const CompressionWork& work) { return work.gradient * (work.weights() + part_of(work)); }

void one_bit_reduce(const CompressionWork& work, step::TapeWriter& tape) {
  const Bytes all = work.gradient * work.weights();
  const Bytes part = work.gradient * part_of(work);
  const Bytes signs = signs_of(work.weights());
  tape.run(stream("signs", all * 2, all + signs));
  over_replicas(CollectiveKind::kAllToAll, signs, Bytes(0), "signs", tape);
  tape.run(stream("sum signs", signs + part, part + signs_of(part_of(work))));
  over_replicas(CollectiveKind::kAllGather, signs, Bytes(0), "signs of sums", tape);
  tape.run(stream("gradients from signs", signs, all));
}

const Compressors::Entry kOneBit{{.name = "one_bit",
                                  .sentence = "signs alone, summed part by part and sent as signs again",
                                  .memory = &one_bit_memory,
                                  .reduce = &one_bit_reduce}};

}  // namespace
}  // namespace orrery
