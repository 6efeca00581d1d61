// A packet from link to link: queues, service, marks, pauses, and links that change their rate.
#include <algorithm>
#include <cassert>
#include <limits>

#include "sim/network/packet/packet_network.h"

namespace orrery::packet {

namespace {

constexpr Duration kNever = Duration::max();

// In whole picoseconds, the nearest, at least one; kNever for a link that is down.
Duration time_of(double bytes, double picoseconds_per_byte) {
  const double time = bytes * picoseconds_per_byte + 0.5;
  if (!(time < 4e18)) return kNever;
  return Duration::picoseconds(std::max<std::int64_t>(1, static_cast<std::int64_t>(time)));
}

}  // namespace

Duration PacketNetwork::service(Index link, std::uint32_t payload) const {
  if (payload == options_.mtu) return ports_[link].service;
  return time_of(static_cast<double>(payload + options_.header), gates_[link].picoseconds_per_byte);
}

void PacketNetwork::set_rate(Index link, double capacity) {
  Port& port = ports_[link];
  Gate& gate = gates_[link];
  gate.capacity = capacity;
  gate.picoseconds_per_byte = capacity > 0 ? 1e12 / capacity : std::numeric_limits<double>::infinity();
  port.service = time_of(static_cast<double>(options_.mtu + options_.header), gate.picoseconds_per_byte);
  port.mark_wait = time_of(static_cast<double>(options_.ecn), gate.picoseconds_per_byte);
  port.trim_wait =
      options_.buffer == kUnlimited ? kNever : time_of(static_cast<double>(options_.buffer), gate.picoseconds_per_byte);
}

// A link has a new rate: what hasn't left it yet leaves at other times. `before`: its old picoseconds a byte.
void PacketNetwork::retime(Index link, double before) {
  Port& port = ports_[link];
  Gate& gate = gates_[link];
  const bool is_down = port.service == kNever;
  bool is_first = true;
  Time free_at = now_;
  for (Index index = port.pipe.head; index != kNone; index = packets_[index].next) {
    Packet& packet = packets_[index];
    if (packet.at != Time::max() && packet.at - port.latency <= now_) continue;
    auto left = static_cast<double>(packet.payload + options_.header);
    if (is_first && packet.at != Time::max())
      left = std::min(left, static_cast<double>((packet.at - port.latency - now_).ps()) / before);
    if (is_first && packet.at == Time::max() && gate.stalled_bytes > 0) left = gate.stalled_bytes;
    if (is_first) gate.stalled_bytes = is_down ? left : 0;
    free_at = saturating_sum(free_at, time_of(left, gate.picoseconds_per_byte));
    packet.at = saturating_sum(free_at, port.latency);
    if (is_local(packet) && !steps()) port.local_end = free_at;
    is_first = false;
  }
  if (!is_first) port.free_at = free_at;
  gate.queued = Duration();
  for (Index index = gate.queue.head; index != kNone; index = packets_[index].next) {
    const Duration time = service(link, packets_[index].payload);
    if (time != kNever) gate.queued += time;
  }
  schedule(link);
}

// The link's place in the heap: what happens to it first.
void PacketNetwork::schedule(Index link) {
  const Port& port = ports_[link];
  Time at = port.pipe.empty() ? Time::max() : packets_[port.pipe.head].at;
  if (!port.ready.empty()) at = std::min(at, port.local_end);
  if (steps() && gates_[link].serving) at = std::min(at, port.free_at);
  put(at, link_item(link));
}

void PacketNetwork::link_event(Index link) {
  Port& port = ports_[link];
  if (steps() && gates_[link].serving && port.free_at <= now_) end_service(link);
  while (!port.pipe.empty() && packets_[port.pipe.head].at <= now_) {
    ++counts_.hops;
    if (!flows_[packets_[port.pipe.head].flow].is_endless) idle_ = 0;
    offer(pop(port.pipe));
  }
  if (!port.ready.empty() && port.local_end <= now_) pull(link);
  schedule(link);
}

// How long what arrives now waits before its own service; kNever if that can't be said.
Duration PacketNetwork::wait_at(Index link) const {
  const Port& port = ports_[link];
  if (port.free_at == Time::max()) return kNever;
  const Duration wait = std::max(Duration(), port.free_at - now_);
  return steps() ? wait + gates_[link].queued : wait;
}

// A packet at the end of a link: it is there, or goes into the next queue.
void PacketNetwork::offer(Index index) {
  Packet& packet = packets_[index];
  const Index link = hops_[packet.hop + 1];
  if (link == kNone) return deliver(index);
  ++packet.hop;
  const Port& port = ports_[link];
  const Duration wait = wait_at(link);
  if (wait > port.mark_wait && !packet.marked) {
    packet.marked = true;
    ++counts_.marked;
  }
  // A link that is down trims nothing: what is trimmed would come again and again.
  if (!steps() && wait != kNever && port.trim_wait != kNever && wait + service(link, packet.payload) > port.trim_wait)
    return trim(index);
  if (wait != kNever) counts_.longest_wait = std::max(counts_.longest_wait, wait);
  if (steps()) hold(hops_[packet.hop - 1], packet);
  append(link, index);
}

void PacketNetwork::append(Index link, Index index) {
  Port& port = ports_[link];
  Packet& packet = packets_[index];
  const Duration time = service(link, packet.payload);
  if (steps()) {
    Gate& gate = gates_[link];
    if (is_local(packet)) port.local_end = Time::max();
    push(gate.queue, index);
    if (time != kNever) gate.queued += time;
    if (!gate.serving && !gate.paused) begin_service(link);
    return;
  }
  const bool was_empty = port.pipe.empty();
  port.free_at = saturating_sum(std::max(now_, port.free_at), time);
  packet.at = saturating_sum(port.free_at, port.latency);
  if (is_local(packet)) port.local_end = port.free_at;
  push(port.pipe, index);
  if (was_empty) schedule(link);
}

// pfc: the first in the queue goes onto the link.
void PacketNetwork::begin_service(Index link) {
  Port& port = ports_[link];
  Gate& gate = gates_[link];
  const Index index = pop(gate.queue);
  const Duration time = service(link, packets_[index].payload);
  if (time != kNever) gate.queued -= time;
  gate.serving = true;
  port.free_at = saturating_sum(now_, time);
  packets_[index].at = saturating_sum(port.free_at, port.latency);
  push(port.pipe, index);
  schedule(link);
}

// pfc: the last packet of the pipe has left the switch, or the sender.
void PacketNetwork::end_service(Index link) {
  Gate& gate = gates_[link];
  const Packet& packet = packets_[ports_[link].pipe.tail];
  gate.serving = false;
  if (is_local(packet)) {
    ports_[link].local_end = now_;
  } else {
    let_go(hops_[packet.hop - 1], packet);
  }
  if (!gate.queue.empty() && !gate.paused) begin_service(link);
}

void PacketNetwork::hold(Index link, const Packet& packet) {
  Gate& gate = gates_[link];
  gate.held += packet.payload + options_.header;
  if (gate.pausing || gate.held <= options_.pause) return;
  gate.pausing = true;
  ++counts_.pauses;
  send(lines_.line(ports_[link].latency), link, Word::kPause);
}

void PacketNetwork::let_go(Index link, const Packet& packet) {
  Gate& gate = gates_[link];
  gate.held -= packet.payload + options_.header;
  assert(gate.held >= 0);
  if (!gate.pausing || gate.held > std::max<std::int64_t>(0, options_.pause - 2 * (options_.mtu + options_.header)))
    return;
  gate.pausing = false;
  send(lines_.line(ports_[link].latency), link, Word::kResume);
}

void PacketNetwork::set_paused(Index link, bool paused) {
  Gate& gate = gates_[link];
  gate.paused = paused;
  if (!paused && !gate.serving && !gate.queue.empty()) begin_service(link);
}

void PacketNetwork::push(List& list, Index packet) {
  packets_[packet].next = kNone;
  if (list.empty()) {
    list.head = packet;
  } else {
    packets_[list.tail].next = packet;
  }
  list.tail = packet;
}

PacketNetwork::Index PacketNetwork::pop(List& list) {
  const Index packet = list.head;
  list.head = packets_[packet].next;
  return packet;
}

PacketNetwork::Index PacketNetwork::take_packet() {
  if (free_packet_ == kNone) {
    packets_.emplace_back();
    return static_cast<Index>(packets_.size() - 1);
  }
  const Index packet = free_packet_;
  free_packet_ = packets_[packet].next;
  return packet;
}

void PacketNetwork::free_packet(Index packet) {
  packets_[packet].next = free_packet_;
  free_packet_ = packet;
}

}  // namespace orrery::packet
