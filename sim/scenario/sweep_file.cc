// Reads lines and points, and turns what they set into values over a scenario's keys.
#include "sim/scenario/sweep_file.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "sim/scenario/scenario_path.h"

namespace orrery {
namespace {

constexpr std::size_t kMostPoints = 1000;
constexpr double kLargest = 1e18;

std::vector<yaml::Override> read_settings(const std::optional<yaml::Node>& node) {
  std::vector<yaml::Override> set;
  if (!node) return set;
  for (const auto& [key, value] : yaml::Map(*node, "what is set").rest())
    set.push_back({key.text(), yaml::resolved_text(value)});
  return set;
}

// "64 / point" or "4 * point", a whole number at every point.
std::string of_point(const yaml::Node& node, const SweepFile::Point& point) {
  const std::string text = node.text();
  const std::size_t sign = text.find_first_of("*/");
  const auto fail = [&] { node.fail("this says nothing of a point", {"for example 4 * point, or 64 / point"}); };
  if (sign == std::string::npos || text.substr(sign + 1) != " point") fail();
  std::int64_t factor = 0;
  const char* const end = text.data() + sign;
  const auto [stop, error] = std::from_chars(text.data(), end, factor);
  if (error != std::errc() || std::string_view(stop, static_cast<std::size_t>(end - stop)) != " ") fail();
  const double value =
      text[sign] == '*' ? static_cast<double>(factor) * point.x : static_cast<double>(factor) / point.x;
  if (value < 1 || value > kLargest || value != std::floor(value))
    node.fail(fmt::format("'{}' is no whole number at {}", text, point.label));
  return fmt::format("{:.0f}", value);
}

std::vector<std::vector<yaml::Override>> settings_by_number(const yaml::Node& node,
                                                            const std::vector<SweepFile::Point>& points) {
  const auto entries = yaml::Map(node, "what follows the point").rest();
  std::vector<std::vector<yaml::Override>> sets;
  for (const SweepFile::Point& point : points) {
    std::vector<yaml::Override>& set = sets.emplace_back();
    for (const auto& [key, value] : entries) set.push_back({key.text(), of_point(value, point)});
  }
  return sets;
}

std::vector<std::vector<yaml::Override>> settings_by_name(const yaml::Node& node,
                                                          const std::vector<SweepFile::Point>& points) {
  yaml::Map map(node, "what follows the point");
  std::vector<std::vector<yaml::Override>> sets;
  sets.reserve(points.size());
  for (const SweepFile::Point& point : points) sets.push_back(read_settings(map.optional(point.label)));
  map.finish();
  return sets;
}

SweepFile::Point read_point(const yaml::Node& node, const std::vector<std::string>& keys, std::size_t place) {
  SweepFile::Point point;
  if (node.is_map()) {
    yaml::Map map(node, "a point");
    point.label = map.required("name").text();
    point.x = static_cast<double>(place + 1);
    point.set = read_settings(map.required("set"));
    map.finish();
    return point;
  }
  if (keys.empty()) node.fail("a number says nothing without `keys`", {"keys: [plan.tensor] gives it to that key"});
  point.label = node.text();
  point.x = node.number(0, kLargest);
  for (const std::string& key : keys) point.set.push_back({key, point.label});
  return point;
}

}  // namespace

SweepFile read_sweep(const Library& library, const yaml::Node& root, const std::filesystem::path& file,
                     const std::vector<std::string>& measures) {
  yaml::Map map(root, "a sweep");
  SweepFile sweep;
  sweep.question = map.required("question").text();
  sweep.along = map.required("along").text();
  std::optional<std::filesystem::path> base;
  if (const auto node = map.optional("scenario")) base = scenario_beside(library, file, *node);
  std::vector<std::string> keys;
  if (const auto node = map.optional("keys"))
    for (const yaml::Node& key : node->items()) keys.push_back(key.text());
  const yaml::Node points = map.required("points");
  for (const yaml::Node& node : points.items()) {
    sweep.points.push_back(read_point(node, keys, sweep.points.size()));
    sweep.named_points = sweep.named_points || node.is_map();
  }
  const yaml::Node lines = map.required("lines");
  for (const yaml::Node& node : lines.items()) {
    yaml::Map line(node, "a line");
    SweepFile::Line& read = sweep.lines.emplace_back();
    read.name = line.required("name").text();
    const auto own = line.optional("scenario");
    if (!own && !base) node.fail("neither this line nor the sweep names a scenario");
    read.scenario = own ? scenario_beside(library, file, *own) : *base;
    read.set = read_settings(line.optional("set"));
    if (const auto by_point = line.optional("by_point"))
      read.by_point =
          sweep.named_points ? settings_by_name(*by_point, sweep.points) : settings_by_number(*by_point, sweep.points);
    line.finish();
  }
  const yaml::Node measure = map.required("measure");
  sweep.measure = measures[measure.choice("measure", measures)];
  if (const auto relative = map.optional("relative")) sweep.relative = relative->boolean();
  if (const auto least = map.optional("least")) sweep.least = least->number(0, kLargest);
  map.finish();
  if (sweep.points.empty()) points.fail("a sweep needs a point");
  if (sweep.lines.empty()) lines.fail("a sweep needs a line");
  if (sweep.points.size() * sweep.lines.size() > kMostPoints)
    points.fail(fmt::format("{} lines of {} points are more than {} runs", sweep.lines.size(), sweep.points.size(),
                            kMostPoints));
  return sweep;
}

SweepFile load_sweep(const Library& library, const std::filesystem::path& file,
                     const std::vector<std::string>& measures) {
  return read_sweep(library, yaml::load(file), file, measures);
}

}  // namespace orrery
