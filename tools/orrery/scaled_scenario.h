// A scenario at many sizes: grown, read, simulated, each by itself.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/report/scaling.h"
#include "sim/scenario/grown_plan.h"
#include "sim/scenario/scale_key.h"
#include "tools/orrery/scenario_file.h"
#include "tools/orrery/simulate.h"

namespace orrery {

// What stands over the key `scale` of a file.
struct ScaleChoice {
  std::vector<std::int64_t> chips;  // empty: as the file says
  std::optional<GrowingDimension> grows;
  std::optional<ScaleMode> mode;
};

// A scenario's file at the size that it has, and how it is to grow.
class ScaledScenario {
 public:
  // Reads the file; its warnings go to standard error. InputError where it can't be read as it stands: whatever is
  // wrong then has nothing to do with other sizes.
  ScaledScenario(const ScenarioRequest& request, const ScaleChoice& choice);

  [[nodiscard]] const ScaleKey& key() const { return key_; }  // its sizes are never empty
  [[nodiscard]] bool is_own_size(std::int64_t chips) const { return chips == own_.plan.chips(); }
  // What it says of itself that changes nothing.
  [[nodiscard]] const std::vector<std::string>& warnings() const { return own_.warnings; }

  [[nodiscard]] ScaleCurve curve(bool weak) const;  // without rows
  // One size, simulated. What doesn't divide, doesn't fit in memory or exceeds the cluster is a row that says so, and
  // so is a run that can't finish.
  [[nodiscard]] ScaleRow row(bool weak, std::int64_t chips, Folding folding,
                             const std::function<void(double)>& progress) const;

 private:
  [[nodiscard]] Scenario at_size(const GrownPlan& grown, Extent extent) const;

  Library library_;
  std::filesystem::path path_;
  std::vector<yaml::Override> overrides_;
  bool names_chips_ = false;
  Scenario own_;
  ScaleKey key_;
};

}  // namespace orrery
