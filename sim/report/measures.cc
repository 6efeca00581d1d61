// Takes figures out of reports.
#include "sim/report/measures.h"

#include <algorithm>

namespace orrery {
namespace {

double per_chip(const Report& report, double of_all) {
  return report.chips == 0 ? 0 : of_all / static_cast<double>(report.chips);
}
double share(const Report& report, double seconds) {
  const double step = report.step.in_seconds();
  return step > 0 ? seconds / step : 0;
}
double per_sample(const Report& report, double of_step) {
  return report.tokens == 0 ? 0 : of_step / static_cast<double>(report.tokens);
}

}  // namespace

const std::vector<Measure>& measures() {
  static const std::vector<Measure> kMeasures = {
      {"step", "time of a step", "s", false, [](const Report& r) { return r.step.in_seconds(); }},
      {"samples_per_second", "tokens, images or cells a second, all chips together", "/s", false,
       [](const Report& r) { return r.tokens_per_second; }},
      {"samples_per_chip", "tokens, images or cells a second and chip", "/s", false,
       [](const Report& r) { return per_chip(r, r.tokens_per_second); }},
      {"model_flops", "model FLOPs a second, all chips together", "FLOP/s", false,
       [](const Report& r) { return r.model_flops_per_chip.flops_per_second() * static_cast<double>(r.chips); }},
      {"model_flops_per_chip", "model FLOPs a second and chip", "FLOP/s", false,
       [](const Report& r) { return r.model_flops_per_chip.flops_per_second(); }},
      {"mfu", "model FLOPs done ÷ the data sheet's peak", "", true, [](const Report& r) { return r.mfu; }},
      {"rho", "least ρ: ideal compute ÷ ideal communication", "", false,
       [](const Report& r) { return r.least ? r.least->rho : 0.0; }},
      {"rho_network", "least ρ of the tiers beyond the HBM", "", false,
       [](const Report& r) {
         double least = 0;
         for (const Report::Ratio& ratio : r.ratios)
           if (ratio.tier != Tier::kHbm && (least == 0 || ratio.rho < least)) least = ratio.rho;
         return least;
       }},
      {"rho_hbm", "ρ of the HBM: ideal compute ÷ ideal transfer", "", false,
       [](const Report& r) {
         for (const Report::Ratio& ratio : r.ratios)
           if (ratio.tier == Tier::kHbm) return ratio.rho;
         return 0.0;
       }},
      {"chi", "exposed communication ÷ step", "", true, [](const Report& r) { return r.chi; }},
      {"bubble", "pipeline bubble ÷ step", "", true,
       [](const Report& r) { return share(r, r.breakdown.mean_seconds(r.breakdown.bubble)); }},
      {"joules_per_sample", "energy of a token, an image or a cell", "J", false,
       [](const Report& r) { return per_sample(r, r.energy.value()); }},
      {"joules_per_flop", "energy of a model FLOP", "J", false,
       [](const Report& r) {
         const double flops =
             r.model_flops_per_chip.flops_per_second() * static_cast<double>(r.chips) * r.step.in_seconds();
         return flops > 0 ? r.energy.value() / flops : 0;
       }},
      {"memory", "bytes that the fullest chip holds", "B", false,
       [](const Report& r) { return r.memory.total().as_double(); }},
  };
  return kMeasures;
}

const Measure* find_measure(std::string_view name) {
  const auto& all = measures();
  const auto found = std::find_if(all.begin(), all.end(), [name](const Measure& one) { return one.name == name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace orrery
