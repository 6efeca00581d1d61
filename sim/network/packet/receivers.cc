// Packets and headers that arrive: what is done, what has to come again, who gets credit.
#include <cassert>

#include "sim/network/packet/packet_network.h"

namespace orrery::packet {

void PacketNetwork::deliver(Index index) {
  const Packet packet = packets_[index];
  free_packet(index);
  Flow& flow = flows_[packet.flow];
  --flow.on_way;
  flow.missing -= packet.payload;
  assert(flow.missing >= 0);
  ++counts_.delivered;
  counts_.bytes_delivered += packet.payload;
  if (flow.missing == 0) finish(flow.sequence, flow.tag);
  if (has_window(flow)) return send(packet.back, packet.flow, packet.marked ? Word::kMarked : Word::kAcknowledged);
  Receiver& receiver = receivers_[flow.bound_for];
  --receiver.expected;
  give_credit(receiver);
  release(packet.flow);
}

void PacketNetwork::trim(Index index) {
  const Packet packet = packets_[index];
  free_packet(index);
  ++counts_.trimmed;
  --flows_[packet.flow].on_way;
  Duration way;
  for (Index hop = packet.hop; hops_[hop] != kNone; ++hop) way += ports_[hops_[hop]].latency;
  if (has_window(flows_[packet.flow])) way += lines_.delay(packet.back);
  send(lines_.line(way), packet.flow, Word::kTrimmed, packet.payload == options_.mtu ? Which::kFull : Which::kLast);
}

// Word of a trimmed packet: to the sender, or to the receiver that gives credit.
void PacketNetwork::header_came(Index index, Which which) {
  Flow& flow = flows_[index];
  if (has_window(flow)) {
    flow.window.trimmed();
    send_again(flow, which);
    return wake(index);
  }
  Receiver& receiver = receivers_[flow.bound_for];
  --receiver.expected;
  (which == Which::kLast ? flow.want_last : flow.want_full) += 1;
  want(index);
  give_credit(receiver);
}

// Puts a flow behind those that want credit of its receiver, if it does.
void PacketNetwork::want(Index index) {
  Flow& flow = flows_[index];
  if (flow.is_wanting || (flow.want_fresh == 0 && flow.want_full == 0 && flow.want_last == 0)) return;
  flow.is_wanting = true;
  List& wanting = receivers_[flow.bound_for].wanting;
  flow.next_wanting = kNone;
  (wanting.empty() ? wanting.head : flows_[wanting.tail].next_wanting) = index;
  wanting.tail = index;
}

void PacketNetwork::give_credit(Receiver& receiver) {
  while (receiver.expected < receiver.most && !receiver.wanting.empty()) {
    const Index index = receiver.wanting.head;
    Flow& flow = flows_[index];
    receiver.wanting.head = flow.next_wanting;
    flow.is_wanting = false;
    Which which = Which::kNew;
    if (flow.want_full > 0) {
      --flow.want_full;
      which = Which::kFull;
    } else if (flow.want_last > 0) {
      --flow.want_last;
      which = Which::kLast;
    } else {
      --flow.want_fresh;
    }
    ++receiver.expected;
    send(lanes_[flow.lanes].back, index, Word::kCredit, which);
    want(index);
  }
}

}  // namespace orrery::packet
