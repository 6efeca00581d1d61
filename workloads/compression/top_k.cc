// Top-k: of all gradients the few that are largest, each with where it stands.
//
// Law. With N replicas and k of n gradients each: a pass adds what was left out, one finds the threshold, one packs
// what lies above it (value and index, four bytes) and clears it; all-gathered, N·k pairs are added into zeroes. Each
// replica receives 8·k·(N − 1) bytes, so that a share below 1/N of them or so is worth sending.
//
// Source: Aji and Heafield 2017 (arXiv 1704.05021); Lin et al. 2017, Deep Gradient Compression (arXiv 1712.01887),
// thresholds found on a sample.
#include <cmath>

#include "workloads/compression/compressor.h"
#include "workloads/optimizers/optimizer.h"
#include "workloads/step/tape.h"

namespace orrery {
namespace {

constexpr std::int64_t kIndex = 4;  // bytes

Bytes top_k_memory(const CompressionWork& work) { return work.gradient * work.weights(); }

void top_k_reduce(const CompressionWork& work, step::TapeWriter& tape) {
  const std::int64_t weights = work.weights();
  const auto sent = static_cast<std::int64_t>(std::ceil(work.choice.share * static_cast<double>(weights)));
  const Bytes pair = work.gradient + Bytes(kIndex);
  element_pass("add what was left out", weights, work.gradient * 2, work.gradient, tape);
  element_pass("threshold", weights, work.gradient, Bytes(0), tape);
  tape.run(stream("pack the largest", work.gradient * weights, work.gradient * weights + pair * sent));
  over_replicas(CollectiveKind::kAllGather, pair * (sent * work.replicas), Bytes(0), "largest gradients", tape);
  tape.run(stream("add the largest", (pair + work.gradient) * (sent * work.replicas),
                  work.gradient * (weights + sent * work.replicas)));
}

const Compressors::Entry kTopK{{.name = "top_k",
                                .sentence = "the largest of all gradients, gathered with their places",
                                .memory = &top_k_memory,
                                .reduce = &top_k_reduce,
                                .shared = true}};

}  // namespace
}  // namespace orrery
