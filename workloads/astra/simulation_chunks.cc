// Collectives in chunks: their queues, and the packets of a phase. For simulation.h.
#include <algorithm>

#include "sim/base/error.h"
#include "workloads/astra/simulation.h"

namespace orrery::astra {
namespace {

constexpr Nanoseconds kGroupEndpoint = 10;     // of rings of communicators, whatever the file says
constexpr std::uint64_t kReductionPasses = 3;  // two reads and a write
constexpr double kPerSecond = 1e9;

}  // namespace

std::uint32_t Simulation::Circle::at(std::uint32_t ahead) const {
  const std::uint32_t index = (place + ahead) % members;
  return list != nullptr ? (*list)[index] : first + index * stride;
}

std::int64_t Simulation::priority_of(const TraceNode& node, State& state) const {
  if (rules_.system->policy == Policy::kExplicit) return node.priority;
  return rules_.system->policy == Policy::kLifo ? state.collectives++ : state.collectives--;
}

std::vector<Implementation> Simulation::implementations_of(const TraceNode& node) const {
  if (node.custom == kNoCustom) return rules_.system->implementations[static_cast<std::size_t>(node.kind)];
  return {{.algorithm = Algorithm::kCustom, .flat = true, .custom = node.custom}};
}

void Simulation::start_collective(std::uint32_t player, std::uint32_t node) {
  const TraceNode& what = node_of(player, node);
  State& state = states_[player];
  const std::uint32_t communicator = players_[player].communicators[what.group];
  const bool everybody = (*communicators_)[communicator].members.empty();
  Collective collective{.player = player, .node = node, .phases = {}, .chunks_left = 0};
  if (everybody) {
    collective.phases = phases_of(what.kind, *rules_.system, implementations_of(what), what.involved);
  } else if ((*communicators_)[communicator].members.size() > 1) {
    collective.phases = {{what.kind, 0, Implementation()}};  // always one ring, whatever the system file says
  }
  const std::int64_t priority = priority_of(what, state);
  const std::vector<std::uint64_t> chunks = chunks_of(what.bytes, rules_.system->splits);
  if (collective.phases.empty() || chunks.empty()) {
    at(now_, What::kNodeOver, player, node);
    return;
  }
  collective.chunks_left = chunks.size();
  collectives_.push_back(std::move(collective));
  const auto of = static_cast<std::uint32_t>(collectives_.size() - 1);
  for (const std::uint64_t bytes : chunks) {
    if (free_streams_.empty()) {
      free_streams_.push_back(static_cast<std::uint32_t>(streams_.size()));
      streams_.emplace_back();
    }
    const std::uint32_t stream = free_streams_.back();
    free_streams_.pop_back();
    streams_[stream] = Stream{.player = player,
                              .collective = of,
                              .communicator = communicator,
                              .chunk = state.chunks[communicator]++,
                              .bytes = bytes,
                              .priority = priority,
                              .phase = 0,
                              .active = false,
                              .circle = {},
                              .packets = nullptr,
                              .tree = nullptr,
                              .custom = nullptr};
    join_queue(stream);
  }
}

Simulation::Circle Simulation::circle_of(const Stream& stream) const {
  const std::uint32_t rank = players_[stream.player].rank;
  const std::vector<std::uint32_t>& members = (*communicators_)[stream.communicator].members;
  if (!members.empty()) {
    const auto self = std::find(members.begin(), members.end(), rank) - members.begin();
    return {0, 1, static_cast<std::uint32_t>(members.size()), static_cast<std::uint32_t>(self), &members};
  }
  const PhasePlan& phase = collectives_[stream.collective].phases[stream.phase];
  const LogicalNetwork::Place place =
      phase.implementation.flat ? rules_.network->everywhere(rank) : rules_.network->along(phase.dimension, rank);
  return {place.first, place.stride, place.members, place.place, nullptr};
}

// Behind all that are active, and behind those that wait and matter as much or more.
void Simulation::join_queue(std::uint32_t index) {
  Stream& stream = streams_[index];
  const PhasePlan& phase = collectives_[stream.collective].phases[stream.phase];
  stream.circle = circle_of(stream);
  if (phase.implementation.algorithm == Algorithm::kDoubleBinaryTree) {
    // Chunks take the two trees in turn, the one with the root at its end first.
    const bool root_last = states_[stream.player].trees++ % 2 == 0;
    stream.tree = std::make_unique<TreeWalk>(place_in_tree(stream.circle.place, stream.circle.members, root_last));
  } else if (phase.implementation.algorithm == Algorithm::kCustom) {
    stream.custom =
        std::make_unique<CustomWalk>(rules_.customs[phase.implementation.custom][players_[stream.player].rank]);
  } else {
    stream.packets = std::make_unique<Packets>(phase.kind, phase.implementation, stream.circle.members,
                                               stream.circle.place, stream.bytes, stream.circle.list != nullptr);
  }
  stream.active = false;
  std::vector<std::uint32_t>& queue = states_[stream.player].queues[phase.dimension];
  const auto place = std::find_if(queue.begin(), queue.end(), [&](std::uint32_t other) {
    return !streams_[other].active && streams_[other].priority < stream.priority;
  });
  queue.insert(place, index);
  start_waiting(stream.player, phase.dimension);
}

void Simulation::start_waiting(std::uint32_t player, std::uint32_t dimension) {
  State& state = states_[player];
  while (state.active[dimension] < rules_.system->active_chunks) {
    const std::vector<std::uint32_t>& queue = state.queues[dimension];
    const auto next =
        std::find_if(queue.begin(), queue.end(), [&](std::uint32_t stream) { return !streams_[stream].active; });
    if (next == queue.end()) return;
    const std::uint32_t stream = *next;
    streams_[stream].active = true;
    ++state.active[dimension];
    begin_phase(stream);
  }
}

void Simulation::begin_phase(std::uint32_t stream) {
  if (streams_[stream].tree) {
    begin_tree(stream);
  } else if (streams_[stream].custom) {
    start_custom(stream, streams_[stream].custom->first());
  } else {
    for (std::uint32_t k = streams_[stream].packets->first_packets(); k > 0; --k) make_packet(stream);
  }
}

Nanoseconds Simulation::reduction(std::uint64_t bytes) const {
  if (rules_.system->memory_bytes_per_s == 0)
    throw RunError("a reduction goes through the memory: the system file lacks 'local-mem-bw'");
  return kReductionPasses *
         static_cast<Nanoseconds>(static_cast<double>(bytes) / rules_.system->memory_bytes_per_s * kPerSecond);
}

void Simulation::make_packet(std::uint32_t index) {
  const Stream& stream = streams_[index];
  const Packets::Made made = stream.packets->make();
  const Nanoseconds endpoint = stream.circle.list != nullptr ? kGroupEndpoint : rules_.system->endpoint_delay;
  at(now_ + endpoint + (made.reduced ? reduction(made.bytes) : 0), What::kPacketReady, index);
}

void Simulation::packet_ready(std::uint32_t stream) {
  for (std::uint32_t tries = streams_[stream].packets->ready(); tries > 0; --tries) {
    const std::optional<Packets::Packet> packet = streams_[stream].packets->send();
    if (!packet) break;
    send_packet(stream, *packet);
  }
  if (streams_[stream].packets->over()) end_phase(stream);
}

void Simulation::send_packet(std::uint32_t index, const Packets::Packet& packet) {
  const Stream& stream = streams_[index];
  const std::uint32_t self = players_[stream.player].rank;
  const std::uint32_t to = stream.circle.at(packet.to);
  const std::uint32_t from = stream.circle.at(packet.from);
  const Box here = box_of(stream, stream.player, from);
  // CORRECTNESS: where ranks are alike, whoever sends to this one does so now.
  set_out({.travel = {packet.bytes, self, to, 0}, .box = alike_ ? here : box_of(stream, to, self)});
  await(here, index);
}

Simulation::Box Simulation::box_of(const Stream& stream, std::uint32_t player, std::uint32_t from) const {
  return {player, from, subject_of(stream.communicator, stream.chunk), stream.phase};
}

void Simulation::end_phase(std::uint32_t index) {
  Stream& stream = streams_[index];
  const std::uint32_t player = stream.player;
  Collective& collective = collectives_[stream.collective];
  const std::uint32_t dimension = collective.phases[stream.phase].dimension;
  if (stream.packets) stream.bytes = stream.packets->final_bytes();
  stream.packets.reset();
  stream.tree.reset();
  stream.custom.reset();
  std::vector<std::uint32_t>& queue = states_[player].queues[dimension];
  queue.erase(std::find(queue.begin(), queue.end(), index));
  --states_[player].active[dimension];
  if (++stream.phase < collective.phases.size()) {
    // The next phase's place in its queue is taken before the next chunk starts in this one's.
    join_queue(index);
  } else {
    const bool was_last = --collective.chunks_left == 0;
    const std::uint32_t node = collective.node;
    free_streams_.push_back(index);
    if (was_last) {
      node_over(player, node);
      issue(player);
    }
  }
  start_waiting(player, dimension);
}

}  // namespace orrery::astra
