// A collective alone on an idle fabric, by any algorithm: what nccl-tests measures.
#pragma once

#include <vector>

#include "sim/collective/lower.h"
#include "sim/collective/message_plan.h"
#include "sim/collective/tuner.h"

namespace orrery {

class Alone {
 public:
  // Position i of the group is members[i]. `fabric` must outlive this and stay where it is. `make_network`: that model
  // with parameters of its own; empty: as it stands by itself. `routing` empty: minimal routes.
  Alone(const Fabric& fabric, std::vector<ChipId> members, const CommunicationCosts& costs, const NetworkKind& network,
        bool stepwise, NetworkMaker make_network = {}, const RoutingMaker& routing = {});

  // From launch to the last byte; a group of one takes no time. RunError for more messages than can be played.
  [[nodiscard]] Duration time(const CollectiveAlgorithm& algorithm, CollectiveKind kind, Bytes bytes) {
    return time(algorithm, kind, bytes, costs_);
  }
  // The same at the costs of one choice of a communication library.
  [[nodiscard]] Duration time(const CollectiveAlgorithm& algorithm, CollectiveKind kind, Bytes bytes,
                              const CommunicationCosts& costs);
  // What the library may choose from, its choice first (tuner.h).
  [[nodiscard]] std::vector<Choice> choices(const CommunicationLibrary& library, CollectiveKind kind, Bytes bytes,
                                            std::string_view algorithm = {}, std::string_view protocol = {});
  // The same of a plan of the user's own, message by message at the costs given to the constructor.
  [[nodiscard]] Duration time(const MessagePlan& plan, Bytes bytes);
  // Whether the algorithm does this among these members: some need all of them in one node, some several nodes.
  [[nodiscard]] bool has(const CollectiveAlgorithm& algorithm, CollectiveKind kind) const;
  // What member p sends q in an all-to-all-v at p·n + q (blocks.h); every all-to-all-v from now on.
  void set_sizes(std::vector<Bytes> sizes) { group_.sizes = std::move(sizes); }
  [[nodiscard]] std::size_t members() const { return members_.size(); }
  [[nodiscard]] std::size_t nodes() const;

 private:
  std::vector<ChipId> members_;
  Group group_;
  CommunicationCosts costs_;
  NetworkMaker make_network_;
  bool stepwise_;
  Routes routes_;
  Resources resources_;
};

}  // namespace orrery
