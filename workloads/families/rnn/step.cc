// Writes each stage's waves forward, then backward, then the update.
#include "workloads/families/rnn/step.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace orrery::rnn {
namespace {

constexpr std::uint32_t kPipelineDimension = 0;
constexpr std::uint32_t kReplicaDimension = 1;
constexpr std::int64_t kScoreBytes = 4;

// Layers of one stage that run token by token with each other: [first, last) of all the model's.
struct Wave {
  std::size_t first = 0;
  std::size_t last = 0;
};

class StageTape {
 public:
  StageTape(const Recurrence& model, const Shares& shares, step::Draft& draft, std::int64_t stage)
      : layers_(model.layers),
        model_(&model),
        shares_(&shares),
        stack_(&draft.stack()),
        batch_(shares.parallel.samples_a_rank()),
        own_(layers_.size() / static_cast<std::size_t>(shares.pipeline)),
        first_(own_ * static_cast<std::size_t>(stage)),
        tape_(draft, draft.groups().data ? shares.parallel.buckets(draft.stack()) : std::nullopt) {
    for (std::size_t l = first_; l < first_ + own_; ++l)
      if (l == first_ || layers_[l].waits) {
        waves_.push_back({l, l + 1});
      } else {
        waves_.back().last = l + 1;
      }
  }

  step::Tape write() {
    tape_.phase(Phase::kForward);
    for (const Wave& wave : waves_) forward(wave);
    if (layers_[first_ + own_ - 1].ends) head();
    tape_.phase(Phase::kBackward);
    for (std::size_t w = waves_.size(); w-- > 0;) backward(waves_[w]);
    update_by_momentum(tape_, shares_->parallel, *stack_, weights());
    return tape_.finish();
  }

  [[nodiscard]] std::int64_t weights() const {
    std::int64_t sum = layers_[first_ + own_ - 1].ends ? model_->head_weights() : 0;
    for (std::size_t l = first_; l < first_ + own_; ++l) sum += layers_[l].cell_weights() + layers_[l].extra_weights;
    return sum;
  }

  // Elements kept for the backward pass.
  [[nodiscard]] std::int64_t kept() const {
    std::int64_t sum = 0;
    for (std::size_t l = first_; l < first_ + own_; ++l)
      sum += batch_ * shares_->tokens *
             (6 * layers_[l].directions * layers_[l].hidden + (layers_[l].embeds ? layers_[l].hidden : 0));
    return sum;
  }

 private:
  [[nodiscard]] Bytes elements(std::int64_t count) const { return size_of(stack_->compute) * count; }
  [[nodiscard]] bool first_stage() const { return first_ == 0; }
  [[nodiscard]] bool last_stage() const { return first_ + own_ == layers_.size(); }
  [[nodiscard]] std::int64_t rows() const { return batch_ * shares_->tokens; }

  void label(std::size_t l) {
    tape_.part(layers_[l].stack);
    tape_.layer(static_cast<std::int32_t>(l));
  }

  // A message of `tokens` tokens of layer `below`'s output, or of its gradient.
  void send(std::size_t below, std::int64_t tokens, bool up) { pass(below, tokens, up, true); }
  step::Mark receive(std::size_t below, std::int64_t tokens, bool up) { return pass(below, tokens, up, false); }
  step::Mark pass(std::size_t below, std::int64_t tokens, bool up, bool sends) {
    return tape_.exchange({.dimension = kPipelineDimension,
                           .delta = up ? 1 : -1,
                           .bytes = elements(batch_ * tokens * layers_[below].sent),
                           .channel = up ? step::kActivationChannel : step::kGradientChannel,
                           .send = step::Stream::kSend,
                           .receive = step::Stream::kReceive,
                           .sends = sends,
                           .receives = !sends},
                          up ? "outputs" : "gradients");
  }
  // Chunk by chunk, each received while the one before is computed, and sent while the next one is.
  template <class Compute>
  void play_chunks(std::optional<std::size_t> from, std::optional<std::size_t> to, bool up, const Compute& compute) {
    step::Mark next = from ? receive(*from, shares_->chunk, up) : std::nullopt;
    for (std::int64_t t = 0; t < shares_->tokens; t += shares_->chunk) {
      const step::Mark now = next;
      if (from && t + shares_->chunk < shares_->tokens) next = receive(*from, shares_->chunk, up);
      tape_.wait(now);
      for (std::int64_t c = 0; c < shares_->chunk; ++c) compute();
      if (to) send(*to, shares_->chunk, up);
    }
  }

  void forward(const Wave& wave) {
    const bool from_below = wave.first == first_ && !first_stage();
    const bool joins = from_below && !layers_[wave.first].waits;
    const bool to_above = wave.last == first_ + own_ && !last_stage();
    const bool joined = to_above && !layers_[wave.last].waits;
    label(wave.first);
    if (from_below && !joins) tape_.wait(receive(wave.first - 1, shares_->tokens, true));
    enter(wave.first);
    play_chunks(joins ? std::optional(wave.first - 1) : std::nullopt,
                joined ? std::optional(wave.last - 1) : std::nullopt, true, [&] {
                  for (std::size_t l = wave.first; l < wave.last; ++l) cell(l);
                });
    if (to_above && !joined) send(wave.last - 1, shares_->tokens, true);
  }

  void backward(const Wave& wave) {
    const bool from_below = wave.first == first_ && !first_stage();
    const bool joins = from_below && !layers_[wave.first].waits;
    const bool to_above = wave.last == first_ + own_ && !last_stage();
    const bool joined = to_above && !layers_[wave.last].waits;
    label(wave.last - 1);
    if (to_above && !joined) tape_.wait(receive(wave.last - 1, shares_->tokens, false));
    play_chunks(joined ? std::optional(wave.last - 1) : std::nullopt,
                joins ? std::optional(wave.first - 1) : std::nullopt, false, [&] {
                  for (std::size_t l = wave.last; l-- > wave.first;) cell_backward(l);
                });
    leave(wave.first);
    // Who stands below waits for it; for the weights' own gradients nobody does.
    if (from_below && !joins) send(wave.first - 1, shares_->tokens, false);
    for (std::size_t l = wave.last; l-- > wave.first;) weight_gradients(l);
  }

  // Before a wave: tokens are looked up, attention's keys made of what was received.
  void enter(std::size_t l) {
    const LstmLayer& layer = layers_[l];
    if (layer.embeds)
      tape_.run(stream("look up tokens", elements(rows() * layer.hidden), elements(rows() * layer.hidden)));
    if (layer.attends) tape_.run(product("keys", rows(), layer.hidden, layer.hidden));
  }
  void leave(std::size_t l) {
    const LstmLayer& layer = layers_[l];
    label(l);
    if (layer.attends) {
      tape_.run(product("keys, input gradient", rows(), layer.hidden, layer.hidden));
      tape_.run(product("keys, weight gradient", layer.hidden, layer.hidden, rows()));
    }
    if (layer.embeds)
      tape_.run(stream("add to embedding", elements(rows() * layer.hidden),
                       size_of(stack_->gradient) * (rows() * layer.hidden)));
  }

  void cell(std::size_t l) {
    const LstmLayer& layer = layers_[l];
    label(l);
    if (layer.attends) {
      tape_.run(product("query", batch_, layer.hidden, layer.hidden));
      tape_.run(attention("attention", 1));
    }
    const std::int64_t gates = layer.directions * batch_ * layer.hidden;
    tape_.run(product("cell", batch_, 4 * layer.hidden, layer.in + layer.hidden, layer.directions));
    tape_.run(stream("gates", elements(5 * gates), elements(6 * gates)));
  }

  void cell_backward(std::size_t l) {
    const LstmLayer& layer = layers_[l];
    label(l);
    const std::int64_t gates = layer.directions * batch_ * layer.hidden;
    tape_.run(stream("gates backward", elements(8 * gates), elements(5 * gates)));
    tape_.run(product("cell, input gradient", batch_, layer.in + layer.hidden, 4 * layer.hidden, layer.directions));
    if (!layer.attends) return;
    tape_.run(attention("attention backward", 2));
    tape_.run(product("query, input gradient", batch_, layer.hidden, layer.hidden));
  }

  void weight_gradients(std::size_t l) {
    const LstmLayer& layer = layers_[l];
    label(l);
    tape_.run(product("cell, weight gradient", layer.in + layer.hidden, 4 * layer.hidden, rows(), layer.directions));
    if (layer.attends) tape_.run(product("query, weight gradient", layer.hidden, layer.hidden, rows()));
    tape_.gradients_ready(layer.cell_weights() + layer.extra_weights);
  }

  void head() {
    tape_.split();  // a part of its own in traces
    tape_.part("head");
    tape_.layer(-1);
    const Bytes scores(kScoreBytes * rows() * model_->vocab);
    tape_.run(product("vocabulary", rows(), model_->vocab, model_->hidden));
    tape_.run(stream("loss", scores, scores));
    tape_.phase(Phase::kBackward);
    tape_.run(product("vocabulary, input gradient", rows(), model_->hidden, model_->vocab));
    tape_.run(product("vocabulary, weight gradient", model_->hidden, model_->vocab, rows()));
    tape_.gradients_ready(model_->head_weights());
  }

  [[nodiscard]] Kernel product(std::string name, std::int64_t m, std::int64_t n, std::int64_t k,
                               std::int64_t batch = 1) const {
    return matrix_product(std::move(name), stack_->compute, batch, m, n, k);
  }
  // Of a token's query with all keys and values of its sequence, each read once; twice as much backward.
  [[nodiscard]] Kernel attention(std::string name, std::int64_t times) const {
    const std::int64_t keys = batch_ * shares_->tokens * model_->hidden;
    Kernel kernel = stream(std::move(name), elements(2 * times * keys), elements(batch_ * model_->hidden));
    kernel.vector_flops = FlopCount(6.0 * static_cast<double>(times) * static_cast<double>(keys));
    return kernel;
  }

  std::span<const LstmLayer> layers_;
  const Recurrence* model_;
  const Shares* shares_;
  const Stack* stack_;
  std::int64_t batch_;
  std::size_t own_;
  std::size_t first_;
  std::vector<Wave> waves_;
  step::TapeWriter tape_;
};

step::Draft draft_of(const Shares& shares, const Stack& stack, const Chip& chip) {
  Grid grid;
  grid.dimensions = {{"pipeline", static_cast<std::uint32_t>(shares.pipeline)},
                     {"data", static_cast<std::uint32_t>(shares.parallel.data)}};
  step::Draft draft(std::move(grid), {}, stack, chip);
  draft.reduce_buckets_over(draft.group("data", {kReplicaDimension}));
  return draft;
}

}  // namespace

Program write_step(const Recurrence& model, const Shares& shares, const Stack& stack, const Chip& chip) {
  step::Draft draft = draft_of(shares, stack, chip);
  for (std::int64_t stage = 0; stage < shares.pipeline; ++stage) {
    step::Tape tape = StageTape(model, shares, draft, stage).write();
    draft.add({fmt::format("stage {}", stage), std::move(tape.ops), std::move(tape.waits)});
  }
  return draft.finish([](const Grid& grid, RankId rank) { return grid.coordinate(rank, kPipelineDimension); });
}

MemoryUse memory_of(const Recurrence& model, const Shares& shares, const Stack& stack, const Chip& chip) {
  step::Draft draft = draft_of(shares, stack, chip);
  MemoryUse most;
  for (std::int64_t stage = 0; stage < shares.pipeline; ++stage) {
    const StageTape tape(model, shares, draft, stage);
    MemoryUse use;
    use.stage = static_cast<std::uint32_t>(stage);
    use.capacity = chip.hbm.capacity;
    use.categories = momentum_memory(stack, tape.weights());
    use.categories.push_back({"activations", size_of(stack.compute) * tape.kept()});
    const bool ends = stage + 1 == shares.pipeline;
    const std::int64_t rows = shares.parallel.samples_a_rank() * shares.tokens;
    use.categories.push_back({"buffers", shares.parallel.bucket + Bytes(ends ? kScoreBytes * rows * model.vocab : 0)});
    if (stage == 0 || use.total() > most.total()) most = std::move(use);
  }
  return most;
}

}  // namespace orrery::rnn
