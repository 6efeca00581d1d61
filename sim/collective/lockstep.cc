// Sweeps over the repeats at which transfers begin and end: O(T·log R) for T transfers' uses of R resources.
#include "sim/collective/lockstep.h"

#include <algorithm>

namespace orrery {

namespace {

// The highest of many values that change one by one.
class Highest {
 public:
  explicit Highest(std::size_t count)  // > 0
      : leaves_(count), tree_(2 * count, 0) {}
  void set(std::size_t index, double value) {
    std::size_t node = leaves_ + index;
    tree_[node] = value;
    for (node /= 2; node > 0; node /= 2) tree_[node] = std::max(tree_[2 * node], tree_[2 * node + 1]);
  }
  [[nodiscard]] double value() const { return tree_[1]; }

 private:
  std::size_t leaves_;
  std::vector<double> tree_;  // node's children: 2·node and 2·node + 1; leaves last
};

struct Change {
  std::int32_t repeat;
  std::uint32_t transfer;
  double sign;         // +1: begins, −1: has ended
  bool paced = false;  // … to send as fast as places become free, no faster
};

std::vector<Change> changes_of(const Placed& placed, const Step& step) {
  const std::int32_t slots = placed.costs().slots;
  std::vector<Change> changes;
  changes.reserve(2 * step.transfers.size());
  for (std::uint32_t t = 0; t < step.transfers.size(); ++t) {
    const Transfer& transfer = step.transfers[t];
    const std::int32_t end = transfer.first + transfer.count;
    changes.push_back({transfer.first, t, 1});
    changes.push_back({end, t, -1});
    if (slots == 0 || transfer.count <= slots || !placed.leaves_node(transfer)) continue;
    changes.push_back({transfer.first + slots, t, 1, true});
    changes.push_back({end, t, -1, true});
  }
  std::sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) { return a.repeat < b.repeat; });
  return changes;
}

}  // namespace

double lockstep_seconds(const Placed& placed, const Step& step) {
  if (step.bytes == Bytes()) return 0;
  std::vector<Use> uses;  // a message of each transfer, in pieces: whole numbers add up exactly
  std::vector<std::size_t> first_use{0};
  std::vector<ResourceId> touched;
  Duration longest;  // message between nodes
  for (const Transfer& transfer : step.transfers) {
    const Duration latency = placed.append(transfer, static_cast<double>(transfer.pieces), uses);
    if (placed.leaves_node(transfer)) longest = std::max(longest, latency);
    first_use.push_back(uses.size());
  }
  for (const Use& use : uses)
    if (placed.capacity(use.resource) > 0) touched.push_back(use.resource);
  std::sort(touched.begin(), touched.end());
  touched.erase(std::unique(touched.begin(), touched.end()), touched.end());

  // After the resources: what each member sends, under the ceiling, and what its host does, a byte of each message;
  // infinite ceilings make no load.
  const std::size_t senders = touched.size();
  const std::size_t hosts = senders + placed.size();
  const double host_rate = step.bytes.as_double() / placed.costs().message_work.in_seconds();
  std::vector<double> load(hosts + placed.size() + 1, 0);
  Highest highest(load.size());
  const auto add = [&](std::size_t at, double pieces, double capacity) {
    load[at] += pieces;
    highest.set(at, load[at] / capacity);
  };
  std::int32_t most_pieces = 0;  // of a message
  for (const Transfer& transfer : step.transfers)
    if (!is_switch(transfer.from)) most_pieces = std::max(most_pieces, transfer.pieces);
  const double slowest_message = most_pieces / placed.costs().message_ceiling;
  // Of a byte, where there are slots.
  const double pace = (2 * longest.in_seconds() / step.bytes.as_double() + slowest_message) / placed.costs().slots;
  std::int32_t paced = 0;  // transfers
  double seconds = 0;
  std::int32_t now = 0;
  for (const Change& change : changes_of(placed, step)) {
    seconds += std::max({highest.value(), slowest_message, paced > 0 ? pace : 0}) * (change.repeat - now);
    now = change.repeat;
    if (change.paced) {
      paced += change.sign > 0 ? 1 : -1;
      continue;
    }
    for (std::size_t u = first_use[change.transfer]; u < first_use[change.transfer + 1]; ++u) {
      const double capacity = placed.capacity(uses[u].resource);
      if (capacity <= 0) continue;
      const auto at = std::lower_bound(touched.begin(), touched.end(), uses[u].resource) - touched.begin();
      add(static_cast<std::size_t>(at), change.sign * uses[u].amount, capacity);
    }
    const Transfer& transfer = step.transfers[change.transfer];
    if (!is_switch(transfer.from))
      add(senders + static_cast<std::size_t>(transfer.from), change.sign * transfer.pieces, placed.costs().ceiling);
    if (placed.costs().message_work == Duration() || !placed.leaves_node(transfer)) continue;
    for (const std::int32_t position : {transfer.from, transfer.to})
      if (!is_switch(position)) add(hosts + static_cast<std::size_t>(position), change.sign, host_rate);
  }
  return seconds * step.bytes.as_double();
}

}  // namespace orrery
