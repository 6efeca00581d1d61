// Whether anything but sources can still move: messages without end would hide that all else stands still.
#include "sim/network/packet/packet_network.h"

namespace orrery::packet {

namespace {

constexpr std::uint64_t kPatience = std::uint64_t{1} << 20U;  // events of sources alone

}  // namespace

// Looks once in so many events: a look takes as long as there is on the way.
void PacketNetwork::look_for_motion() {
  if (idle_ < kPatience) return;
  idle_ = 0;
  is_stalled_ = live_ > 0 && fluid_.next_event() == Time::max() && !can_move();
}

// Packets on their way over a link or queued for one that is up, messages that wait for their time or for a link that
// is up, and notices.
bool PacketNetwork::can_move() const {
  std::uint64_t packets = 0;  // of messages that end, wherever they are
  for (std::size_t link = 0; link < ports_.size(); ++link) {
    const Port& port = ports_[link];
    const bool is_up = port.service != Duration::max();
    for (Index packet = port.pipe.head; packet != kNone; packet = packets_[packet].next) {
      if (flows_[packets_[packet].flow].is_endless) continue;
      if (packets_[packet].at < Time::max()) return true;
      ++packets;
    }
    for (Index packet = gates_[link].queue.head; packet != kNone; packet = packets_[packet].next) {
      if (flows_[packets_[packet].flow].is_endless) continue;
      if (is_up && !gates_[link].paused) return true;
      ++packets;
    }
    for (Index flow = port.ready.head; is_up && flow != kNone; flow = flows_[flow].next)
      if (!flows_[flow].is_endless) return true;
  }
  std::uint64_t on_way = 0;
  for (const Flow& flow : flows_) {
    if (flow.is_endless) continue;
    if (flow.is_pacing && flow.not_before < Time::max()) return true;
    on_way += flow.on_way;
  }
  return on_way > packets;
}

}  // namespace orrery::packet
