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
  Duration launch;          // once a collective: kernel start and rendezvous of its ranks
  Duration step;            // each message: flag, fence, copy into the next buffer
  double engine_share = 0;  // of each member's engine while a collective runs alone (channels ÷ cores)
  double hbm_per_byte = 1;  // HBM bytes drawn at each end per byte sent
};

// One phase as one activity: all its messages coupled, so amount = 1 and uses are bytes of the whole phase.
struct FluidPhase {
  std::vector<Use> uses;  // merged by resource, in order of resource
  Duration latency;       // launch (first phase only) + repeats × (longest route latency + step)
};
[[nodiscard]] std::vector<FluidPhase> lower_fluid(const Schedule& schedule, std::span<const ChipId> members,
                                                  const CommunicationCosts& costs, Routes& routes,
                                                  const Resources& resources);

// One message as one activity (amount = bytes, uses per byte).
struct Message {
  std::int32_t from = 0;  // positions
  std::int32_t to = 0;
  Bytes bytes;
  std::uint32_t first_use = 0;  // into StepwiseMessages::uses
  std::uint32_t use_count = 0;
  Duration latency;               // route latency + step (+ launch before a position's first message)
  std::uint32_t first_after = 0;  // into StepwiseMessages::after: messages that must arrive before this one starts
  std::uint32_t after_count = 0;
};
struct StepwiseMessages {
  std::vector<Message> messages;  // every message comes after those it waits for
  std::vector<Use> uses;          // shared by all messages of one route
  std::vector<std::uint32_t> after;
};
[[nodiscard]] StepwiseMessages lower_stepwise(const Schedule& schedule, std::span<const ChipId> members,
                                              const CommunicationCosts& costs, Routes& routes,
                                              const Resources& resources);

}  // namespace orrery
