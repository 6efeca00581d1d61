// Charts of lines on one page, as SVG: logarithmic or linear axes, names beside the lines, a legend above.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace orrery {

struct ChartLine {
  std::string name;    // stands beside the last point
  std::string colour;  // "#1f6feb"
  std::vector<std::pair<double, double>>
      points;  // by x; what an axis can't show (≤ 0 on a logarithmic one) is left out
  bool dashed = false;
  double width = 1.6;  // pixels
};

enum class ChartScale : std::uint8_t {
  kDecades,    // logarithmic, from one power of ten to another
  kDoublings,  // logarithmic, as far as the values go, marked at powers of two
  kLinear,     // from 0
};

struct ChartAxis {
  std::string label;
  ChartScale scale = ChartScale::kDecades;
};

struct Chart {
  std::string title;
  ChartAxis x;
  ChartAxis y;
  std::vector<ChartLine> lines;
  std::optional<double> rule;  // a value of y that is marked right across, such as 1 of a ratio
};

struct ChartPage {
  struct Entry {
    std::string text;
    std::string colour;
  };
  std::string title;          // empty: none
  std::vector<Entry> legend;  // what the colours mean, a line each
  std::vector<Chart> charts;
  std::size_t columns = 3;  // charts side by side; then the next row
};

// A chart without a point shows its axes' names and nothing else.
[[nodiscard]] std::string to_svg(const ChartPage& page);

}  // namespace orrery
