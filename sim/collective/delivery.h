// Whether messages bring what a collective promises: who holds whose contribution to which piece, played symbolically.
//
// It knows the rules of moving data and no algorithm. Where a kind says which data is whose (all-gather, gather,
// scatter, reduce-scatter) an algorithm may number the pieces as it likes, if each member has an equal part of them: a
// piece belongs to who sends it first, or to who is left with it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/collective/schedule.h"

namespace orrery {

// What every position holds, message by message.
class Delivery {
 public:
  using Content = std::vector<std::uint64_t>;  // a bit for each position whose contribution is in it
  // `sums`: whether a barrier's messages are added up (else each position's word is a piece of its own). `switches`:
  // how many take part (schedule.h); they have nothing of their own.
  Delivery(CollectiveKind kind, std::size_t members, std::int32_t pieces, bool sums, std::size_t switches = 0);

  // The functions return what is wrong, empty if nothing.
  //
  // What `from` would send now of the piece; `when` it came (as `receive` was told; kStart: from the start).
  [[nodiscard]] std::string send(std::int32_t from, std::int32_t piece, Content& content, std::int64_t& when);
  // A sum may count nobody twice; but what a switch hands up may hold the receiver's own part, whose place it takes. A
  // copy must bring the finished piece.
  [[nodiscard]] std::string receive(std::int32_t to, std::int32_t piece, const Content& content, bool reduces,
                                    std::int64_t when, bool from_switch = false);
  [[nodiscard]] std::string at_end() const;
  static constexpr std::int64_t kStart = -1;

 private:
  [[nodiscard]] std::size_t at(std::size_t place, std::size_t piece) const { return place * pieces_ + piece; }
  [[nodiscard]] bool finished(std::size_t cell) const;
  [[nodiscard]] bool held(std::size_t cell) const;
  void put_all(std::size_t cell);
  [[nodiscard]] std::string has_all(std::size_t position) const;
  [[nodiscard]] std::string equal_parts(const std::vector<std::int32_t>& owner) const;
  [[nodiscard]] std::string scattered() const;
  [[nodiscard]] std::string gathered() const;
  [[nodiscard]] std::string exchanged() const;

  CollectiveKind kind_;
  bool sums_;
  std::size_t members_;
  std::size_t pieces_;
  std::size_t words_;                 // of a cell
  std::vector<std::uint64_t> holds_;  // by cell: place · pieces + piece
  std::vector<std::int64_t> when_;    // by cell
  std::vector<bool> passed_on_;       // by cell
  std::vector<std::int32_t> owner_;   // by piece: who had it first; −1: nobody yet
};

// Plays the schedule by the rules of schedule.h, content that hasn't surely arrived doesn't count. Empty when it
// delivers what the collective promises; else what went wrong.
[[nodiscard]] std::string undelivered(CollectiveKind kind, std::size_t members, const Schedule& schedule);

// The j-th of the pieces that message number k of the transfer carries.
[[nodiscard]] std::int32_t piece_carried(const Transfer& transfer, std::int32_t k, std::int32_t j);

}  // namespace orrery
