// Shares out an optimizer's work, and writes the kinds of kernels of which all are made.
#include "workloads/optimizers/optimizer.h"

#include <array>
#include <string>
#include <utility>

#include "workloads/step/tape.h"

namespace orrery {
namespace {

constexpr std::array<std::string_view, 3> kShownSteps = {"average", "plain", "expensive"};

bool is_matrix(const Optimizer& optimizer, const WeightShape& shape) {
  return optimizer.matrices &&
         (shape.kind == WeightKind::kMatrix || (optimizer.tables && shape.kind == WeightKind::kTable));
}

}  // namespace

std::string_view to_name(ShownStep step) { return kShownSteps[static_cast<std::size_t>(step)]; }

ShownStep read_shown_step(const yaml::Node& node) {
  return static_cast<ShownStep>(node.choice("step", {kShownSteps.begin(), kShownSteps.end()}));
}

double share_in(ShownStep step, std::int64_t interval) {
  if (step == ShownStep::kPlain) return 0;
  return step == ShownStep::kExpensive ? 1 : 1 / static_cast<double>(interval);
}

OptimizerWork optimizer_work(const Optimizer& optimizer, const OptimizerChoice& choice,
                             std::span<const WeightShape> shapes, const Replicas& replicas) {
  OptimizerWork work;
  work.choice = choice;
  if (choice.interval == 0) work.choice.interval = optimizer.interval;
  if (choice.block == 0) work.choice.block = optimizer.block;
  work.replicas = replicas;
  for (const bool experts : {false, true}) {
    const std::int64_t among = experts ? replicas.experts : replicas.all;
    std::vector<WeightShape> matrices;
    std::int64_t others = 0;
    for (const WeightShape& shape : shapes) {
      if (shape.experts != experts) continue;
      work.tensors += shape.count;
      if (is_matrix(optimizer, shape)) {
        matrices.push_back(shape);
      } else {
        others += shape.elements();
      }
    }
    work.all.insert(work.all.end(), matrices.begin(), matrices.end());
    work.others += replicas.sharded ? (others + among - 1) / among : others;
    if (optimizer.cuts) matrices = blocks_of(matrices, work.choice.block);
    if (replicas.sharded || optimizer.deals) matrices = busiest_share(matrices, among);
    work.matrices.insert(work.matrices.end(), matrices.begin(), matrices.end());
  }
  return work;
}

void over_replicas(CollectiveKind kind, Bytes shared, Bytes experts, std::string_view name, step::TapeWriter& tape) {
  tape.wait(tape.collective(step::Stream::kData, kind, tape.groups().data, shared, name));
  tape.wait(tape.collective(step::Stream::kData, kind, tape.groups().expert_data, experts, name));
  if (kind == CollectiveKind::kAllReduce)
    tape.wait(tape.collective(step::Stream::kData, kind, tape.groups().copies, shared + experts, name));
}

void element_pass(std::string_view name, std::int64_t elements, Bytes read, Bytes written, step::TapeWriter& tape) {
  if (elements > 0) tape.run(stream(std::string(name), read * elements, written * elements));
}

void matrix_pass(std::string_view name, Precision precision, double times, std::int64_t m, std::int64_t n,
                 std::int64_t k, step::TapeWriter& tape) {
  if (times <= 0) return;
  Kernel kernel = matrix_product(std::string(name), precision, 1, m, n, k);
  kernel.model_flops = FlopCount();
  kernel.times = times;
  tape.run(std::move(kernel));
}

void decomposition_pass(std::string_view name, double times, std::int64_t side, double flops_per_cube,
                        step::TapeWriter& tape) {
  if (times <= 0) return;
  const auto length = static_cast<double>(side);
  Kernel kernel = stream(std::string(name), Bytes(side * side * kStateBytes), Bytes(side * side * kStateBytes));
  kernel.vector_flops = kernel.hardware_flops = FlopCount(flops_per_cube * length * length * length);
  kernel.times = times;
  tape.run(std::move(kernel));
}

void adam_pass(std::int64_t elements, Bytes gradient, step::TapeWriter& tape) {
  element_pass("adam", elements, gradient + Bytes(3 * kStateBytes), Bytes(3 * kStateBytes), tape);
}

}  // namespace orrery
