// Stepwise collectives under way: message by message, each started by those that it waits for.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/collective/lower.h"
#include "sim/kernel/slot.h"
#include "sim/network/network.h"

namespace orrery::kernel {

using ExchangeId = Id<struct ExchangeTag>;

// A lowered collective with what an exchange needs to run it: who waits for whom, in both directions.
class ExchangeBook {
 public:
  // `positions`: size of the communicator.
  ExchangeId add(StepwiseMessages messages, std::size_t positions);
  void add_work(std::vector<double>& work) const;

 private:
  friend class Exchanges;
  struct Entry {
    StepwiseMessages lowered;
    std::vector<std::uint32_t> first_dependent;  // by message, and one past the last
    std::vector<std::uint32_t> dependents;
    std::vector<std::uint32_t> messages_at;  // by position: sent and received
    std::uint64_t times = 0;
  };
  Table<ExchangeId, Entry> entries_;
};

class Exchanges {
 public:
  // Messages are started with tags `kind | flight`.
  Exchanges(ExchangeBook& book, Network& network, std::uint32_t kind) : book_(&book), network_(&network), kind_(kind) {}

  // `seats`: the members' slots by position. Appends to `over` the slots whose part is over at once.
  void begin(ExchangeId exchange, std::span<const SlotId> seats, Time now, std::vector<SlotId>& over);
  // The message with this flight has arrived. Appends the slots whose part in the exchange is over.
  void arrive(std::uint32_t flight, Time now, std::vector<SlotId>& over);

 private:
  struct Running {
    ExchangeId exchange;
    std::vector<std::uint32_t> waits_left;  // by message
    std::vector<Time> ready;                // by message: when all but its sender's own message before had arrived
    std::vector<std::uint32_t> left_at;     // by position: messages still to be sent or received
    std::vector<SlotId> seats;
    std::size_t left = 0;  // messages
  };
  struct Flight {
    std::uint32_t running = 0;
    std::uint32_t message = 0;
  };
  void send(std::uint32_t running, std::uint32_t message, Time now);

  ExchangeBook* book_;
  Network* network_;
  std::uint32_t kind_;
  std::vector<Running> running_;
  std::vector<std::uint32_t> free_running_;
  std::vector<Flight> flights_;
  std::vector<std::uint32_t> free_flights_;
};

}  // namespace orrery::kernel
