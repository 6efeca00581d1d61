// Single figures of a report by name: what sweeps compare. One line each in measures.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/report/report.h"

namespace orrery {

struct Measure {
  std::string_view name;      // "mfu"
  std::string_view sentence;  // what it is, with its unit: "model FLOPs done ÷ the data sheet's peak"
  std::string_view unit;      // "" for ratios
  bool percent = false;       // shown × 100
  double (*value)(const Report& report);
};

[[nodiscard]] const std::vector<Measure>& measures();
[[nodiscard]] const Measure* find_measure(std::string_view name);  // null: there is none

}  // namespace orrery
