// Loads a scenario and runs it with nothing but the installed headers and library; prints the step time.
#include <cstdio>

#include "sim/report/report.h"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const orrery::Scenario scenario = orrery::load_scenario(orrery::Library::standard(), argv[1]);
  const orrery::Program program = orrery::program_of(scenario);
  const orrery::Placement placement = orrery::placement_of(scenario);
  orrery::BreakdownSink breakdown(program);
  orrery::RunOptions options;
  options.costs = scenario.stack.communication;
  options.sinks = {&breakdown};
  const orrery::RunResult result = orrery::run({&scenario.cluster->fabric, &program, &placement}, options);
  const orrery::Report report =
      orrery::summarize(scenario, program, result, breakdown.finish(orrery::Time() + result.step));
  std::printf("step %s, %llu ops\n", orrery::to_text(report.step).c_str(), static_cast<unsigned long long>(result.ops));
  return result.step > orrery::Duration() ? 0 : 1;
}
