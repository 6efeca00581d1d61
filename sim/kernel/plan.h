// Each role's ops made ready to be played: stream by stream, host times summed up, partners numbered.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "sim/kernel/program.h"

namespace orrery::kernel {

// One op in the order of its stream. Heads of streams are indices into one array of these for all roles; every stream
// ends with a sentinel (`end`).
struct PlannedOp {
  Duration earliest;         // it starts no sooner than this after its epoch began (may be negative for compute)
  std::uint32_t op = 0;      // index into the role's ops
  std::uint32_t body = 0;    // as in Op; of equal collectives always the first one's
  std::uint32_t epoch = 0;   // the head that the host's stream must have reached: the host syncs before it are done
  std::uint32_t number = 0;  // of a collective on its group, of a message in its lane: k meets k
  std::uint32_t first_wait = 0;
  std::uint16_t wait_count = 0;
  OpKind kind = OpKind::kCompute;
  bool end = false;
};

// Satisfied when the head of the rank's stream has reached `head`.
struct PlannedWait {
  std::uint32_t stream = 0;
  std::uint32_t head = 0;
};

// Kinds of lane: messages that differ in this can't meet. A receive has the kind of the sends that it meets.
using LaneKind = std::uint32_t;

class Plan {
 public:
  explicit Plan(const Program& program);  // a valid one

  [[nodiscard]] const PlannedOp& operator[](std::uint32_t head) const { return ops_[head]; }
  [[nodiscard]] std::span<const PlannedWait> waits(const PlannedOp& op) const {
    return {waits_.data() + op.first_wait, op.wait_count};
  }
  [[nodiscard]] std::uint32_t first(std::uint32_t role, std::uint32_t stream) const {
    return first_[role * streams_ + stream];
  }
  // How many collectives a role runs on a group.
  [[nodiscard]] std::uint32_t collectives(std::uint32_t role, GroupSpecId group) const {
    return collective_counts_[role * groups_ + group.index()];
  }

  struct Lane {
    LaneKind kind = 0;
    std::uint32_t count = 0;  // messages a step
  };
  // Lanes of a role, in order of kind.
  [[nodiscard]] std::span<const Lane> sends(std::uint32_t role) const { return sends_[role]; }
  [[nodiscard]] std::span<const Lane> receives(std::uint32_t role) const { return receives_[role]; }
  // Of a message (index into Program::messages) seen from its sender or from its receiver.
  [[nodiscard]] LaneKind kind_of_send(std::uint32_t message) const { return kind_of_send_[message]; }
  [[nodiscard]] LaneKind kind_of_receive(std::uint32_t message) const { return kind_of_receive_[message]; }

 private:
  void find_equal_collectives(const Program& program);
  void find_lane_kinds(const Program& program);
  void add_role(const Program& program, std::uint32_t role);

  std::uint32_t streams_ = 0;
  std::uint32_t groups_ = 0;
  std::vector<PlannedOp> ops_;
  std::vector<PlannedWait> waits_;
  std::vector<std::uint32_t> first_;              // role × stream
  std::vector<std::uint32_t> collective_counts_;  // role × group
  std::vector<std::uint32_t> equal_collective_;   // index into Program::collectives → the first one equal to it
  std::vector<LaneKind> kind_of_send_;
  std::vector<LaneKind> kind_of_receive_;
  std::vector<std::vector<Lane>> sends_;
  std::vector<std::vector<Lane>> receives_;
};

}  // namespace orrery::kernel
