// A chart of lines over two logarithmic axes, as SVG.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace orrery::peers {

struct Line {
  std::string name;
  std::string colour;
  std::vector<std::pair<double, double>> points;  // x > 0, y > 0
};

struct Chart {
  std::string title;
  std::string x;
  std::string y;
  std::vector<Line> lines;
};

// The charts side by side.
[[nodiscard]] std::string to_svg(const std::vector<Chart>& charts);

}  // namespace orrery::peers
