// Recurrent networks: LSTM layers token after token, data parallel and in a wavefront over stages of layers.
#include "workloads/family.h"

#include <fmt/format.h>

#include "workloads/families/rnn/step.h"

namespace orrery::rnn {
namespace {

// Cells of a step on one rank: some gigabytes of kernels.
constexpr std::int64_t kMostCells = std::int64_t{1} << 21U;
constexpr std::int64_t kLongestSequence = std::int64_t{1} << 20U;

class RecurrentNetwork : public Workload {
 public:
  RecurrentNetwork(Recurrence model, Shares shares, const Stack& stack, std::vector<std::string> warnings)
      : Workload("rnn", model.name, model.source, stack),
        model_(std::move(model)),
        shares_(shares),
        warnings_(std::move(warnings)) {}

  [[nodiscard]] std::int64_t parameters() const override { return model_.parameters(); }
  [[nodiscard]] std::int64_t samples() const override { return shares_.parallel.batch * shares_.tokens; }
  [[nodiscard]] std::string_view sample() const override { return "token"; }
  [[nodiscard]] std::int64_t chips() const override { return shares_.pipeline * shares_.parallel.data; }
  [[nodiscard]] std::vector<PlanEntry> plan() const override {
    std::vector<PlanEntry> entries = {{"data", shares_.parallel.data},
                                      {"pipeline", shares_.pipeline},
                                      {"batch", shares_.parallel.batch},
                                      {"sequence", shares_.tokens}};
    if (shares_.pipeline > 1) entries.push_back({"chunk", shares_.chunk});
    return entries;
  }
  [[nodiscard]] std::optional<Growth> growth() const override {
    return Growth{shares_.parallel.data, shares_.parallel.batch};
  }
  [[nodiscard]] std::vector<std::string> warnings() const override { return warnings_; }
  [[nodiscard]] Program program(const Chip& chip) const override { return write_step(model_, shares_, stack(), chip); }
  [[nodiscard]] MemoryUse memory(const Chip& chip) const override { return memory_of(model_, shares_, stack(), chip); }

 private:
  Recurrence model_;
  Shares shares_;
  std::vector<std::string> warnings_;
};

std::shared_ptr<const Workload> read(const yaml::Node& node, const yaml::Node& plan, const Stack& stack) {
  Recurrence model = read_recurrence(node);
  PlanKeys keys(plan);
  Shares shares;
  shares.parallel = DataParallel::read(keys, "sequence");
  shares.pipeline = keys.integer("pipeline", 1, 1, kMostFamilyRanks);
  shares.tokens = keys.required("sequence", 1, kLongestSequence);
  shares.chunk = keys.integer("chunk", 1, 1, kLongestSequence);
  keys.finish();
  const auto layers = static_cast<std::int64_t>(model.layers.size());
  if (layers % shares.pipeline != 0)
    keys.fail("pipeline", fmt::format("{} layers can't be dealt out evenly to {} stages", layers, shares.pipeline));
  if (shares.tokens % shares.chunk != 0)
    keys.fail("chunk", fmt::format("{} tokens don't fall into chunks of {}", shares.tokens, shares.chunk));
  if (shares.tokens * layers > kMostCells)
    keys.fail("sequence",
              fmt::format("{} tokens × {} layers are more than {} cells", shares.tokens, layers, kMostCells));
  const Int128 widest = static_cast<Int128>(shares.parallel.samples_a_rank()) * shares.tokens *
                        std::max(model.vocab, 8 * model.hidden * layers);
  if (widest > (Int128{1} << 54U)) keys.fail("batch", "so many sequences are larger than anything holds");
  if (shares.pipeline == 1) keys.idle("chunk", "there is only one stage: no messages are sent");
  if (shares.parallel.data == 1)
    for (const char* key : {"overlap_gradients", "bucket"})
      keys.idle(key, "there is only one replica: no gradients are reduced");
  return std::make_shared<const RecurrentNetwork>(std::move(model), shares, stack, keys.warnings());
}

const Families::Entry kRnn{{"rnn", "LSTM layers, token after token: data parallel, in a wavefront over pipeline stages",
                            &read, [](const yaml::Node& model) { return read_recurrence(model).parameters(); }}};

}  // namespace
}  // namespace orrery::rnn
