// One heap of events, and nodes: what starts when, and what it takes.
#include "workloads/astra/simulation.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/base/error.h"

namespace orrery::astra {
namespace {

constexpr double kNanosecondsPerSecond = 1e9;

}  // namespace

Simulation::Simulation(const Rules& rules, std::vector<Player> players, const std::vector<Communicator>& communicators)
    : rules_(rules),
      players_(std::move(players)),
      communicators_(&communicators),
      alike_(players_.size() < rules.network->npus()),
      transport_(*rules.network, rules.congestion, alike_),
      states_(players_.size()) {
  const std::size_t dimensions = rules.network->input().dimensions.size();
  for (std::uint32_t p = 0; p < players_.size(); ++p) {
    State& state = states_[p];
    const std::vector<TraceNode>& nodes = players_[p].trace->nodes;
    state.startable.resize(kUnits + 1);
    state.busy.assign(kUnits + 1, false);
    state.queues.resize(dimensions);
    state.active.assign(dimensions, 0);
    state.chunks.assign(communicators.size(), 0);
    state.nodes_left = nodes.size();
    if (rules.spans != nullptr) state.spans.resize(nodes.size());
    for (std::uint32_t n = 0; n < nodes.size(); ++n) {
      state.waits.push_back(nodes[n].dependencies);
      if (nodes[n].dependencies == 0) state.startable[static_cast<std::size_t>(nodes[n].unit)].insert(n);
    }
  }
  const std::uint32_t per_node =
      rules.memory->where == MemoryInput::Where::kPool ? rules.network->npus() : rules.memory->npus_per_node;
  memory_free_at_.assign(rules.network->npus() / per_node + 1, 0);
}

std::vector<Finish> Simulation::run() {
  for (std::uint32_t p = 0; p < players_.size(); ++p) issue(p);
  while (!events_.empty()) {
    const Event event = events_.top();
    events_.pop();
    now_ = event.time;
    switch (event.what) {
      case What::kPacketReady:
        packet_ready(event.subject);
        break;
      case What::kTreePassed:
        climb(event.subject, streams_[event.subject].tree->passed());
        break;
      case What::kCustomOver:
        custom_over(event.subject, event.node);
        break;
      case What::kHop:
        hop(event.subject);
        break;
      case What::kNodeOver:
        node_over(event.subject, event.node);
        issue(event.subject);
        break;
    }
  }
  std::vector<Finish> finishes;
  for (const State& state : states_) {
    if (state.nodes_left > 0) fail_stuck();
    finishes.push_back(state.finish);
  }
  return finishes;
}

void Simulation::at(Nanoseconds time, What what, std::uint32_t subject, std::uint32_t node) {
  events_.push({time, sequence_++, what, subject, node});
}

// Nodes.

void Simulation::issue(std::uint32_t player) {
  State& state = states_[player];
  while (true) {
    std::uint32_t least = kOfMessages;
    std::size_t unit = 0;
    for (std::size_t u = 0; u <= kUnits; ++u) {
      if (state.busy[u] || state.startable[u].empty()) continue;
      const std::uint32_t first = *state.startable[u].begin();
      if (first < least) {
        least = first;
        unit = u;
      }
    }
    if (least == kOfMessages) return;
    state.startable[unit].erase(state.startable[unit].begin());
    if (unit < kUnits) state.busy[unit] = true;
    start(player, least);
  }
}

void Simulation::start(std::uint32_t player, std::uint32_t node) {
  const TraceNode& what = node_of(player, node);
  if (rules_.spans != nullptr) states_[player].spans[node].begin = now_;
  switch (what.job) {
    case Job::kNothing:
      node_over(player, node);
      break;
    case Job::kTimed:
      if (what.unit == Unit::kCompute) states_[player].finish.compute += what.duration;
      at(now_ + what.duration, What::kNodeOver, player, node);
      break;
    case Job::kCompute: {
      const double intensity = what.flops / static_cast<double>(what.bytes);
      const double rate = std::min(rules_.system->memory_bytes_per_s * intensity, rules_.system->peak_flops);
      const auto duration =
          what.flops == 0 ? Nanoseconds{0} : static_cast<Nanoseconds>(what.flops / rate * kNanosecondsPerSecond);
      states_[player].finish.compute += duration;
      at(now_ + duration, What::kNodeOver, player, node);
      break;
    }
    case Job::kMemory:
      start_memory(player, node);
      break;
    case Job::kCollective:
      start_collective(player, node);
      break;
    case Job::kSend:
      set_out({.travel = {what.bytes, players_[player].rank, what.peer, 0},
               .box = {what.peer, players_[player].rank, subject_of(kOfMessages, what.tag), 0},
               .of = Message::Of::kNode,
               .sender = player,
               .node = node});
      break;
    case Job::kReceive:
      await({player, what.peer, subject_of(kOfMessages, what.tag), 0}, node);
      break;
  }
}

void Simulation::node_over(std::uint32_t player, std::uint32_t node) {
  State& state = states_[player];
  const TraceNode& what = node_of(player, node);
  state.busy[static_cast<std::size_t>(what.unit)] = false;
  for (const std::uint32_t next : what.dependents) {
    if (--state.waits[next] != 0) continue;
    state.startable[static_cast<std::size_t>(node_of(player, next).unit)].insert(next);
    if (rules_.spans != nullptr) state.spans[next].ready = now_;
  }
  if (rules_.spans != nullptr) {
    const NodeSpan& known = state.spans[node];
    rules_.spans->push_back({players_[player].rank, node, known.ready, known.begin, now_});
  }
  if (--state.nodes_left == 0) state.finish.end = now_;
}

void Simulation::start_memory(std::uint32_t player, std::uint32_t node) {
  const MemoryInput& memory = *rules_.memory;
  if (memory.where == MemoryInput::Where::kNone)
    throw RunError(
        fmt::format("rank {} loads from or stores to remote memory, and there is none: the memory file says "
                    "NO_MEMORY_EXPANSION",
                    players_[player].rank));
  const auto duration =
      static_cast<Nanoseconds>(memory.latency + static_cast<double>(node_of(player, node).bytes) / memory.bytes_per_ns);
  Nanoseconds begin = now_;
  if (memory.shared()) {
    const bool pool = memory.where == MemoryInput::Where::kPool;
    Nanoseconds& free_at = memory_free_at_[pool ? 0 : players_[player].rank / memory.npus_per_node];
    begin = std::max(begin, free_at);
    free_at = begin + duration;
  }
  at(begin + duration, What::kNodeOver, player, node);
}

void Simulation::fail_stuck() const {
  for (std::uint32_t p = 0; p < players_.size(); ++p) {
    if (states_[p].nodes_left == 0) continue;
    throw RunError(fmt::format(
        "rank {} can't finish: {} of its {} nodes are not over when nothing is under way any more. A receive without a "
        "send, a collective that not all members take part in, sizes that differ, or nodes that wait for each other",
        players_[p].rank, states_[p].nodes_left, players_[p].trace->nodes.size()));
  }
  throw RunError("nothing is left to fail");
}

}  // namespace orrery::astra
