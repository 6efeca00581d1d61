// Reads figures off reports, says what they answer, and prints them.
#include "sim/report/sweep.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "sim/report/chart.h"
#include "sim/report/csv_field.h"
#include "sim/report/digits.h"
#include "sim/report/text_page.h"

namespace orrery {
namespace {

constexpr std::array<std::string_view, 6> kLineColours = {"#1f6feb", "#d1242f", "#1a7f37",
                                                          "#9a6700", "#8250df", "#57606a"};

double own_value(const Sweep& sweep, const SweepPoint& point) {
  return sweep.measure->value(*point.report) * (sweep.measure->percent && !sweep.relative ? 100 : 1);
}

const SweepPoint* first_that_ran(const SweepLine& line) {
  for (const SweepPoint& point : line.points)
    if (point.report) return &point;
  return nullptr;
}
const SweepPoint* last_that_ran(const SweepLine& line) {
  const SweepPoint* found = nullptr;
  for (const SweepPoint& point : line.points)
    if (point.report) found = &point;
  return found;
}

// Where numbers are very large or small, as of FLOPs, with an exponent.
std::string figure(double value) {
  const double size = std::abs(value);
  return size != 0 && (size >= 1e7 || size < 1e-3) ? fmt::format("{:.3e}", value) : digits(value);
}

std::string unit_of(const Sweep& sweep) {
  if (sweep.relative) return "×";
  if (sweep.measure->percent) return "%";
  return std::string(sweep.measure->unit);
}
std::string with_unit(const Sweep& sweep, double value) {
  const std::string unit = unit_of(sweep);
  return unit.empty() ? figure(value) : fmt::format("{} {}", figure(value), unit);
}

std::string measure_text(const Sweep& sweep) {
  std::string text(sweep.measure->sentence);
  if (sweep.relative) text += fmt::format(", ÷ that of the first {}", sweep.along);
  return text;
}

std::string kept_text(const Sweep& sweep, const SweepLine& line) {
  const SweepPoint* last = nullptr;
  bool all = true;
  for (const SweepPoint& point : line.points) {
    const auto value = value_of(sweep, line, point);
    if (!value) continue;
    if (*value < *sweep.least) {
      all = false;
      break;
    }
    last = &point;
  }
  if (last == nullptr) return fmt::format("nowhere with {}", line.name);
  return fmt::format("up to {}{} with {}", last->label, all ? ", the last shown," : "", line.name);
}

std::string change_text(const Sweep& sweep, const SweepLine& line) {
  const SweepPoint* first = first_that_ran(line);
  const SweepPoint* last = last_that_ran(line);
  if (first == nullptr) return fmt::format("{} never runs", line.name);
  const double end = *value_of(sweep, line, *last);
  if (first == last) return fmt::format("{} has {}", line.name, with_unit(sweep, end));
  const double begin = *value_of(sweep, line, *first);
  std::string text = fmt::format("{} goes from {} at {} to {} at {}", line.name, with_unit(sweep, begin), first->label,
                                 with_unit(sweep, end), last->label);
  if (begin > 0 && !sweep.relative) text += fmt::format(" ({} ×)", digits(end / begin));
  return text;
}

std::string joined_clauses(const std::vector<std::string>& clauses) {
  std::string text;
  for (std::size_t i = 0; i < clauses.size(); ++i) text += (i == 0 ? "" : "; ") + clauses[i];
  return text;
}

}  // namespace

std::optional<double> value_of(const Sweep& sweep, const SweepLine& line, const SweepPoint& point) {
  if (!point.report) return std::nullopt;
  const double value = own_value(sweep, point);
  if (!sweep.relative) return value;
  const double first = own_value(sweep, *first_that_ran(line));
  return first == 0 ? 0 : value / first;
}

std::string answer(const Sweep& sweep) {
  std::vector<std::string> clauses;
  clauses.reserve(sweep.lines.size());
  for (const SweepLine& line : sweep.lines)
    clauses.push_back(sweep.least ? kept_text(sweep, line) : change_text(sweep, line));
  if (!sweep.least) return joined_clauses(clauses) + ".";
  return fmt::format("It stays at least {}, by {}: {}.", with_unit(sweep, *sweep.least), sweep.along,
                     joined_clauses(clauses));
}

std::string to_text(const Sweep& sweep, bool colour) {
  TextPage page(colour);
  page.line(sweep.question, Colour::kBold);
  page.line();
  std::size_t width = columns(sweep.along);
  for (const SweepPoint& point : sweep.lines.front().points) width = std::max(width, columns(point.label));
  const auto cell = [](std::string_view text, std::size_t wide) {
    return std::string(wide - std::min(wide, columns(text)), ' ') + std::string(text);
  };
  std::string head = cell(sweep.along, width);
  std::vector<std::size_t> widths;
  for (const SweepLine& line : sweep.lines) {
    widths.push_back(std::max<std::size_t>(10, columns(line.name)));
    head += "  " + cell(line.name, widths.back());
  }
  page.line(head, Colour::kDim);
  for (std::size_t p = 0; p < sweep.lines.front().points.size(); ++p) {
    std::string row = cell(sweep.lines.front().points[p].label, width);
    for (std::size_t l = 0; l < sweep.lines.size(); ++l) {
      const SweepLine& line = sweep.lines[l];
      const auto value = value_of(sweep, line, line.points[p]);
      row += "  " + cell(value ? figure(*value) : "-", widths[l]);
    }
    page.line(row);
  }
  page.line();
  const std::string unit = unit_of(sweep);
  page.item("shown", measure_text(sweep) + (unit.empty() || unit == "×" ? "" : fmt::format(" ({})", unit)));
  for (const SweepLine& line : sweep.lines)
    for (const SweepPoint& point : line.points)
      if (!point.report) page.item("left out", fmt::format("{} at {}: {}", line.name, point.label, point.refusal));
  page.item("answer", answer(sweep));
  return page.text();
}

std::string to_json(const Sweep& sweep) {
  nlohmann::ordered_json json = {{"question", sweep.question},
                                 {"along", sweep.along},
                                 {"measure", sweep.measure->name},
                                 {"unit", unit_of(sweep)},
                                 {"relative", sweep.relative}};
  if (sweep.least) json["least"] = *sweep.least;
  json["lines"] = nlohmann::ordered_json::array();
  for (const SweepLine& line : sweep.lines) {
    nlohmann::ordered_json points = nlohmann::ordered_json::array();
    for (const SweepPoint& point : line.points) {
      nlohmann::ordered_json one = {{"point", point.label}};
      if (const auto value = value_of(sweep, line, point)) {
        one["value"] = *value;
        one["chips"] = point.report->chips;
        one["step_time_s"] = point.report->step.in_seconds();
      } else {
        one["refusal"] = point.refusal;
      }
      points.push_back(std::move(one));
    }
    json["lines"].push_back({{"name", line.name}, {"points", std::move(points)}});
  }
  json["answer"] = answer(sweep);
  return json.dump(2) + "\n";
}

std::string to_csv(const Sweep& sweep) {
  std::string text = "line,point,chips,step_time_s," + std::string(sweep.measure->name) + ",refusal\n";
  for (const SweepLine& line : sweep.lines)
    for (const SweepPoint& point : line.points) {
      const auto value = value_of(sweep, line, point);
      text += fmt::format("{},{},{},{},{},{}\n", csv_field(line.name), csv_field(point.label),
                          value ? fmt::format("{}", point.report->chips) : "",
                          value ? fmt::format("{}", point.report->step.in_seconds()) : "",
                          value ? fmt::format("{}", *value) : "", csv_field(point.refusal));
    }
  return text;
}

std::string to_svg(const Sweep& sweep) {
  const std::string unit = unit_of(sweep);
  const bool shares = sweep.relative || sweep.measure->percent;
  Chart chart;
  chart.title = measure_text(sweep);
  chart.x = {sweep.along, sweep.named_points ? ChartScale::kLinear : ChartScale::kDoublings};
  chart.y = {unit.empty() ? std::string(sweep.measure->name) : unit,
             shares ? ChartScale::kLinear : ChartScale::kDecades};
  chart.rule = sweep.least;
  for (std::size_t l = 0; l < sweep.lines.size(); ++l) {
    const SweepLine& line = sweep.lines[l];
    ChartLine& drawn = chart.lines.emplace_back();
    drawn.name = line.name;
    drawn.colour = std::string(kLineColours[l % kLineColours.size()]);
    for (const SweepPoint& point : line.points)
      if (const auto value = value_of(sweep, line, point)) drawn.points.emplace_back(point.x, *value);
  }
  ChartPage page;
  page.title = sweep.question;
  page.legend.push_back({answer(sweep), "#1f2328"});
  page.charts.push_back(std::move(chart));
  page.columns = 1;
  return to_svg(page);
}

}  // namespace orrery
