// Adds an iteration up and prints it.
#include "sim/report/rl.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/report/digits.h"
#include "sim/report/text_page.h"

namespace orrery {
namespace {

double of_rollout(const RlReport& report) { return report.parts.front().seconds; }
double of_the_rest(const RlReport& report) {
  double sum = 0;
  for (std::size_t i = 1; i < report.parts.size(); ++i) sum += report.parts[i].seconds;
  return sum;
}

std::string pace_text(const RlReport& report) {
  const double rollout = of_rollout(report);
  const double rest = of_the_rest(report);
  const std::string tail =
      fmt::format("; for {:.0f} % of it less than an eighth of the responses go on", 100 * report.tail);
  if (!report.disaggregated)
    return fmt::format("the rollout takes {:.0f} % of the iteration{}", 100 * rollout / report.seconds(), tail);
  if (rollout >= rest) return "the rollout sets the pace" + tail + "; the rest waits " + digits(rollout - rest) + " s";
  return fmt::format("training sets the pace; rollouts wait {} s", digits(rest - rollout));
}

}  // namespace

std::size_t RlReport::chips() const {
  std::size_t rest = 0;
  for (std::size_t i = 1; i < parts.size(); ++i) rest = std::max(rest, parts[i].chips);
  return disaggregated ? parts.front().chips + rest : std::max(parts.front().chips, rest);
}

double RlReport::seconds() const {
  const double rollout = of_rollout(*this);
  const double rest = of_the_rest(*this);
  return (disaggregated ? std::max(rollout, rest) : rollout + rest) + resharding;
}

Joules RlReport::energy() const {
  Joules sum;
  for (const RlPart& part : parts) sum += part.energy;
  return sum;
}

std::string to_text(const RlReport& report, bool colour) {
  TextPage page(colour);
  page.line(fmt::format("{}: {} s an iteration on {} chips", report.name, digits(report.seconds()), report.chips()),
            Colour::kBold);
  page.item("mode", report.disaggregated ? "disaggregated: rollouts beside the rest" : "colocated: one after another");
  page.item("responses",
            fmt::format("{} of {} tokens on average, {} at most · {} tokens/s", grouped(report.responses),
                        grouped(report.tokens / std::max<std::int64_t>(1, report.responses)), grouped(report.longest),
                        digits(static_cast<double>(report.tokens) / report.seconds())));
  page.line();
  page.line(fmt::format("{:<28}{:>10}{:>8}{:>12}{:>12}", "part", "steps", "chips", "time (s)", "share (%)"),
            Colour::kDim);
  const double whole = report.seconds();
  const auto row = [&](const std::string& name, const std::string& steps, const std::string& chips, double seconds) {
    page.bar(
        fmt::format("{:<28}{:>10}{:>8}{:>12}{:>12.1f}  ", name, steps, chips, digits(seconds), 100 * seconds / whole),
        std::min(1.0, seconds / whole), Colour::kBlue);
  };
  for (const RlPart& part : report.parts)
    row(part.name, grouped(part.times), fmt::format("{}", part.chips), part.seconds);
  if (report.resharding > 0) row("resharding", "", "", report.resharding);
  page.line();
  page.item("pace", pace_text(report));
  page.item("energy", fmt::format("{} kJ an iteration · {} J a token", digits(report.energy().value() / 1000),
                                  digits(report.energy().value() /
                                         static_cast<double>(std::max<std::int64_t>(1, report.tokens)))));
  if (report.measured)
    page.item("measured", fmt::format("error {:+.1f} % · {} s · {}", 100 * (whole / *report.measured - 1),
                                      digits(*report.measured), report.measured_source));
  return page.text();
}

std::string to_json(const RlReport& report) {
  nlohmann::ordered_json json = {{"name", report.name},
                                 {"mode", report.disaggregated ? "disaggregated" : "colocated"},
                                 {"chips", report.chips()},
                                 {"iteration_s", report.seconds()},
                                 {"responses", report.responses},
                                 {"tokens", report.tokens},
                                 {"longest_response", report.longest},
                                 {"rollout_tail_share", report.tail},
                                 {"resharding_s", report.resharding},
                                 {"energy_j", report.energy().value()}};
  json["parts"] = nlohmann::ordered_json::array();
  for (const RlPart& part : report.parts)
    json["parts"].push_back({{"name", part.name},
                             {"steps", part.times},
                             {"chips", part.chips},
                             {"time_s", part.seconds},
                             {"energy_j", part.energy.value()}});
  if (report.measured) {
    json["measured_iteration_s"] = *report.measured;
    json["error"] = report.seconds() / *report.measured - 1;
  }
  return json.dump(2) + "\n";
}

}  // namespace orrery
