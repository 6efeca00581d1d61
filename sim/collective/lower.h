// A Schedule placed on the machine: activities with their uses, in the fluid or the stepwise granularity.
#pragma once

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
};

// Weights. A message has weight 1 and progresses in bytes. A phase progresses in phases, and each of its flows moves m
// bytes in one: with weight 1/m every flow has the share of a message, and k flows over one link the share of k. What
// else is to share a resource with them (a kernel on an engine or an HBM) is to be weighed in bytes a second as well.

// One phase as one activity: all its messages coupled, so amount = 1 and uses are bytes of the whole phase.
struct FluidPhase {
  std::vector<Use> uses;  // merged by resource, in order of resource; empty when there are no bytes to move
  // launch (first phase only) + repeats × (longest route latency + step). Where a flow is active in fewer repeats than
  // the phase has (the fill of a pipelined chain), also the time of one message alone for each repeat it misses.
  Duration latency;
  double weight = 1;  // 1 ÷ bytes that a flow (a sender to one receiver) moves over all repeats
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
  Duration latency;               // route latency + step (+ launch for those that wait for no other message)
  std::uint32_t first_after = 0;  // into StepwiseMessages::after: messages that must arrive before this one starts
  std::uint32_t after_count = 0;
};
struct StepwiseMessages {
  std::vector<Message> messages;  // every message comes after those it waits for
  std::vector<Use> uses;          // shared by all messages of one route
  std::vector<std::uint32_t> after;
};
// RunError for more than kMostMessages.
inline constexpr std::int64_t kMostMessages = std::int64_t{1} << 25U;
[[nodiscard]] StepwiseMessages lower_stepwise(const Schedule& schedule, std::span<const ChipId> members,
                                              const CommunicationCosts& costs, Routes& routes,
                                              const Resources& resources);

}  // namespace orrery
