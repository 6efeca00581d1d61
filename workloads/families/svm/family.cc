// Linear support vector machines by parallel stochastic subgradient descent: samples on ranks, one vector of weights.
//
// A model file:
//
//     family: svm
//     name: rcv1
//     source: where the data set is published
//     features: 47236          # weights
//     nonzeros: 74             # of a sample, on average
//     examples: 697641         # kept in memory, shared out
//
// Law. A rank's local batch of m samples takes 4·nonzeros FLOPs each, a dot product and an addition to the gradient of
// the hinge loss: values and indices stream from HBM once, and with each the weight and the gradient entry that it
// names, in sectors where a sample holds fewer than all features. Then the gradient of d fp32 numbers is summed over
// all ranks and applied (Zinkevich et al. 2010, "Parallelized stochastic gradient descent"). With `local_steps: H`
// ranks apply their own gradients H times and then average their weights (Jaggi et al. 2014, CoCoA, arXiv 1409.1458, in
// what it communicates): d numbers every H·m samples, so FLOPs a byte reduced grow as H·m.
#include "workloads/family.h"

#include <fmt/format.h>

#include <algorithm>

#include "workloads/families/plan_keys.h"
#include "workloads/step/tape.h"

namespace orrery::svm {
namespace {

constexpr std::int64_t kMostFeatures = std::int64_t{1} << 40U;
constexpr std::int64_t kMostExamples = std::int64_t{1} << 40U;
constexpr std::int64_t kMostLocalSteps = 1 << 16U;
constexpr std::int64_t kNumber = 4;   // bytes: fp32, and an index
constexpr std::int64_t kSector = 32;  // of a read at random, in bytes

struct LinearModel {
  std::string name;
  std::string source;
  std::int64_t features = 1;
  std::int64_t nonzeros = 1;
  std::int64_t examples = 1;

  [[nodiscard]] bool dense() const { return nonzeros == features; }
};

LinearModel read_model_file(const yaml::Node& node) {
  yaml::Map map(node, "a model of the family 'svm'");
  static_cast<void>(map.required("family"));
  LinearModel model;
  model.name = map.required("name").text();
  model.source = map.required("source").text();
  model.features = map.required("features").integer(1, kMostFeatures);
  model.nonzeros = map.required("nonzeros").integer(1, model.features);
  model.examples = map.required("examples").integer(1, kMostExamples);
  map.finish();
  return model;
}

struct Descent {
  std::int64_t data = 1;
  std::int64_t batch = 1;  // samples of a local step, all ranks together
  std::int64_t local_steps = 1;
};

class LinearMachine : public Workload {
 public:
  LinearMachine(LinearModel model, const Descent& plan, const Stack& stack, std::vector<std::string> warnings)
      : Workload("svm", model.name, model.source, stack),
        model_(std::move(model)),
        plan_(plan),
        warnings_(std::move(warnings)) {}

  [[nodiscard]] std::int64_t parameters() const override { return model_.features; }
  [[nodiscard]] std::int64_t samples() const override { return plan_.batch * plan_.local_steps; }
  [[nodiscard]] std::string_view sample() const override { return "sample"; }
  [[nodiscard]] std::int64_t chips() const override { return plan_.data; }
  [[nodiscard]] Engine engine() const override { return {true, Precision::kFp32}; }
  [[nodiscard]] std::vector<PlanEntry> plan() const override {
    return {{"data", plan_.data}, {"batch", plan_.batch}, {"local_steps", plan_.local_steps}};
  }
  [[nodiscard]] std::optional<Growth> growth() const override { return Growth{plan_.data, plan_.batch}; }
  [[nodiscard]] std::vector<std::string> warnings() const override { return warnings_; }

  [[nodiscard]] Program program(const Chip& chip) const override {
    Grid grid;
    grid.dimensions = {{"data", static_cast<std::uint32_t>(plan_.data)}};
    step::Draft draft(std::move(grid), {}, stack(), chip);
    const std::optional<GroupSpecId> all = draft.group("data", {0});
    step::TapeWriter tape(draft);
    const Bytes vector(kNumber * model_.features);
    const bool averages = plan_.local_steps > 1;
    for (std::int64_t s = 0; s < plan_.local_steps; ++s) {
      tape.phase(Phase::kForward);
      tape.part("samples");
      tape.run(gradient());
      if (!averages) sum(tape, all, vector, "gradient");
      tape.phase(Phase::kOptimizer);
      tape.part("update");
      tape.run(stream("apply gradient", vector * 2, vector));
    }
    if (averages) sum(tape, all, vector, "weights");
    step::Tape written = tape.finish();
    draft.add({"rank", std::move(written.ops), std::move(written.waits)});
    return draft.finish([](const Grid&, RankId) { return 0U; });
  }

  [[nodiscard]] MemoryUse memory(const Chip& chip) const override {
    const std::int64_t examples = divide(model_.examples, plan_.data, Rounding::kUp);
    MemoryUse use;
    use.capacity = chip.hbm.capacity;
    use.categories = {{"weights", Bytes(kNumber * model_.features)},
                      {"gradients", Bytes(kNumber * model_.features)},
                      {"examples", Bytes(examples * model_.nonzeros * numbers_each() * kNumber)}};
    return use;
  }

 private:
  // A value, and its index where not all are there.
  [[nodiscard]] std::int64_t numbers_each() const { return model_.dense() ? 1 : 2; }

  // Of a local batch.
  [[nodiscard]] Kernel gradient() const {
    const std::int64_t entries = plan_.batch / plan_.data * model_.nonzeros;
    const Bytes vector(kNumber * model_.features);
    // Weights are read and gradients written entry by entry, or, where all are touched anyway, once.
    const Bytes touched = model_.dense() ? vector : std::min(Bytes(kSector * entries), vector);
    Kernel kernel = stream("gradient", Bytes(kNumber * numbers_each() * entries) + touched, touched);
    kernel.precision = Precision::kFp32;
    kernel.vector_flops = FlopCount(4.0 * static_cast<double>(entries));
    kernel.model_flops = kernel.hardware_flops = kernel.vector_flops;
    return kernel;
  }

  static void sum(step::TapeWriter& tape, std::optional<GroupSpecId> all, Bytes vector, std::string_view name) {
    tape.phase(Phase::kGradients);
    tape.part("sum");
    tape.wait(tape.collective(step::Stream::kData, CollectiveKind::kAllReduce, all, vector, name));
    tape.split();
  }

  LinearModel model_;
  Descent plan_;
  std::vector<std::string> warnings_;
};

std::shared_ptr<const Workload> read(const yaml::Node& node, const yaml::Node& plan, const Stack& stack) {
  LinearModel model = read_model_file(node);
  PlanKeys keys(plan);
  Descent descent;
  descent.data = keys.integer("data", 1, 1, kMostFamilyRanks);
  descent.batch = keys.required("batch", 1, kMostFamilySamples);
  descent.local_steps = keys.integer("local_steps", 1, 1, kMostLocalSteps);
  keys.finish();
  if (descent.batch % descent.data != 0)
    keys.fail("batch",
              fmt::format("a batch of {} samples can't be split evenly over data {}", descent.batch, descent.data));
  if (static_cast<Int128>(descent.batch) * model.nonzeros * kSector > (Int128{1} << 54U) ||
      static_cast<Int128>(model.examples) * model.nonzeros > (Int128{1} << 54U))
    keys.fail("batch", "so many samples are larger than anything holds");
  if (descent.data == 1) keys.idle("local_steps", "there is only one rank: nothing is summed");
  return std::make_shared<const LinearMachine>(std::move(model), descent, stack, keys.warnings());
}

const Families::Entry kSvm{{"svm", "linear support vector machines by parallel SGD, a vector summed each local batch",
                            &read, [](const yaml::Node& model) { return read_model_file(model).features; }}};

}  // namespace
}  // namespace orrery::svm
