// A stretch of a rank's work that is played many times: written once, then appended to a role with its waits shifted.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include "workloads/step/draft.h"

namespace orrery::step {

// By stream: how many of its ops stand before a point.
using Counts = std::array<std::uint32_t, kStreamCount>;

struct Tape {
  std::vector<Op> ops;      // layers count from the chunk's first; first_wait indexes `waits`
  std::vector<Wait> waits;  // counts are from the tape's beginning: 0 waits for all that came before it (before_tape)
  Counts counts{};          // of the whole tape
};

// The end of an op on another stream, to be waited for. Default: nothing.
using Mark = std::optional<Wait>;

// The end of an op that stands before a tape on its stream, `back` ops before the last one there. Counts are modulo
// 2³²: added to where the tape begins they come out right.
[[nodiscard]] constexpr Wait before_tape(Stream stream, std::uint32_t back) {
  return {static_cast<std::uint32_t>(stream), 0 - back};
}

// Which replicas of a weight sum its gradient.
enum class Held : std::uint8_t { kByReplicas, kByExperts };  // those of a rank's experts are others

// How the gradients of a pass are reduced while it goes on.
struct Buckets {
  Bytes size;
  Bytes gradient;  // of one weight
  CollectiveKind kind = CollectiveKind::kAllReduce;
  std::optional<Format> wire = {};  // that they travel in, packed bucket by bucket; else as they are
};

// Which gradients a tape of a backward pass makes: one half of a split pass leaves out what is the other's. As in the
// implementation of Qi et al. (arXiv 2401.10241, github.com/sail-sg/zero-bubble-pipeline-parallelism) the second half
// has the products that make gradients of matrices, and here tables; norms and biases stay in the first, and so does
// all that communicates: what has been gathered is kept for the second. Only there are gradients reported as ready.
//
// Of a frozen model just adapters have gradients: nothing else is reported, and products that make weights' gradients
// are left out.
enum class Gradients : std::uint8_t { kAll, kInputs, kWeights, kAdapters };

// Writes a tape. Kernels gather into one segment until there is something to wait for or to start beside them.
class TapeWriter {
 public:
  explicit TapeWriter(Draft& draft, std::optional<Buckets> buckets = std::nullopt,
                      Gradients gradients = Gradients::kAll)
      : draft_(&draft), buckets_(buckets), gradients_(gradients) {}

  [[nodiscard]] const Groups& groups() const { return draft_->groups(); }
  [[nodiscard]] Gradients gradients() const { return gradients_; }
  [[nodiscard]] bool frozen() const { return gradients_ == Gradients::kAdapters; }  // but for adapters

  // Labels what follows. A segment is labelled by its longest kernel.
  void phase(Phase phase) { label_.phase = phase; }
  void part(std::string_view name) { label_.name = draft_->name(name); }
  void layer(std::int32_t layer) { label_.layer = layer; }

  void run(Kernel kernel);  // during recomputation it counts no model FLOPs
  // Starts once the kernels so far are done. Nothing happens in a group that is absent.
  Mark collective(Stream stream, CollectiveKind kind, std::optional<GroupSpecId> group, Bytes bytes,
                  std::string_view name);
  // An all-to-all over the expert group in which each row goes to `copies` members.
  Mark travel(Bytes bytes, std::uint32_t copies, std::string_view name);
  // Each rank of the context group sends to the one `delta` further on, and receives as much; the end of its receive.
  // Starts once the kernels so far are done.
  Mark pass_on(Bytes bytes, std::int32_t delta, std::string_view name);
  // Takes `duration` on a stream, of nothing that others share; starts once the kernels so far are done and `after` is,
  // whatever the next kernels wait for.
  Mark delay(Stream stream, Duration duration, std::string_view name, Mark after = std::nullopt);
  // The host waits for the kernels so far before it queues what comes next.
  void host_sync(std::string_view name);
  // Sends to the neighbour `delta` on along a grid dimension and receives as much from the one on the other side: what
  // a rank does of both, as it may stand at an edge. Starts once the kernels so far are done; the end of its receive.
  struct Passage {
    std::uint32_t dimension = 0;
    std::int32_t delta = 1;
    Bytes bytes;
    std::uint32_t channel = 0;
    Stream send;
    Stream receive;
    bool sends = true;
    bool receives = true;
  };
  Mark exchange(const Passage& passage, std::string_view name);
  // The end of the last op so far on a stream; nothing where there is none.
  [[nodiscard]] Mark last(Stream stream) const;
  void wait(Mark mark);      // what runs from here on waits for it
  void split() { flush(); }  // what runs from here on is another segment
  // Gradients, over the ranks that hold the same weights; where those are sharded over `group` alone, each share over
  // its copies too.
  Mark sum_gradients(CollectiveKind kind, std::optional<GroupSpecId> group, Bytes bytes, std::string_view name);
  // A collective that nothing overlaps.
  void reduce(std::optional<GroupSpecId> group, Bytes bytes, std::string_view name) {
    wait(collective(Stream::kTensor, CollectiveKind::kAllReduce, group, bytes, name));
  }

  // The gradients of `weights` more weights are final. With buckets, a full bucket is reduced from here on.
  void gradients_ready(std::int64_t weights, Held held = Held::kByReplicas);
  void adapter_gradients_ready(std::int64_t weights) { add_to_bucket(weights, Held::kByReplicas); }
  void flush_buckets();

  [[nodiscard]] Tape finish();

 private:
  friend class WeightGradients;
  struct Label {
    Phase phase = Phase::kOther;
    std::uint32_t name = 0;
    std::int32_t layer = -1;
  };
  Mark begin(Stream stream, std::uint32_t collective, std::string_view name);
  // What is written now belongs to the other half of a split pass.
  [[nodiscard]] bool left_out() const {
    if (frozen()) return in_weights_;
    return gradients_ != Gradients::kAll && (gradients_ == Gradients::kWeights) != in_weights_;
  }
  void flush();
  void add_to_bucket(std::int64_t weights, Held held);
  void flush_bucket(Held held);
  void push(OpKind kind, Stream stream, const Label& label, std::uint32_t body);
  void add_wait(std::uint32_t stream, Wait wait);

  Draft* draft_;
  std::optional<Buckets> buckets_;
  Gradients gradients_;
  bool in_weights_ = false;
  std::array<Bytes, 2> in_bucket_{};  // by Held
  Tape tape_;
  Label label_;
  std::vector<Kernel> kernels_;  // of the segment under way
  std::vector<Label> labels_;
  std::vector<Wait> pending_;                                                                   // for what runs next
  std::array<std::array<std::int64_t, kStreamCount>, kStreamCount> waited_ = nothing_waited();  // [stream][for]
  static constexpr std::array<std::array<std::int64_t, kStreamCount>, kStreamCount> nothing_waited() {
    std::array<std::array<std::int64_t, kStreamCount>, kStreamCount> waited{};
    for (auto& row : waited) row.fill(std::numeric_limits<std::int32_t>::min());
    return waited;
  }
};

// What is written while it lives makes gradients of matrices or tables.
class WeightGradients {
 public:
  explicit WeightGradients(TapeWriter& tape) : tape_(&tape) { tape.in_weights_ = true; }
  ~WeightGradients() { tape_->in_weights_ = false; }
  WeightGradients(const WeightGradients&) = delete;
  WeightGradients& operator=(const WeightGradients&) = delete;

 private:
  TapeWriter* tape_;
};

}  // namespace orrery::step
