// How near simulated steps come to measured ones: rows, their mean and worst error, as text and JSON.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/base/units.h"

namespace orrery {

// One published run and what the simulator says of it.
struct AccuracyRow {
  std::string scenario;
  Duration measured;
  Duration simulated;
  double error = 0;  // (simulated − measured) ÷ measured
  bool fits = true;  // in the chips' memory
  std::string source;
  std::string model;
  std::int64_t batch = 1;  // sequences a step
  std::size_t chips = 1;
  double mfu = 0;  // simulated
  [[nodiscard]] double measured_mfu() const { return mfu * (1 + error); }
};

// Of absolute errors. `worst` is an index into the rows.
struct Accuracy {
  std::vector<AccuracyRow> rows;  // one at least
  [[nodiscard]] double mean() const;
  [[nodiscard]] std::size_t worst() const;  // the first in a tie
};

[[nodiscard]] std::string to_text(const Accuracy& accuracy);
[[nodiscard]] std::string to_json(const Accuracy& accuracy);

// Strong scaling, measured and simulated: MFU as a share of that of the first row with the same model and batch. An
// error that all sizes have in common cancels out.
struct ScalingRow {
  std::size_t row = 0;  // into Accuracy::rows
  std::size_t first = 0;
  double measured = 1;
  double simulated = 1;
};

// Of all rows, in their order.
[[nodiscard]] std::vector<ScalingRow> scaling_of(const Accuracy& accuracy);
[[nodiscard]] std::string scaling_text(const Accuracy& accuracy);

}  // namespace orrery
