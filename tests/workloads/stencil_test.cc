// Finite differences: halos, FLOPs, HBM bytes and memory of a box by hand, at edges of the domain and around it.
#include "tests/workloads/families.h"

using namespace orrery;
using test::category;
using test::sums_of;
using test::workload_of;

namespace {

constexpr const char* kStack = "cuda_mpi";

// A star that reads two cells beyond, closed along x.
std::string star(const char* precision = "fp32") {
  return fmt::format(
      "{{family: stencil, name: star, source: none, grid: [64, 48, 32], periodic: [x], precision: {}, fields: 3, "
      "stages: [{{name: star, times: 2, flops: 20, reads: 2, writes: 1, halo: 2, exchanged: 3}}, "
      "{{name: column, flops: 5, reads: 1, writes: 1}}]}}",
      precision);
}

}  // namespace

TEST_CASE("a box sends a face of each exchanged field to both neighbours, of which an edge of the domain lacks one") {
  const Chip chip = test::chip_named("a100_sxm_80gb");
  const auto grid = workload_of(star(), "{x: 4, y: 3, z: 2}", kStack);
  CHECK(grid->chips() == 24);
  CHECK(grid->samples() == 64 * 48 * 32);
  const Program program = grid->program(chip);
  validate(program);
  // Boxes of 16 × 16 × 16: a face of two layers of three fields in fp32, twice a step.
  const std::int64_t face = 2 * 4 * 3 * 2 * 16 * 16;
  const auto corner = sums_of(program, "box at y low, z low");
  CHECK(corner.sent.at("x") == 2 * face);  // periodic: both neighbours everywhere
  CHECK(corner.sent.at("y") == face);
  CHECK(corner.sent.at("z") == face);
  CHECK(corner.received == corner.sent);
  CHECK(sums_of(program, "box at z high").sent.at("y") == 2 * face);
  CHECK(program.roles.size() == 3 * 2);  // along y first, between, last; along z first, last
  static_cast<void>(test::run_of(program, chip, test::quick_stack(kStack)));
}

TEST_CASE("around a ring of two both neighbours are the same rank") {
  const Chip chip = test::chip_named("a100_sxm_80gb");
  const Program program = workload_of(star(), "{x: 2}", kStack)->program(chip);
  validate(program);
  CHECK(sums_of(program).sent.at("x") == 2 * 2 * 4 * 3 * 2 * 48 * 32);
  CHECK(test::run_of(program, chip, test::quick_stack(kStack)).step > Duration());
}

TEST_CASE("FLOPs and HBM bytes are those of the cells, whatever the boxes") {
  const Chip chip = test::chip_named("a100_sxm_80gb");
  const double cells = 64.0 * 48 * 32;
  for (const char* plan : {"{}", "{x: 2, y: 2}", "{x: 2, y: 2, overlap: false}", "{x: 4, y: 3, z: 2}"}) {
    for (const char* precision : {"fp32", "fp64"}) {
      const auto grid = workload_of(star(precision), plan, kStack);
      const double ranks = static_cast<double>(grid->chips());
      const Program program = grid->program(chip);
      const double element = precision[2] == '3' ? 4 : 8;
      const auto sums = sums_of(program);
      CHECK(sums.model_flops == doctest::Approx(cells / ranks * (2 * 20 + 5)).epsilon(1e-12));
      CHECK(sums.hbm == doctest::Approx(cells / ranks * element * (2 * 3 + 2)).epsilon(1e-12));
    }
  }
}

TEST_CASE("uneven boxes: the largest sets the pace, and its surplus is no model FLOPs") {
  const Chip chip = test::chip_named("a100_sxm_80gb");
  const Program program = workload_of(star(), "{x: 5, cells: [63, 48, 32]}", kStack)->program(chip);
  const auto sums = sums_of(program);
  CHECK(sums.model_flops == doctest::Approx(63.0 / 5 * 48 * 32 * 45).epsilon(1e-12));
  CHECK(sums.hardware_flops == doctest::Approx(13.0 * 48 * 32 * 45).epsilon(1e-12));
}

TEST_CASE("with overlap just the cells at the sides wait for halos") {
  const Chip chip = test::chip_named("a100_sxm_80gb");
  const Program program = workload_of(star(), "{y: 3, z: 2}", kStack)->program(chip);
  double inside = 0;
  std::size_t waits = 0;  // of the segments inside
  for (const Op& op : program.roles[0].ops) {
    if (op.kind != OpKind::kCompute) continue;
    const Segment& segment = program.segments[SegmentId(op.body)];
    if (program.names[program.kernels[segment.first_kernel].name] != "star, inside") continue;
    inside += segment.hardware_flops.count();
    waits += op.wait_count;
  }
  // The box at both low edges, 64 × 16 × 16, has one neighbour along y and one along z: 14 × 14 are inside.
  CHECK(inside == doctest::Approx(2 * 20.0 * 64 * 14 * 14));
  CHECK(waits == 0);
  CHECK(sums_of(program).hardware_flops == doctest::Approx(45.0 * 64 * 16 * 16));
}

TEST_CASE("memory: fields of a box, and halos both ways") {
  const Chip chip = test::chip_named("a100_sxm_80gb");
  const MemoryUse use = workload_of(star("fp64"), "{x: 4, y: 3}", kStack)->memory(chip);
  CHECK(category(use, "fields") == 8 * 3 * 16 * 16 * 32);
  CHECK(category(use, "buffers") == 4 * 8 * 3 * 2 * (16 * 32 + 16 * 32));
  CHECK(use.fits());
}

TEST_CASE("the published models: 25 points in fp32, COSMO's columns in fp64") {
  const Chip chip = test::chip_named("h100_sxm");
  const auto wave = workload_of("acoustic_so8", "{x: 2, y: 2, z: 2}", kStack);
  CHECK(wave->engine().vector);
  CHECK(wave->engine().precision == Precision::kFp32);
  const Program program = wave->program(chip);
  // Four layers of a face of 512², one field: 4.2 MB a face; each box has three neighbours.
  CHECK(sums_of(program).sent.at("z") == 4 * 4 * 512 * 512);
  CHECK(sums_of(program).model_flops == doctest::Approx(33.0 * 512 * 512 * 512));
  CHECK(sums_of(program).hbm == doctest::Approx(16.0 * 512 * 512 * 512));

  const auto weather = workload_of("cosmo_1.9km", "{x: 8, y: 8}", kStack);
  CHECK(weather->engine().precision == Precision::kFp64);
  CHECK(sums_of(weather->program(chip)).model_flops == doctest::Approx((3 * 96 + 130) * 2250.0 * 1000 * 60));
  CHECK(sums_of(weather->program(chip)).sent.at("x") == 2 * 8 * 4 * 2 * 1000 * 60);
}

TEST_CASE("the roofline: a stage that does little with what it reads lasts as its bytes take") {
  const Chip chip = test::chip_named("h100_sxm");
  const auto wave = workload_of("acoustic_so8", "{cells: [512, 512, 512]}", kStack);
  const double seconds = sums_of(wave->program(chip)).compute.in_seconds();
  const double bytes = 16.0 * 512 * 512 * 512 / (chip.hbm.bandwidth.as_double() * chip.hbm.efficiency);
  CHECK(seconds == doctest::Approx(bytes).epsilon(0.01));
}

TEST_CASE("plans that a grid can't follow are refused at the key") {
  const auto said = [](const std::string& model, const std::string& plan) {
    return test::input_error([&] { return workload_of(model, plan, kStack); });
  };
  CHECK(said("cosmo_1.9km", "{z: 2}").find("sweeps along z: it isn't shared out") != std::string::npos);
  CHECK(said(star(), "{y: 40}").find("48 cells along y make no boxes of 2 or more for 40 ranks") != std::string::npos);
  CHECK(said(star(), "{tensor: 2}").find("has no key 'tensor'") != std::string::npos);
  CHECK(said(star(), "{data: 2, batch: 3}").find("3 copies can't be split evenly over data 2") != std::string::npos);
}
