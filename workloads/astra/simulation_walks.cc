// Trees, and collectives that are traces of their own. For simulation.h.
#include "workloads/astra/simulation.h"

namespace orrery::astra {

void Simulation::begin_tree(std::uint32_t stream) {
  const TreePlace& place = streams_[stream].tree->place();
  if (place.left) await_along(stream, *place.left);
  if (place.right) await_along(stream, *place.right);
  climb(stream, streams_[stream].tree->begin());
}

void Simulation::climb(std::uint32_t stream, TreeWalk::Step step) {
  const TreePlace place = streams_[stream].tree->place();
  switch (step) {
    case TreeWalk::Step::kNothing:
      break;
    case TreeWalk::Step::kPass:
      at(now_ + rules_.system->endpoint_delay, What::kTreePassed, stream);
      break;
    case TreeWalk::Step::kReduce:
      at(now_ + rules_.system->endpoint_delay + reduction(streams_[stream].bytes), What::kTreePassed, stream);
      break;
    case TreeWalk::Step::kSendUp:
      send_along(stream, *place.parent);
      await_along(stream, *place.parent);
      break;
    case TreeWalk::Step::kSendDown:
      if (place.left) send_along(stream, *place.left);
      if (place.right) send_along(stream, *place.right);
      end_phase(stream);
      break;
    case TreeWalk::Step::kDone:
      end_phase(stream);
      break;
  }
}

void Simulation::send_along(std::uint32_t index, std::uint32_t place) {
  const Stream& stream = streams_[index];
  const std::uint32_t self = players_[stream.player].rank;
  const std::uint32_t to = stream.circle.first + place * stream.circle.stride;
  set_out({.travel = {stream.bytes, self, to, 0}, .box = box_of(stream, to, self)});
}

void Simulation::await_along(std::uint32_t index, std::uint32_t place) {
  const Stream& stream = streams_[index];
  await(box_of(stream, stream.player, stream.circle.first + place * stream.circle.stride), index);
}

// Collectives that are traces of their own.

void Simulation::start_custom(std::uint32_t index, const std::vector<std::uint32_t>& nodes) {
  for (const std::uint32_t node : nodes) {
    const Stream& stream = streams_[index];
    const TraceNode what = stream.custom->node(node);
    const std::uint32_t self = players_[stream.player].rank;
    const std::uint64_t subject = subject_of(stream.communicator, stream.chunk);
    switch (what.job) {
      case Job::kSend:
        set_out({.travel = {what.bytes, self, what.peer, 0},
                 .box = {what.peer, self, subject, what.tag},
                 .of = Message::Of::kCustomNode,
                 .sender = index,
                 .node = node});
        break;
      case Job::kReceive:
        streams_[index].custom->await(what.peer, what.tag, node);
        await({stream.player, what.peer, subject, what.tag}, index);
        break;
      default:
        at(now_ + what.duration, What::kCustomOver, index, node);
        break;
    }
  }
}

void Simulation::custom_over(std::uint32_t stream, std::uint32_t node) {
  const std::vector<std::uint32_t> next = streams_[stream].custom->next(node);
  if (streams_[stream].custom->over()) {
    end_phase(stream);
  } else {
    start_custom(stream, next);
  }
}

}  // namespace orrery::astra
