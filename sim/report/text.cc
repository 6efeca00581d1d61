// Lays a report out for a terminal: the verdict, the figures, where the time went, what was used, what it cost.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "sim/report/digits.h"
#include "sim/report/plan_parts.h"
#include "sim/report/report.h"
#include "sim/report/text_page.h"

namespace orrery {
namespace {

constexpr std::size_t kMostTimeRows = 8;
constexpr std::size_t kMostDisturbances = 5;  // lines
constexpr double kLeastShown = 0.05;          // per cent: what would show as 0.0 is left out
constexpr double kGib = 1024.0 * 1024.0 * 1024.0;

double percent(double share) { return 100 * share; }

// As people say it: "scale-up", "node overhead".
std::string spoken(std::string name) {
  std::replace(name.begin(), name.end(), '_', name == "scale_up" ? '-' : ' ');
  return name;
}

// The unit in which a whole step is at least 1.
struct TimeUnit {
  std::string_view name;
  double seconds;
};
TimeUnit unit_for(Duration step) {
  for (const TimeUnit& unit : std::array<TimeUnit, 4>{{{"s", 1}, {"ms", 1e-3}, {"us", 1e-6}, {"ns", 1e-9}}})
    if (step.in_seconds() >= unit.seconds) return unit;
  return {"ps", 1e-12};
}

// Parts that no line's end divides.
std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) {
    if (!text.empty()) text.append(1, kGlue).append("· ");
    text += glued(part);
  }
  return text;
}

std::string layout_text(const std::vector<PlanEntry>& layout) {
  std::vector<std::string> parts;
  parts.reserve(layout.size());
  for (const PlanEntry& entry : layout) parts.push_back(to_text(entry));
  return joined(parts);
}

std::string when_text(const Disturbance& one) {
  std::string text = fmt::format(" from {}", to_text(one.at - Time()));
  if (one.at == Time()) text = one.until < Time::max() ? "" : " all along";
  if (one.until < Time::max()) text += fmt::format(" until {}", to_text(one.until - Time()));
  if (one.times > 1) text += fmt::format(", {} times every {}", one.times, to_text(one.every));
  return text;
}

void add_disturbances(const Report& report, TextPage& page) {
  const std::size_t count = report.disturbances.size();
  const std::size_t shown = count > kMostDisturbances ? kMostDisturbances - 1 : count;
  for (std::size_t i = 0; i < shown; ++i) {
    const Disturbance& one = report.disturbances[i];
    page.item(i == 0 ? "disturbed" : "", one.what + when_text(one), Colour::kYellow);
  }
  if (shown < count) page.item("", fmt::format("and {} times more", count - shown));
}

void add_verdict(const Report& report, TextPage& page) {
  const std::string step = to_text(report.step);
  if (report.traced) {
    page.line(fmt::format("{}: {} per step", report.scenario, step), Colour::kGreen);
  } else if (report.memory_advice.empty() && report.memory.fits()) {
    page.line(fmt::format("{}: fits, {} per step", report.scenario, step), Colour::kGreen);
  } else {
    page.item(fmt::format("{}: does NOT fit:", report.scenario),
              fmt::format("{}; with memory enough, {} per step", report.memory_advice, glued(step)), Colour::kRed);
  }
  page.item("job",
            joined({report.model, fmt::format("{} × {}", report.chips, report.chip), report.cluster, report.stack,
                    report.network + " network" + (report.granularity == "stepwise" ? ", stepwise" : "") +
                        (report.routing == "minimal" ? "" : ", " + report.routing + " routes")}));
  if (!report.traced)
    page.item("plan", report.family.empty() ? joined(plan_parts(report)) : layout_text(report.layout));
  add_disturbances(report, page);
}

void add_figures(const Report& report, TextPage& page) {
  const TimeUnit unit = unit_for(report.step);
  page.line();
  std::vector<std::string> step = {digits(report.step.in_seconds() / unit.seconds)};
  if (!report.traced) step.push_back(fmt::format("{} {}s/s", digits(report.tokens_per_second), report.sample));
  page.item(fmt::format("step time ({})", unit.name), joined(step));
  // Of traces that count no FLOPs there is nothing to say.
  if (report.traced && report.hardware_flops_per_chip == FlopRate()) return;
  page.item("TFLOP/s per chip",
            fmt::format("{} model (MFU {:.1f} %) · {} hardware (HFU {:.1f} %)",
                        digits(report.model_flops_per_chip.flops_per_second() * 1e-12), percent(report.mfu),
                        digits(report.hardware_flops_per_chip.flops_per_second() * 1e-12), percent(report.hfu)));
}

struct TimeRow {
  std::string name;
  Int128 time = 0;
  Colour colour = Colour::kNone;
};

// Parts of the step that show, the largest dimension first. Where there would be too many for a screen, the least are
// added up.
std::vector<TimeRow> time_rows(const Breakdown& breakdown, Duration step) {
  const auto shows = [&](Int128 time) {
    return step > Duration() && percent(breakdown.mean_seconds(time) / step.in_seconds()) >= kLeastShown;
  };
  std::vector<TimeRow> around = {{"compute", breakdown.compute, Colour::kGreen},
                                 {"bubble", breakdown.bubble, Colour::kMagenta},
                                 {"skew", breakdown.skew, Colour::kCyan},
                                 {"host", breakdown.host, Colour::kRed},
                                 {"delays", breakdown.other, Colour::kBlue}};
  std::erase_if(around, [&](const TimeRow& row) { return !shows(row.time); });
  std::vector<TimeRow> exposed;
  for (const Breakdown::Exposed& part : breakdown.exposed)
    if (shows(part.time)) exposed.push_back({"exposed " + part.dimension, part.time, Colour::kYellow});
  std::stable_sort(exposed.begin(), exposed.end(), [](const TimeRow& x, const TimeRow& y) { return x.time > y.time; });
  const std::size_t room = kMostTimeRows - around.size();
  if (exposed.size() > room) {
    for (std::size_t i = room; i < exposed.size(); ++i) exposed[room - 1].time += exposed[i].time;
    exposed[room - 1].name = "exposed others";
    exposed.resize(room);
  }
  const bool computes = !around.empty() && around.front().name == "compute";
  around.insert(around.begin() + (computes ? 1 : 0), exposed.begin(), exposed.end());
  return around;
}

void add_breakdown(const Report& report, TextPage& page) {
  const TimeUnit unit = unit_for(report.step);
  page.line();
  page.line(fmt::format("{:<20}{:>12}{:>14}", "where the step went", fmt::format("time ({})", unit.name), "share (%)"),
            Colour::kBold);
  for (const TimeRow& row : time_rows(report.breakdown, report.step)) {
    const double seconds = report.breakdown.mean_seconds(row.time);
    const double share = seconds / report.step.in_seconds();
    page.bar(fmt::format("  {:<18}{:>12.3f}{:>14.1f}", row.name, seconds / unit.seconds, percent(share)), share,
             row.colour);
  }
}

void add_use(const Report& report, TextPage& page) {
  page.line();
  page.line(fmt::format("{:<15}{:>10}{:>10}{:>9}{:>12}{:>12}  {}", "use", "mean (%)", "most (%)", "ρ", "W (FLOP/B)",
                        "M (FLOP/B)", "busiest"),
            Colour::kBold);
  std::string unused;
  for (const Report::Utilization& use : report.utilization) {
    if (use.highest <= 0) {
      // Copies of what is offloaded cross it, each with its own share of it.
      if (use.name == to_name(Tier::kHost) && report.plan.offload.any()) continue;
      unused += (unused.empty() ? "" : ", ") + spoken(use.name);
      continue;
    }
    const auto ratio = std::find_if(report.ratios.begin(), report.ratios.end(),
                                    [&](const Report::Ratio& r) { return to_name(r.tier) == use.name; });
    std::string rho;
    std::string step;
    std::string machine;
    if (ratio != report.ratios.end()) {
      rho = fmt::format("{:.3g}", ratio->rho);
      step = digits(ratio->flops_per_byte);
      machine = digits(ratio->machine_balance);
    }
    page.line(fmt::format("  {:<13}{:>10.1f}{:>10.1f}{:>9}{:>12}{:>12}  {}", spoken(use.name), percent(use.mean),
                          percent(use.highest), rho, step, machine, use.busiest));
  }
  if (!unused.empty()) page.line(fmt::format("  nothing crossed {}", unused));
  std::string ratios;
  if (report.least && report.least->rho > 0)
    ratios = fmt::format("least ρ {:.3g} ({}), ", report.least->rho, spoken(std::string(to_name(report.least->tier))));
  page.line(fmt::format("  {}χ {:.1f} %: ρ = W ÷ M, ideal compute ÷ ideal transfer; χ = exposed ÷ step", ratios,
                        percent(report.chi)));
}

std::string memory_text(const MemoryUse& memory, bool staged) {
  std::string text;
  const auto gib = [](Bytes bytes) { return fmt::format("{:.2f}", bytes.as_double() / kGib); };
  for (const MemoryUse::Category& category : memory.categories)
    text +=
        fmt::format("{}{}{}", text.empty() ? "" : glued(" +") + " ", glued(category.name + " "), gib(category.bytes));
  return text + glued(" =") + " " + glued(fmt::format("{} of {}", gib(memory.total()), gib(memory.capacity))) +
         (staged ? glued(fmt::format(" on stage {}", memory.stage)) : "") +
         (memory.host_capacity > Bytes(0)
              ? fmt::format(", {}",
                            glued(fmt::format("with the host {} of {}", gib(memory.host), gib(memory.host_capacity))))
              : "");
}

std::string energy_text(const Report& report) {
  std::vector<std::string> figures = {to_text(report.energy) + " per step"};
  if (report.tokens > 0)
    figures.push_back(to_text(report.energy * (1 / static_cast<double>(report.tokens))) + " per " + report.sample);
  if (report.step > Duration() && report.chips > 0) {
    const double chip_seconds = report.step.in_seconds() * static_cast<double>(report.chips);
    figures.push_back(to_text(Watts(report.energy.value() / chip_seconds)) + " per chip");
  }
  std::string text = joined(figures);
  const char* separator = ": ";
  for (const Report::EnergyPart& part : report.energy_parts) {
    const double share = percent(part.energy.value() / report.energy.value());
    if (share < kLeastShown) continue;
    text += separator + glued(fmt::format("{} {:.1f} %", spoken(part.name), share));
    separator = ", ";
  }
  return text;
}

std::string power_text(const Report::Power& power) {
  std::vector<std::string> parts = {to_text(power.mean) + " of IT"};
  if (power.pue > 1) parts.push_back(to_text(power.mean * power.pue) + " at the meter");
  parts.push_back(fmt::format("a chip {}, at most {} of {}", to_text(power.chip_mean), to_text(power.chip_peak),
                              to_text(power.chip_limit)));
  if (!power.windows.empty()) {
    const Report::Power::Window& window = power.windows.front();
    parts.push_back(fmt::format("over {} {} to {}, at most {}/s", window.name, to_text(window.trough),
                                to_text(window.peak), to_text(Watts(window.ramp))));
  }
  return joined(parts);
}

// How it is charged, and whether by anybody's word.
std::string terms_text(const CostTerms& terms) {
  switch (terms.charge) {
    case CostTerms::Charge::kRent:
      return fmt::format("rented at ${:.2f} a chip-hour", terms.rent.value_or(0));
    case CostTerms::Charge::kOwn:
      return "the machine owned and paid by this run";
    case CostTerms::Charge::kAmortise:
      break;
  }
  return fmt::format("amortised over {:g} years{}", terms.life, terms.charge_given ? "" : " by default");
}

std::string shares_text(const Cost& cost) {
  std::string text;
  const auto add = [&](std::string_view name, Dollars part) {
    const double share = percent(part.value() / cost.total().value());
    if (!(share >= kLeastShown)) return;
    text += (text.empty() ? ": " : ", ") + glued(fmt::format("{} {:.0f} %", name, share));
  };
  if (cost.rent > Dollars()) return text;  // which is all there is
  add("capital", cost.capital);
  add("electricity", cost.electricity);
  add("maintenance", cost.maintenance);
  return text;
}

std::string cost_text(const Report& report) {
  const bool owned = report.cost_terms->charge == CostTerms::Charge::kOwn;
  const Cost& cost = owned && report.run ? report.run->cost : report.step_cost;
  std::vector<std::string> figures;
  if (!owned) {
    figures.push_back(to_text(cost.total()) + " per step");
    if (report.tokens > 0)
      figures.push_back(to_text(cost.total() * (1e6 / static_cast<double>(report.tokens))) + " per 10⁶ tokens");
  } else if (report.run) {
    figures.push_back(to_text(cost.total()) + " for the run");
    figures.push_back(to_text(cost.total() * (1e6 / report.run->tokens)) + " per 10⁶ tokens");
  } else {
    figures.push_back(to_text(cost.total()) + " per step beside the machine's price");
  }
  figures.push_back(terms_text(*report.cost_terms));
  return joined(figures) + shares_text(cost);
}

// "300 B", "15.6 T": as tokens are spoken of.
std::string counted(double count) {
  if (count >= 1e12) return fmt::format("{:.4g} T", count / 1e12);
  if (count >= 1e9) return fmt::format("{:.4g} B", count / 1e9);
  if (count >= 1e6) return fmt::format("{:.4g} M", count / 1e6);
  return grouped(static_cast<std::int64_t>(count));
}

// "3.14e23".
std::string power_of_ten(double value) {
  std::string text = fmt::format("{:.2e}", value);
  text.erase(std::remove(text.begin(), text.end(), '+'), text.end());
  return text;
}

std::string run_text(const Report& report) {
  const Report::Run& run = *report.run;
  constexpr double kDay = 86'400;
  std::vector<std::string> parts = {fmt::format("{} steps", grouped(run.steps)), counted(run.tokens) + " tokens"};
  if (run.epochs) parts.push_back(fmt::format("{:g} epochs", *run.epochs));
  parts.push_back(digits(run.seconds / kDay) + " days without a failure");
  parts.push_back(power_of_ten(run.model_flops.count()) +
                  " model FLOPs (6·N·D: " + power_of_ten(run.parameter_flops.count()) + ")");
  parts.push_back(digits(run.energy.value() / 3.6e9) + " MWh");
  if (report.cost_terms) parts.push_back(to_text(run.cost.total()));
  return joined(parts);
}

std::string measured_text(const Report& report) {
  const Measured& measured = *report.measured;
  std::vector<std::string> parts = {fmt::format("error {:+.1f} %", percent(report.error))};
  const auto add = [&](std::string_view name, const std::string& real, const std::string& simulated) {
    parts.push_back(fmt::format("{} {} (simulated {})", name, real, simulated));
  };
  if (measured.step) add("step", to_text(*measured.step), to_text(report.step));
  if (measured.model_flops_per_chip)
    add("model", to_text(*measured.model_flops_per_chip), to_text(report.model_flops_per_chip));
  if (measured.hardware_flops_per_chip)
    add("hardware", to_text(*measured.hardware_flops_per_chip), to_text(report.hardware_flops_per_chip));
  return joined(parts) + (measured.source.empty() ? "" : glued(" ·") + " " + measured.source);
}

void add_costs(const Report& report, TextPage& page) {
  page.line();
  if (!report.traced) page.item("memory (GiB)", memory_text(report.memory, report.family.empty()));
  page.item("energy", energy_text(report));
  if (report.power) page.item("power", power_text(*report.power));
  if (report.cost_terms) page.item("cost", cost_text(report));
  if (report.run) page.item("run", run_text(report));
  if (report.bottleneck) {
    const double share = report.step > Duration() ? report.bottleneck->cost.in_seconds() / report.step.in_seconds() : 0;
    page.item("top bottleneck", fmt::format("{}, {:.1f} % of the step: {}", report.bottleneck->name, percent(share),
                                            report.bottleneck->gain));
  }
  if (report.measured) page.item("measured", measured_text(report));
  if (!report.warnings.empty()) page.item("warnings", fmt::format("{}", report.warnings.size()), Colour::kYellow);
}

}  // namespace

std::string to_text(const Report& report, bool colour) {
  TextPage page(colour);
  add_verdict(report, page);
  add_figures(report, page);
  add_breakdown(report, page);
  add_use(report, page);
  add_costs(report, page);
  return page.text();
}

}  // namespace orrery
