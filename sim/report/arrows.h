// Which receive each send meets, known from the roles alone: numbers for the arrows of a trace.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "sim/kernel/program.h"

namespace orrery {

// CORRECTNESS: the k-th send from a to b on a channel meets b's k-th receive from a on it, in the order of the roles
// (sim/kernel/program.h).
class Arrows {
 public:
  explicit Arrows(const Program& program);  // a valid one

  // Of a send or receive that `rank` runs: the same number for both ends of a message, different for all messages of a
  // step, > 0. 0 where nothing meets it.
  [[nodiscard]] std::uint64_t number(RankId rank, std::uint32_t op) const;

 private:
  // Towards which peer and on which channel, seen from the sender: messages that differ in it can't meet.
  struct Lane {
    std::uint32_t dimension = 0;
    std::uint32_t delta = 0;  // modulo the size; 0 for a message to oneself, whatever the dimension
    std::uint32_t channel = 0;
    friend auto operator<=>(const Lane&, const Lane&) = default;
  };
  [[nodiscard]] Lane lane_of_send(const MessageOp& message) const;
  [[nodiscard]] Lane lane_of_receive(const MessageOp& message) const;

  const Program* program_;
  std::uint64_t most_ops_ = 1;                                     // of any role
  std::vector<std::map<Lane, std::vector<std::uint32_t>>> sends_;  // by role: its sends of each lane, in order
  std::vector<std::vector<std::uint32_t>> place_;                  // [role][op]: k of the message in its lane
};

}  // namespace orrery
