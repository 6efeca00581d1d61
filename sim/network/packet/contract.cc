// The packet model as a Network: what is started, what happens next, what is done.
#include <algorithm>
#include <cassert>

#include "sim/network/packet/packet_network.h"

namespace orrery::packet {

PacketNetwork::PacketNetwork(const Wires& wires, const Options& options)
    : options_(options),
      fluid_(wires.capacities, Sharing::kMaxMin),
      kinds_(wires.kinds),
      ports_(wires.capacities.size()),
      gates_(wires.capacities.size()),
      receivers_(wires.capacities.size()),
      shares_(wires.capacities.size(), 0),
      paced_(wires.capacities.size(), kNone) {
  assert(options.mtu > 0 && options.header >= 0 && options.buffer >= options.mtu + options.header);
  kinds_.resize(wires.capacities.size(), WireKind::kNone);
  for (Index link = 0; link < ports_.size(); ++link) {
    if (link < wires.latencies.size()) ports_[link].latency = wires.latencies[link];
    set_rate(link, wires.capacities[link]);
  }
}

void PacketNetwork::start(const Activity& activity, Time now) {
  move_to(now);
  is_stalled_ = false;
  if (activity.bytes < kEndless) ++live_;
  const std::uint64_t sequence = started_++;
  Activity inner = activity;
  inner.paths = {};
  inner.links = {};
  if (activity.links.empty() || activity.bytes == Bytes()) {
    inner.tag = take_slot({sequence, activity.tag, kNone});
    fluid_.start(inner, now);
    return;
  }
  const Index flow = make_flow(activity, sequence);
  // The links' own latencies come as the packets cross them; what is left is the software's.
  const Duration before = activity.latency - longest_latency(flows_[flow]);
  if (before <= Duration()) return begin(flow);
  fluid_.start({.uses = {}, .latency = before, .tag = take_slot({sequence, activity.tag, flow})}, now);
}

Time PacketNetwork::next_event() {
  // Notices still under way when all is done are no events: they wait for the next start. So do sources.
  if (live_ == 0 || is_stalled_) return Time::max();
  const Time fluid = fluid_.next_event();
  return events_.empty() ? fluid : std::min(fluid, events_.front().key.time);
}

void PacketNetwork::advance(Time now, std::vector<std::uint32_t>& done) {
  move_to(now);
  run_events(now);
  look_for_motion();
  over_.clear();
  fluid_.advance(now, over_);
  for (const std::uint32_t index : over_) {
    const Slot slot = slots_[index];
    free_slots_.push_back(index);
    if (slot.flow == kNone) {
      finish(slot.sequence, slot.tag);
    } else {
      begin(slot.flow);
    }
  }
  std::sort(done_.begin(), done_.end(), [](const Done& a, const Done& b) { return a.sequence < b.sequence; });
  for (const Done& entry : done_) done.push_back(entry.tag);
  done_.clear();
}

void PacketNetwork::set_capacity(ResourceId resource, double capacity, Time now) {
  move_to(now);
  fluid_.set_capacity(resource, capacity, now);
  const Index link = resource.index();
  is_stalled_ = false;
  if (paced_[link] != kNone) return pace(paced_[link], capacity);
  const double before = gates_[link].picoseconds_per_byte;
  set_rate(link, capacity);
  retime(link, before);
}

double PacketNetwork::load(ResourceId resource) const {
  const std::size_t link = resource.index();
  const bool is_busy = ports_[link].free_at > now_ && !ports_[link].pipe.empty();
  return fluid_.load(resource) + (is_busy ? gates_[link].capacity : 0);
}

// CORRECTNESS: as long as something is under way nobody moves beyond next_event(), so only leftovers are run here.
void PacketNetwork::move_to(Time now) {
  assert(now >= now_);
  if (now == now_) return;
  assert(live_ == 0 || is_stalled_ || events_.empty() || events_.front().key.time >= now);
  run_events(now - Duration::picoseconds(1));
  now_ = now;
}

void PacketNetwork::run_events(Time until) {
  while (!events_.empty() && events_.front().key.time <= until) {
    now_ = events_.front().key.time;
    ++counts_.events;
    ++idle_;
    const Index item = events_.front().item;
    const Index index = item / kKinds;
    switch (item % kKinds) {
      case 0:
        link_event(index);
        break;
      case 1:
        hear(index);
        break;
      default:
        events_.erase(item);
        line_up(index);
    }
  }
}

void PacketNetwork::finish(std::uint64_t sequence, std::uint32_t tag) {
  --live_;
  done_.push_back({sequence, tag});
}

PacketNetwork::Index PacketNetwork::take_slot(const Slot& slot) {
  if (free_slots_.empty()) {
    slots_.push_back(slot);
    return static_cast<Index>(slots_.size() - 1);
  }
  const Index index = free_slots_.back();
  free_slots_.pop_back();
  slots_[index] = slot;
  return index;
}

void PacketNetwork::put(Time at, Index item) {
  if (at == Time::max()) {
    events_.erase(item);
  } else {
    events_.put({{at, scheduled_++}, item});
  }
}

void PacketNetwork::send(Index line, Index to, Word word, Which which) {
  if (word != Word::kPause && word != Word::kResume) ++flows_[to].on_way;
  if (lines_.send(line, now_, {.to = to, .word = word, .which = which})) put(lines_.front(line).at, line_item(line));
}

void PacketNetwork::hear(Index line) {
  const Notice notice = lines_.front(line);
  lines_.pop(line);
  put(lines_.empty(line) ? Time::max() : lines_.front(line).at, line_item(line));
  if (notice.word == Word::kPause || notice.word == Word::kResume)
    return set_paused(notice.to, notice.word == Word::kPause);
  Flow& flow = flows_[notice.to];
  --flow.on_way;
  switch (notice.word) {
    case Word::kBegin: {
      Receiver& receiver = receivers_[flow.bound_for];
      receiver.most = std::max(receiver.most, flow.product);
      receiver.expected += flow.unasked;
      want(notice.to);
      give_credit(receiver);
      break;
    }
    case Word::kAcknowledged:
    case Word::kMarked:
      flow.window.acknowledged(notice.word == Word::kMarked);
      wake(notice.to);
      break;
    case Word::kTrimmed:
      header_came(notice.to, notice.which);
      break;
    case Word::kCredit:
      if (notice.which == Which::kNew) {
        ++flow.allowed;
      } else {
        send_again(flow, notice.which);
      }
      wake(notice.to);
      break;
    case Word::kPause:
    case Word::kResume:
      break;
  }
  release(notice.to);
}

}  // namespace orrery::packet
