// A member is finished when all messages that it sends and receives have arrived; others may still be at work.
#include "sim/kernel/exchanges.h"

namespace orrery::kernel {

ExchangeId ExchangeBook::add(StepwiseMessages messages, std::size_t positions) {
  Entry entry;
  const std::size_t count = messages.messages.size();
  entry.first_dependent.assign(count + 1, 0);
  entry.messages_at.assign(positions, 0);
  const auto waits = [&](const Message& message) {
    return std::span(messages.after).subspan(message.first_after, message.after_count);
  };
  for (const Message& message : messages.messages)
    for (const std::uint32_t before : waits(message)) ++entry.first_dependent[before + 1];
  for (std::size_t m = 0; m < count; ++m) entry.first_dependent[m + 1] += entry.first_dependent[m];
  entry.dependents.resize(entry.first_dependent.back());
  std::vector<std::uint32_t> next(entry.first_dependent.begin(), entry.first_dependent.end() - 1);
  for (std::uint32_t m = 0; m < count; ++m) {
    const Message& message = messages.messages[m];
    for (const std::uint32_t before : waits(message)) entry.dependents[next[before]++] = m;
    // A message to oneself counts twice, here and when it arrives.
    ++entry.messages_at[static_cast<std::size_t>(message.from)];
    ++entry.messages_at[static_cast<std::size_t>(message.to)];
  }
  entry.lowered = std::move(messages);
  return entries_.add(std::move(entry));
}

void ExchangeBook::add_work(std::vector<double>& work) const {
  for (const Entry& entry : entries_) {
    for (const Message& message : entry.lowered.messages) {
      const double bytes = static_cast<double>(entry.times) * message.bytes.as_double();
      for (std::uint32_t u = message.first_use; u < message.first_use + message.use_count; ++u)
        work[entry.lowered.uses[u].resource.index()] += bytes * entry.lowered.uses[u].amount;
    }
  }
}

void Exchanges::begin(ExchangeId exchange, std::span<const SlotId> seats, Time now, std::vector<SlotId>& over) {
  ExchangeBook::Entry& entry = book_->entries_[exchange];
  ++entry.times;
  for (std::size_t position = 0; position < seats.size(); ++position)
    if (entry.messages_at[position] == 0) over.push_back(seats[position]);
  const std::vector<Message>& messages = entry.lowered.messages;
  if (messages.empty()) return;

  if (free_running_.empty()) {
    free_running_.push_back(static_cast<std::uint32_t>(running_.size()));
    running_.emplace_back();
  }
  const std::uint32_t index = free_running_.back();
  free_running_.pop_back();
  Running& running = running_[index];
  running.exchange = exchange;
  running.seats.assign(seats.begin(), seats.end());
  running.left_at = entry.messages_at;
  running.left = messages.size();
  running.waits_left.resize(messages.size());
  for (std::uint32_t m = 0; m < messages.size(); ++m) running.waits_left[m] = messages[m].after_count;
  running.ready.assign(messages.size(), now);
  for (std::uint32_t m = 0; m < messages.size(); ++m)
    if (messages[m].after_count == 0) send(index, m, now);
}

void Exchanges::send(std::uint32_t running, std::uint32_t message, Time now) {
  if (free_flights_.empty()) {
    free_flights_.push_back(static_cast<std::uint32_t>(flights_.size()));
    flights_.emplace_back();
  }
  const std::uint32_t flight = free_flights_.back();
  free_flights_.pop_back();
  flights_[flight] = {running, message};
  const StepwiseMessages& lowered = book_->entries_[running_[running].exchange].lowered;
  const Duration latency = latency_left(lowered.messages[message], running_[running].ready[message], now);
  network_->start(lowered.activity(message, latency, kind_ | flight), now);
}

void Exchanges::arrive(std::uint32_t flight, Time now, std::vector<SlotId>& over) {
  const auto [index, message] = flights_[flight];
  free_flights_.push_back(flight);
  Running& running = running_[index];
  const ExchangeBook::Entry& entry = book_->entries_[running.exchange];
  const Message& m = entry.lowered.messages[message];
  for (const std::int32_t position : {m.from, m.to}) {
    const auto seat = static_cast<std::size_t>(position);
    if (--running.left_at[seat] == 0) over.push_back(running.seats[seat]);
  }
  for (std::uint32_t d = entry.first_dependent[message]; d < entry.first_dependent[message + 1]; ++d) {
    const std::uint32_t waiter = entry.dependents[d];
    if (!is_previous(entry.lowered, message, waiter)) running.ready[waiter] = now;
    if (--running.waits_left[waiter] == 0) send(index, waiter, now);
  }
  if (--running.left == 0) free_running_.push_back(index);
}

}  // namespace orrery::kernel
