// Grid lines at round values, points joined, names beside the last points and moved apart where they would meet.
#include "sim/report/chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "sim/report/digits.h"

namespace orrery {
namespace {

constexpr double kChartWidth = 440;
constexpr double kChartHeight = 310;
constexpr double kLeftMargin = 62;
constexpr double kRightMargin = 110;  // names of lines
constexpr double kTopMargin = 36;
constexpr double kBottomMargin = 50;
constexpr double kLineHeight = 13;
constexpr double kTitleHeight = 30;
constexpr double kLegendHeight = 18;
constexpr int kMostTicks = 7;
constexpr std::string_view kInk = "#24292f";
constexpr std::string_view kFaint = "#d8dee4";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool is_control = static_cast<unsigned char>(c) < 0x20;
    if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '"') {
      out += "&quot;";
    } else {
      out += is_control ? ' ' : c;
    }
  }
  return out;
}

// Values to pixels.
class PixelAxis {
 public:
  PixelAxis(ChartScale scale, double from, double to) : scale_(scale), from_(from), to_(to) {}

  [[nodiscard]] bool shows(double value) const {
    return std::isfinite(value) && (value > 0 || (scale_ == ChartScale::kLinear && value >= 0));
  }
  void cover(double value) {
    if (!shows(value)) return;
    low_ = any_ ? std::min(low_, value) : value;
    high_ = any_ ? std::max(high_, value) : value;
    any_ = true;
  }
  [[nodiscard]] bool any() const { return any_; }
  // Once all is covered: round ends, never the same.
  void settle() {
    switch (scale_) {
      case ChartScale::kDecades:
        low_ = std::pow(10, std::floor(std::log10(low_)));
        high_ = std::pow(10, std::ceil(std::log10(high_)));
        if (low_ >= high_) high_ = 10 * low_;
        break;
      case ChartScale::kDoublings:
        if (low_ >= high_) {
          low_ /= 2;
          high_ *= 2;
        }
        break;
      case ChartScale::kLinear:
        low_ = 0;
        if (high_ <= 0) high_ = 1;
        high_ = tick_step() * std::ceil(high_ / tick_step() - 1e-9);
        break;
    }
  }
  [[nodiscard]] double at(double value) const {
    const double part = scale_ == ChartScale::kLinear ? (value - low_) / (high_ - low_)
                                                      : std::log(value / low_) / std::log(high_ / low_);
    return from_ + (to_ - from_) * part;
  }
  [[nodiscard]] std::vector<double> ticks() const {
    std::vector<double> ticks;
    constexpr double kSlack = 1 + 1e-9;
    if (scale_ == ChartScale::kLinear) {
      const double step = tick_step();
      for (int i = 0; i * step <= high_ * kSlack; ++i) ticks.push_back(i * step);
    } else if (scale_ == ChartScale::kDoublings) {
      const double spread = std::log2(high_ / low_);
      double exponent = 1;
      while (spread / exponent > kMostTicks - 1) ++exponent;
      for (double e = std::ceil(std::log2(low_) - 1e-9); e <= std::log2(high_) + 1e-9; e += exponent)
        ticks.push_back(std::exp2(e));
      if (ticks.empty()) ticks = {low_, high_};
    } else {
      const bool few = high_ / low_ < 150;
      for (double decade = low_; decade <= high_ * kSlack; decade *= 10)
        for (const double digit : {1.0, 2.0, 5.0})
          if ((digit == 1 || few) && digit * decade <= high_ * kSlack) ticks.push_back(digit * decade);
    }
    return ticks;
  }

 private:
  // 1, 2 or 5 times a power of ten, so that there are four to eight.
  [[nodiscard]] double tick_step() const {
    const double rough = high_ / 5;
    const double decade = std::pow(10, std::floor(std::log10(rough)));
    for (const double digit : {1.0, 2.0, 5.0})
      if (rough <= digit * decade * 1.2) return digit * decade;
    return 10 * decade;
  }

  ChartScale scale_;
  double from_;
  double to_;
  double low_ = 0;
  double high_ = 0;
  bool any_ = false;
};

std::string tick_text(double value) {
  const bool is_whole = value >= 1000 && value < 1e7 && value == std::floor(value);
  return is_whole ? grouped(static_cast<std::int64_t>(value)) : fmt::format("{:g}", value);
}

// The name of a line, at the height of its last point.
struct Beside {
  double y = 0;
  const ChartLine* line = nullptr;
};

// From top to bottom, each at least a line's height below the one above, and pushed up again where the last would fall
// out of the chart.
void move_apart(std::vector<Beside>& names, double bottom) {
  std::stable_sort(names.begin(), names.end(), [](const Beside& a, const Beside& b) { return a.y < b.y; });
  for (std::size_t i = 1; i < names.size(); ++i) names[i].y = std::max(names[i].y, names[i - 1].y + kLineHeight);
  for (std::size_t i = names.size(); i > 0; --i) {
    const double most = i == names.size() ? bottom : names[i].y - kLineHeight;
    names[i - 1].y = std::min(names[i - 1].y, most);
  }
}

class ChartWriter {
 public:
  ChartWriter(const Chart& chart, double left, double top, std::string& svg)
      : chart_(chart),
        left_(left),
        bottom_(top + kChartHeight - kBottomMargin),
        top_(top + kTopMargin),
        x_(chart.x.scale, left + kLeftMargin, left + kChartWidth - kRightMargin),
        y_(chart.y.scale, bottom_, top_),
        out_(svg) {}

  void write() {
    for (const ChartLine& line : chart_.lines)
      for (const auto& [x, y] : line.points) {
        if (!x_.shows(x) || !y_.shows(y)) continue;
        x_.cover(x);
        y_.cover(y);
      }
    text(left_ + kLeftMargin, top_ - 14, "start", kInk, chart_.title, " font-weight=\"bold\" font-size=\"12\"");
    const double middle = left_ + kLeftMargin + (kChartWidth - kLeftMargin - kRightMargin) / 2;
    text(middle, bottom_ + 34, "middle", kInk, chart_.x.label);
    fmt::format_to(out(), "<text transform=\"translate({:.1f} {:.1f}) rotate(-90)\" text-anchor=\"middle\">{}</text>\n",
                   left_ + 14, (top_ + bottom_) / 2, escaped(chart_.y.label));
    if (!x_.any()) return;
    if (chart_.rule) y_.cover(*chart_.rule);
    x_.settle();
    y_.settle();
    grid();
    for (const ChartLine& line : chart_.lines) draw(line);
    names();
  }

 private:
  [[nodiscard]] std::back_insert_iterator<std::string> out() { return std::back_inserter(out_); }
  void text(double x, double y, std::string_view anchor, std::string_view colour, std::string_view words,
            std::string_view more = "") {
    fmt::format_to(out(), "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" fill=\"{}\"{}>{}</text>\n", x, y, anchor,
                   colour, more, escaped(words));
  }
  void grid() {
    const double right = left_ + kChartWidth - kRightMargin;
    const double start = left_ + kLeftMargin;
    for (const double tick : x_.ticks()) {
      fmt::format_to(out(), "<path d=\"M{:.1f} {:.1f}V{:.1f}\" stroke=\"{}\"/>\n", x_.at(tick), bottom_, top_, kFaint);
      text(x_.at(tick), bottom_ + 16, "middle", kInk, tick_text(tick));
    }
    for (const double tick : y_.ticks()) {
      fmt::format_to(out(), "<path d=\"M{:.1f} {:.1f}H{:.1f}\" stroke=\"{}\"/>\n", start, y_.at(tick), right, kFaint);
      text(start - 6, y_.at(tick) + 4, "end", kInk, tick_text(tick));
    }
    if (chart_.rule)
      fmt::format_to(out(), "<path d=\"M{:.1f} {:.1f}H{:.1f}\" stroke=\"{}\" stroke-width=\"1.2\"/>\n", start,
                     y_.at(*chart_.rule), right, kInk);
  }
  void draw(const ChartLine& line) {
    std::string path;
    std::string circles;
    for (const auto& [x, y] : line.points) {
      if (!x_.shows(x) || !y_.shows(y)) continue;
      path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? 'M' : 'L', x_.at(x), y_.at(y));
      circles += fmt::format(
          "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2.5\" fill=\"{}\"><title>{}: {}, {:.4g}</title></circle>\n",
          x_.at(x), y_.at(y), escaped(line.colour), escaped(line.name), tick_text(x), y);
    }
    if (path.empty()) return;
    fmt::format_to(out(), "<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{:g}\"{}/>\n{}", path,
                   escaped(line.colour), line.width, line.dashed ? " stroke-dasharray=\"5 3\"" : "", circles);
  }
  void names() {
    std::vector<Beside> names;
    for (const ChartLine& line : chart_.lines) {
      const auto last = std::find_if(line.points.rbegin(), line.points.rend(), [&](const auto& point) {
        return x_.shows(point.first) && y_.shows(point.second);
      });
      if (last != line.points.rend()) names.push_back({y_.at(last->second) + 4, &line});
    }
    move_apart(names, bottom_);
    for (const Beside& name : names)
      text(left_ + kChartWidth - kRightMargin + 6, name.y, "start", name.line->colour, name.line->name);
  }

  const Chart& chart_;
  double left_;
  double bottom_;
  double top_;
  PixelAxis x_;
  PixelAxis y_;
  std::string& out_;
};

}  // namespace

std::string to_svg(const ChartPage& page) {
  const std::size_t columns = std::max<std::size_t>(1, std::min(page.columns, page.charts.size()));
  const std::size_t rows = (page.charts.size() + columns - 1) / columns;
  const double head = (page.title.empty() ? 0 : kTitleHeight) + kLegendHeight * static_cast<double>(page.legend.size());
  const double width = kChartWidth * static_cast<double>(columns);
  const double height = head + kChartHeight * static_cast<double>(rows);
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:g}\" height=\"{1:g}\" viewBox=\"0 0 {0:g} {1:g}\" "
      "font-family=\"sans-serif\" font-size=\"11\" fill=\"{2}\">\n<rect width=\"100%\" height=\"100%\" "
      "fill=\"white\"/>\n",
      width, height, kInk);
  auto out = std::back_inserter(svg);
  double y = 0;
  if (!page.title.empty()) {
    fmt::format_to(out,
                   "<title>{0}</title>\n<text x=\"16\" y=\"21\" font-size=\"15\" font-weight=\"bold\">{0}</text>\n",
                   escaped(page.title));
    y = kTitleHeight;
  }
  for (const ChartPage::Entry& entry : page.legend) {
    fmt::format_to(
        out, "<rect x=\"16\" y=\"{:g}\" width=\"18\" height=\"4\" fill=\"{}\"/><text x=\"40\" y=\"{:g}\">{}</text>\n",
        y + 6, escaped(entry.colour), y + 12, escaped(entry.text));
    y += kLegendHeight;
  }
  for (std::size_t c = 0; c < page.charts.size(); ++c) {
    const std::size_t row = c / columns;
    const double left = kChartWidth * static_cast<double>(c % columns);
    ChartWriter(page.charts[c], left, head + kChartHeight * static_cast<double>(row), svg).write();
  }
  svg += "</svg>\n";
  return svg;
}

}  // namespace orrery
