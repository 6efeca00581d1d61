// Numbers at their offsets, each checked against where the file, or its rank's part, ends.
#include "workloads/goal/goal_binary.h"

#include <fmt/format.h>

#include <limits>

#include "sim/base/error.h"

namespace orrery::goal {
namespace {

constexpr std::uint64_t kCookie = 4223;
constexpr std::uint64_t kUsedUp = 2342;  // put there by a simulator that wrote over the rest (--save-mem)
constexpr std::size_t kCookieBytes = 8;
constexpr std::size_t kHeaderBytes = 6;  // ranks, CPUs, NICs
constexpr std::size_t kOpBytes = 39;
constexpr std::uint64_t kMostSchedule = std::uint64_t{1} << 20;  // ranks
constexpr std::uint64_t kMostWork = std::uint64_t{1} << 50;      // a petabyte, 13 days
constexpr std::uint32_t kAnybody = std::numeric_limits<std::uint32_t>::max();

std::uint64_t little_endian(std::string_view bytes, std::size_t at, std::size_t width) {
  std::uint64_t value = 0;
  for (std::size_t i = width; i-- > 0;) value = value << 8U | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

class BinaryReader {
 public:
  BinaryReader(const std::string& name, std::string_view bytes) : name_(name), bytes_(bytes) {}

  Schedule read() {
    if (number(8) == kUsedUp) fail(0, "was used up by a simulator that ran with --save-mem: convert it again");
    const std::size_t at = at_;
    const std::uint64_t ranks = number(4);
    if (ranks == 0 || ranks > kMostSchedule) fail(at, fmt::format("of {} ranks", ranks));
    at_ = kCookieBytes + kHeaderBytes;
    Schedule schedule;
    need(at_, ranks, 16, "a table of ranks");
    schedule.ranks.resize(ranks);
    for (std::uint64_t rank = 0; rank < ranks; ++rank) {
      at_ = kCookieBytes + kHeaderBytes + 16 * rank;
      const std::size_t table = at_;
      const std::uint64_t begin = number(8);
      const std::uint64_t end = number(8);
      if (begin == 0 && end == 0) continue;  // the schedule has no block of this rank
      if (begin > end || end > bytes_.size() - kCookieBytes || end - begin < 8)
        fail(table, fmt::format("rank {} stands where the file has no bytes", rank));
      used_ += end - begin;
      if (used_ > bytes_.size()) fail(table, fmt::format("rank {} shares its bytes with others", rank));
      end_ = kCookieBytes + static_cast<std::size_t>(end);
      at_ = kCookieBytes + static_cast<std::size_t>(begin);
      part(static_cast<std::uint32_t>(rank), schedule);
    }
    return schedule;
  }

 private:
  [[noreturn]] void fail(std::size_t at, const std::string& message) const {
    throw InputError(SourceSpan{fmt::format("{}:byte {}", name_, at), 0, 0, 1, ""}, message);
  }
  void need(std::size_t at, std::uint64_t count, std::size_t each, const char* what) const {
    const std::size_t left = bytes_.size() - std::min(at, bytes_.size());
    if (count > left / each) fail(at, fmt::format("the file ends within {}", what));
  }
  std::uint64_t number(std::size_t width) {
    if (bytes_.size() < width || at_ > bytes_.size() - width) fail(bytes_.size(), "the file ends within a number");
    const std::uint64_t value = little_endian(bytes_, at_, width);
    at_ += width;
    return value;
  }

  void part(std::uint32_t rank, Schedule& schedule) {
    const std::size_t begin = at_;
    const std::uint64_t count = number(4);
    const std::uint64_t roots = number(4);
    need(at_, roots, 4, "what waits for nothing");
    at_ += static_cast<std::size_t>(roots) * 4;
    need(at_, count, kOpBytes, "the ops of a rank");
    const std::size_t ops_at = at_;
    list_at_ = ops_at + static_cast<std::size_t>(count) * kOpBytes;
    if (list_at_ > end_)
      fail(begin, fmt::format("rank {} says {} ops and {} roots: more than its part holds", rank, count, roots));
    listed_ = (end_ - list_at_) / 4;
    read_ = 0;
    std::vector<Op>& ops = schedule.ranks[rank];
    ops.resize(static_cast<std::size_t>(count));
    for (std::uint32_t i = 0; i < count; ++i) {
      at_ = ops_at + std::size_t{i} * kOpBytes;
      op(rank, i, schedule);
    }
  }

  void op(std::uint32_t rank, std::uint32_t index, Schedule& schedule) {
    std::vector<Op>& ops = schedule.ranks[rank];
    Op& made = ops[index];
    const std::size_t begin = at_;
    (void)number(4);
    const std::uint64_t kind = number(1);
    if (kind < 1 || kind > 3)
      fail(begin, fmt::format("an op of rank {} is of kind {}: 1, 2 and 3 are known", rank, kind));
    made.kind = kind == 1 ? Op::Kind::kSend : kind == 2 ? Op::Kind::kReceive : Op::Kind::kCompute;
    made.peer = static_cast<std::uint32_t>(number(4));
    const std::uint64_t amount = number(8);
    if (amount > kMostWork) fail(begin, fmt::format("an op of rank {} is of {} bytes or nanoseconds", rank, amount));
    made.amount = static_cast<std::int64_t>(amount);
    made.tag = static_cast<std::uint32_t>(number(4));
    made.cpu = static_cast<std::uint8_t>(number(1));
    made.nic = static_cast<std::uint8_t>(number(1));
    if (made.kind == Op::Kind::kCompute) {
      made.peer = 0;
    } else if (made.peer == kAnybody) {
      fail(begin, "a receive from anybody could get any message, so what comes of it isn't said");
    } else if (made.peer >= schedule.ranks.size() || made.peer == rank) {
      fail(begin, fmt::format("a message of rank {} to or from rank {}", rank, made.peer));
    }
    dependents(index, ops, false);
    dependents(index, ops, true);
  }

  void dependents(std::uint32_t on, std::vector<Op>& ops, bool start_only) {
    const std::size_t begin = at_;
    const std::uint64_t count = number(4);
    const std::uint64_t first = number(4);
    if (count == 0) return;
    if (count > listed_ - read_ || first > listed_ - count)
      fail(begin, "a list of ops that wait lies outside of its rank, or in another's");
    read_ += count;
    const std::size_t back = at_;
    for (std::uint64_t i = 0; i < count; ++i) {
      at_ = list_at_ + static_cast<std::size_t>(first + i) * 4;
      const std::size_t at = at_;
      const std::uint64_t waiting = number(4);
      if (waiting >= ops.size()) fail(at, fmt::format("op {} waits, of {}", waiting, ops.size()));
      Op& waits = ops[static_cast<std::size_t>(waiting)];
      (start_only ? waits.after_start : waits.after).push_back(on);
    }
    at_ = back;
  }

  std::string name_;
  std::string_view bytes_;
  std::size_t at_ = 0;
  std::size_t end_ = 0;      // of a rank's part
  std::size_t list_at_ = 0;  // of a rank: who waits
  std::size_t listed_ = 0;
  std::size_t read_ = 0;  // of the list
  std::uint64_t used_ = 0;
};

}  // namespace

bool is_goal_binary(std::string_view bytes) {
  if (bytes.size() < kCookieBytes) return false;
  const std::uint64_t cookie = little_endian(bytes, 0, kCookieBytes);
  return cookie == kCookie || cookie == kUsedUp;
}

Schedule parse_goal_binary(const std::string& name, std::string_view bytes) { return BinaryReader(name, bytes).read(); }

}  // namespace orrery::goal
