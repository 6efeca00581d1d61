// A survey as a page of text.
#include <fmt/format.h>

#include <algorithm>

#include "topology/survey.h"

namespace orrery {
namespace {

std::string rate(double bytes_per_second) {
  return to_text(Bandwidth::bytes_per_second(static_cast<std::int64_t>(bytes_per_second)));
}

// 12480 rather than 1.248e+04.
std::string whole_or_short(double value) {
  return value < 1000 ? fmt::format("{:.3g}", value) : fmt::format("{:.0f}", value);
}

std::string split_text(const Survey& survey) {
  const Bisection& bisection = *survey.bisection;
  if (bisection.period == survey.chips)
    return fmt::format("chips 0-{} against {}-{}", survey.chips / 2 - 1, survey.chips / 2, survey.chips - 1);
  return fmt::format("the first {} against the last {} of every {} chips", bisection.period / 2, bisection.period / 2,
                     bisection.period);
}

std::string bisection_text(const Survey& survey) {
  if (!survey.bisection) return survey.chips < 2 ? "none: a single chip" : "not worked out: too many links";
  const Bisection& bisection = *survey.bisection;
  const std::size_t half = survey.chips / 2;
  const double injection = bisection.bandwidth / static_cast<double>(half);
  return fmt::format(
      "{} one way, {} a chip of a half (maximum flow, {}; the least of {} of {} balanced splits by order)",
      rate(bisection.bandwidth), rate(injection), split_text(survey), bisection.tried, bisection.candidates);
}

std::string diameter_text(const Survey& survey) {
  if (survey.diameter.destinations == survey.chips) return fmt::format("{} hops (exact)", survey.diameter.hops);
  return fmt::format("{} hops at least (from {} of {} chips)", survey.diameter.hops, survey.diameter.destinations,
                     survey.chips);
}

}  // namespace

std::string to_text(const Survey& survey) {
  std::string text = fmt::format("{}\n  {}\n\n", survey.cluster, survey.source);
  text += fmt::format("  chips      {} x {} in {} node{}\n", survey.chips, survey.chip, survey.nodes,
                      survey.nodes == 1 ? "" : "s");
  std::string counts;
  for (const Survey::VertexCount& vertex : survey.vertices)
    counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", vertex.count, to_name(vertex.kind));
  text += fmt::format("  vertices   {}\n", counts);
  text += fmt::format("  links      {} one-way\n", survey.links);
  text += fmt::format("  diameter   {}\n", diameter_text(survey));
  text += fmt::format("  bisection  {}\n\n", bisection_text(survey));

  const std::string peak = fmt::format("{} {}", to_text(survey.peak), to_name(survey.precision));
  text += fmt::format("  outward, printed rates; bytes per FLOP at {} a chip\n", peak);
  text += fmt::format("  {:<9} {:<7} {:<11} {:>9} {:>13} {:>11} {:>11} {:>9}\n", "tier", "to", "kind", "links",
                      "a chip", "bytes/FLOP", "FLOP/byte", "achieved");
  for (const Survey::Step& step : survey.steps)
    text += fmt::format("  {:<9} {:<7} {:<11} {:>9} {:>13} {:>11.3g} {:>11} {:>8.1f}%\n", to_name(step.tier),
                        to_name(step.to), to_name(step.kind), step.links, rate(step.injection), step.bytes_per_flop,
                        whole_or_short(1 / step.bytes_per_flop), 100 * step.efficiency);
  return text;
}

}  // namespace orrery
