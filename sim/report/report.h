// What a person wants to know of a run: every figure once, with its unit in the type. Text and JSON are only its bytes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/kernel/engine.h"
#include "sim/report/breakdown.h"
#include "sim/report/work.h"
#include "sim/scenario/scenario.h"

namespace orrery {

struct Report {
  std::string scenario;
  std::string cluster, chip, model, stack, network;
  std::string granularity;  // "fluid", "stepwise"
  std::string routing = "minimal";
  std::size_t chips = 0;
  bool traced = false;  // ranks played traces: nothing is known of a plan, of tokens and of memory
  Plan plan;
  std::string family;             // of a workload that is no decoder; then instead of a plan:
  std::vector<PlanEntry> layout;  // what the family read of it
  std::string sample = "token";   // what is counted below
  bool vector_engine = false;     // FLOPs are measured against it, not the matrix engine
  Duration step;
  std::int64_t tokens = 0;  // or samples: a step, all ranks together
  double tokens_per_second = 0;
  FlopRate model_flops_per_chip;     // MFU numerator
  FlopRate hardware_flops_per_chip;  // HFU numerator
  double mfu = 0;                    // of the peak on the data sheet at the stack's precision, as is HFU
  double hfu = 0;
  Breakdown breakdown;  // its parts sum to `step` × ranks
  struct Utilization {
    std::string name;  // "matrix_engine", "hbm", "scale_up", "rail", …
    // Work ÷ (capacity × step), over the resources of that kind which serve the chips in use. The matrix engine's work
    // is FLOPs at its data sheet's peak; HBM's and links' capacity is what a long stream or transfer gets.
    double mean = 0;
    double highest = 0;  // the busiest one
    std::string busiest;
  };
  std::vector<Utilization> utilization;
  struct Ratio {  // ρ of a tier: ideal compute time ÷ ideal communication time over it
    Tier tier = Tier::kHbm;
    double flops_per_byte = 0;   // W: useful FLOPs ÷ bytes a chip sends over the tier
    double machine_balance = 0;  // M: achievable FLOP/s ÷ achievable bytes/s
    double rho = 0;              // W ÷ M
  };
  std::vector<Ratio> ratios;   // of tiers that carry anything, HBM among them
  std::optional<Ratio> least;  // ρ with its tier; absent when nothing is moved
  double chi = 0;              // exposed communication ÷ step
  MemoryUse memory;
  std::string memory_advice;  // empty: it fits
  StepWork work;              // of all chips
  Joules energy;              // a step, the whole facility
  struct EnergyPart {
    // "idle", "arithmetic_bf16", …, "hbm", "nvlink", …, "switch_ports", "transceivers", "node_overhead", "facility"
    std::string name;
    Joules energy;
  };
  std::vector<EnergyPart> energy_parts;  // parts that are not 0; they sum to `energy`
  struct Power {  // of the whole machine without the facility's share (times `pue` with it), and of its chips
    double pue = 1;
    Watts mean;
    struct Window {      // steps follow one another, so a window may begin in one and end in the next
      std::string name;  // "50 ms", "one microbatch"
      Duration length;
      Watts peak;
      Watts trough;
      double ramp = 0;  // W/s: the largest change from one window to the next ÷ its length

      [[nodiscard]] Watts swing() const { return peak - trough; }
    };
    std::vector<Window> windows;
    Watts chip_mean;
    Watts chip_peak;  // over chip_peak_window, of the role that draws most, mean over its ranks
    Duration chip_peak_window;
    std::string chip_peak_role;
    Watts chip_limit;
  };
  std::optional<Power> power;  // absent where nobody watched
  std::optional<CostTerms> cost_terms;
  Cost step_cost;  // under cost_terms; without the capital of a machine that a run owns whole
  struct Run {
    std::int64_t steps = 0;
    std::optional<double> epochs;
    double tokens = 0;
    double seconds = 0;         // steps as they are, one after another: no failures, no checkpoints
    FlopCount model_flops;      // of the model, as MFU counts them
    FlopCount parameter_flops;  // 6 × parameters × tokens, as papers state it: no attention scores
    Joules energy;
    Cost cost;  // under cost_terms
  };
  std::optional<Run> run;
  struct Bottleneck {
    std::string name;  // what takes most of the step after ideal arithmetic
    Duration cost;     // of the step, mean over ranks
    std::string gain;  // "a rail twice as fast would save at most 3.1 % of the step"
  };
  std::optional<Bottleneck> bottleneck;
  std::vector<Disturbance> disturbances;  // what bore upon the step from outside of the job
  std::optional<Measured> measured;
  // (simulated − measured) ÷ measured step, when there is one. Where just a rate was measured, the step is the FLOPs of
  // that kind ÷ the rate.
  double error = 0;
  std::uint64_t events = 0;
  std::vector<std::string> warnings;
};

[[nodiscard]] Report summarize(const Scenario& scenario, const Program& program, const RunResult& result,
                               const Breakdown& breakdown);
// For a screen: at most 48 lines of at most 100 columns but for long names, the verdict first. `own` lines about the
// simulator itself (wall time, events/s, peak memory) are added by the tool: they vary from run to run.
[[nodiscard]] std::string to_text(const Report& report, bool colour);
[[nodiscard]] std::string to_json(
    const Report& report);  // stable snake_case keys with units; schema: docs/result.schema.json

}  // namespace orrery
