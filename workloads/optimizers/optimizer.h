// Optimizers: what an update computes, keeps and communicates for the weights of a rank. One file each.
//
// Products of matrices are kernels on the matrix engine and count as hardware FLOPs, never as the model's; so do
// eigendecompositions and the like, which run on the vector engine in fp32, at its peak: less than they take in
// earnest. What runs element by element counts no FLOPs and is known by its HBM bytes. States are in fp32, but for
// moments of which the choice says otherwise.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "sim/base/registry.h"
#include "sim/base/units.h"
#include "sim/collective/schedule.h"
#include "topology/chip.h"
#include "workloads/optimizers/choice.h"
#include "workloads/optimizers/weight_shape.h"

namespace orrery {

namespace step {
class TapeWriter;
}

struct Replicas {
  std::int64_t all = 1;      // that hold the same weights
  std::int64_t experts = 1;  // of them, that hold the same experts
  bool sharded = false;      // ZeRO: each updates a share; updated weights are gathered, or will be
};

// What one rank updates in a step. With ZeRO it is a share: of weights that go one by one, an even one; of matrices
// that must be whole, those that are dealt to the busiest replica. Tensor ranks treat their parts of a matrix as
// matrices of their own (Megatron-LM's --muon-tp-mode blockwise), so nothing is gathered over the tensor group.
struct OptimizerWork {
  OptimizerChoice choice;             // with the optimizer's own interval and block where the plan says none
  std::vector<WeightShape> all;       // matrices of the rank, dealt out or not
  std::vector<WeightShape> matrices;  // of them, or of their blocks, what this replica works at
  std::int64_t others = 0;            // weights that it updates one by one
  std::int64_t tensors = 0;           // weights of the rank, each a tensor with norms of its own
  Replicas replicas;
  Bytes gradient;                      // of one weight
  Bytes master{4};                     // likewise
  std::int64_t tokens = 0;             // of a microbatch on this rank
  Precision fast = Precision::kBf16;   // for products that bear it
  Precision exact = Precision::kTf32;  // for others, on the matrix engine
  // Of work that is done once in choice.interval steps, the part that the simulated step does.
  [[nodiscard]] double rare() const { return share_in(choice.step, choice.interval); }
};

struct Optimizer {
  std::string_view name;
  std::string_view sentence;
  // Bytes of state besides a master copy of the weights.
  Bytes (*state)(const OptimizerWork& work);
  // After gradients are summed and clipped; before master weights are copied and gathered.
  void (*update)(const OptimizerWork& work, step::TapeWriter& tape);
  bool by_element = false;      // alike for each weight, whatever the others are: a host can do it as well
  bool matrices = false;        // treats matrices as such, each as a whole or in blocks, and all else one by one
  bool tables = false;          // and tables too
  bool deals = false;           // matrices' work over the replicas, with ZeRO or without
  std::int64_t interval = 0;    // where the plan says none; 0: no work is rarer than others
  std::int64_t block = 0;       // where the plan says none
  bool narrow_moments = false;  // can keep them in fewer bits than fp32, scaled by tensor
  bool cuts = false;            // into blocks; else `block` is the longest side that is preconditioned, if not 0
};
using Optimizers = Registry<Optimizer>;

// `shapes`: all weights of the rank. Of the busiest of the replicas.
[[nodiscard]] OptimizerWork optimizer_work(const Optimizer& optimizer, const OptimizerChoice& choice,
                                           std::span<const WeightShape> shapes, const Replicas& replicas);
// Gathers, or sums, something over the replicas of each weight: `shared` bytes and, of experts, `experts` bytes.
void over_replicas(CollectiveKind kind, Bytes shared, Bytes experts, std::string_view name, step::TapeWriter& tape);

// A pass over elements one by one: bytes read and written of each.
void element_pass(std::string_view name, std::int64_t elements, Bytes read, Bytes written, step::TapeWriter& tape);
// `times` products of m×k by k×n; no model FLOPs.
void matrix_pass(std::string_view name, Precision precision, double times, std::int64_t m, std::int64_t n,
                 std::int64_t k, step::TapeWriter& tape);
// `times` decompositions of matrices of `side` rows and columns, `flops_per_cube`·side³ FLOPs each, on the vector
// engine.
void decomposition_pass(std::string_view name, double times, std::int64_t side, double flops_per_cube,
                        step::TapeWriter& tape);
// AdamW of weights one by one: what most optimizers do with tables and vectors.
void adam_pass(std::int64_t elements, Bytes gradient, step::TapeWriter& tape);

inline constexpr std::int64_t kStateBytes = 4;  // of one element of a state

}  // namespace orrery
