// Woven passes in real steps: what is sent and computed stays the same, and exchanges with experts hardly show.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>

#include "sim/kernel/engine.h"
#include "sim/report/breakdown.h"
#include "tests/workloads/fixture.h"

using namespace orrery;

namespace {

struct Played {
  Duration step;
  double exposed = 0;                         // seconds of exchanges with experts
  std::map<std::string, std::int64_t> bytes;  // of collectives, by group, of all ranks
  StepFlops flops;
};

Played play_mixture(const std::string& plan_text) {
  const DecoderModel model = test::model_named("mixtral_8x7b");
  const Plan plan = test::plan_of(model, plan_text);
  const Chip chip = test::chip_named("h100_sxm");
  const Program program = training_step(model, plan, test::stack_named("megatron_core"), chip);
  const Fabric fabric = test::star(chip, program.role_of_rank.size());
  Placement placement;
  for (std::size_t r = 0; r < program.role_of_rank.size(); ++r) placement.add(ChipId(r));
  BreakdownSink sink(program);
  RunOptions options;
  options.sinks = {&sink};
  const RunResult result = run({&fabric, &program, &placement}, options);
  Played played;
  played.step = result.step;
  played.flops = step_flops(program);
  const Breakdown where = sink.finish(Time() + result.step);
  for (const Breakdown::Exposed& each : where.exposed)
    if (each.dimension == "expert") played.exposed = where.mean_seconds(each.time);
  for (const std::uint32_t role : program.role_of_rank)
    for (const Op& op : program.roles[role].ops) {
      if (op.kind != OpKind::kCollective) continue;
      const CollectiveOp& collective = program.collectives[op.body];
      played.bytes[program.groups[collective.group.index()].name] += collective.bytes.count();
    }
  return played;
}

}  // namespace

TEST_CASE("pairs hide exchanges with experts; what is computed and sent stays the same") {
  for (const std::string plan : {"data: 4, expert: 4, batch: 32, sequence: 2048, zero: 1",
                                 "pipeline: 2, data: 4, expert: 4, batch: 32, sequence: 2048, zero: 1",
                                 "tensor: 2, sequence_parallel: true, data: 4, expert: 8, expert_tensor: 1, "
                                 "batch: 32, sequence: 2048, zero: 1"}) {
    CAPTURE(plan);
    const Played plain = play_mixture("{" + plan + ", schedule: 1f1b}");
    const Played woven = play_mixture("{" + plan + ", schedule: combined_1f1b}");
    CHECK(woven.bytes == plain.bytes);
    CHECK(woven.flops.model.count() == doctest::Approx(plain.flops.model.count()).epsilon(1e-12));
    CHECK(woven.flops.hardware.count() == doctest::Approx(plain.flops.hardware.count()).epsilon(1e-12));
    CHECK(woven.step < plain.step);
    CHECK(2 * woven.exposed < plain.exposed);
  }
}

TEST_CASE("woven steps finish whatever else a plan asks for") {
  for (const char* plan :
       {"{pipeline: 4, data: 2, expert: 2, batch: 16, sequence: 512, schedule: combined_1f1b, interleave: 2}",
        "{pipeline: 4, data: 2, expert: 2, batch: 32, sequence: 512, schedule: dualpipe}",
        "{pipeline: 4, data: 2, expert: 2, batch: 32, sequence: 512, schedule: dualpipe_v, zero: 1}",
        "{pipeline: 2, context: 2, data: 2, expert: 4, batch: 16, sequence: 512, schedule: combined_1f1b, zero: 2}",
        "{data: 4, expert: 2, batch: 16, sequence: 512, schedule: combined_1f1b, zero: 3}",
        "{pipeline: 4, data: 2, batch: 16, sequence: 512, schedule: combined_1f1b, stage_layers: [12, 0, 12, 8]}",
        "{pipeline: 4, data: 2, batch: 32, sequence: 512, schedule: dualpipe, stage_layers: [8, 0, 16, 8]}",
        "{data: 4, expert: 4, batch: 16, sequence: 512, schedule: combined_1f1b, zero: 1, overlap_weights: true, "
        "recompute: full}"}) {
    CAPTURE(plan);
    CHECK(play_mixture(plan).step > Duration());
  }
}
