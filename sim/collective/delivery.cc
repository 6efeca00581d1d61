// Sets of contributors as words of bits; switches' cells behind the members'; messages of one repeat all see what was
// there before it.
#include "sim/collective/delivery.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace orrery {

namespace {

constexpr std::int32_t kNobody = -1;

bool sums_up(CollectiveKind kind, bool barrier_sums) {
  return kind == CollectiveKind::kAllReduce || kind == CollectiveKind::kReduceScatter ||
         kind == CollectiveKind::kReduce || (kind == CollectiveKind::kBarrier && barrier_sums);
}

}  // namespace

Delivery::Delivery(CollectiveKind kind, std::size_t members, std::int32_t pieces, bool sums, std::size_t switches)
    : kind_(kind),
      sums_(sums_up(kind, sums)),
      members_(members),
      pieces_(static_cast<std::size_t>(pieces)),
      words_((members + 63) / 64),
      holds_((members_ + switches) * pieces_ * words_, 0),
      when_((members_ + switches) * pieces_, kStart),
      passed_on_((members_ + switches) * pieces_, false),
      owner_(pieces_, kNobody) {
  const bool from_root =
      kind == CollectiveKind::kBroadcast || kind == CollectiveKind::kScatter || kind == CollectiveKind::kSendRecv;
  const bool blocks = kind == CollectiveKind::kAllToAll || kind == CollectiveKind::kAllToAllV;
  for (std::size_t x = 0; x < pieces_; ++x) {
    if (sums_)
      for (std::size_t p = 0; p < members_; ++p) holds_[at(p, x) * words_ + p / 64] |= std::uint64_t{1} << (p % 64);
    if (from_root) owner_[x] = 0;
    if (blocks) owner_[x] = static_cast<std::int32_t>(x / members_);
    if (owner_[x] != kNobody) put_all(at(static_cast<std::size_t>(owner_[x]), x));
  }
}

bool Delivery::held(std::size_t cell) const {
  for (std::size_t w = 0; w < words_; ++w)
    if (holds_[cell * words_ + w] != 0) return true;
  return false;
}

bool Delivery::finished(std::size_t cell) const {
  for (std::size_t p = 0; p < members_; ++p)
    if ((holds_[cell * words_ + p / 64] >> (p % 64) & 1U) == 0) return false;
  return true;
}

void Delivery::put_all(std::size_t cell) {
  for (std::size_t p = 0; p < members_; ++p) holds_[cell * words_ + p / 64] |= std::uint64_t{1} << (p % 64);
}

std::string Delivery::send(std::int32_t from, std::int32_t piece, Content& content, std::int64_t& when) {
  if (piece < 0 || static_cast<std::size_t>(piece) >= pieces_) return fmt::format("there is no piece {}", piece);
  const auto x = static_cast<std::size_t>(piece);
  const std::size_t cell = at(place_of(from, members_), x);
  if (!held(cell) && owner_[x] == kNobody && !is_switch(from)) {
    owner_[x] = from;
    put_all(cell);
  }
  if (!held(cell)) return fmt::format("{} doesn't have piece {}", from, piece);
  passed_on_[cell] = true;
  when = when_[cell];
  const auto begin = holds_.begin() + static_cast<std::ptrdiff_t>(cell * words_);
  content.assign(begin, begin + static_cast<std::ptrdiff_t>(words_));
  return {};
}

std::string Delivery::receive(std::int32_t to, std::int32_t piece, const Content& content, bool reduces,
                              std::int64_t when, bool from_switch) {
  const std::size_t cell = at(place_of(to, members_), static_cast<std::size_t>(piece));
  if (reduces && !sums_) return fmt::format("piece {} is added up where nothing is to be summed", piece);
  Content twice(words_);
  for (std::size_t w = 0; w < words_; ++w) twice[w] = holds_[cell * words_ + w] & content[w];
  if (from_switch && !is_switch(to)) {
    const auto own = static_cast<std::size_t>(to);
    twice[own / 64] &= ~(std::uint64_t{1} << (own % 64));
  }
  for (std::size_t w = 0; w < words_; ++w)
    if (reduces && twice[w] != 0)
      return fmt::format("{} adds a contribution to piece {} that it has already", to, piece);
  for (std::size_t w = 0; w < words_; ++w) {
    std::uint64_t& word = holds_[cell * words_ + w];
    word = reduces ? word | content[w] : content[w];
  }
  if (!reduces && !finished(cell)) return fmt::format("{} gets a copy of piece {} before it is finished", to, piece);
  when_[cell] = when;
  passed_on_[cell] = false;
  return {};
}

std::string Delivery::has_all(std::size_t position) const {
  for (std::size_t x = 0; x < pieces_; ++x)
    if (!finished(at(position, x)))
      return fmt::format("{} ends without {}piece {}", position, sums_ ? "all of " : "", x);
  return {};
}

std::string Delivery::equal_parts(const std::vector<std::int32_t>& owner) const {
  std::vector<std::size_t> parts(members_, 0);
  for (std::size_t x = 0; x < pieces_; ++x) {
    if (owner[x] == kNobody) return fmt::format("piece {} belongs to nobody", x);
    ++parts[static_cast<std::size_t>(owner[x])];
  }
  for (std::size_t p = 0; p < members_; ++p)
    if (parts[p] * members_ != pieces_)
      return fmt::format("{} of {} pieces are {}'s: not an equal part", parts[p], pieces_, p);
  return {};
}

// A piece belongs to who has it, finished, and hasn't passed it on.
std::string Delivery::scattered() const {
  std::vector<std::int32_t> owner(pieces_, kNobody);
  for (std::size_t x = 0; x < pieces_; ++x) {
    for (std::size_t p = 0; p < members_; ++p) {
      if (!finished(at(p, x)) || passed_on_[at(p, x)]) continue;
      if (owner[x] != kNobody) return fmt::format("piece {} is left at {} and {}", x, owner[x], p);
      owner[x] = static_cast<std::int32_t>(p);
    }
  }
  return equal_parts(owner);
}

// What nobody sends is the root's own.
std::string Delivery::gathered() const {
  std::vector<std::int32_t> owner = owner_;
  for (std::size_t x = 0; x < pieces_; ++x) {
    if (owner[x] == kNobody) owner[x] = 0;
    if (owner_[x] != kNobody && !finished(at(0, x))) return fmt::format("0 ends without piece {}", x);
  }
  return equal_parts(owner);
}

std::string Delivery::exchanged() const {
  if (pieces_ != members_ * members_) return fmt::format("{} blocks, not one for each pair", pieces_);
  for (std::size_t from = 0; from < members_; ++from)
    for (std::size_t to = 0; to < members_; ++to)
      if (!finished(at(to, from * members_ + to))) return fmt::format("{} ends without {}'s block for it", to, from);
  return {};
}

std::string Delivery::at_end() const {
  switch (kind_) {
    case CollectiveKind::kReduceScatter:
    case CollectiveKind::kScatter:
      return scattered();
    case CollectiveKind::kAllToAll:
    case CollectiveKind::kAllToAllV:
      return exchanged();
    case CollectiveKind::kGather:
      return gathered();
    case CollectiveKind::kReduce:
      return has_all(0);
    default:
      break;
  }
  std::string wrong;
  const bool everyone_gives = kind_ == CollectiveKind::kAllGather || kind_ == CollectiveKind::kBarrier;
  if (everyone_gives && !sums_) wrong = equal_parts(owner_);
  for (std::size_t p = 0; p < members_ && wrong.empty(); ++p) wrong = has_all(p);
  return wrong;
}

std::int32_t piece_carried(const Transfer& transfer, std::int32_t k, std::int32_t j) {
  const std::int32_t on = transfer.stride * k + j;
  if (transfer.period == 0) return transfer.piece + on;
  const std::int32_t place = (transfer.piece % transfer.period + on) % transfer.period;
  return transfer.piece - transfer.piece % transfer.period + (place < 0 ? place + transfer.period : place);
}

namespace {

struct Arrival {
  std::int32_t to;
  std::int32_t piece;
  Delivery::Content content;
  bool reduces;
  std::int64_t when;
  bool from_switch;
};

// When something came: the repeat, counted over all steps, and the channel that brought it.
constexpr std::int64_t kMostChannels = std::int64_t{1} << 24U;

// One repeat; `step_began` is the step's first, counted likewise.
std::string play_repeat(const Step& step, std::int32_t repeat, std::int64_t step_began, Delivery& delivery,
                        std::vector<Arrival>& arrivals) {
  arrivals.clear();
  for (const Transfer& transfer : step.transfers) {
    if (repeat < transfer.first || repeat >= transfer.first + transfer.count) continue;
    if (transfer.piece == kAnyPiece) return "it isn't said which pieces are carried";
    if (transfer.from == transfer.to) return fmt::format("{} sends to itself", transfer.from);
    for (std::int32_t j = 0; j < transfer.pieces; ++j) {
      Arrival arrival{transfer.to, piece_carried(transfer, repeat - transfer.first, j),
                      {},          transfer.reduces,
                      0,           is_switch(transfer.from)};
      std::int64_t when = 0;
      std::string wrong = delivery.send(transfer.from, arrival.piece, arrival.content, when);
      if (!wrong.empty()) return wrong;
      // CORRECTNESS (schedule.h): a message surely waits for what came in earlier steps, in the repeat before, and,
      // through the messages before it on its transfer, since the repeat before the transfer's first,
      // the last two on the channel that it awaits.
      const std::int64_t came = when == Delivery::kStart ? -1 : when / kMostChannels - step_began;
      const bool same_channel = when % kMostChannels == awaited_channel(transfer);
      if (came >= 0 && !(same_channel && (came == repeat - 1 || transfer.first <= came + 1)))
        return fmt::format("{} may send piece {} on before it has come", transfer.from, arrival.piece);
      arrival.when = (step_began + repeat) * kMostChannels + transfer.channel;
      arrivals.push_back(std::move(arrival));
    }
  }
  for (const Arrival& arrival : arrivals) {
    std::string wrong = delivery.receive(arrival.to, arrival.piece, arrival.content, arrival.reduces, arrival.when,
                                         arrival.from_switch);
    if (!wrong.empty()) return wrong;
  }
  return {};
}

}  // namespace

std::string undelivered(CollectiveKind kind, std::size_t members, const Schedule& schedule) {
  bool sums = false;
  for (const Step& step : schedule.steps)
    for (const Transfer& transfer : step.transfers) sums = sums || transfer.reduces;
  std::size_t places = members;
  for (const Step& step : schedule.steps) places = std::max(places, places_of(step, members));
  Delivery delivery(kind, members, schedule.pieces, sums, places - members);
  std::vector<Arrival> arrivals;
  std::int64_t began = 0;
  for (std::size_t s = 0; s < schedule.steps.size(); ++s) {
    for (std::int32_t repeat = 0; repeat < schedule.steps[s].repeats; ++repeat) {
      const std::string wrong = play_repeat(schedule.steps[s], repeat, began, delivery, arrivals);
      if (!wrong.empty()) return fmt::format("step {}, repeat {}: {}", s + 1, repeat, wrong);
    }
    began += schedule.steps[s].repeats;
  }
  return delivery.at_end();
}

}  // namespace orrery
