// Recommendation models: embedding tables shared out over all ranks, perceptrons data parallel.
#include "workloads/family.h"

#include <fmt/format.h>

#include "workloads/families/dlrm/step.h"

namespace orrery::dlrm {
namespace {

class RecommendationModel : public Workload {
 public:
  RecommendationModel(Recommender model, Spread spread, const Stack& stack, std::vector<std::string> warnings)
      : Workload("dlrm", model.name, model.source, stack),
        model_(std::move(model)),
        spread_(spread),
        warnings_(std::move(warnings)) {}

  [[nodiscard]] std::int64_t parameters() const override { return model_.parameters(); }
  [[nodiscard]] std::int64_t samples() const override { return spread_.parallel.batch; }
  [[nodiscard]] std::string_view sample() const override { return "sample"; }
  [[nodiscard]] std::int64_t chips() const override { return spread_.parallel.data; }
  [[nodiscard]] std::vector<PlanEntry> plan() const override {
    const bool by_rows = spread_.sharding == Sharding::kRowWise;
    return {{"data", spread_.parallel.data},
            {"batch", spread_.parallel.batch},
            {"sharding", by_rows ? "tables shared out row by row" : "whole tables on ranks"}};
  }
  [[nodiscard]] std::optional<Growth> growth() const override {
    return Growth{spread_.parallel.data, spread_.parallel.batch};
  }
  [[nodiscard]] std::vector<std::string> warnings() const override { return warnings_; }
  [[nodiscard]] Program program(const Chip& chip) const override { return write_step(model_, spread_, stack(), chip); }
  [[nodiscard]] MemoryUse memory(const Chip& chip) const override { return memory_of(model_, spread_, stack(), chip); }

 private:
  Recommender model_;
  Spread spread_;
  std::vector<std::string> warnings_;
};

std::shared_ptr<const Workload> read(const yaml::Node& node, const yaml::Node& plan, const Stack& stack) {
  Recommender model = read_recommender(node);
  PlanKeys keys(plan);
  Spread spread;
  spread.parallel = DataParallel::read(keys, "sample");
  spread.sharding = static_cast<Sharding>(keys.choice("sharding", "sharding of tables", {"table_wise", "row_wise"}));
  keys.finish();
  const auto tables = static_cast<std::int64_t>(model.tables.size());
  if (spread.sharding == Sharding::kTableWise && spread.parallel.data > tables)
    keys.fail("data",
              fmt::format("{} tables can't be dealt out to {} ranks, one each at least", tables, spread.parallel.data),
              {"sharding: row_wise shares out every table's rows"});
  if (static_cast<Int128>(spread.parallel.batch) * model.lookups() * (model.dim + 1) * 8 > (Int128{1} << 54U))
    keys.fail("batch", "the embeddings of so many samples are larger than anything holds");
  if (spread.parallel.data == 1)
    for (const char* key : {"overlap_gradients", "bucket", "sharding"})
      keys.idle(key, "there is only one rank: nothing is exchanged");
  return std::make_shared<const RecommendationModel>(std::move(model), spread, stack, keys.warnings());
}

const Families::Entry kDlrm{
    {"dlrm", "recommendation models: embedding tables shared out with all-to-alls, perceptrons data parallel", &read,
     [](const yaml::Node& model) { return read_recommender(model).parameters(); }}};

}  // namespace
}  // namespace orrery::dlrm
