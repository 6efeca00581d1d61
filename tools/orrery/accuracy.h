// How near simulated steps come to measured ones: rows, their mean and worst error, as text and JSON.
#pragma once

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
};

// Of absolute errors. `worst` is an index into the rows.
struct Accuracy {
  std::vector<AccuracyRow> rows;  // one at least
  [[nodiscard]] double mean() const;
  [[nodiscard]] std::size_t worst() const;  // the first in a tie
};

[[nodiscard]] std::string to_text(const Accuracy& accuracy);
[[nodiscard]] std::string to_json(const Accuracy& accuracy);

}  // namespace orrery
