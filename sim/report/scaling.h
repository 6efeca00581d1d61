// How a job does as chips are added to it: each size beside the smallest, how far arithmetic covers communication, and
// where the curve breaks because of what. Pure functions of the reports; text, JSON, CSV and SVG are only their bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/report/report.h"

namespace orrery {

// What simulating a size took: varies from run to run, so it is told only when asked for.
struct ScaleCost {
  double seconds = 0;  // wall time
  Bytes memory;        // the program's peak
};

struct ScaleRow {
  std::int64_t chips = 0;
  std::string refusal;           // why there are no figures: doesn't fit, doesn't divide, …; empty: there are
  std::optional<Report> report;  // absent where refused
  bool failed = false;           // refused because its run can't finish
  std::optional<ScaleCost> cost;

  [[nodiscard]] bool ran() const { return report.has_value(); }
};

// One file at all sizes, weak (the batch grows with the chips) or strong (it stays).
struct ScaleCurve {
  std::size_t file = 0;  // which of the files, from 0
  std::string scenario, cluster, chip, model, stack, network;
  std::string grows;  // "data", "tensor", "pipeline"
  bool weak = true;
  std::string sample = "token";  // what is counted
  std::vector<ScaleRow> rows;    // by chips, ascending

  [[nodiscard]] const ScaleRow* smallest() const;  // that ran; null: none did
  [[nodiscard]] std::string_view mode() const { return weak ? "weak" : "strong"; }
  [[nodiscard]] char letter() const { return static_cast<char>('A' + file % 26); }  // of the file, where curves meet
};

// Tokens/s a chip ÷ those of the smallest size that ran: 1 where a chip does as much as there. `row` ran.
[[nodiscard]] double efficiency_of(const ScaleCurve& curve, const ScaleRow& row);
[[nodiscard]] double joules_per_token(const Report& report);

// A part of the step, as seconds a rank. They sum to the step.
struct StepPart {
  std::string name;  // "compute", "exposed data communication", "the pipeline bubble", …
  double seconds = 0;
};
[[nodiscard]] std::vector<StepPart> step_parts(const Report& report);

// N★: the largest size at which ideal compute takes at least as long as ideal communication on every tier (ρ ≥ 1).
struct Coverage {
  std::optional<std::int64_t> chips;  // N★; nothing: there is no such size
  struct Below {
    std::int64_t chips = 0;
    Report::Ratio ratio;
  };
  std::optional<Below> below;  // the next size that ran, with its least ρ; nothing: none is below 1 beyond N★
};
[[nodiscard]] Coverage coverage_of(const ScaleCurve& curve);

// Between which neighbouring sizes efficiency falls by the largest factor, and the part of the step that grew most
// there. What chips × seconds a token costs is 1 ÷ (tokens/s a chip), and the parts of the step are its parts: so how
// much each grew is measured in the same unit as the whole, whatever the batch.
struct ScaleBreak {
  std::int64_t from = 0;  // chips
  std::int64_t to = 0;
  double efficiency_from = 0;
  double efficiency_to = 0;
  std::string part;       // as in step_parts
  double share_from = 0;  // of the step
  double share_to = 0;
  double of_growth = 0;  // of what a token costs more; over 1 where other parts shrank
};
// Nothing where efficiency never falls.
[[nodiscard]] std::optional<ScaleBreak> break_of(const ScaleCurve& curve);

// From here on the curve counts as broken.
inline constexpr double kBrokenEfficiency = 0.9;
// The first size whose efficiency is below `least`; nothing: none.
[[nodiscard]] std::optional<std::int64_t> first_below(const ScaleCurve& curve, double least);

// In words: where N★ is and which tier falls below 1 behind it; where the curve breaks and because of what.
[[nodiscard]] std::string coverage_sentence(const ScaleCurve& curve);
[[nodiscard]] std::string break_sentence(const ScaleCurve& curve);

// For a screen. A table for each curve, then the curves of a mode side by side where there are several files.
[[nodiscard]] std::string to_text(const std::vector<ScaleCurve>& curves, bool colour);
[[nodiscard]] std::string to_json(const std::vector<ScaleCurve>& curves);  // schema: docs/scale.schema.json
// A line for each size of each curve, seconds and bytes as in the JSON; what a refused size lacks is left empty.
[[nodiscard]] std::string to_csv(const std::vector<ScaleCurve>& curves);
[[nodiscard]] std::string to_svg(const std::vector<ScaleCurve>& curves);

}  // namespace orrery
