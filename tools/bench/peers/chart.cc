// Decades as grid lines, points joined, names beside the last point.
#include "tools/bench/peers/chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace orrery::peers {

namespace {

constexpr double kWidth = 420;
constexpr double kHeight = 320;
constexpr double kLeft = 60;
constexpr double kRight = 90;
constexpr double kTop = 30;
constexpr double kBottom = 45;

// Maps the decades around the values to a stretch of pixels.
struct Axis {
  double low = 1e300;
  double high = 1e-300;
  double from = 0;
  double to = 0;
  void cover(double value) {
    low = std::min(low, std::pow(10, std::floor(std::log10(value))));
    high = std::max(high, std::pow(10, std::ceil(std::log10(value))));
  }
  [[nodiscard]] double at(double value) const {
    return from + (to - from) * std::log(value / low) / std::log(high / low);
  }
};

}  // namespace

std::string to_svg(const std::vector<Chart>& charts) {
  std::string svg;
  auto out = std::back_inserter(svg);
  fmt::format_to(out,
                 "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" font-family=\"sans-serif\" "
                 "font-size=\"11\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
                 kWidth * static_cast<double>(charts.size()), kHeight);
  for (std::size_t c = 0; c < charts.size(); ++c) {
    const Chart& chart = charts[c];
    const double left = kWidth * static_cast<double>(c);
    Axis x{.from = left + kLeft, .to = left + kWidth - kRight};
    Axis y{.from = kHeight - kBottom, .to = kTop};
    for (const Line& line : chart.lines) {
      for (const auto& [at, value] : line.points) {
        x.cover(at);
        y.cover(value);
      }
    }
    if (x.low >= x.high || y.low >= y.high) continue;
    fmt::format_to(out, "<text x=\"{}\" y=\"18\" font-weight=\"bold\">{}</text>\n", x.from, chart.title);
    fmt::format_to(out, "<text x=\"{}\" y=\"{}\">{}</text>\n", x.from, kHeight - 8, chart.x);
    fmt::format_to(out, "<text transform=\"translate({} {}) rotate(-90)\">{}</text>\n", left + 14, y.from, chart.y);
    for (double tick = x.low; tick <= x.high * 1.01; tick *= 10) {
      fmt::format_to(out, "<path d=\"M{0:.1f} {1} V{2}\" stroke=\"#ddd\"/><text x=\"{0:.1f}\" y=\"{3}\">{4:g}</text>\n",
                     x.at(tick), y.from, y.to, y.from + 14, tick);
    }
    for (double tick = y.low; tick <= y.high * 1.01; tick *= 10) {
      fmt::format_to(out, "<path d=\"M{0} {1:.1f} H{2}\" stroke=\"#ddd\"/><text x=\"{3}\" y=\"{1:.1f}\">{4:g}</text>\n",
                     x.from, y.at(tick), x.to, left + 20, tick);
    }
    for (const Line& line : chart.lines) {
      std::string path;
      for (const auto& [at, value] : line.points) {
        path += fmt::format("{}{:.1f} {:.1f} ", path.empty() ? 'M' : 'L', x.at(at), y.at(value));
        fmt::format_to(out, "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2.5\" fill=\"{}\"/>\n", x.at(at), y.at(value),
                       line.colour);
      }
      fmt::format_to(out, "<path d=\"{}\" fill=\"none\" stroke=\"{}\"/>\n", path, line.colour);
      if (!line.points.empty()) {
        const auto& [at, value] = line.points.back();
        fmt::format_to(out, "<text x=\"{:.1f}\" y=\"{:.1f}\" fill=\"{}\">{}</text>\n", x.at(at) + 5, y.at(value),
                       line.colour, line.name);
      }
    }
  }
  svg += "</svg>\n";
  return svg;
}

}  // namespace orrery::peers
