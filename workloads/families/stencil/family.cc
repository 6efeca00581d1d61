// Finite differences on a grid: weather, waves; boxes of cells on ranks, halos exchanged each stage.
#include "workloads/family.h"

#include <fmt/format.h>

#include "workloads/families/plan_keys.h"
#include "workloads/families/stencil/step.h"

namespace orrery::stencil {
namespace {

constexpr std::int64_t kMostCopiesInTurn = 1024;

class GridModel : public Workload {
 public:
  GridModel(Scheme scheme, const Boxes& boxes, const Stack& stack, std::vector<std::string> warnings)
      : Workload("stencil", scheme.name, scheme.source, stack),
        scheme_(std::move(scheme)),
        boxes_(boxes),
        warnings_(std::move(warnings)) {}

  [[nodiscard]] std::int64_t parameters() const override { return 0; }
  [[nodiscard]] std::int64_t samples() const override {
    return boxes_.cells[0] * boxes_.cells[1] * boxes_.cells[2] * boxes_.batch;
  }
  [[nodiscard]] std::string_view sample() const override { return "cell"; }
  [[nodiscard]] std::int64_t chips() const override { return boxes_.ranks_in_all(); }
  [[nodiscard]] Engine engine() const override { return {true, scheme_.precision}; }
  [[nodiscard]] std::vector<PlanEntry> plan() const override {
    std::vector<PlanEntry> entries;
    for (std::size_t d = 0; d < kAxes; ++d) entries.push_back({kAxisNames[d], boxes_.ranks[d]});
    const Extent3 box = boxes_.box();
    entries.push_back({"cells", fmt::format("{} × {} × {} cells", boxes_.cells[0], boxes_.cells[1], boxes_.cells[2])});
    entries.push_back({"box", fmt::format("{} × {} × {} a rank", box[0], box[1], box[2])});
    if (boxes_.batch > 1) {
      entries.push_back({"data", boxes_.data});
      entries.push_back({"batch", boxes_.batch});
    }
    entries.push_back({"overlap", boxes_.overlap ? "halos beside the inside" : "halos first"});
    return entries;
  }
  [[nodiscard]] std::optional<Growth> growth() const override { return Growth{boxes_.data, boxes_.batch}; }
  [[nodiscard]] std::vector<std::string> warnings() const override { return warnings_; }
  [[nodiscard]] Program program(const Chip& chip) const override { return write_step(scheme_, boxes_, stack(), chip); }
  [[nodiscard]] MemoryUse memory(const Chip& chip) const override { return memory_of(scheme_, boxes_, chip); }

 private:
  Scheme scheme_;
  Boxes boxes_;
  std::vector<std::string> warnings_;
};

void check_boxes(const Scheme& scheme, const Boxes& boxes, const PlanKeys& keys) {
  const Extent3 box = boxes.box();
  std::int64_t widest = 0;
  for (const Stage& stage : scheme.stages) widest = std::max(widest, stage.halo);
  for (std::size_t d = 0; d < kAxes; ++d) {
    if (boxes.ranks[d] == 1) continue;
    const std::string axis = kAxisNames[d];
    if (scheme.whole[d])
      keys.fail(axis, fmt::format("{} runs sweeps along {}: it isn't shared out", scheme.name, axis));
    // The last box must hold something, and each a neighbour's halo.
    if (boxes.cells[d] - (boxes.ranks[d] - 1) * box[d] < std::max<std::int64_t>(1, widest))
      keys.fail(axis, fmt::format("{} cells along {} make no boxes of {} or more for {} ranks", boxes.cells[d], axis,
                                  std::max<std::int64_t>(1, widest), boxes.ranks[d]));
  }
  if (static_cast<Int128>(box[0]) * box[1] * box[2] * scheme.fields * 8 > (Int128{1} << 54U))
    keys.fail("cells", "a box's fields are larger than anything holds");
}

std::shared_ptr<const Workload> read(const yaml::Node& model, const yaml::Node& plan, const Stack& stack) {
  Scheme scheme = read_scheme(model);
  PlanKeys keys(plan);
  Boxes boxes;
  boxes.cells = scheme.grid;
  if (const auto cells = keys.find("cells")) boxes.cells = read_cells(*cells);
  for (std::size_t d = 0; d < kAxes; ++d) boxes.ranks[d] = keys.integer(kAxisNames[d], 1, 1, kMostFamilyRanks);
  boxes.data = keys.integer("data", 1, 1, kMostFamilyRanks);
  boxes.batch = keys.integer("batch", boxes.data, 1, kMostFamilyRanks * kMostCopiesInTurn);
  boxes.overlap = keys.boolean("overlap", true);
  keys.finish();
  if (boxes.batch % boxes.data != 0)
    keys.fail("batch", fmt::format("{} copies can't be split evenly over data {}", boxes.batch, boxes.data));
  if (boxes.batch / boxes.data > kMostCopiesInTurn)
    keys.fail("batch", fmt::format("more than {} copies one after another", kMostCopiesInTurn));
  check_boxes(scheme, boxes, keys);
  if (boxes.ranks == Extent3{1, 1, 1}) keys.idle("overlap", "one box holds the whole domain");
  return std::make_shared<const GridModel>(std::move(scheme), boxes, stack, keys.warnings());
}

const Families::Entry kStencil{{"stencil",
                                "finite differences on a grid (weather, waves): boxes of cells, halos exchanged", &read,
                                [](const yaml::Node& model) {
                                  static_cast<void>(read_scheme(model));
                                  return std::int64_t{0};
                                }}};

}  // namespace
}  // namespace orrery::stencil
