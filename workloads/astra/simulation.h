// Plays ranks' traces with ASTRA-sim's rules, to the nanosecond: units, queues of chunks, packets, messages.
//
// A rank has one CPU op, one compute op and one communication under way, and of several nodes that could start it takes
// the one with the least id. A collective is cut into chunks; each goes through its phases, and waits for every phase
// in the queue of its dimension, in which a few chunks are active at once: the highest priority first (LIFO: the latest
// collective), among equals in order.
//
// Where all ranks that ever meet do the same (classes.h), one of them plays for all: what it sends is what it receives.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <queue>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "workloads/astra/custom_walk.h"
#include "workloads/astra/packets.h"
#include "workloads/astra/phases.h"
#include "workloads/astra/trace_nodes.h"
#include "workloads/astra/transport.h"
#include "workloads/astra/tree_walk.h"

namespace orrery::astra {

// What a node of a rank took.
struct NodeSpan {
  std::uint32_t rank = 0;
  std::uint32_t node = 0;  // index
  Nanoseconds ready = 0;   // all that it waits for was over
  Nanoseconds begin = 0;   // its unit took it
  Nanoseconds end = 0;
};

struct Rules {
  const LogicalNetwork* network = nullptr;
  const SystemInput* system = nullptr;
  const MemoryInput* memory = nullptr;
  std::vector<std::vector<TraceNodes>> customs;  // by SystemInput::customs, by rank
  Congestion congestion = Congestion::kUnaware;
  std::vector<NodeSpan>* spans = nullptr;  // filled in order of ends, if it is there
};

// A communicator: members in order of the ring that they form, by the numbers of ranks. Empty: everybody.
struct Communicator {
  std::vector<std::uint32_t> members;
};

struct Finish {
  Nanoseconds end = 0;
  Nanoseconds compute = 0;  // the compute unit at work
};

class Simulation {
 public:
  struct Player {
    std::uint32_t rank = 0;
    const TraceNodes* trace = nullptr;
    std::vector<std::uint32_t> communicators;  // by TraceNodes::groups
  };

  // `players`: every rank in order, or one that plays for all it meets.
  Simulation(const Rules& rules, std::vector<Player> players, const std::vector<Communicator>& communicators);

  // By player. RunError if one can't go on: names rank and node.
  [[nodiscard]] std::vector<Finish> run();
  [[nodiscard]] std::uint64_t events() const { return sequence_; }

 private:
  static constexpr std::uint32_t kOfMessages = 0xFFFF'FFFFU;  // in place of a communicator: nodes that send and receive
  // What a message belongs to: a chunk of a communicator, counted through the run, or a tag.
  [[nodiscard]] static std::uint64_t subject_of(std::uint32_t communicator, std::uint64_t number) {
    return (static_cast<std::uint64_t>(communicator) << 32U) + number;
  }
  enum class What : std::uint8_t { kPacketReady, kTreePassed, kCustomOver, kHop, kNodeOver };
  struct Event {
    Nanoseconds time = 0;
    std::uint64_t sequence = 0;
    What what = What::kNodeOver;
    std::uint32_t subject = 0;  // stream, message or player
    std::uint32_t node = 0;
    friend bool operator>(const Event& a, const Event& b) {
      return a.time != b.time ? a.time > b.time : a.sequence > b.sequence;
    }
  };
  // Where a message is for: the player, what it belongs to there, and from whom it comes.
  struct Box {
    std::uint32_t player = 0;
    std::uint32_t from = 0;
    std::uint64_t subject = 0;
    std::uint32_t phase = 0;
    friend bool operator==(const Box&, const Box&) = default;
  };
  struct BoxHash {
    std::size_t operator()(const Box& box) const;
  };
  // What has come and what is waited for; one of the two is always empty.
  struct Mail {
    std::uint64_t come = 0;
    std::deque<std::uint32_t> awaiting;  // streams, or nodes of the player
  };
  struct Message {
    Travel travel;
    Box box;
    enum class Of : std::uint8_t { kPacket, kNode, kCustomNode } of = Of::kPacket;
    std::uint32_t sender = 0;  // the stream of a custom node
    std::uint32_t node = 0;    // that is over when the message arrives
  };
  struct Circle {
    std::uint32_t first = 0;
    std::uint32_t stride = 1;
    std::uint32_t members = 1;
    std::uint32_t place = 0;
    const std::vector<std::uint32_t>* list = nullptr;
    [[nodiscard]] std::uint32_t at(std::uint32_t ahead) const;
  };
  // A chunk at one rank.
  struct Stream {
    std::uint32_t player = 0;
    std::uint32_t collective = 0;
    std::uint32_t communicator = 0;
    std::uint64_t chunk = 0;  // of this communicator, counted through the run
    std::uint64_t bytes = 0;  // that the next phase begins with
    std::int64_t priority = 0;
    std::uint32_t phase = 0;
    bool active = false;
    Circle circle;
    // One of them, as the phase's algorithm is.
    std::unique_ptr<Packets> packets;
    std::unique_ptr<TreeWalk> tree;
    std::unique_ptr<CustomWalk> custom;
  };
  struct Collective {
    std::uint32_t player = 0;
    std::uint32_t node = 0;
    std::vector<PhasePlan> phases;
    std::size_t chunks_left = 0;
  };
  struct State {
    std::vector<std::uint32_t> waits;                // by node: dependencies that aren't over
    std::vector<std::set<std::uint32_t>> startable;  // by unit; the last: those that need none
    std::vector<bool> busy;                          // by unit
    std::vector<std::vector<std::uint32_t>> queues;  // by dimension: streams
    std::vector<std::int64_t> active;                // by dimension
    std::vector<std::uint64_t> chunks;               // by communicator
    std::uint64_t trees = 0;                         // chunks that have gone through one
    std::int64_t collectives = 0;
    std::size_t nodes_left = 0;
    Finish finish;
    std::vector<NodeSpan> spans;  // by node, as far as it is known; empty: nobody asks
  };

  void at(Nanoseconds time, What what, std::uint32_t subject, std::uint32_t node = 0);
  [[nodiscard]] const TraceNode& node_of(std::uint32_t player, std::uint32_t node) const {
    return players_[player].trace->nodes[node];
  }
  void issue(std::uint32_t player);
  void start(std::uint32_t player, std::uint32_t node);
  void node_over(std::uint32_t player, std::uint32_t node);
  void start_memory(std::uint32_t player, std::uint32_t node);
  void start_collective(std::uint32_t player, std::uint32_t node);
  [[nodiscard]] std::vector<Implementation> implementations_of(const TraceNode& node) const;

  [[nodiscard]] std::int64_t priority_of(const TraceNode& node, State& state) const;
  [[nodiscard]] Circle circle_of(const Stream& stream) const;
  void join_queue(std::uint32_t stream);
  void start_waiting(std::uint32_t player, std::uint32_t dimension);
  void begin_phase(std::uint32_t stream);
  [[nodiscard]] Nanoseconds reduction(std::uint64_t bytes) const;
  void make_packet(std::uint32_t stream);
  void packet_ready(std::uint32_t stream);
  void send_packet(std::uint32_t stream, const Packets::Packet& packet);
  void end_phase(std::uint32_t stream);

  [[nodiscard]] Box box_of(const Stream& stream, std::uint32_t player, std::uint32_t from) const;
  void begin_tree(std::uint32_t stream);
  void climb(std::uint32_t stream, TreeWalk::Step step);
  void send_along(std::uint32_t stream, std::uint32_t place);
  void await_along(std::uint32_t stream, std::uint32_t place);

  void start_custom(std::uint32_t stream, const std::vector<std::uint32_t>& nodes);
  void custom_over(std::uint32_t stream, std::uint32_t node);

  void set_out(const Message& message);
  void hop(std::uint32_t message);
  void deliver(const Message& message);
  void await(const Box& box, std::uint32_t receiver);
  void receive(const Box& box, std::uint32_t receiver);
  [[noreturn]] void fail_stuck() const;

  Rules rules_;
  std::vector<Player> players_;
  const std::vector<Communicator>* communicators_;
  bool alike_;
  Transport transport_;
  std::vector<State> states_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::uint64_t sequence_ = 0;
  Nanoseconds now_ = 0;
  std::vector<Stream> streams_;
  std::vector<std::uint32_t> free_streams_;
  std::vector<Collective> collectives_;
  std::vector<Message> messages_;
  std::vector<std::uint32_t> free_messages_;
  std::unordered_map<Box, Mail, BoxHash> mail_;
  std::vector<Nanoseconds> memory_free_at_;
};

}  // namespace orrery::astra
