// Plays tapes in the order of passes and puts an exchange of messages between them.
//
// Law. A chunk's input comes from the stage that holds the chunk before it on the schedule's way, its gradient goes
// back there; from the other chunk of the same stage it comes without a message. A stack that overlaps messages
// receives a pass's input while the pass before runs and sends its output beside what follows; so does any stack where
// backward passes are split or woven. One that doesn't exchanges at the passes that say so: sends and receives start
// once compute is done, and compute goes on once both are over.
#include "workloads/step/stage.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "workloads/step/weave.h"

namespace orrery::step {
namespace {

class StageWriter {
 public:
  StageWriter(Draft& draft, const StagePlan& plan) : draft_(&draft), plan_(&plan) {
    role_.name = fmt::format("stage {}", plan.stage);
    passes_left_.assign(static_cast<std::size_t>(plan.chunks), 0);
    for (const Pass& pass : plan.passes)
      if (pass.ends()) ++passes_left_[static_cast<std::size_t>(pass.chunk)];
    arrivals_.resize(plan.passes.size());
    begun_.assign(static_cast<std::size_t>(plan.chunks), false);
  }

  // Appends `tape`, of no pass. Its first op, and its first on the compute stream, wait for what is to be waited for.
  void play(const Tape& tape) { play_through(begin(tape, nullptr)); }
  void play_pass(std::size_t index) { play_through(begin_pass(index)); }
  // This pass and the next, each sent on once it is done.
  void play_woven(std::size_t index) {
    std::array<Playing, 2> playing;
    for (std::size_t i = 0; i < 2; ++i) {
      playing[i] = begin_pass(index + i);
      playing[i].behind.resize(kStreamCount);
    }
    // A chunk may hold nothing: what came in goes on.
    const auto pass_on = [&](std::size_t i) {
      if (!playing[i].ended()) return;
      end(playing[i]);
      send(index + i, playing[i].done[kComputeStream]);
    };
    for (std::size_t i = 0; i < 2; ++i) pass_on(i);
    for (const std::uint8_t turn : weave(*playing[0].tape, *playing[1].tape)) {
      append_next(playing[turn]);
      pass_on(turn);
    }
  }

  // Receives the input of a pass, if it comes from another stage.
  void receive(std::size_t index) {
    const Pass& pass = plan_->passes[index];
    if (!has_input(pass)) return;
    const Stream stream = stream_of(pass, Stream::kReceive);
    push_message(OpKind::kRecv, stream, pass, pass.is_forward() ? place(pass).behind : place(pass).ahead,
                 counts_[kComputeStream]);
    arrivals_[index] = Wait{lane(stream), counts_[lane(stream)]};
  }
  // Sends the output of a pass, if another stage takes it.
  void send(std::size_t index) { send(index, counts_[kComputeStream]); }
  // Everything computed in passes [sent, now] goes out, everything for passes (now, until] comes in; compute waits.
  void exchange(std::size_t sent, std::size_t now, std::size_t until) {
    const Counts before = counts_;
    for (std::size_t i = sent; i < now; ++i) send(i);
    for (std::size_t i = now; i < until; ++i) receive(i);
    std::vector<Wait> done;
    for (const Stream stream : {Stream::kSend, Stream::kReceive})
      if (counts_[lane(stream)] > before[lane(stream)]) done.push_back({lane(stream), counts_[lane(stream)]});
    if (done.empty()) return;
    if (draft_->stack().host_sync_on_message) {
      Op op;
      op.kind = OpKind::kHostSync;
      op.stream = kHostStream;
      op.name = draft_->name("exchange");
      push(op, done);
    }
    for (const Wait& wait : done) enter_after(wait);
  }

  [[nodiscard]] Role finish() { return std::move(role_); }

  // Lets what follows wait for the input of a pass, gathered where each rank received its share.
  void await_input(std::size_t index) {
    if (!arrivals_[index]) return;
    enter_after(*arrivals_[index]);
    if (plan_->boundary.gathered == Bytes(0) || !draft_->groups().tensor) return;
    const Pass& pass = plan_->passes[index];
    Op op = message_op(OpKind::kCollective, Stream::kTensor, pass);
    op.name = draft_->name("boundary");
    op.body = draft_->collective(CollectiveKind::kAllGather, *draft_->groups().tensor, plan_->boundary.gathered);
    push(op, {*arrivals_[index]});
    enter_after({lane(Stream::kTensor), counts_[lane(Stream::kTensor)]});
  }

 private:
  // A tape on its way into the role.
  struct Playing {
    const Tape* tape = nullptr;
    const Pass* pass = nullptr;  // nullptr: of no pass
    Counts base{};               // of the role's ops, where it began
    Counts entry{};              // what it waits for
    std::size_t next = 0;
    Counts done{};  // of the role's ops, behind its last
    // Of a woven one, by stream: counts of the role's ops behind each of its own. Empty: they follow each other.
    std::vector<std::vector<std::uint32_t>> behind;
    bool computes = false;

    [[nodiscard]] bool ended() const { return next == tape->ops.size(); }
  };

  [[nodiscard]] Playing begin(const Tape& tape, const Pass* pass) {
    Playing playing;
    playing.tape = &tape;
    playing.pass = pass;
    playing.base = counts_;
    playing.done = counts_;
    playing.entry = std::exchange(entry_, Counts{});
    return playing;
  }
  [[nodiscard]] Playing begin_pass(std::size_t index) {
    await_input(index);
    return begin(tape_of(index), &plan_->passes[index]);
  }
  void play_through(Playing playing) {
    while (!playing.ended()) append_next(playing);
    end(playing);
  }
  void append_next(Playing& playing) {
    const Op& taped = playing.tape->ops[playing.next];
    Op op = taped;
    op.first_wait = static_cast<std::uint32_t>(role_.waits.size());
    op.wait_count = 0;
    if (playing.next == 0 || (!playing.computes && op.stream == kComputeStream))
      for (std::uint32_t stream = 0; stream < kStreamCount; ++stream) add_wait(op, {stream, playing.entry[stream]});
    playing.computes = playing.computes || op.stream == kComputeStream;
    for (std::uint32_t w = 0; w < taped.wait_count; ++w) {
      const Wait& wait = playing.tape->waits[taped.first_wait + w];
      add_wait(op, {wait.stream, count_behind(playing, wait)});
    }
    if (playing.pass != nullptr) {
      op.microbatch = playing.pass->microbatch;
      op.chunk = static_cast<std::uint16_t>(playing.pass->chunk);
      if (op.layer >= 0) op.layer += plan_->first_layers[static_cast<std::size_t>(playing.pass->chunk)];
    }
    role_.ops.push_back(op);
    playing.done[op.stream] = ++counts_[op.stream];
    if (!playing.behind.empty()) playing.behind[op.stream].push_back(counts_[op.stream]);
    ++playing.next;
  }
  // What a wait of a tape means in the role.
  static std::uint32_t count_behind(const Playing& playing, const Wait& wait) {
    if (playing.behind.empty() || static_cast<std::int32_t>(wait.count) <= 0)
      return playing.base[wait.stream] + wait.count;
    return playing.behind[wait.stream][wait.count - 1];
  }
  // What it waited for and nothing of it computed, the next tape waits for.
  void end(const Playing& playing) {
    if (playing.computes) return;
    for (std::uint32_t stream = 0; stream < kStreamCount; ++stream) enter_after({stream, playing.entry[stream]});
  }

  [[nodiscard]] const Tape& tape_of(std::size_t index) {
    const Pass& pass = plan_->passes[index];
    const auto chunk = static_cast<std::size_t>(pass.chunk);
    const ChunkTapes& tapes = *plan_->tapes[chunk];
    if (pass.is_forward()) {
      const bool first = !begun_[chunk];
      begun_[chunk] = true;
      return first ? tapes.first_forward : tapes.forward;
    }
    if (pass.kind == PassKind::kInputGradient) return tapes.input_gradient;
    const bool last = --passes_left_[chunk] == 0 || (plan_->reduces_runs && ends_run(index));
    if (pass.kind == PassKind::kWeightGradient) return last ? tapes.last_weight_gradient : tapes.weight_gradient;
    return last ? tapes.last_backward : tapes.backward;
  }
  // Once the first `computed` ops of the compute stream are done.
  void send(std::size_t index, std::uint32_t computed) {
    const Pass& pass = plan_->passes[index];
    if (!has_output(pass)) return;
    push_message(OpKind::kSend, stream_of(pass, Stream::kSend), pass,
                 pass.is_forward() ? place(pass).ahead : place(pass).behind, computed);
  }

  static std::uint32_t lane(Stream stream) { return static_cast<std::uint32_t>(stream); }

  [[nodiscard]] const ChunkPlace& place(const Pass& pass) const {
    return plan_->places[static_cast<std::size_t>(pass.chunk)];
  }
  // Whether a message crosses to the chunk before, or after, this pass's.
  [[nodiscard]] bool from_before(const Pass& pass) const {
    return plan_->stages > 1 && !place(pass).first() && place(pass).behind != 0;
  }
  [[nodiscard]] bool to_after(const Pass& pass) const {
    return plan_->stages > 1 && !place(pass).last() && place(pass).ahead != 0;
  }
  [[nodiscard]] bool has_input(const Pass& pass) const {
    return pass.is_forward() ? from_before(pass) : pass.returns() && to_after(pass);
  }
  [[nodiscard]] bool has_output(const Pass& pass) const {
    return pass.is_forward() ? to_after(pass) : pass.returns() && from_before(pass);
  }
  // `first`: of the two streams of activations of chunk 0.
  [[nodiscard]] Stream stream_of(const Pass& pass, Stream first) const {
    if (!plan_->messages_apart) return first;
    const bool sends = first == Stream::kSend;
    if (pass.chunk == 0 && pass.is_forward()) return first;
    if (pass.chunk == 0) return sends ? Stream::kSendGradients : Stream::kReceiveGradients;
    if (pass.is_forward()) return sends ? Stream::kSendSecond : Stream::kReceiveSecond;
    return sends ? Stream::kSendSecondGradients : Stream::kReceiveSecondGradients;
  }

  // No backward pass of the same chunk comes next, or there is only that chunk.
  [[nodiscard]] bool ends_run(std::size_t index) const {
    if (plan_->chunks == 1) return true;
    std::size_t next = index + 1;
    while (next < plan_->passes.size() && plan_->passes[next].is_forward()) ++next;
    return next == plan_->passes.size() || plan_->passes[next].chunk != plan_->passes[index].chunk;
  }
  void enter_after(Wait wait) { entry_[wait.stream] = std::max(entry_[wait.stream], wait.count); }
  void add_wait(Op& op, Wait wait) {
    if (wait.count == 0 || wait.stream == op.stream) return;
    role_.waits.push_back(wait);
    ++op.wait_count;
  }
  void push(Op op, const std::vector<Wait>& waits) {
    op.first_wait = static_cast<std::uint32_t>(role_.waits.size());
    for (const Wait& wait : waits) add_wait(op, wait);
    role_.ops.push_back(op);
    ++counts_[op.stream];
  }
  Op message_op(OpKind kind, Stream stream, const Pass& pass) {
    Op op;
    op.kind = kind;
    op.phase = pass.is_forward() ? Phase::kForward : Phase::kBackward;
    op.stream = static_cast<std::uint16_t>(stream);
    op.microbatch = pass.microbatch;
    op.chunk = static_cast<std::uint16_t>(pass.chunk);
    return op;
  }
  void push_message(OpKind kind, Stream stream, const Pass& pass, std::int32_t delta, std::uint32_t computed) {
    Op op = message_op(kind, stream, pass);
    op.name = draft_->name(pass.is_forward() ? "activations" : "gradients");
    op.body = draft_->message({.dimension = draft_->pipeline_dimension(),
                               .delta = delta,
                               .bytes = plan_->boundary.sent,
                               .channel = pass.is_forward() ? kActivationChannel : kGradientChannel});
    push(op, {Wait{kComputeStream, computed}});
  }

  Draft* draft_;
  const StagePlan* plan_;
  Role role_;
  Counts counts_{};
  Counts entry_{};                         // by stream: what the next tape waits for
  std::vector<std::int32_t> passes_left_;  // backward, by chunk
  std::vector<bool> begun_;                // by chunk: its first forward pass
  std::vector<Mark> arrivals_;             // by pass: its input's receive
};

// The first pass's input is being received. What the next passes need is received while one, or a pair, runs.
void write_overlapped(StageWriter& writer, std::span<const Pass> passes) {
  std::size_t received = 1;
  for (std::size_t i = 0; i < passes.size();) {
    const std::size_t count = passes[i].woven ? 2 : 1;
    for (; received < std::min(i + count + 1, passes.size()); ++received) writer.receive(received);
    if (count == 2) {
      writer.play_woven(i);
    } else {
      writer.play_pass(i);
      writer.send(i);
    }
    i += count;
  }
}

void write_exchanges(StageWriter& writer, std::span<const Pass> passes) {
  // The pass after the next exchange that follows pass i.
  const auto next_exchange = [passes](std::size_t i) {
    while (i < passes.size() && !passes[i].exchange) ++i;
    return std::min(i + 1, passes.size());
  };
  std::size_t sent = 0;
  writer.exchange(0, 0, next_exchange(0));
  for (std::size_t i = 0; i < passes.size(); ++i) {
    writer.play_pass(i);
    if (!passes[i].exchange) continue;
    writer.exchange(sent, i + 1, next_exchange(i + 1));
    sent = i + 1;
  }
}

}  // namespace

Role write_stage(Draft& draft, const StagePlan& plan, const Tape& prologue, const Tape& epilogue) {
  StageWriter writer(draft, plan);
  if (plan.staggers) {
    writer.receive(0);
    writer.await_input(0);
  }
  writer.play(prologue);
  if (draft.stack().overlap_messages || plan.messages_apart) {
    if (!plan.staggers) writer.receive(0);
    write_overlapped(writer, plan.passes);
  } else {
    write_exchanges(writer, plan.passes);
  }
  writer.play(epilogue);
  return writer.finish();
}

}  // namespace orrery::step
