// Reads a finite-difference model.
#include "workloads/families/stencil/model.h"

#include <fmt/format.h>

namespace orrery::stencil {
namespace {

constexpr std::int64_t kMostCellsAlong = std::int64_t{1} << 24U;
constexpr Int128 kMostCells = Int128{1} << 48U;
constexpr std::int64_t kMostFields = 10'000;
constexpr std::int64_t kMostStages = 1'000;
constexpr std::int64_t kWidestHalo = 64;
constexpr double kMostFlops = 1e9;

std::array<bool, kAxes> read_axes(yaml::Map& map, std::string_view key) {
  std::array<bool, kAxes> named{};
  if (const auto node = map.optional(key))
    for (const yaml::Node& item : node->items())
      named[item.choice("dimension", {kAxisNames.begin(), kAxisNames.end()})] = true;
  return named;
}

std::int64_t optional_integer(yaml::Map& map, std::string_view key, std::int64_t otherwise, std::int64_t least,
                              std::int64_t most) {
  const auto node = map.optional(key);
  return node ? node->integer(least, most) : otherwise;
}

Stage read_stage(const yaml::Node& node) {
  yaml::Map map(node, "a stage");
  Stage stage;
  stage.name = map.required("name").text();
  stage.times = optional_integer(map, "times", 1, 1, kMostStages);
  stage.flops = map.required("flops").number(0, kMostFlops);
  stage.reads = map.required("reads").integer(0, kMostFields);
  stage.writes = map.required("writes").integer(1, kMostFields);
  stage.halo = optional_integer(map, "halo", 0, 0, kWidestHalo);
  stage.exchanged = optional_integer(map, "exchanged", 0, 0, kMostFields);
  map.finish();
  if ((stage.halo == 0) != (stage.exchanged == 0))
    node.fail("a halo of some cells and fields that are exchanged go together: give both or neither");
  return stage;
}

}  // namespace

double Scheme::flops_a_cell() const {
  double sum = 0;
  for (const Stage& stage : stages) sum += static_cast<double>(stage.times) * stage.flops;
  return sum;
}

Extent3 read_cells(const yaml::Node& node) {
  const std::vector<yaml::Node> items = node.items();
  if (items.size() != kAxes) node.fail("cells are counted along three dimensions: [x, y, z]");
  Extent3 cells{};
  Int128 all = 1;
  for (std::size_t d = 0; d < kAxes; ++d) all *= cells[d] = items[d].integer(1, kMostCellsAlong);
  if (all > kMostCells) node.fail("more than 2⁴⁸ cells");
  return cells;
}

Scheme read_scheme(const yaml::Node& model) {
  yaml::Map map(model, "a model of the family 'stencil'");
  static_cast<void>(map.required("family"));
  Scheme scheme;
  scheme.name = map.required("name").text();
  scheme.source = map.required("source").text();
  scheme.grid = read_cells(map.required("grid"));
  scheme.periodic = read_axes(map, "periodic");
  scheme.whole = read_axes(map, "whole");
  scheme.precision =
      map.required("precision").choice("precision", {"fp32", "fp64"}) == 0 ? Precision::kFp32 : Precision::kFp64;
  scheme.fields = map.required("fields").integer(1, kMostFields);
  const yaml::Node stages = map.required("stages");
  for (const yaml::Node& stage : stages.items()) scheme.stages.push_back(read_stage(stage));
  std::int64_t times = 0;
  for (const Stage& stage : scheme.stages) times += stage.times;
  if (scheme.stages.empty() || times > kMostStages)
    stages.fail(fmt::format("a time step has 1 to {} stages, sub-steps counted", kMostStages));
  map.finish();
  return scheme;
}

}  // namespace orrery::stencil
