// Deals out tables and writes the step of each kind of rank.
#include "workloads/families/dlrm/step.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>

namespace orrery::dlrm {
namespace {

constexpr std::int64_t kRowElement = 4;  // fp32
constexpr std::int64_t kIndexBytes = 8;
constexpr std::int64_t kHbmSector = 64;  // that one access moves at least
constexpr std::uint32_t kRanksDimension = 0;
constexpr step::Stream kEmbedding = step::own_stream(0);

// What a rank holds of the tables.
struct Holding {
  std::int64_t tables = 0;
  std::int64_t lookups = 0;  // of a sample; row-wise of all ranks together
  friend auto operator<=>(const Holding&, const Holding&) = default;
};

class RankWriter {
 public:
  RankWriter(const Recommender& model, const Spread& spread, step::Draft& draft, Holding held, std::int64_t most_tables)
      : model_(&model),
        spread_(&spread),
        stack_(&draft.stack()),
        ranks_(draft.groups().data),
        held_(held),
        most_tables_(most_tables),
        samples_(spread.parallel.samples_a_rank()),
        tape_(draft, draft.groups().data ? spread.parallel.buckets(draft.stack()) : std::nullopt) {}

  step::Tape write() {
    tape_.phase(Phase::kForward);
    tape_.part("embeddings");
    tape_.wait(tape_.collective(kEmbedding, CollectiveKind::kAllToAll, ranks_,
                                Bytes(kIndexBytes * samples_ * model_->lookups()), "indices"));
    look_up();
    const step::Mark pooled = exchange(true);
    tape_.part("bottom");
    forward(model_->bottom);
    tape_.wait(pooled);
    interact();
    tape_.part("top");
    forward(model_->top);
    tape_.run(stream("loss", elements(samples_), elements(samples_)));
    tape_.phase(Phase::kBackward);
    backward(model_->top, true);
    interact_backward();
    tape_.part("embeddings");
    const step::Mark gradients = exchange(false);
    tape_.part("bottom");
    backward(model_->bottom, false);
    tape_.wait(gradients);
    update_rows();
    update_by_momentum(tape_, spread_->parallel, *stack_, model_->dense_weights());
    return tape_.finish();
  }

 private:
  [[nodiscard]] Bytes elements(std::int64_t count) const { return size_of(stack_->compute) * count; }
  [[nodiscard]] std::int64_t vectors() const { return model_->vectors(); }
  [[nodiscard]] bool by_rows() const { return spread_->sharding == Sharding::kRowWise; }
  // Of all samples, that this rank makes: of its tables, or of all.
  [[nodiscard]] std::int64_t lookups_here() const {
    const std::int64_t all = spread_->parallel.batch * held_.lookups;
    return by_rows() ? divide(all, spread_->parallel.data, Rounding::kUp) : all;
  }
  [[nodiscard]] std::int64_t pooled_here() const { return spread_->parallel.batch * held_.tables; }
  [[nodiscard]] Bytes row() const {
    return Bytes(divide(Int128{kRowElement} * model_->dim, kHbmSector, Rounding::kUp) * kHbmSector);
  }

  void look_up() {
    tape_.run(stream("look up rows", row() * lookups_here() + Bytes(kIndexBytes * lookups_here()),
                     elements(pooled_here() * model_->dim)));
  }
  void update_rows() {
    tape_.phase(Phase::kOptimizer);
    tape_.part("embeddings");
    tape_.run(
        stream("update rows", row() * lookups_here() + elements(pooled_here() * model_->dim), row() * lookups_here()));
  }

  // Pooled vectors forward, their gradients backward.
  step::Mark exchange(bool forwards) {
    const char* name = forwards ? "pooled embeddings" : "embedding gradients";
    if (!by_rows())
      return tape_.collective(kEmbedding, CollectiveKind::kAllToAll, ranks_,
                              elements(spread_->parallel.batch * most_tables_ * model_->dim), name);
    return tape_.collective(kEmbedding, forwards ? CollectiveKind::kReduceScatter : CollectiveKind::kAllGather, ranks_,
                            elements(pooled_here() * model_->dim), name);
  }

  void interact() {
    tape_.part("interaction");
    tape_.run(matrix_product("pairs", stack_->compute, samples_, vectors(), vectors(), model_->dim));
    tape_.run(stream("gather pairs", elements(samples_ * (vectors() * vectors() + model_->dim)),
                     elements(samples_ * model_->top.widths.front())));
  }
  void interact_backward() {
    tape_.part("interaction");
    tape_.run(stream("scatter pairs", elements(samples_ * model_->top.widths.front()),
                     elements(samples_ * (vectors() * vectors() + model_->dim))));
    // Of either operand: they are the same vectors, so the product runs twice.
    for (const char* name : {"pairs, left gradient", "pairs, right gradient"})
      tape_.run(matrix_product(name, stack_->compute, samples_, vectors(), model_->dim, vectors()));
  }

  void forward(const Perceptron& perceptron) {
    for (std::size_t l = 0; l + 1 < perceptron.widths.size(); ++l) {
      const std::int64_t out = perceptron.widths[l + 1];
      tape_.run(matrix_product("linear", stack_->compute, 1, samples_, out, perceptron.widths[l]));
      tape_.run(stream("bias, ReLU", elements(samples_ * out), elements(samples_ * out)));
    }
  }
  void backward(const Perceptron& perceptron, bool to_input) {
    for (std::size_t l = perceptron.widths.size() - 1; l-- > 0;) {
      const std::int64_t in = perceptron.widths[l];
      const std::int64_t out = perceptron.widths[l + 1];
      tape_.run(stream("bias, ReLU backward", elements(2 * samples_ * out), elements(samples_ * out)));
      tape_.run(matrix_product("linear, weight gradient", stack_->compute, 1, in, out, samples_));
      if (l > 0 || to_input) tape_.run(matrix_product("linear, input gradient", stack_->compute, 1, samples_, in, out));
      tape_.gradients_ready((in + 1) * out);
    }
  }

  const Recommender* model_;
  const Spread* spread_;
  const Stack* stack_;
  std::optional<GroupSpecId> ranks_;
  Holding held_;
  std::int64_t most_tables_;
  std::int64_t samples_;
  step::TapeWriter tape_;
};

std::vector<Holding> holdings(const Recommender& model, const Spread& spread) {
  const std::int64_t ranks = spread.parallel.data;
  const auto all = static_cast<std::int64_t>(model.tables.size());
  if (spread.sharding == Sharding::kRowWise)
    return std::vector<Holding>(static_cast<std::size_t>(ranks), Holding{all, model.lookups()});
  std::vector<Holding> held;
  for (const std::vector<std::size_t>& tables : deal_out(model, ranks)) {
    Holding& one = held.emplace_back();
    for (const std::size_t t : tables) one.lookups += model.tables[t].pooling;
    one.tables = static_cast<std::int64_t>(tables.size());
  }
  return held;
}

}  // namespace

std::vector<std::vector<std::size_t>> deal_out(const Recommender& model, std::int64_t ranks) {
  const std::size_t tables = model.tables.size();
  std::vector<std::size_t> order(tables);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return model.tables[a].rows > model.tables[b].rows; });
  const auto room = static_cast<std::size_t>(divide(static_cast<std::int64_t>(tables), ranks, Rounding::kUp));
  std::vector<std::vector<std::size_t>> dealt(static_cast<std::size_t>(ranks));
  std::vector<std::int64_t> rows(static_cast<std::size_t>(ranks), 0);
  for (const std::size_t t : order) {
    std::size_t best = rows.size();
    for (std::size_t r = 0; r < rows.size(); ++r)
      if (dealt[r].size() < room && (best == rows.size() || rows[r] < rows[best])) best = r;
    dealt[best].push_back(t);
    rows[best] += model.tables[t].rows;
  }
  return dealt;
}

Program write_step(const Recommender& model, const Spread& spread, const Stack& stack, const Chip& chip) {
  Grid grid;
  grid.dimensions = {{"data", static_cast<std::uint32_t>(spread.parallel.data)}};
  step::Draft draft(std::move(grid), {"embedding"}, stack, chip);
  draft.reduce_buckets_over(draft.group("data", {kRanksDimension}));
  const std::vector<Holding> held = holdings(model, spread);
  std::int64_t most_tables = 0;
  for (const Holding& one : held) most_tables = std::max(most_tables, one.tables);
  std::map<Holding, std::uint32_t> roles;
  for (const Holding& one : held) {
    if (!roles.emplace(one, static_cast<std::uint32_t>(roles.size())).second) continue;
    step::Tape tape = RankWriter(model, spread, draft, one, most_tables).write();
    draft.add(
        {spread.sharding == Sharding::kRowWise ? "rank" : fmt::format("{} tables, {} lookups", one.tables, one.lookups),
         std::move(tape.ops), std::move(tape.waits)});
  }
  return draft.finish([&](const Grid&, RankId rank) { return roles.at(held[rank.index()]); });
}

MemoryUse memory_of(const Recommender& model, const Spread& spread, const Stack& stack, const Chip& chip) {
  const std::int64_t ranks = spread.parallel.data;
  std::int64_t rows = divide(model.rows(), ranks, Rounding::kUp);
  auto tables = static_cast<std::int64_t>(model.tables.size());
  if (spread.sharding == Sharding::kTableWise) {
    rows = tables = 0;
    for (const std::vector<std::size_t>& own : deal_out(model, ranks)) {
      std::int64_t here = 0;
      for (const std::size_t t : own) here += model.tables[t].rows;
      rows = std::max(rows, here);
      tables = std::max(tables, static_cast<std::int64_t>(own.size()));
    }
  }
  const std::int64_t samples = spread.parallel.samples_a_rank();
  std::int64_t widths = 0;
  for (const Perceptron* one : {&model.bottom, &model.top})
    for (const std::int64_t width : one->widths) widths += width;
  const std::int64_t vectors = model.vectors();
  MemoryUse use;
  use.capacity = chip.hbm.capacity;
  use.categories = momentum_memory(stack, model.dense_weights());
  use.categories.insert(use.categories.begin(), {"tables", Bytes(kRowElement * rows * model.dim)});
  use.categories.push_back(
      {"activations", size_of(stack.compute) * (samples * (widths + vectors * vectors + (vectors - 1) * model.dim))});
  use.categories.push_back(
      {"buffers", size_of(stack.compute) * (spread.parallel.batch * tables * model.dim) * 2 + spread.parallel.bucket});
  return use;
}

}  // namespace orrery::dlrm
