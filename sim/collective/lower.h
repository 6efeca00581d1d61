// A Schedule placed on the machine: activities with their uses, in the fluid or the stepwise granularity.
#pragma once

#include <algorithm>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "sim/collective/schedule.h"
#include "sim/network/network.h"
#include "sim/network/resources.h"
#include "topology/routes.h"

namespace orrery {

// What the communication library costs beside the wire: constants of a software stack, each with a source.
struct CommunicationCosts {
  Duration launch;  // once a collective: kernel start and rendezvous of its ranks
  Duration step;    // each message: flag, fence, copy into the next buffer
  // Of each member's engine while a collective runs alone (channels ÷ cores), at most 1. Stepwise: its messages
  // together draw the same engine-seconds of each member as the fluid phase.
  double engine_share = 0;
  double hbm_per_byte = 1;  // HBM bytes drawn at each end per byte sent
  // Each message between nodes; absent: as inside one.
  std::optional<Duration> network_step;
  double wire = 1;                     // bytes on links for each byte of data: flags sent along with it
  std::optional<double> network_wire;  // … of the network; absent: as inside a node
  bool knows_routes = true;            // false: messages take their step only, whatever the route's own latency is
  // What a member sends at most, bytes/s, whatever its links could do: channels × what one can copy.
  double ceiling = std::numeric_limits<double>::infinity();
  double message_ceiling = std::numeric_limits<double>::infinity();  // the same for each of its messages
  // Messages' worth of time after the last one has come: what it takes to copy that out of the receive buffer, the part
  // of it that doesn't overlap with its coming. 1 for LL and LL128; 1/2 where a message comes in two slices (Simple).
  double drain = 0;
  // What a member's host does for each message between nodes that it sends or receives, one after the other.
  Duration message_work;
  Bytes chunk{};  // that trees send at once; 0: as the algorithm has it
  // So many messages of a transfer between nodes may be under way; the next one waits until the receiver has told that
  // the first's place is free, a message's latency after it came. 0: any number.
  std::int32_t slots = 0;
};

// Weights. A message has weight 1 and progresses in bytes. A phase progresses in phases, and each of its flows moves m
// bytes in one: with weight 1/m every flow has the share of a message, and k flows over one link the share of k. What
// else is to share a resource with them (a kernel on an engine or an HBM) is to be weighed in bytes a second as well.

// One phase as one activity: all its messages coupled, so amount = 1 and uses are bytes of the whole phase.
struct FluidPhase {
  std::vector<Use> uses;  // merged by resource, in order of resource; empty when there are no bytes to move
  // launch (first phase only) + the longest chain of route latencies and step costs + the drain. Where a flow is active
  // in fewer repeats than the phase has (a pipelined chain or tree fills and empties), also what the repeats take in
  // lockstep beyond the busiest resource's time (lockstep.h).
  Duration latency;
  double weight = 1;  // 1 ÷ bytes that a flow (a sender to one receiver) moves over all repeats, the largest of them
  double most = std::numeric_limits<double>::infinity();  // phases a second: ceiling ÷ what the busiest member sends
  // Of a phase that is a single message: how it goes.
  std::vector<Path> paths{};
  std::vector<ResourceId> links{};
  Bytes bytes{};
};
[[nodiscard]] std::vector<FluidPhase> lower_fluid(const Schedule& schedule, std::span<const ChipId> members,
                                                  const CommunicationCosts& costs, Routes& routes,
                                                  const Resources& resources);

// One message as one activity (amount = bytes, uses per byte). A message from a position to itself, without bytes or
// uses, marks that the position has finished a step.
struct Message {
  std::int32_t from = 0;  // positions
  std::int32_t to = 0;
  Bytes bytes;
  std::uint32_t first_use = 0;  // into StepwiseMessages::uses
  std::uint32_t use_count = 0;
  std::uint32_t first_path = 0;  // into StepwiseMessages::paths
  std::uint32_t path_count = 0;
  std::uint32_t first_link = 0;  // of all its paths, into StepwiseMessages::links
  std::uint32_t link_count = 0;
  Duration latency;               // route latency + step (+ launch for those that wait for no other message)
  std::uint32_t first_after = 0;  // into StepwiseMessages::after: messages that must arrive before this one starts
  std::uint32_t after_count = 0;
  // The last that it waits for is its sender's own message before. That one had left before it arrived, so the latency
  // counts from when the others had arrived: latency_left().
  bool has_previous = false;
  double most = std::numeric_limits<double>::infinity();  // bytes a second
};
// What is left of a message's latency at `now`, when it starts: all but its own predecessor had arrived at `ready`.
[[nodiscard]] inline Duration latency_left(const Message& message, Time ready, Time now) {
  return message.has_previous ? std::max(Duration(), message.latency - (now - ready)) : message.latency;
}
struct StepwiseMessages {
  std::vector<Message> messages;  // every message comes after those it waits for
  std::vector<Use> uses;          // shared by all messages of one route, as are paths and links
  std::vector<Path> paths;
  std::vector<ResourceId> links;
  std::vector<std::uint32_t> after;

  // A message that starts with so much of its latency left. Valid as long as this is and stays as it is.
  [[nodiscard]] Activity activity(std::uint32_t message, Duration latency, std::uint32_t tag) const {
    const Message& m = messages[message];
    return {.uses = {uses.data() + m.first_use, m.use_count},
            .amount = m.bytes.as_double(),
            .weight = 1,
            .latency = latency,
            .tag = tag,
            .most = m.most,
            .paths = {paths.data() + m.first_path, m.path_count},
            .links = {links.data() + m.first_link, m.link_count},
            .bytes = m.bytes};
  }
};
// Whether `waiter` waits for `message` as its sender's own message before.
[[nodiscard]] inline bool is_previous(const StepwiseMessages& all, std::uint32_t message, std::uint32_t waiter) {
  const Message& waits = all.messages[waiter];
  return waits.has_previous && all.after[waits.first_after + waits.after_count - 1] == message;
}
// RunError for more than kMostMessages.
inline constexpr std::int64_t kMostMessages = std::int64_t{1} << 25U;
[[nodiscard]] StepwiseMessages lower_stepwise(const Schedule& schedule, std::span<const ChipId> members,
                                              const CommunicationCosts& costs, Routes& routes,
                                              const Resources& resources);

}  // namespace orrery
