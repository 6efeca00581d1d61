// Workloads that are no decoder-only transformers: families by name, and what each makes of a model file and a plan.
//
// A model file with `family: cnn` is that family's; without the key it is a decoder (model.h). A family is one file
// that registers its name and one honest sentence. It reads its own model keys, and of a plan the keys that mean
// something for it: any other is an error that lists them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/base/registry.h"
#include "sim/base/yaml.h"
#include "sim/kernel/program.h"
#include "topology/chip.h"
#include "workloads/memory.h"
#include "workloads/stack.h"

namespace orrery {

// One of a chip's rates: what the FLOPs of a workload are measured against.
struct Engine {
  bool vector = false;  // else the matrix engine
  Precision precision = Precision::kBf16;

  [[nodiscard]] FlopRate peak(const Chip& chip) const;  // 0: the chip has no such path
  // What the best kernel gets of it: at the sustained clock, of the matrix engine by the best tile.
  [[nodiscard]] FlopRate achievable(const Chip& chip) const;
  // A chip file gives energies of the matrix engine; where it gives none, in inverse proportion to the peaks.
  [[nodiscard]] double joules_per_flop(const Chip& chip) const;
};

// A line of a workload's plan, as reports print it: "data 8", "halo exchanged". A text without a number stands alone.
struct PlanEntry {
  std::string key;  // snake_case
  std::variant<std::int64_t, std::string> value;
};
[[nodiscard]] std::string to_text(const PlanEntry& entry);

// What `orrery scale` may make larger: ranks along the plan's key `data`, and the key `batch` in proportion to them.
struct Growth {
  std::int64_t data = 1;
  std::int64_t batch = 1;
};

// A model with its plan and stack, checked: a step of it can be written. Immutable.
class Workload {
 public:
  Workload(std::string_view family, std::string name, std::string source, Stack stack)
      : family_(family), name_(std::move(name)), source_(std::move(source)), stack_(std::move(stack)) {}
  virtual ~Workload() = default;
  Workload(const Workload&) = delete;
  Workload& operator=(const Workload&) = delete;

  [[nodiscard]] const std::string& family() const { return family_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& source() const { return source_; }
  [[nodiscard]] const Stack& stack() const { return stack_; }

  [[nodiscard]] virtual std::int64_t parameters() const = 0;  // that are learned; 0: nothing is
  [[nodiscard]] virtual std::int64_t samples() const = 0;     // a step, all ranks together
  [[nodiscard]] virtual std::string_view sample() const = 0;  // what one is called: "image"
  [[nodiscard]] virtual std::int64_t chips() const = 0;       // one a rank
  [[nodiscard]] virtual std::vector<PlanEntry> plan() const = 0;
  [[nodiscard]] virtual Engine engine() const { return {false, stack_.compute}; }
  [[nodiscard]] virtual std::optional<Growth> growth() const { return std::nullopt; }
  // Keys of the plan that change nothing, given the others: "plan.yaml:4: 'bucket' changes nothing: …".
  [[nodiscard]] virtual std::vector<std::string> warnings() const { return {}; }
  // RunError where the chip hasn't got the engine.
  [[nodiscard]] virtual Program program(const Chip& chip) const = 0;
  // Of the rank that holds most.
  [[nodiscard]] virtual MemoryUse memory(const Chip& chip) const = 0;

 private:
  std::string family_;
  std::string name_;
  std::string source_;
  Stack stack_;
};

struct Family {
  std::string_view name;
  std::string_view sentence;
  // InputError at whatever is wrong in either file, or in what they demand of each other.
  std::shared_ptr<const Workload> (*read)(const yaml::Node& model, const yaml::Node& plan, const Stack& stack);
  std::int64_t (*parameters)(const yaml::Node& model);  // of a model file by itself
};
using Families = Registry<Family>;

// The family that a model file names; null: it is a decoder's. InputError where there is no such family.
[[nodiscard]] const Family* family_of(const yaml::Node& model);

// Why the workload can't run on this chip, if it can't: "NVIDIA … computes no … in fp32".
[[nodiscard]] std::optional<std::string> engine_fault(const Workload& workload, const Chip& chip);

// "needs 93.1 GiB of 80 GiB; largest: activations 41.2 GiB"; empty where it fits.
[[nodiscard]] std::string shortage(const MemoryUse& use);

}  // namespace orrery
