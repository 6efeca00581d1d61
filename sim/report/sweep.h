// One figure of many runs: lines over points, an answer in a sentence, and their table, chart and data.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/report/measures.h"
#include "sim/report/report.h"

namespace orrery {

struct SweepPoint {
  std::string label;
  double x = 0;                  // where it stands on the axis
  std::string refusal;           // why there is no figure; empty: there is one
  std::optional<Report> report;  // absent where refused
};

struct SweepLine {
  std::string name;
  std::vector<SweepPoint> points;  // the same labels in all lines
};

struct Sweep {
  std::string question;
  std::string along;          // what changes from point to point: "tensor ranks"
  bool named_points = false;  // points are names, not numbers
  const Measure* measure = nullptr;
  bool relative = false;        // ÷ the line's first point that ran
  std::optional<double> least;  // asked: how far along a line the figure stays at least this
  std::vector<SweepLine> lines;
};

// Of a point that ran; nothing otherwise.
[[nodiscard]] std::optional<double> value_of(const Sweep& sweep, const SweepLine& line, const SweepPoint& point);
// With `least`, how far each line keeps it; else what each line has at its last point, beside its first.
[[nodiscard]] std::string answer(const Sweep& sweep);

[[nodiscard]] std::string to_text(const Sweep& sweep, bool colour);
[[nodiscard]] std::string to_json(const Sweep& sweep);
[[nodiscard]] std::string to_csv(const Sweep& sweep);
[[nodiscard]] std::string to_svg(const Sweep& sweep);

}  // namespace orrery
