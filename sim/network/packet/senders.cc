// Messages on their way out: paths, turns at the first link, windows and credit.
#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "sim/base/scrambled.h"
#include "sim/network/packet/packet_network.h"

namespace orrery::packet {

namespace {

constexpr std::int64_t kMostBehind = 8;  // packets

}  // namespace

PacketNetwork::Index PacketNetwork::make_flow(const Activity& activity, std::uint64_t sequence) {
  if (free_flows_.empty()) {
    free_flows_.push_back(static_cast<Index>(flows_.size()));
    flows_.emplace_back();
  }
  const Index index = free_flows_.back();
  free_flows_.pop_back();
  Flow& flow = flows_[index];
  flow = Flow();
  flow.sequence = sequence;
  flow.tag = activity.tag;
  flow.is_endless = activity.bytes >= kEndless;
  copy_paths(activity, flow);
  measure(activity, flow);
  if (flow.is_endless)
    for (const Use& use : activity.uses)
      if (kinds_[use.resource.index()] == WireKind::kNone) paced_[use.resource.index()] = index;
  flow.fresh = static_cast<std::uint64_t>((flow.missing - 1) / options_.mtu + 1);
  flow.last_payload = static_cast<std::uint32_t>((flow.missing - 1) % options_.mtu + 1);
  choose_lane(flow);
  return index;
}

void PacketNetwork::copy_paths(const Activity& activity, Flow& flow) {
  flow.hop_count = static_cast<std::uint32_t>(activity.links.size() + activity.paths.size() + 1);
  flow.lane_count = static_cast<std::uint32_t>(activity.paths.size());
  flow.hops = hops_.take(BlockPool<Index>::size_class(flow.hop_count));
  flow.lanes = lanes_.take(BlockPool<Lane>::size_class(flow.lane_count));
  Index hop = flow.hops;
  std::size_t link = 0;
  hops_[hop++] = kNone;
  for (std::uint32_t k = 0; k < flow.lane_count; ++k) {
    const Path& path = activity.paths[k];
    assert(path.links > 0);
    Duration latency;
    lanes_[flow.lanes + k] = {.first_hop = hop, .share = path.share};
    for (std::uint32_t l = 0; l < path.links; ++l) {
      hops_[hop] = activity.links[link++].index();
      latency += ports_[hops_[hop++]].latency;
    }
    hops_[hop++] = kNone;
    lanes_[flow.lanes + k].back = lines_.line(latency);
    if (path.share != activity.paths[0].share) flow.is_even = false;
  }
  assert(link == activity.links.size());
  flow.bound_for = hops_[hop - 2];
}

Duration PacketNetwork::longest_latency(const Flow& flow) const {
  Duration longest;
  for (std::uint32_t k = 0; k < flow.lane_count; ++k)
    longest = std::max(longest, lines_.delay(lanes_[flow.lanes + k].back));
  return longest;
}

// How many bytes it sends, how many packets fill its idle paths there and back, and the rate that its other resources
// allow.
void PacketNetwork::measure(const Activity& activity, Flow& flow) {
  double round_trip = 0;
  double interval = 1;  // between packets, ps
  for (std::uint32_t k = 0; k < flow.lane_count; ++k) {
    const Lane& lane = lanes_[flow.lanes + k];
    double time = 2 * static_cast<double>(lines_.delay(lane.back).ps());
    for (Index hop = lane.first_hop; hops_[hop] != kNone; ++hop) {
      const Index link = hops_[hop];
      shares_[link] += lane.share;
      if (gates_[link].capacity <= 0) continue;
      const auto service = static_cast<double>(ports_[link].service.ps());
      time += service;
      interval = std::max(interval, shares_[link] * service);
    }
    round_trip = std::max(round_trip, time);
  }
  flow.product = static_cast<std::int64_t>(std::clamp(std::ceil(round_trip / interval) + 1, 1.0, 1e9));

  double most = activity.most;
  double drawn = 0;
  const Index first = hops_[flow.hops + 1];
  for (const Use& use : activity.uses) {
    const Index resource = use.resource.index();
    if (resource == first) drawn += use.amount;
    if (shares_[resource] != 0 || kinds_[resource] != WireKind::kNone) continue;
    most = std::min(most, gates_[resource].capacity / use.amount);
  }
  const double sent = drawn > 0 ? drawn * activity.amount / shares_[first] : activity.bytes.as_double();
  flow.missing = static_cast<std::int64_t>(std::clamp(std::round(sent), 1.0, 0x1p62));
  most *= static_cast<double>(flow.missing) / activity.amount;  // payload a second
  double fastest = 0;
  for (std::uint32_t k = 0; k < flow.lane_count; ++k)
    fastest += gates_[hops_[lanes_[flow.lanes + k].first_hop]].capacity;
  if (most < fastest || flow.is_endless) flow.gap = most > 0 ? 1e12 / most : std::numeric_limits<double>::infinity();

  for (Index hop = flow.hops; hop < flow.hops + flow.hop_count; ++hop)
    if (hops_[hop] != kNone) shares_[hops_[hop]] = 0;
}

void PacketNetwork::begin(Index index) {
  Flow& flow = flows_[index];
  const auto product = static_cast<double>(flow.product);
  const double at_once = options_.window * product;
  if (has_window(flow)) {
    const double queue = static_cast<double>(options_.ecn) / static_cast<double>(options_.mtu + options_.header);
    flow.window = Window(at_once, product, std::max(at_once, 2 * product + queue));
  } else {
    flow.allowed = std::min(flow.fresh, static_cast<std::uint64_t>(at_once));
    flow.unasked = static_cast<std::int64_t>(flow.allowed);
    flow.want_fresh = flow.fresh - flow.allowed;
    send(lanes_[flow.lanes].back, index, Word::kBegin);
  }
  if (flow.gap == std::numeric_limits<double>::infinity()) flow.not_before = Time::max();
  wake(index);
}

bool PacketNetwork::may_send(const Flow& flow) const {
  const bool again = flow.again_full > 0 || flow.again_last > 0;
  if (has_window(flow)) return (again || flow.fresh > 0) && flow.window.has_room();
  return again || flow.allowed > 0;
}

void PacketNetwork::wake(Index index) {
  Flow& flow = flows_[index];
  if (flow.is_lined_up || !may_send(flow)) return;
  flow.is_lined_up = true;
  if (flow.gap > 0 && flow.not_before > now_) {
    flow.is_pacing = true;
    return put(flow.not_before, flow_item(index));
  }
  line_up(index);
}

// A source has another rate from now on.
void PacketNetwork::pace(Index index, double rate) {
  Flow& flow = flows_[index];
  flow.gap = rate > 0 ? 1e12 / rate : std::numeric_limits<double>::infinity();
  flow.not_before = rate > 0 ? now_ : Time::max();
  if (flow.is_pacing) put(flow.not_before, flow_item(index));
}

void PacketNetwork::line_up(Index index) {
  Flow& flow = flows_[index];
  flow.is_pacing = false;
  const Index link = hops_[lanes_[flow.lanes + flow.lane].first_hop];
  Port& port = ports_[link];
  const bool was_empty = port.ready.empty();
  flow.next = kNone;
  (was_empty ? port.ready.head : flows_[port.ready.tail].next) = index;
  port.ready.tail = index;
  if (!was_empty) return;
  if (port.local_end <= now_) return pull(link);
  schedule(link);
}

// The link is free for a packet of the sender's own: the next in turn sends one.
void PacketNetwork::pull(Index link) {
  Port& port = ports_[link];
  const Index sender = port.ready.head;
  Flow& flow = flows_[sender];
  port.ready.head = flow.next;
  flow.is_lined_up = false;

  const Index index = take_packet();
  Packet& packet = packets_[index];
  packet = Packet();
  packet.flow = sender;
  packet.payload = static_cast<std::uint32_t>(options_.mtu);
  if (flow.again_full > 0) {
    --flow.again_full;
  } else if (flow.again_last > 0) {
    --flow.again_last;
    packet.payload = flow.last_payload;
  } else {
    if (!has_window(flow)) --flow.allowed;
    if (--flow.fresh == 0) packet.payload = flow.last_payload;
  }
  if (has_window(flow)) flow.window.sent();
  const Lane& lane = lanes_[flow.lanes + flow.lane];
  packet.hop = lane.first_hop;
  packet.back = lane.back;
  ++flow.on_way;
  ++counts_.sent;
  if (flow.gap > 0 && flow.not_before != Time::max()) {
    const double pause = std::min(flow.gap * packet.payload, 4e18);
    const Duration gap = Duration::picoseconds(static_cast<std::int64_t>(pause));
    // A source makes up for a few packets that others were before.
    const Time from =
        flow.is_endless && now_ - flow.not_before < saturating_product(gap, kMostBehind) ? flow.not_before : now_;
    flow.not_before = saturating_sum(std::max(from, flow.not_before), gap);
  }
  choose_lane(flow);
  append(link, index);
  if (!port.ready.empty()) schedule(link);
  wake(sender);
}

void PacketNetwork::send_again(Flow& flow, Which which) const {
  (which == Which::kLast ? flow.again_last : flow.again_full) += 1;
}

// With even shares every round takes each path once, and begins somewhere else; with others, the path that is furthest
// behind is next.
void PacketNetwork::choose_lane(Flow& flow) {
  if (flow.lane_count == 1) return;
  if (flow.is_even) {
    if (--flow.lanes_left == 0) {
      flow.lane = static_cast<Index>(scrambled(flow.sequence ^ scrambled(flow.rounds++)) % flow.lane_count);
      flow.lanes_left = flow.lane_count;
    } else {
      flow.lane = flow.lane + 1 == flow.lane_count ? 0 : flow.lane + 1;
    }
    return;
  }
  for (Index k = 0; k < flow.lane_count; ++k) {
    lanes_[flow.lanes + k].behind += lanes_[flow.lanes + k].share;
    if (k == 0 || lanes_[flow.lanes + k].behind > lanes_[flow.lanes + flow.lane].behind) flow.lane = k;
  }
  lanes_[flow.lanes + flow.lane].behind -= 1;
}

void PacketNetwork::release(Index index) {
  Flow& flow = flows_[index];
  if (flow.missing > 0 || flow.on_way > 0) return;
  assert(!flow.is_lined_up && !flow.is_wanting);
  hops_.give_back(flow.hops, BlockPool<Index>::size_class(flow.hop_count));
  lanes_.give_back(flow.lanes, BlockPool<Lane>::size_class(flow.lane_count));
  free_flows_.push_back(index);
}

}  // namespace orrery::packet
