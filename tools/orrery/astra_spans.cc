// Spans by rank, in order; tracks are given out before the first slice.
#include "tools/orrery/astra_spans.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <memory>
#include <string_view>
#include <utility>

#include "sim/report/chrome.h"
#include "sim/report/perfetto.h"
#include "tools/orrery/atomic_stream.h"

namespace orrery {
namespace {

using astra::Job;
using astra::NodeSpan;
using astra::TraceNode;
using astra::Unit;

constexpr std::int64_t kPicosecondsEach = 1000;  // in a nanosecond
constexpr astra::Nanoseconds kLongest = std::numeric_limits<std::int64_t>::max() / kPicosecondsEach;

Time time_of(astra::Nanoseconds time) {
  return Time() + Duration::picoseconds(static_cast<std::int64_t>(std::min(time, kLongest)) * kPicosecondsEach);
}

std::string_view kind_of(const TraceNode& node) {
  constexpr std::array<CollectiveKind, astra::kKinds> kCollectives = {
      CollectiveKind::kAllReduce, CollectiveKind::kAllGather, CollectiveKind::kReduceScatter,
      CollectiveKind::kAllToAll};
  switch (node.job) {
    case Job::kCollective:
      return to_name(kCollectives[static_cast<std::size_t>(node.kind)]);
    case Job::kSend:
      return "send";
    case Job::kReceive:
      return "receive";
    case Job::kMemory:
      return "memory";
    default:
      break;
  }
  if (node.unit == Unit::kCpu) return "delay";
  return node.unit == Unit::kCommunication ? "broadcast" : "compute";
}

TraceClass class_of_node(const TraceNode& node) {
  switch (node.unit) {
    case Unit::kCpu:
      return TraceClass::kHost;
    case Unit::kCommunication:
      return node.job == Job::kSend ? TraceClass::kMessage : TraceClass::kCollective;
    case Unit::kNone:
      return TraceClass::kMessage;
    default:
      return TraceClass::kCompute;
  }
}

// By rank that played: its spans, but those of nodes that ask for nothing.
std::map<std::uint32_t, std::vector<NodeSpan>> by_player(const astra::ReplayResult& result) {
  std::map<std::uint32_t, std::vector<NodeSpan>> spans;
  for (const NodeSpan& span : result.spans)
    if (result.traces[result.trace_of[span.rank]].nodes[span.node].job != Job::kNothing)
      spans[span.rank].push_back(span);
  return spans;
}

// Which of several tracks each receive has: the first that is free.
struct ReceiveTracks {
  std::vector<std::uint32_t> of;  // by span; of others 0
  std::uint32_t count = 0;

  ReceiveTracks(const std::vector<NodeSpan>& spans, const std::vector<TraceNode>& nodes) : of(spans.size(), 0) {
    std::vector<std::size_t> order;
    for (std::size_t s = 0; s < spans.size(); ++s)
      if (nodes[spans[s].node].unit == Unit::kNone) order.push_back(s);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return spans[a].begin < spans[b].begin; });
    // Free from then on, in order: the longest free first.
    std::multimap<astra::Nanoseconds, std::uint32_t> free;
    for (const std::size_t s : order) {
      if (!free.empty() && free.begin()->first <= spans[s].begin) {
        of[s] = free.begin()->second;
        free.erase(free.begin());
      } else {
        of[s] = count++;
      }
      free.emplace(spans[s].end, of[s]);
    }
  }
};

class TraceOfNodes {
 public:
  TraceOfNodes(const astra::ReplayResult& result, const TraceRequest& request, TraceFormat& format)
      : result_(&result), request_(&request), format_(&format), spans_(by_player(result)) {}

  void write() {
    for (const RankId rank : request_->ranks) declare(rank.index());
    for (std::size_t r = 0; r < request_->ranks.size(); ++r) show(request_->ranks[r].index(), r);
    format_->finish();
  }

 private:
  static constexpr std::array<std::string_view, astra::kUnits> kUnitNames = {"cpu", "compute", "communication",
                                                                             "memory"};

  struct Tracks {
    std::array<std::uint32_t, astra::kUnits> unit{};
    std::uint32_t first_receive = 0;
    const ReceiveTracks* receives = nullptr;
  };

  [[nodiscard]] const astra::TraceNodes& trace(std::uint32_t player) const {
    return result_->traces[result_->trace_of[player]];
  }

  void declare(std::uint32_t rank) {
    const std::uint32_t player = result_->played[rank];
    const std::vector<NodeSpan>& spans = spans_[player];
    const std::vector<TraceNode>& nodes = trace(player).nodes;
    const std::size_t digits = fmt::formatted_size("{}", result_->played.size() - 1);
    const std::string as = player == rank ? "" : fmt::format(" · as rank {}", player);
    format_->process({++processes_, fmt::format("rank {:0{}}{}", rank, digits, as)});
    Tracks& tracks = tracks_.emplace_back();
    std::uint32_t place = 0;
    for (std::size_t unit = 0; unit < astra::kUnits; ++unit) {
      const bool used = std::any_of(spans.begin(), spans.end(), [&](const NodeSpan& span) {
        return static_cast<std::size_t>(nodes[span.node].unit) == unit;
      });
      if (!used) continue;
      format_->track({tracks.unit[unit] = ++declared_, processes_, place++, std::string(kUnitNames[unit])});
    }
    tracks.receives = &receives_.try_emplace(player, spans, nodes).first->second;
    tracks.first_receive = declared_ + 1;
    for (std::uint32_t k = 0; k < tracks.receives->count; ++k)
      format_->track({++declared_, processes_, place++, fmt::format("receive {}", k)});
  }

  void show(std::uint32_t rank, std::size_t shown) {
    const std::uint32_t player = result_->played[rank];
    const std::vector<NodeSpan>& spans = spans_[player];
    const astra::TraceNodes& trace = this->trace(player);
    for (std::size_t s = 0; s < spans.size(); ++s) {
      const TraceNode& node = trace.nodes[spans[s].node];
      TraceSlice slice;
      slice.begin = time_of(spans[s].begin);
      slice.end = time_of(spans[s].end);
      if (slice.end < request_->from || slice.begin >= request_->until) continue;
      if (!request_->classes[static_cast<std::size_t>(class_of_node(node))]) continue;
      const Tracks& tracks = tracks_[shown];
      slice.track = node.unit == Unit::kNone ? tracks.first_receive + tracks.receives->of[s]
                                             : tracks.unit[static_cast<std::size_t>(node.unit)];
      slice.name = trace.names[spans[s].node];
      slice.category = kind_of(node);
      const bool communicates = node.job == Job::kCollective || node.job == Job::kSend || node.job == Job::kReceive;
      if (communicates) slice.bytes = static_cast<std::int64_t>(node.bytes);
      format_->slice(slice);
    }
  }

  const astra::ReplayResult* result_;
  const TraceRequest* request_;
  TraceFormat* format_;
  std::map<std::uint32_t, std::vector<NodeSpan>> spans_;
  std::map<std::uint32_t, ReceiveTracks> receives_;
  std::vector<Tracks> tracks_;  // by rank that is shown
  std::uint32_t processes_ = 0;
  std::uint32_t declared_ = 0;  // tracks
};

}  // namespace

SpanTable table_of(const astra::ReplayResult& result) {
  std::vector<std::int64_t> play_for(result.played.size(), 0);
  for (const std::uint32_t player : result.played) ++play_for[player];
  SpanTable table{{}, result.played.size()};
  std::map<std::pair<std::string_view, std::string_view>, std::size_t> known;
  for (const auto& [player, spans] : by_player(result)) {
    const astra::TraceNodes& trace = result.traces[result.trace_of[player]];
    for (const NodeSpan& span : spans) {
      const std::string_view kind = kind_of(trace.nodes[span.node]);
      const auto [entry, is_new] = known.try_emplace({trace.names[span.node], kind}, table.sums.size());
      if (is_new) table.sums.push_back({trace.names[span.node], std::string(kind), 0, 0, 0});
      SpanSum& sum = table.sums[entry->second];
      const Int128 each = static_cast<Int128>(kPicosecondsEach) * play_for[player];
      sum.count += play_for[player];
      sum.total += static_cast<Int128>(span.end - span.begin) * each;
      sum.waited += static_cast<Int128>(span.begin - span.ready) * each;
    }
  }
  return table;
}

Program roles_of(const astra::ReplayResult& result) {
  Program program;
  std::map<std::uint32_t, std::uint32_t> roles;
  for (const std::uint32_t player : result.played)
    program.role_of_rank.push_back(roles.try_emplace(player, static_cast<std::uint32_t>(roles.size())).first->second);
  program.roles.resize(roles.size());
  return program;
}

void write_trace(const std::filesystem::path& target, const astra::ReplayResult& result, const TraceRequest& request) {
  AtomicStream out(target);
  const std::unique_ptr<TraceFormat> format = target.extension() == ".json" ? chrome_format(out) : perfetto_format(out);
  TraceOfNodes(result, request, *format).write();
  out.commit();
}

}  // namespace orrery
