// What a person wants to know of a run: every figure once, with its unit in the type. Text and JSON are only its bytes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/kernel/engine.h"
#include "sim/report/breakdown.h"
#include "sim/scenario/scenario.h"

namespace orrery {

struct Report {
  std::string scenario;
  std::string cluster, chip, model, stack, network;
  std::size_t chips = 0;
  Plan plan;
  Duration step;
  double tokens_per_second = 0;
  FlopRate model_flops_per_chip;     // MFU numerator
  FlopRate hardware_flops_per_chip;  // HFU numerator
  double mfu = 0;
  double hfu = 0;
  Breakdown breakdown;  // mean over ranks; its parts sum to `step`
  struct Utilization {
    std::string name;    // "matrix engine", "hbm", "scale_up", "rail", …
    double mean = 0;     // over the resources of that kind and the step
    double highest = 0;  // the busiest one
    std::string busiest;
  };
  std::vector<Utilization> utilization;
  struct Ratio {  // ρ of a tier: ideal compute time ÷ ideal communication time over it
    Tier tier = Tier::kHbm;
    double flops_per_byte = 0;   // W: useful FLOPs ÷ bytes a chip sends over the tier
    double machine_balance = 0;  // M: achievable FLOP/s ÷ achievable bytes/s
    double rho = 0;
  };
  std::vector<Ratio> ratios;
  std::optional<Ratio> least;  // ρ with its tier; absent when nothing is communicated
  double chi = 0;              // exposed communication ÷ step
  MemoryUse memory;
  std::string memory_advice;  // empty: it fits
  Joules energy;
  struct EnergyPart {
    std::string name;
    Joules energy;
  };
  std::vector<EnergyPart> energy_parts;
  struct Bottleneck {
    std::string name;  // what takes most of the step after ideal arithmetic
    Duration cost;
    std::string gain;  // "a rail twice as fast would save 3.1 % of the step"
  };
  std::optional<Bottleneck> bottleneck;
  std::optional<Measured> measured;
  double error = 0;  // (simulated − measured) ÷ measured step, when there is one
  std::uint64_t events = 0;
  std::vector<std::string> warnings;
};

[[nodiscard]] Report summarize(const Scenario& scenario, const Program& program, const RunResult& result,
                               const Breakdown& breakdown);
// `own` lines about the simulator itself (wall time, events/s, peak memory) are added by the tool: they vary from run
// to run.
[[nodiscard]] std::string to_text(const Report& report, bool colour);
[[nodiscard]] std::string to_json(
    const Report& report);  // stable snake_case keys with units; schema: docs/result.schema.json

}  // namespace orrery
