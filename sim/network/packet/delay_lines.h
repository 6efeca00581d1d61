// Notices that arrive a fixed time after they are sent: acknowledgements, credits, pauses.
//
// They are small and have priority: propagation and nothing else. All that take the same time arrive in the order in
// which they left, so they stand in one queue, and only its first is an event. There are as many queues as distinct
// delays: on regular fabrics a handful, however many flows there are.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <utility>
#include <vector>

#include "sim/base/units.h"

namespace orrery::packet {

enum class Word : std::uint8_t {
  kBegin,         // to a receiver: a flow has something to send
  kAcknowledged,  // to a sender: a packet has arrived
  kMarked,        // to a sender: a packet has arrived with a mark
  kTrimmed,       // to a sender, or to a receiver that gives credit: only a packet's header has arrived
  kCredit,        // to a sender: send one packet
  kPause,         // to the tail of a link
  kResume,
};
// Which packet of a flow is meant, where it matters.
enum class Which : std::uint8_t { kNew, kFull, kLast };

struct Notice {
  Time at{};
  std::uint32_t to = 0;  // a flow, or a link
  Word word = Word::kBegin;
  Which which = Which::kNew;
};

class DelayLines {
 public:
  // The line of that delay; a new one when there is none yet.
  [[nodiscard]] std::uint32_t line(Duration delay) {
    const auto place = std::lower_bound(
        order_.begin(), order_.end(), delay,
        [](const std::pair<Duration, std::uint32_t>& entry, Duration wanted) { return entry.first < wanted; });
    if (place != order_.end() && place->first == delay) return place->second;
    const auto index = static_cast<std::uint32_t>(lines_.size());
    order_.insert(place, {delay, index});
    lines_.push_back({delay, 0, 0, std::vector<Notice>(kLeast)});
    return index;
  }
  [[nodiscard]] Duration delay(std::uint32_t line) const { return lines_[line].delay; }

  // True when it is the only one on its line.
  bool send(std::uint32_t index, Time now, Notice notice) {
    Line& line = lines_[index];
    notice.at = saturating_sum(now, line.delay);
    if (line.count == line.ring.size()) grow(line);
    line.ring[(line.first + line.count) & (line.ring.size() - 1)] = notice;
    return ++line.count == 1;
  }
  [[nodiscard]] bool empty(std::uint32_t line) const { return lines_[line].count == 0; }
  [[nodiscard]] const Notice& front(std::uint32_t line) const { return lines_[line].ring[lines_[line].first]; }
  void pop(std::uint32_t index) {
    Line& line = lines_[index];
    assert(line.count > 0);
    line.first = (line.first + 1) & (line.ring.size() - 1);
    --line.count;
  }

 private:
  static constexpr std::size_t kLeast = 16;  // a power of two
  struct Line {
    Duration delay;
    std::size_t first = 0;
    std::size_t count = 0;
    std::vector<Notice> ring;
  };
  static void grow(Line& line) {
    std::rotate(line.ring.begin(), line.ring.begin() + static_cast<std::ptrdiff_t>(line.first), line.ring.end());
    line.first = 0;
    line.ring.resize(2 * line.ring.size());
  }

  std::vector<Line> lines_;
  std::vector<std::pair<Duration, std::uint32_t>> order_;  // by delay
};

}  // namespace orrery::packet
