// Messages as packets through output-queued switches, under end-to-end control.
//
// The law.
//   Packets. A message of n bytes becomes ⌈n / mtu⌉ packets of payload + header. Each is received whole before it goes
//     on (store and forward): over a link it takes (payload + header) ÷ capacity, then the link's latency.
//   Queues. Every link has one queue at its tail, first come, first served. A packet that finds more than `ecn` bytes
//     waiting is marked. One that doesn't fit into `buffer` is trimmed (NDP: Handley et al., SIGCOMM 2017): its header
//     goes on, with priority, and has it sent again; nothing waits for a timeout. A packet on its first link is never
//     marked by the sender's own packets, nor trimmed: it comes when that link is free.
//   Senders. All messages that may send over one first link take turns, packet by packet. A message with several paths
//     sprays: each packet takes the path that is furthest behind its share.
//   dctcp. Each message has a window (window.h) that starts at `window` bandwidth-delay products of its idle path.
//   credit. It sends so much at once as well; all else, and what was trimmed, waits for credit. A receiver (a last
//     link) gives credit by turns to all that send to it, as long as less than a bandwidth-delay product is on its way
//     to it (receiver-driven: NDP, Homa, EQDS). So with `window: 0` its queue stays below that, however many send.
//   Notices (acknowledgements, credits, trimmed headers, pauses) have priority and are small: they take the latencies
//     of their way, no queueing, no bandwidth.
//   pfc. A switch that holds more than `pause` bytes that came over one link pauses the whole of that link, and resumes
//     it two packets below that, or when it holds nothing (IEEE 802.1Qbb); nothing is trimmed.
//     Where queues wait for each other in a circle (rings, tori) pauses can lock up, as they do in real switches.
//
// What a message uses of its first link is what it sends: its bytes, and flags where a protocol sends them along. Where
// its latency is less than its links' own, theirs holds.
//
// What isn't a message (kernels, phases of whole collectives) runs through a fluid network of its own, which doesn't
// see packets: collectives are to be lowered stepwise. Of a message's uses beside its links (HBM, engine) only the rate
// that they would allow it alone, as it starts, counts: its packets leave no faster. Weights don't count.
//
// A message without end (kEndless) is what others send: a source of constant rate, a packet every payload ÷ rate, as
// long as the window of its own lets it, which it keeps whatever the control of the others is (others' traffic takes no
// credit of ours). Its rate is what its use beside its links allows, at any time: 0 stops it. What it has missed beyond
// a few packets it doesn't make up for. So what it gets of a link in which it meets a message is what DCTCP makes of
// the two, no more than its rate; the fluid model gives the smaller of its rate and an equal share.
//
// A link that is down holds what has come, and what still comes. Throttled, it goes on with the packet at hand at the
// new rate.
//
// Cost. A packet costs one event a hop, one at its sender and one notice. Without pfc a packet's departure is known as
// it enters a queue (nothing overtakes or stops it), so it stands from then on in the link's one list, by the time at
// which it reaches the far end, and only the first of each link is in the heap. With pfc there is one event more a hop.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/fluid/block_pool.h"
#include "sim/network/indexed_heap.h"
#include "sim/network/packet/delay_lines.h"
#include "sim/network/packet/options.h"
#include "sim/network/packet/window.h"
#include "sim/network/rate_network.h"

namespace orrery::packet {

// What has happened since the network was made.
struct Counts {
  std::uint64_t events = 0;     // taken out of the heap
  std::uint64_t hops = 0;       // packets that reached the end of a link
  std::uint64_t sent = 0;       // packets, those sent again included
  std::uint64_t delivered = 0;  // packets
  std::int64_t bytes_delivered = 0;
  std::uint64_t marked = 0;
  std::uint64_t trimmed = 0;
  std::uint64_t pauses = 0;
  Duration longest_wait;  // in a queue beyond the first link, before a packet's own service
};

class PacketNetwork final : public Network {
 public:
  PacketNetwork(const Wires& wires, const Options& options);

  void start(const Activity& activity, Time now) override;
  [[nodiscard]] Time next_event() override;
  void advance(Time now, std::vector<std::uint32_t>& done) override;
  void set_capacity(ResourceId resource, double capacity, Time now) override;
  // Of a link: its capacity while a packet is on it, else 0 (and what phases draw).
  [[nodiscard]] double load(ResourceId resource) const override;

  [[nodiscard]] const Counts& counts() const { return counts_; }

 private:
  using Index = std::uint32_t;
  static constexpr Index kNone = 0xFFFF'FFFFU;

  struct Packet {
    Time at;             // when it reaches the end of its link; Time::max() while that isn't known
    Index next = kNone;  // in its list
    Index flow = 0;
    Index hop = 0;  // into hops_: the link that it is on, or queued for
    std::uint32_t payload = 0;
    Index back = 0;  // the line on which word of it goes back to its sender
    bool marked = false;
  };
  struct List {
    Index head = kNone;
    Index tail = kNone;
    [[nodiscard]] bool empty() const { return head == kNone; }
  };
  // A link's tail: what each packet reads and writes.
  struct Port {
    Time free_at;    // end of the last service that has begun, or been fixed
    Time local_end;  // of the last packet that came from a sender here; max() while that isn't known
    Duration latency;
    Duration service;    // of a full packet; kNever when the link is down
    Duration mark_wait;  // what `ecn` and `buffer` bytes take
    Duration trim_wait;
    List pipe;   // packets by the time at which they reach the end
    List ready;  // flows that may send here, in turn
  };
  // The rest of a link.
  struct Gate {
    double capacity = 0;
    double picoseconds_per_byte = 0;
    double stalled_bytes = 0;  // left of the packet in service when the link went down
    List queue;                // pfc: packets whose service hasn't begun
    Duration queued;           // pfc: their service
    std::int64_t held = 0;     // pfc: bytes in the switch at its end that came over it
    bool pausing = false;      // pfc: that switch has asked it to stop
    bool paused = false;       // pfc: its tail has heard so
    bool serving = false;      // pfc: the last packet in `pipe` has not left yet
  };
  // A path of a flow.
  struct Lane {
    Index first_hop = 0;  // into hops_
    Index back = 0;       // line to the sender
    double share = 1;
    double behind = 0;  // its share of what was sent, less what it has sent
  };
  struct Flow {
    std::uint64_t sequence = 0;
    std::uint32_t tag = 0;
    // Its paths.
    Index hops = 0;
    Index lanes = 0;
    std::uint32_t hop_count = 0;
    std::uint32_t lane_count = 0;
    Index lane = 0;                // that the next packet takes
    std::uint32_t lanes_left = 1;  // of this round, where all have one share
    std::uint32_t rounds = 0;
    bool is_even = true;  // all paths have one share
    Index next = kNone;   // in a list of flows that may send
    // Sending. Packets to be sent for the first time, and again.
    std::uint64_t fresh = 0;
    std::uint32_t again_full = 0;
    std::uint32_t again_last = 0;
    std::uint32_t last_payload = 0;
    std::uint32_t bound_for = kNone;  // the receiver, by its link
    bool is_endless = false;
    double gap = 0;  // ps a byte of payload that it can't undercut; 0: none
    Time not_before;
    bool is_lined_up = false;  // in a port's list, or waits for not_before …
    bool is_pacing = false;    // … the latter
    // dctcp
    Window window;
    // credit: fresh packets allowed; and at the receiver, packets that want credit
    std::uint64_t allowed = 0;
    std::int64_t unasked = 0;  // sent without credit
    std::uint64_t want_fresh = 0;
    std::uint32_t want_full = 0;
    std::uint32_t want_last = 0;
    std::uint32_t on_way = 0;  // notices and packets that still name this flow
    std::int64_t product = 1;  // bandwidth × delay, in packets
    Index next_wanting = kNone;
    bool is_wanting = false;
    // Receiving.
    std::int64_t missing = 0;  // payload
  };
  struct Receiver {
    std::int64_t expected = 0;  // packets that are allowed and have not come
    std::int64_t most = 0;
    List wanting;  // flows, in turn
  };
  struct Slot {  // an activity
    std::uint64_t sequence = 0;
    std::uint32_t tag = 0;
    Index flow = kNone;  // of a message that waits to begin
  };
  struct Done {
    std::uint64_t sequence = 0;
    std::uint32_t tag = 0;
  };

  // Items in the heap.
  static constexpr Index kKinds = 3;
  static Index link_item(Index link) { return kKinds * link; }
  static Index line_item(Index line) { return kKinds * line + 1; }
  static Index flow_item(Index flow) { return kKinds * flow + 2; }

  // contract.cc
  void move_to(Time now);
  void run_events(Time until);
  void finish(std::uint64_t sequence, std::uint32_t tag);
  Index take_slot(const Slot& slot);
  void put(Time at, Index item);
  void hear(Index line);
  void send(Index line, Index to, Word word, Which which = Which::kNew);

  // links.cc: a packet from link to link.
  [[nodiscard]] bool steps() const { return options_.pfc; }
  [[nodiscard]] Duration service(Index link, std::uint32_t payload) const;
  void set_rate(Index link, double capacity);
  void retime(Index link, double before);
  void schedule(Index link);
  void link_event(Index link);
  void offer(Index packet);
  void append(Index link, Index packet);
  void begin_service(Index link);
  void end_service(Index link);
  void push(List& list, Index packet);
  Index pop(List& list);
  [[nodiscard]] Index take_packet();
  void free_packet(Index packet);
  [[nodiscard]] bool is_local(const Packet& packet) const { return hops_[packet.hop - 1] == kNone; }
  [[nodiscard]] Duration wait_at(Index link) const;
  void hold(Index link, const Packet& packet);
  void let_go(Index link, const Packet& packet);
  void set_paused(Index link, bool paused);

  // senders.cc
  Index make_flow(const Activity& activity, std::uint64_t sequence);
  void copy_paths(const Activity& activity, Flow& flow);
  [[nodiscard]] Duration longest_latency(const Flow& flow) const;
  void measure(const Activity& activity, Flow& flow);
  void begin(Index flow);
  [[nodiscard]] bool may_send(const Flow& flow) const;
  [[nodiscard]] bool has_window(const Flow& flow) const {
    return options_.control == Control::kDctcp || flow.is_endless;
  }
  void pace(Index flow, double rate);
  void wake(Index flow);
  void pull(Index link);
  void acknowledged(Index flow, bool marked);
  void send_again(Flow& flow, Which which) const;
  void choose_lane(Flow& flow);
  void line_up(Index flow);
  void release(Index flow);

  // sources.cc
  void look_for_motion();
  [[nodiscard]] bool can_move() const;

  // receivers.cc
  void deliver(Index packet);
  void trim(Index packet);
  void want(Index flow);
  void header_came(Index flow, Which which);
  void give_credit(Receiver& receiver);

  Options options_;
  RateNetwork fluid_;
  std::vector<WireKind> kinds_;
  IndexedHeap<TimeAndSequence> events_;
  std::uint64_t scheduled_ = 0;
  std::uint64_t started_ = 0;
  std::uint64_t live_ = 0;   // activities not done, but those without end
  std::uint64_t idle_ = 0;   // events since a packet of a message that ends reached the end of a link
  bool is_stalled_ = false;  // nothing but sources can move
  Time now_;
  Counts counts_;

  std::vector<Port> ports_;  // by resource
  std::vector<Gate> gates_;
  std::vector<Receiver> receivers_;
  std::vector<Packet> packets_;
  Index free_packet_ = kNone;
  DelayLines lines_;
  std::vector<Flow> flows_;
  std::vector<Index> free_flows_;
  BlockPool<Index> hops_;  // of each flow: kNone, the links of a path, kNone, the links of the next, …, kNone
  BlockPool<Lane> lanes_;
  std::vector<double> shares_;  // by resource: of the message that is being started; else 0
  std::vector<Index> paced_;    // by resource: the source whose rate it is
  std::vector<Slot> slots_;
  std::vector<Index> free_slots_;
  std::vector<std::uint32_t> over_;  // of fluid_
  std::vector<Done> done_;           // at this instant
};

}  // namespace orrery::packet
