// Which algorithm and protocol a collective takes, and why: the library's own model decides, as in the real one.
//
// NCCL's tuner reckons base + steps × latency + bytes ÷ bandwidth for each algorithm and protocol, from tables of its
// own, and takes the least; it is at times wrong, and so is then the machine. Here the same schedule is lowered twice:
// with what the tuner believes, to choose, and with what was measured, to tell the time. A library without a tuner's
// tables is taken to choose what is fastest.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/collective/communication_library.h"

namespace orrery {

// "auto:ring", in place of an algorithm's name: that algorithm, by the protocol and at the costs that the tuner takes
// for it. What stands behind the colon; empty where the name is none of these.
[[nodiscard]] std::string_view named_to_tuner(std::string_view name);
[[nodiscard]] std::string for_tuner(std::string_view algorithm);
// What a file or an option may say for this kind: the algorithms that do it, and kTunersChoice.
[[nodiscard]] std::vector<std::string> algorithm_names(CollectiveKind kind);

struct Choice {
  const CollectiveAlgorithm* algorithm = nullptr;
  const Method* method = nullptr;  // of the library; nullptr where there is none
  CommunicationCosts costs;        // of this collective
  Duration believed;               // by the tuner's tables; by `costs` where it has none
};

// Alone on an idle machine: each phase's latency and the longest of its uses over their capacities.
[[nodiscard]] Duration lone_time(std::span<const FluidPhase> phases, const Resources& resources);

class Tuner {
 public:
  // `library` may be nullptr; what is given must outlive this. `others`: what a collective costs without a library.
  Tuner(const CommunicationLibrary* library, const CommunicationCosts& others, const Resources& resources)
      : library_(library), others_(others), resources_(&resources) {}

  // Every method that does this kind for this group, the one to take first. `algorithm` and `protocol`: only such
  // methods; empty: any. Empty when the library has none.
  [[nodiscard]] std::vector<Choice> choices(CollectiveKind kind, const Group& group, std::span<const ChipId> members,
                                            Bytes bytes, Routes& routes, std::string_view algorithm = {},
                                            std::string_view protocol = {}) const;
  // The first of them; where there is none, the algorithm that is fastest alone at the costs without a library, or
  // `algorithm` at these where one is named. Choice::algorithm is nullptr when nothing does this.
  [[nodiscard]] Choice choose(CollectiveKind kind, const Group& group, std::span<const ChipId> members, Bytes bytes,
                              Routes& routes, std::string_view algorithm = {}) const;

 private:
  const CommunicationLibrary* library_;
  CommunicationCosts others_;
  const Resources* resources_;
};

}  // namespace orrery
