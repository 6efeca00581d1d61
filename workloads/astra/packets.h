// How one rank goes through one phase of a collective, message by message, as ASTRA-sim's algorithms count.
//
// All three (ring, direct, halving and doubling) are one machine: a message received makes a packet; a packet is ready
// to be sent once it has been through the endpoint (and, where it was reduced, through the memory three times); the
// phase is over when all messages have been sent and the packets that the last of those received made are ready too.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "workloads/astra/inputs.h"

namespace orrery::astra {

class Packets {
 public:
  // Places in the ring of members are relative to the rank's own: `to` is where a packet goes, `from` where the one
  // comes from that is received at the same time.
  struct Packet {
    std::uint64_t bytes = 0;
    std::uint32_t to = 0;
    std::uint32_t from = 0;
  };

  // `place`: the rank's own among `members` ≥ 2. `bytes`: what the phase begins with. `in_group`: a ring of a
  // communicator that isn't everybody (its endpoints always take 10 ns).
  Packets(Kind kind, Implementation implementation, std::uint32_t members, std::uint32_t place, std::uint64_t bytes,
          bool in_group);

  // What the phase leaves at each member: the next one begins with it.
  [[nodiscard]] std::uint64_t final_bytes() const { return final_bytes_; }
  [[nodiscard]] std::uint32_t first_packets() const { return parallel_; }  // made to begin with

  // A packet has been made: at the beginning, or by a message that came in (which received() counts).
  struct Made {
    std::uint64_t bytes = 0;
    bool reduced = false;
  };
  Made make();
  void received() { ++received_; }

  // A packet is ready: how many may now be tried to send (send() each).
  [[nodiscard]] std::uint32_t ready();
  [[nodiscard]] std::optional<Packet> send();
  [[nodiscard]] bool over() const { return to_send_ == 0 && free_ == parallel_; }

 private:
  [[nodiscard]] Packet next_packet() const;
  void move_on();

  Kind kind_;
  Algorithm algorithm_;
  std::uint32_t members_;
  std::uint32_t place_;
  std::uint64_t bytes_;  // of the next packet
  std::uint64_t final_bytes_;
  std::uint64_t to_send_;
  std::uint32_t parallel_ = 1;
  std::uint64_t later_ = 0;  // packets of a round that follow its first ones
  std::uint32_t first_left_ = 0;
  std::uint64_t later_left_ = 0;
  bool odd_round_ = false;
  std::uint32_t free_ = 0;  // ready packets that haven't been sent
  std::uint32_t received_ = 0;
  std::uint32_t distance_ = 1;  // to the next receiver
  bool doubling_ = false;       // of halving and doubling: on the way back
  std::deque<Packet> packets_;
};

}  // namespace orrery::astra
