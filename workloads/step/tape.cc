// Gathers kernels into segments and leaves out waits that an earlier wait of the stream already covers.
#include "workloads/step/tape.h"

#include <utility>

namespace orrery::step {

void TapeWriter::run(Kernel kernel) {
  if (left_out()) return;
  if (label_.phase == Phase::kRecompute) kernel.model_flops = FlopCount();
  kernels_.push_back(std::move(kernel));
  labels_.push_back(label_);
}

void TapeWriter::add_wait(std::uint32_t stream, Wait wait) {
  const auto count = static_cast<std::int32_t>(wait.count);  // negative before the tape
  if (wait.stream == stream || waited_[stream][wait.stream] >= count) return;
  waited_[stream][wait.stream] = count;
  tape_.waits.push_back(wait);
  ++tape_.ops.back().wait_count;
}

void TapeWriter::push(OpKind kind, Stream stream, const Label& label, std::uint32_t body) {
  tape_.ops.push_back({.kind = kind,
                       .phase = label.phase,
                       .stream = static_cast<std::uint16_t>(stream),
                       .name = label.name,
                       .body = body,
                       .first_wait = static_cast<std::uint32_t>(tape_.waits.size()),
                       .layer = label.layer});
  ++tape_.counts[static_cast<std::size_t>(stream)];
}

void TapeWriter::flush() {
  if (kernels_.empty()) return;
  const SegmentId segment = draft_->segment(kernels_);
  push(OpKind::kCompute, Stream::kCompute, labels_[draft_->longest_kernel(segment)], segment.index());
  for (const Wait& wait : pending_) add_wait(kComputeStream, wait);
  pending_.clear();
  kernels_.clear();
  labels_.clear();
}

Mark TapeWriter::collective(Stream stream, CollectiveKind kind, std::optional<GroupSpecId> group, Bytes bytes,
                            std::string_view name) {
  if (!group || bytes == Bytes(0) || left_out()) return std::nullopt;
  return begin(stream, draft_->collective(kind, *group, bytes), name);
}

Mark TapeWriter::sum_gradients(CollectiveKind kind, std::optional<GroupSpecId> group, Bytes bytes,
                               std::string_view name) {
  if (bytes == Bytes(0)) return std::nullopt;
  Mark last;
  if (group) last = begin(Stream::kData, draft_->collective(kind, *group, bytes), name);
  if (!groups().copies) return last;
  const Bytes share(divide(bytes.count(), group ? draft_->members(*group) : 1, Rounding::kUp));
  return begin(Stream::kData, draft_->collective(CollectiveKind::kAllReduce, *groups().copies, share), name);
}

Mark TapeWriter::travel(Bytes bytes, std::uint32_t copies, std::string_view name) {
  if (!groups().expert || bytes == Bytes(0) || left_out()) return std::nullopt;
  return begin(Stream::kExpert, draft_->collective(CollectiveKind::kAllToAll, *groups().expert, bytes, copies), name);
}

Mark TapeWriter::begin(Stream stream, std::uint32_t collective, std::string_view name) {
  flush();
  const auto lane = static_cast<std::uint32_t>(stream);
  const Label label{label_.phase, draft_->name(name), label_.layer};
  push(OpKind::kCollective, stream, label, collective);
  add_wait(lane, {kComputeStream, tape_.counts[kComputeStream]});
  for (const Wait& wait : pending_) add_wait(lane, wait);
  return Wait{lane, tape_.counts[lane]};
}

Mark TapeWriter::pass_on(Bytes bytes, std::int32_t delta, std::string_view name) {
  return exchange({.dimension = draft_->context_dimension(),
                   .delta = delta,
                   .bytes = bytes,
                   .channel = kContextChannel,
                   .send = Stream::kContext,
                   .receive = Stream::kContextReceive},
                  name);
}

Mark TapeWriter::exchange(const Passage& passage, std::string_view name) {
  if (left_out()) return std::nullopt;
  flush();
  const Label label{label_.phase, draft_->name(name), label_.layer};
  const auto to = [&](std::int32_t where) {
    return draft_->message(
        {.dimension = passage.dimension, .delta = where, .bytes = passage.bytes, .channel = passage.channel});
  };
  const Wait computed{kComputeStream, tape_.counts[kComputeStream]};
  const auto begin = [&](OpKind kind, Stream stream, std::int32_t where) {
    const auto lane = static_cast<std::uint32_t>(stream);
    push(kind, stream, label, to(where));
    add_wait(lane, computed);
    for (const Wait& wait : pending_) add_wait(lane, wait);
    return Wait{lane, tape_.counts[lane]};
  };
  if (passage.sends) begin(OpKind::kSend, passage.send, passage.delta);
  if (!passage.receives) return std::nullopt;
  return begin(OpKind::kRecv, passage.receive, -passage.delta);
}

Mark TapeWriter::delay(Stream stream, Duration duration, std::string_view name, Mark after) {
  flush();
  const auto lane = static_cast<std::uint32_t>(stream);
  push(OpKind::kDelay, stream, {label_.phase, draft_->name(name), label_.layer}, draft_->delay(duration));
  add_wait(lane, {kComputeStream, tape_.counts[kComputeStream]});
  if (after) add_wait(lane, *after);
  return Wait{lane, tape_.counts[lane]};
}

Mark TapeWriter::last(Stream stream) const {
  const auto lane = static_cast<std::uint32_t>(stream);
  if (tape_.counts[lane] == 0) return std::nullopt;
  return Wait{lane, tape_.counts[lane]};
}

void TapeWriter::host_sync(std::string_view name) {
  flush();
  const Label label{label_.phase, draft_->name(name), label_.layer};
  push(OpKind::kHostSync, Stream::kHost, label, 0);
  add_wait(kHostStream, {kComputeStream, tape_.counts[kComputeStream]});
}

void TapeWriter::wait(Mark mark) {
  if (!mark || left_out()) return;
  flush();
  pending_.push_back(*mark);
}

void TapeWriter::gradients_ready(std::int64_t weights, Held held) {
  if (!frozen()) add_to_bucket(weights, held);
}

void TapeWriter::add_to_bucket(std::int64_t weights, Held held) {
  if (!buckets_ || gradients_ == Gradients::kInputs) return;
  Bytes& bucket = in_bucket_[static_cast<std::size_t>(held)];
  bucket += buckets_->gradient * weights;
  if (bucket >= buckets_->size) flush_bucket(held);
}

void TapeWriter::flush_bucket(Held held) {
  Bytes& bucket = in_bucket_[static_cast<std::size_t>(held)];
  const Label before = label_;
  label_.phase = Phase::kGradients;
  if (bucket > Bytes(0)) {
    Bytes sent = bucket;
    const auto group = held == Held::kByExperts ? groups().expert_data : groups().data;
    if (buckets_->wire && (group || groups().copies)) {
      sent = buckets_->wire->bytes(bucket.count() / buckets_->gradient.count());
      kernels_.push_back(stream("pack gradients", bucket, sent));
      labels_.push_back(label_);
    }
    sum_gradients(buckets_->kind, group, sent, "gradient bucket");
  }
  label_ = before;
  bucket = Bytes(0);
}

void TapeWriter::flush_buckets() {
  if (!buckets_) return;
  flush_bucket(Held::kByReplicas);
  flush_bucket(Held::kByExperts);
}

Tape TapeWriter::finish() {
  flush();
  return std::move(tape_);
}

}  // namespace orrery::step
