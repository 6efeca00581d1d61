// Plays a plan symbolically: by pieces where they are said, else by who has heard of whom.
#include <fmt/format.h>

#include <algorithm>

#include "sim/collective/delivery.h"
#include "sim/collective/message_plan.h"

namespace orrery {

namespace {

// Which messages a message waits for, through however many others. Kept for plans of up to kMostOrdered messages; in
// longer ones the order in the file is taken for the order in time.
class Order {
 public:
  explicit Order(const MessagePlan& plan) : known_(plan.messages.size() <= kMostOrdered) {
    if (!known_) return;
    before_.assign(plan.messages.size(), std::vector<bool>(plan.messages.size(), false));
    for (std::size_t m = 0; m < plan.messages.size(); ++m) {
      for (const std::uint32_t earlier : plan.waits(plan.messages[m])) {
        before_[m][earlier] = true;
        for (std::size_t k = 0; k < earlier; ++k)
          if (before_[earlier][k]) before_[m][k] = true;
      }
    }
  }
  [[nodiscard]] bool surely_before(std::size_t earlier, std::size_t later) const {
    return !known_ || before_[later][earlier];
  }

 private:
  static constexpr std::size_t kMostOrdered = 4096;
  bool known_;
  std::vector<std::vector<bool>> before_;
};

MessagePlanFault by_pieces(const MessagePlan& plan, bool sums) {
  const Order order(plan);
  Delivery delivery(plan.kind, plan.members, plan.pieces, sums);
  // By position and piece: the messages that brought something to it.
  const auto pieces = static_cast<std::size_t>(plan.pieces);
  std::vector<std::vector<std::size_t>> brought(plan.members * pieces);
  Delivery::Content content;
  for (std::size_t m = 0; m < plan.messages.size(); ++m) {
    const PlannedMessage& message = plan.messages[m];
    const auto number = static_cast<std::int64_t>(m);
    for (std::int32_t piece = message.piece; piece < message.piece + message.pieces; ++piece) {
      std::int64_t when = 0;
      std::string wrong = delivery.send(message.from, piece, content, when);
      if (!wrong.empty()) return {wrong, number};
      const auto at = static_cast<std::size_t>(piece);
      for (const std::size_t earlier : brought[static_cast<std::size_t>(message.from) * pieces + at])
        if (!order.surely_before(earlier, m))
          return {fmt::format("{} may send piece {} on before it has come: this doesn't wait for message {}",
                              message.from, piece, earlier + 1),
                  number};
      wrong = delivery.receive(message.to, piece, content, message.reduces, number);
      if (!wrong.empty()) return {wrong, number};
      brought[static_cast<std::size_t>(message.to) * pieces + at].push_back(m);
    }
  }
  return {delivery.at_end(), -1};
}

MessagePlanFault by_word(const MessagePlan& plan) {
  const std::size_t n = plan.members;
  std::vector<std::vector<bool>> heard(n, std::vector<bool>(n, false));
  for (std::size_t p = 0; p < n; ++p) heard[p][p] = true;
  for (const PlannedMessage& message : plan.messages) {
    const std::vector<bool> word = heard[static_cast<std::size_t>(message.from)];
    for (std::size_t p = 0; p < n; ++p)
      if (word[p]) heard[static_cast<std::size_t>(message.to)][p] = true;
  }
  const bool from_root = plan.kind == CollectiveKind::kBroadcast || plan.kind == CollectiveKind::kScatter ||
                         plan.kind == CollectiveKind::kSendRecv;
  const bool to_root = plan.kind == CollectiveKind::kReduce || plan.kind == CollectiveKind::kGather;
  for (std::size_t to = 0; to < (to_root ? 1 : n); ++to)
    for (std::size_t from = 0; from < (from_root ? 1 : n); ++from)
      if (!heard[to][from]) return {fmt::format("nothing of {}'s can have come to {}", from, to), -1};
  return {};
}

}  // namespace

MessagePlanFault fault_of(const MessagePlan& plan) {
  bool sums = false;
  std::size_t said = 0;
  for (const PlannedMessage& message : plan.messages) {
    sums = sums || message.reduces;
    if (message.piece != kAnyPiece) ++said;
  }
  // Beyond this the record of who holds what would outgrow memory.
  constexpr std::size_t kMostRecords = std::size_t{1} << 24U;
  const std::size_t records = plan.members * static_cast<std::size_t>(plan.pieces) * ((plan.members + 63) / 64);
  const bool all_said = said == plan.messages.size() && said > 0;
  return all_said && records <= kMostRecords ? by_pieces(plan, sums) : by_word(plan);
}

}  // namespace orrery
