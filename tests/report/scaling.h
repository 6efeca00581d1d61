// Curves over sizes in round numbers: each row says what its step is made of.
#pragma once

#include "sim/report/scaling.h"
#include "tests/report/sample_report.h"

namespace sample {

// Milliseconds a rank.
struct Parts {
  std::int64_t compute = 0;
  std::int64_t tensor = 0;
  std::int64_t data = 0;
  std::int64_t bubble = 0;
};

inline ScaleRow row(std::int64_t chips, std::int64_t tokens, const Parts& parts, double rho, Tier tier = Tier::kSpine) {
  constexpr std::int64_t kMillisecond = 1'000'000'000;
  const auto all = [&](std::int64_t milliseconds) { return Int128{chips} * milliseconds * kMillisecond; };
  Report r = report();
  r.chips = static_cast<std::size_t>(chips);
  r.plan.data = chips / 8;
  r.plan.batch = tokens / 1000;
  r.step = Duration::picoseconds((parts.compute + parts.tensor + parts.data + parts.bubble) * kMillisecond);
  r.tokens = tokens;
  r.tokens_per_second = static_cast<double>(tokens) / r.step.in_seconds();
  r.breakdown = Breakdown{};
  r.breakdown.ranks = chips;
  r.breakdown.compute = all(parts.compute);
  r.breakdown.exposed = {{"tensor", all(parts.tensor)}, {"data", all(parts.data)}};
  r.breakdown.bubble = all(parts.bubble);
  r.chi = static_cast<double>(parts.tensor + parts.data) / (1000 * r.step.in_seconds());
  r.energy = Joules(static_cast<double>(tokens));
  r.ratios = {{Tier::kHbm, 512, 256, 8}, {tier, 100, 100 / rho, rho}};
  r.least = r.ratios[rho < 8 ? 1 : 0];
  ScaleRow row;
  row.chips = chips;
  row.report = r;
  return row;
}

inline ScaleRow refused(std::int64_t chips, const std::string& why) {
  ScaleRow row;
  row.chips = chips;
  row.refusal = why;
  return row;
}

// A thousand tokens a chip; from 128 to 256 chips gradients stick out.
inline ScaleCurve weak_curve() {
  ScaleCurve curve;
  curve.scenario = "Llama, four to one";
  curve.cluster = "Rails";
  curve.chip = "H100";
  curve.model = "Llama";
  curve.stack = "Megatron";
  curve.network = "fluid";
  curve.grows = "data";
  curve.rows = {refused(12, "not a multiple of tensor 4 × pipeline 2 = 8 chips"),
                row(64, 64'000, {.compute = 80, .tensor = 10, .data = 0, .bubble = 10}, 4),
                row(128, 128'000, {.compute = 80, .tensor = 10, .data = 2, .bubble = 10}, 2),
                row(256, 256'000, {.compute = 80, .tensor = 11, .data = 23, .bubble = 10}, 0.8),
                row(512, 512'000, {.compute = 80, .tensor = 11, .data = 29, .bubble = 10}, 0.4)};
  return curve;
}

// The same batch over ever more chips: fewer microbatches, so the bubble grows.
inline ScaleCurve strong_curve() {
  ScaleCurve curve = weak_curve();
  curve.weak = false;
  curve.rows = {row(64, 64'000, {.compute = 80, .tensor = 10, .data = 0, .bubble = 10}, 4),
                row(128, 64'000, {.compute = 40, .tensor = 5, .data = 0, .bubble = 10}, 4),
                row(256, 64'000, {.compute = 20, .tensor = 3, .data = 2, .bubble = 10}, 3),
                refused(512, "a batch of 64 isn't a multiple of data 64 × microbatch 4 = 256")};
  return curve;
}

}  // namespace sample
