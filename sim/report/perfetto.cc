// Writes Perfetto packets: one sequence, names interned on first use, a pair of packets a slice.
#include "sim/report/perfetto.h"

#include <google/protobuf/io/coded_stream.h>

#include <array>
#include <string>
#include <unordered_map>

#include "proto/perfetto.pb.h"

namespace orrery {
namespace {

using perfetto::InternedName;
using perfetto::TracePacket;
using perfetto::TrackEvent;

constexpr std::uint32_t kSequence = 1;

enum Annotation : std::uint64_t { kBeginPs = 1, kEndPs, kMicrobatch, kLayer, kBytes, kWaitedPs, kAnnotationEnd };
constexpr std::array<const char*, kAnnotationEnd> kAnnotationNames = {"",      "begin_ps", "end_ps",   "microbatch",
                                                                      "layer", "bytes",    "waited_ps"};

// Small numbers, as one stands in every event; odd and even keep slices' tracks apart from counters'.
std::uint64_t uuid_of_track(std::uint32_t id) { return std::uint64_t{id} * 4; }
std::uint64_t uuid_of_counter(std::uint32_t id) { return std::uint64_t{id} * 4 + 1; }
std::uint64_t uuid_of_process(std::uint32_t id) { return std::uint64_t{id} * 4 + 2; }

std::uint64_t nanoseconds(Time time) { return static_cast<std::uint64_t>(time.ps() / 1000); }

// Names of one kind by number, counted from 1 in order of first use.
class Interned {
 public:
  // `fresh` is true when this is the first use.
  std::uint64_t number(std::string_view name, bool& fresh) {
    const auto [entry, is_new] = numbers_.try_emplace(name, numbers_.size() + 1);
    fresh = is_new;
    return entry->second;
  }

 private:
  std::unordered_map<std::string_view, std::uint64_t> numbers_;
};

class PerfettoFormat : public TraceFormat {
 public:
  explicit PerfettoFormat(std::ostream& out) : out_(&out) { buffer_.reserve(kTraceBuffer + (std::size_t{1} << 12)); }

  void process(const TraceProcess& process) override {
    perfetto::TrackDescriptor& descriptor = describe();
    descriptor.set_uuid(uuid_of_process(process.id));
    descriptor.mutable_process()->set_pid(static_cast<std::int32_t>(process.id));
    descriptor.mutable_process()->set_process_name(process.name);
    descriptor.set_child_ordering(perfetto::TrackDescriptor::EXPLICIT);
    write();
  }

  void track(const TraceTrack& track) override {
    perfetto::TrackDescriptor& descriptor = describe();
    descriptor.set_uuid(uuid_of_track(track.id));
    descriptor.set_parent_uuid(uuid_of_process(track.process));
    descriptor.set_name(track.name);
    descriptor.set_sibling_order_rank(static_cast<std::int32_t>(track.order));
    descriptor.set_sibling_merge_behavior(perfetto::TrackDescriptor::SIBLING_MERGE_BEHAVIOR_NONE);
    write();
  }

  void counter(const TraceCounter& counter) override {
    perfetto::TrackDescriptor& descriptor = describe();
    descriptor.set_uuid(uuid_of_counter(counter.id));
    descriptor.set_parent_uuid(uuid_of_process(counter.process));
    descriptor.set_name(counter.name);
    descriptor.mutable_counter()->set_unit_name(counter.unit);
    descriptor.set_sibling_order_rank(static_cast<std::int32_t>(counter.order));
    descriptor.set_sibling_merge_behavior(perfetto::TrackDescriptor::SIBLING_MERGE_BEHAVIOR_NONE);
    write();
  }

  void slice(const TraceSlice& slice) override {
    TrackEvent& event = begin(slice.track, slice.name, slice.category, slice.begin, slice.end);
    if (slice.microbatch >= 0) annotate(event, kMicrobatch, slice.microbatch);
    if (slice.layer >= 0) annotate(event, kLayer, slice.layer);
    if (slice.bytes >= 0) annotate(event, kBytes, slice.bytes);
    if (slice.waited >= 0) annotate(event, kWaitedPs, slice.waited);
    if (slice.arrow_from != 0) event.add_flow_ids(slice.arrow_from);
    if (slice.arrow_to != 0) event.add_terminating_flow_ids(slice.arrow_to);
    write();
    if (slice.inside != nullptr) {
      for (const TraceSlice::Inner& inner : *slice.inside) {
        begin(slice.track, inner.name, "kernel", inner.begin, inner.end);
        write();
        end(slice.track, inner.end);
      }
    }
    end(slice.track, slice.end);
  }

  void sample(std::uint32_t counter, Time at, double value) override {
    TrackEvent& event = event_at(at, TrackEvent::TYPE_COUNTER, uuid_of_counter(counter));
    event.set_double_counter_value(value);
    write();
  }

  void finish() override {
    out_->write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    buffer_.clear();
    out_->flush();
  }

 private:
  perfetto::TrackDescriptor& describe() {
    packet_.Clear();
    return *packet_.mutable_track_descriptor();
  }

  TrackEvent& event_at(Time time, TrackEvent::Type type, std::uint64_t track) {
    packet_.Clear();
    packet_.set_timestamp(nanoseconds(time));
    packet_.set_sequence_flags(TracePacket::SEQ_NEEDS_INCREMENTAL_STATE);
    TrackEvent& event = *packet_.mutable_track_event();
    event.set_type(type);
    event.set_track_uuid(track);
    return event;
  }

  // The packet that opens a slice, to be added to and written.
  TrackEvent& begin(std::uint32_t track, std::string_view name, std::string_view category, Time begin, Time end) {
    TrackEvent& event = event_at(begin, TrackEvent::TYPE_SLICE_BEGIN, uuid_of_track(track));
    bool fresh = false;
    const std::uint64_t name_iid = names_.number(name, fresh);
    if (fresh) introduce(*packet_.mutable_interned_data()->add_event_names(), name_iid, name);
    event.set_name_iid(name_iid);
    const std::uint64_t category_iid = categories_.number(category, fresh);
    if (fresh) introduce(*packet_.mutable_interned_data()->add_event_categories(), category_iid, category);
    event.add_category_iids(category_iid);
    annotate(event, kBeginPs, begin.ps());
    annotate(event, kEndPs, end.ps());
    return event;
  }

  void end(std::uint32_t track, Time end) {
    event_at(end, TrackEvent::TYPE_SLICE_END, uuid_of_track(track));
    write();
  }

  void annotate(TrackEvent& event, Annotation annotation, std::int64_t value) {
    if (!annotated_[annotation]) {
      annotated_[annotation] = true;
      introduce(*packet_.mutable_interned_data()->add_debug_annotation_names(), annotation,
                kAnnotationNames[annotation]);
    }
    perfetto::DebugAnnotation& entry = *event.add_debug_annotations();
    entry.set_name_iid(annotation);
    entry.set_int_value(value);
  }

  static void introduce(InternedName& entry, std::uint64_t iid, std::string_view name) {
    entry.set_iid(iid);
    entry.set_name(std::string(name));
  }

  // Appends the packet as field 1 of the Trace.
  void write() {
    packet_.set_trusted_packet_sequence_id(kSequence);
    // CORRECTNESS: interned names are dropped unless the first packet of the sequence says that none are left over.
    if (first_) packet_.set_sequence_flags(TracePacket::SEQ_INCREMENTAL_STATE_CLEARED);
    first_ = false;
    const auto size = static_cast<std::uint32_t>(packet_.ByteSizeLong());
    constexpr std::uint8_t kPacketField = 1 << 3 | 2;  // length-delimited
    std::array<std::uint8_t, 8> head{kPacketField};
    const std::uint8_t* head_end = google::protobuf::io::CodedOutputStream::WriteVarint32ToArray(size, head.data() + 1);
    const auto head_size = static_cast<std::size_t>(head_end - head.data());
    const std::size_t at = buffer_.size();
    buffer_.append(reinterpret_cast<const char*>(head.data()), head_size);
    buffer_.resize(at + head_size + size);
    packet_.SerializeWithCachedSizesToArray(reinterpret_cast<std::uint8_t*>(buffer_.data() + at + head_size));
    if (buffer_.size() < kTraceBuffer) return;
    out_->write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    buffer_.clear();
  }

  std::ostream* out_;
  std::string buffer_;
  TracePacket packet_;  // reused, so that its parts are allocated once
  Interned names_;
  Interned categories_;
  std::array<bool, kAnnotationEnd> annotated_{};
  bool first_ = true;
};

}  // namespace

std::unique_ptr<TraceFormat> perfetto_format(std::ostream& out) { return std::make_unique<PerfettoFormat>(out); }

}  // namespace orrery
