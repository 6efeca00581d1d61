// Checks the figures of a report against their definitions, from the run that they were taken from.
#include <doctest/doctest.h>

#include <numeric>

#include "sim/network/resources.h"
#include "sim/report/bottleneck.h"
#include "sim/report/compute_work.h"
#include "sim/report/report.h"
#include "tests/report/jobs.h"

using namespace jobs;

namespace {

struct Case {
  Prepared prepared;
  Recording recording;
  Report report;

  explicit Case(const std::vector<std::string>& changes = {})
      : prepared(kDecoder, changes),
        recording(record(prepared)),
        report(summarize(prepared.scenario, prepared.program, recording.result, recording.breakdown)) {}
};

double part(const Report& report, const std::string& name) {
  for (const Report::EnergyPart& one : report.energy_parts)
    if (one.name == name) return one.energy.value();
  return 0;
}

}  // namespace

TEST_CASE("throughput: tokens, FLOP/s, MFU and HFU") {
  const Case c({"plan.recompute=full"});
  const double step = c.report.step.in_seconds();
  CHECK(c.report.step == c.recording.result.step);
  CHECK(c.report.tokens == 8 * 512);
  CHECK(c.report.tokens_per_second == doctest::Approx(8 * 512 / step));
  double model = 0;
  double hardware = 0;
  for (const Span& span : c.recording.spans) {
    const Op& op = c.prepared.program.roles[c.prepared.program.role_of_rank[span.rank.index()]].ops[span.op];
    if (op.kind != OpKind::kCompute) continue;
    model += c.prepared.program.segments[SegmentId(op.body)].model_flops.count();
    hardware += c.prepared.program.segments[SegmentId(op.body)].hardware_flops.count();
  }
  CHECK(c.report.model_flops_per_chip.flops_per_second() == doctest::Approx(model / 8 / step));
  CHECK(c.report.mfu == doctest::Approx(model / 8 / step / 312e12));
  CHECK(c.report.hfu == doctest::Approx(hardware / 8 / step / 312e12));
  CHECK(c.report.hfu > 1.2 * c.report.mfu);  // a third pass over the layers
}

TEST_CASE("time: parts that sum to the step, and their exposed share") {
  const Case c;
  const Breakdown& b = c.report.breakdown;
  CHECK(b.total() == Int128{8} * c.report.step.ps());
  double sum = 0;
  for (const Int128 one : {b.compute, b.communication(), b.bubble, b.skew, b.host, b.other}) sum += b.mean_seconds(one);
  CHECK(sum == doctest::Approx(c.report.step.in_seconds()));
  CHECK(c.report.chi == doctest::Approx(b.mean_seconds(b.communication()) / c.report.step.in_seconds()));
  CHECK(c.report.chi > 0);
}

TEST_CASE("utilization and rho: work over capacity, of the chips in use") {
  const Case c;
  const Fabric& fabric = c.prepared.scenario.cluster->fabric;
  const Resources resources(fabric);
  const double step = c.report.step.in_seconds();
  double hbm = 0;
  for (const ChipId chip : c.prepared.placement)
    hbm += c.recording.result.resource_work[resources.hbm(chip).index()] / 8;
  const double hbm_rate = 2039e9 * fabric.chip_spec().hbm.efficiency;
  REQUIRE(c.report.utilization.size() >= 4);
  CHECK(c.report.utilization[0].name == "matrix_engine");
  CHECK(c.report.utilization[0].mean == doctest::Approx(c.report.hfu));  // all FLOPs are on that engine
  CHECK(c.report.utilization[1].name == "hbm");
  CHECK(c.report.utilization[1].mean == doctest::Approx(hbm / (hbm_rate * step)));
  for (const Report::Utilization& use : c.report.utilization) {
    CHECK(use.mean <= use.highest);
    CHECK(use.highest <= 1);
    CHECK(use.busiest.empty() == (use.highest == 0));
  }

  double best_tile = 0;
  for (const Tile& tile : fabric.chip_spec().tiles) best_tile = std::max(best_tile, tile.efficiency);
  const double achievable = 312e12 * fabric.chip_spec().sustained_clock * best_tile;
  const double useful = c.report.model_flops_per_chip.flops_per_second() * step;
  REQUIRE(!c.report.ratios.empty());
  const Report::Ratio& ratio = c.report.ratios[0];
  CHECK(ratio.tier == Tier::kHbm);
  CHECK(ratio.flops_per_byte == doctest::Approx(useful / hbm));
  CHECK(ratio.machine_balance == doctest::Approx(achievable / hbm_rate));
  CHECK(ratio.rho == doctest::Approx((useful / achievable) / (hbm / hbm_rate)));  // ideal times
  for (const Report::Ratio& other : c.report.ratios) CHECK(c.report.least->rho <= other.rho);
}

TEST_CASE("energy: each part from its cause, the facility on top") {
  const Case c;
  const Power& power = c.prepared.scenario.cluster->fabric.chip_spec().power;
  const double step = c.report.step.in_seconds();
  CHECK(part(c.report, "idle") == doctest::Approx(8 * power.idle.value() * step));
  CHECK(part(c.report, "arithmetic_fp16") ==
        doctest::Approx(c.report.hardware_flops_per_chip.flops_per_second() * step * 8 *
                        power.joules_per_flop[static_cast<std::size_t>(c.prepared.scenario.stack.compute)]));
  const Cluster& cluster = *c.prepared.scenario.cluster;
  std::set<std::uint32_t> nodes;
  for (const ChipId chip : c.prepared.placement) nodes.insert(cluster.fabric.node_of(chip));
  CHECK(part(c.report, "node_overhead") ==
        doctest::Approx(static_cast<double>(nodes.size()) * cluster.node_overhead.value() * step));
  CHECK(part(c.report, "nvlink") > 0);
  double sum = 0;
  for (const Report::EnergyPart& one : c.report.energy_parts) sum += one.energy.value();
  CHECK(c.report.energy.value() == doctest::Approx(sum));
  CHECK(part(c.report, "facility") == doctest::Approx((sum - part(c.report, "facility")) * (cluster.pue - 1)));
}

TEST_CASE("what was measured: by the step, else by a rate") {
  Case c;
  const double step = c.report.step.in_seconds();
  const auto error = [&](const Measured& measured) {
    c.prepared.scenario.measured = measured;
    return summarize(c.prepared.scenario, c.prepared.program, c.recording.result, c.recording.breakdown).error;
  };
  CHECK(error({Duration::seconds(step / 2), FlopRate::flops_per_second(1), std::nullopt, ""}) == doctest::Approx(1));
  CHECK(error({std::nullopt, c.report.model_flops_per_chip * 0.5, std::nullopt, ""}) == doctest::Approx(-0.5));
  CHECK(error({std::nullopt, std::nullopt, c.report.hardware_flops_per_chip * 2, ""}) == doctest::Approx(1));
  CHECK(error({std::nullopt, std::nullopt, std::nullopt, ""}) == 0);
}

TEST_CASE("compute work: matrix, memory and what is recomputed, mean over ranks") {
  play::Writer w({{"data", 2}});
  Chip chip;
  chip.hbm.bandwidth = Bandwidth::bytes_per_second(1'000'000'000'000);  // a byte a picosecond
  w.role("matrix").compute(100, {}, 30).role("memory").compute(60, {}, 60).compute(40);
  Table<SegmentId, Segment>& segments = w.program.segments;
  segments[SegmentId(0)].matrix_seconds = 50e-12;
  segments[SegmentId(0)].model_flops = FlopCount(300);
  segments[SegmentId(0)].hardware_flops = FlopCount(400);  // a quarter of it again
  w.program.roles[1].ops[1].phase = Phase::kRecompute;
  w.assign({0, 1});
  const ComputeWork work = compute_work(w.program, chip);
  CHECK(work.alone == doctest::Approx(100e-12));
  CHECK(work.matrix == doctest::Approx(25e-12));
  CHECK(work.memory == doctest::Approx(45e-12));
  CHECK(work.memory_bound == doctest::Approx(45e-12));
  CHECK(work.recompute == doctest::Approx((25e-12 + 40e-12) / 2));
  CHECK(work.matrix_of_role == std::vector<double>{50e-12, 0});
}

TEST_CASE("the bottleneck is what takes most, its gain at most half or all of it") {
  const Case c;
  const auto found = [&](const Breakdown& breakdown, const ComputeWork& work) {
    return find_bottleneck(c.prepared.scenario, c.prepared.program, c.prepared.placement, breakdown, work,
                           Duration::picoseconds(1000));
  };
  Breakdown b;
  b.ranks = 8;
  b.exposed = {{"tensor", 8 * 142}, {"pipeline", 8 * 10}, {"data", 0}};
  const auto exposed = found(b, {});
  REQUIRE(exposed);
  CHECK(exposed->name == "exposed tensor communication");
  CHECK(exposed->cost == Duration::picoseconds(142));
  // All eight chips stand in one node.
  CHECK(exposed->gain == "a scale-up link twice as fast would save at most 7.1 % of the step");
  // Spread over two nodes, neighbours talk over the rails.
  const Case spread({"chips=16", "plan.data=4", "placement=spread"});
  CHECK(find_bottleneck(spread.prepared.scenario, spread.prepared.program, spread.prepared.placement, b, {},
                        Duration::picoseconds(1000))
            ->gain == "a rail link twice as fast would save at most 7.1 % of the step");
  CHECK(part(spread.report, "network") > 0);
  CHECK(part(c.report, "network") == 0);

  b.bubble = 8 * 200;
  CHECK(found(b, {})->gain == "twice the microbatches would save at most 10.0 % of the step");
  b.host = 8 * 300;
  CHECK(found(b, {})->gain == "a host twice as fast would save at most 15.0 % of the step");
  ComputeWork work;
  work.alone = 700e-12;
  work.matrix = 300e-12;
  work.memory = 380e-12;
  work.memory_bound = 350e-12;
  CHECK(found(b, work)->name == "kernels that the HBM holds back");
  CHECK(found(b, work)->gain == "HBM twice as fast would save at most 19.0 % of the step");
  work.memory_bound = 10e-12;
  CHECK(found(b, work)->gain == "kernels at that peak would save at most 40.0 % of the step");
  work.recompute = 500e-12;
  CHECK(found(b, work)->gain == "memory enough to do without it would save at most 50.0 % of the step");

  Breakdown nothing;
  nothing.ranks = 8;
  CHECK(!found(nothing, {}));
}
