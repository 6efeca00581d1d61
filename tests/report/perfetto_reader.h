// Reads a Perfetto file as strictly as can be: whatever a trace processor would drop or repair in silence is a failure.
#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "proto/perfetto.pb.h"

namespace perfetto_reader {

struct Slice {
  std::uint64_t track = 0;
  std::string name;
  std::string category;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::size_t depth = 0;
  std::map<std::string, std::int64_t> annotations;
  std::vector<std::uint64_t> flows;
  std::vector<std::uint64_t> ending_flows;
  std::size_t order = 0;  // of its first packet in the file
};
struct Sample {
  std::uint64_t track = 0;
  std::uint64_t at = 0;
  double value = 0;
};
struct Track {
  std::string name;
  std::uint64_t parent = 0;  // 0: a process
  int pid = 0;
  bool counter = false;
  std::string unit;
  int order = 0;
};

struct Read {
  std::map<std::uint64_t, Track> tracks;
  std::vector<Slice> slices;  // in order of their end
  std::vector<Sample> samples;
};

namespace detail {

inline void check_known(const orrery::perfetto::TracePacket& packet) {
  // An unknown field would be one that we write under a number that isn't ours.
  CHECK(packet.unknown_fields().empty());
  CHECK(packet.track_event().unknown_fields().empty());
  CHECK(packet.track_descriptor().unknown_fields().empty());
  CHECK(packet.interned_data().unknown_fields().empty());
}

class Reader {
 public:
  Read read(const std::string& bytes) {
    orrery::perfetto::Trace trace;
    REQUIRE(trace.ParseFromString(bytes));
    CHECK(trace.unknown_fields().empty());
    CHECK(trace.SerializeAsString() == bytes);  // nothing but packets, each as protobuf itself would write it
    std::size_t order = 0;
    for (const auto& packet : trace.packet()) {
      check_known(packet);
      REQUIRE(packet.trusted_packet_sequence_id() != 0);
      CHECK(packet.trusted_packet_sequence_id() == 1);
      const bool cleared = (packet.sequence_flags() & 1U) != 0;
      CHECK(cleared == (order == 0));
      CHECK(packet.has_track_event() != packet.has_track_descriptor());
      if (packet.has_track_descriptor()) declare(packet.track_descriptor());
      if (packet.has_interned_data()) intern(packet.interned_data());
      if (packet.has_track_event()) {
        CHECK((packet.sequence_flags() & 2U) != 0);
        REQUIRE(packet.has_timestamp());
        event(packet.timestamp(), packet.track_event(), order);
      }
      ++order;
    }
    for (const auto& [track, open] : open_) CHECK_MESSAGE(open.empty(), "a slice is left open on track ", track);
    check_flows();
    return std::move(found_);
  }

 private:
  using Names = std::map<std::uint64_t, std::string>;

  void declare(const orrery::perfetto::TrackDescriptor& descriptor) {
    REQUIRE(descriptor.uuid() != 0);
    CHECK_MESSAGE(found_.tracks.count(descriptor.uuid()) == 0, "track declared twice");
    Track track;
    if (descriptor.has_process()) {
      CHECK(descriptor.process().pid() > 0);
      CHECK(pids_.insert(descriptor.process().pid()).second);
      CHECK(descriptor.child_ordering() == orrery::perfetto::TrackDescriptor::EXPLICIT);
      CHECK(!descriptor.has_parent_uuid());
      track.pid = descriptor.process().pid();
      track.name = descriptor.process().process_name();
    } else {
      REQUIRE(found_.tracks.count(descriptor.parent_uuid()) == 1);
      CHECK(found_.tracks[descriptor.parent_uuid()].parent == 0);
      CHECK(descriptor.sibling_merge_behavior() == orrery::perfetto::TrackDescriptor::SIBLING_MERGE_BEHAVIOR_NONE);
      CHECK(descriptor.has_sibling_order_rank());
      CHECK(ranks_[descriptor.parent_uuid()].insert(descriptor.sibling_order_rank()).second);
      track.parent = descriptor.parent_uuid();
      track.name = descriptor.name();
      track.order = descriptor.sibling_order_rank();
      track.counter = descriptor.has_counter();
      track.unit = descriptor.counter().unit_name();
    }
    CHECK(!track.name.empty());
    found_.tracks[descriptor.uuid()] = track;
  }

  static void add_names(const google::protobuf::RepeatedPtrField<orrery::perfetto::InternedName>& entries,
                        Names& names) {
    for (const auto& entry : entries) {
      CHECK(entry.iid() >= 1);
      CHECK(!entry.name().empty());
      CHECK_MESSAGE(names.emplace(entry.iid(), entry.name()).second, "iid given twice: ", entry.name());
    }
  }
  void intern(const orrery::perfetto::InternedData& data) {
    add_names(data.event_names(), names_);
    add_names(data.event_categories(), categories_);
    add_names(data.debug_annotation_names(), annotations_);
  }
  static std::string resolve(const Names& names, std::uint64_t iid) {
    const auto found = names.find(iid);
    REQUIRE_MESSAGE(found != names.end(), "interned id without a name: ", iid);
    return found->second;
  }

  void event(std::uint64_t at, const orrery::perfetto::TrackEvent& event, std::size_t order) {
    using orrery::perfetto::TrackEvent;
    const std::uint64_t uuid = event.track_uuid();
    REQUIRE_MESSAGE(found_.tracks.count(uuid) == 1, "event on a track that isn't declared: ", uuid);
    const Track& track = found_.tracks[uuid];
    CHECK(track.parent != 0);
    CHECK(track.counter == (event.type() == TrackEvent::TYPE_COUNTER));
    CHECK_MESSAGE(last_[uuid] <= at, "time goes back on track ", track.name);
    last_[uuid] = at;
    switch (event.type()) {
      case TrackEvent::TYPE_SLICE_BEGIN: {
        Slice slice{uuid, resolve(names_, event.name_iid()), "", at, 0, open_[uuid].size(), {}, {}, {}, order};
        REQUIRE(event.category_iids_size() == 1);
        slice.category = resolve(categories_, event.category_iids(0));
        for (const auto& annotation : event.debug_annotations()) {
          REQUIRE(annotation.has_int_value());
          CHECK(slice.annotations.emplace(resolve(annotations_, annotation.name_iid()), annotation.int_value()).second);
        }
        slice.flows.assign(event.flow_ids().begin(), event.flow_ids().end());
        slice.ending_flows.assign(event.terminating_flow_ids().begin(), event.terminating_flow_ids().end());
        open_[uuid].push_back(std::move(slice));
        break;
      }
      case TrackEvent::TYPE_SLICE_END: {
        REQUIRE_MESSAGE(!open_[uuid].empty(), "a slice ends that hasn't begun on ", track.name);
        Slice slice = std::move(open_[uuid].back());
        open_[uuid].pop_back();
        slice.end = at;
        CHECK(slice.begin == static_cast<std::uint64_t>(slice.annotations.at("begin_ps")) / 1000);
        CHECK(slice.end == static_cast<std::uint64_t>(slice.annotations.at("end_ps")) / 1000);
        found_.slices.push_back(std::move(slice));
        break;
      }
      case TrackEvent::TYPE_COUNTER:
        REQUIRE(event.has_double_counter_value());
        found_.samples.push_back({uuid, at, event.double_counter_value()});
        break;
      default:
        FAIL("an event without a type");
    }
  }

  void check_flows() const {
    std::map<std::uint64_t, const Slice*> from;
    std::map<std::uint64_t, const Slice*> to;
    for (const Slice& slice : found_.slices) {
      for (const std::uint64_t flow : slice.flows) CHECK_MESSAGE(from.emplace(flow, &slice).second, "two sources");
      for (const std::uint64_t flow : slice.ending_flows) CHECK_MESSAGE(to.emplace(flow, &slice).second, "two ends");
    }
    CHECK(from.size() == to.size());
    for (const auto& [flow, source] : from) {
      REQUIRE(to.count(flow) == 1);
      const Slice& end = *to.at(flow);
      CHECK(source->track != end.track);
      CHECK(source->begin <= end.begin);
      CHECK(source->begin < source->end);
      // Packets of one time are taken in the order of the file.
      CHECK((source->begin < end.begin || source->order < end.order));
    }
  }

  Read found_;
  std::set<int> pids_;
  std::map<std::uint64_t, std::set<int>> ranks_;
  Names names_;
  Names categories_;
  Names annotations_;
  std::map<std::uint64_t, std::uint64_t> last_;
  std::map<std::uint64_t, std::vector<Slice>> open_;
};

}  // namespace detail

inline Read read(const std::string& bytes) { return detail::Reader().read(bytes); }

}  // namespace perfetto_reader
