// The stepwise granularity: every message an activity of its own, with the messages that it waits for.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "sim/base/error.h"
#include "sim/collective/placed.h"

namespace orrery {

namespace {

constexpr std::uint32_t kNone = 0xFFFF'FFFFU;

// Writes the messages of a schedule step after step, repeat after repeat.
class Writer {
 public:
  Writer(const Placed& placed, std::size_t places) : placed_(placed), finished_(places) {}

  void write(const Step& step) {
    place(step);
    find_follows(step);
    ceiling_ = placed_.ceiling_each(step);
    network_ceiling_ = std::min(ceiling_, placed_.network_ceiling_each(step));
    drain_ = placed_.drain(step);
    enter(step);
    channels_ = 1;
    for (const Transfer& transfer : step.transfers) channels_ = std::max(channels_, channel_of(transfer) + 1);
    arrived_.assign(finished_.size() * channels_, {});
    arriving_.assign(finished_.size() * channels_, {});
    previous_.assign(step.transfers.size(), kNone);
    for (std::int32_t repeat = 0; repeat < step.repeats; ++repeat) {
      for (std::size_t t = 0; t < step.transfers.size(); ++t) {
        const Transfer& transfer = step.transfers[t];
        if (repeat < transfer.first || repeat >= transfer.first + transfer.count) continue;
        write_message(step, t);
      }
      arrived_.swap(arriving_);
      for (std::vector<std::uint32_t>& messages : arriving_) messages.clear();
    }
    finish(step);
  }

  [[nodiscard]] StepwiseMessages take() { return std::move(out_); }

 private:
  struct Stretch {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
  };
  struct Lane {  // a transfer on the machine
    Stretch uses;
    Stretch paths;
    Stretch links;
    Duration latency;
    std::vector<std::uint32_t> sent;  // its messages, where only so many may be under way
  };

  // Each member's engine-seconds, spread over the bytes that it sends and receives in the step.
  [[nodiscard]] std::vector<double> engine_use(const Step& step) const {
    std::vector<double> use(finished_.size(), 0);
    const double share = placed_.costs().engine_share;
    const double seconds = share > 0 ? share * placed_.whole(step).seconds : 0;
    if (seconds <= 0) return use;
    for (const Transfer& transfer : step.transfers) {
      use[at(transfer.from)] += carried_pieces(transfer);
      use[at(transfer.to)] += carried_pieces(transfer);
    }
    for (std::size_t p = 0; p < placed_.size(); ++p)
      if (use[p] > 0) use[p] = seconds * placed_.capacity(placed_.engine(p)) / (use[p] * step.bytes.as_double());
    std::fill(use.begin() + static_cast<std::ptrdiff_t>(placed_.size()), use.end(), 0);  // a switch has no engine
    return use;
  }

  // Which transfer's messages each one's follow on the same way, as the second round of an all-reduce does the first.
  void find_follows(const Step& step) {
    using Way = std::tuple<std::int32_t, std::int32_t, std::int32_t, std::int32_t>;
    std::map<Way, std::size_t> ends;
    for (std::size_t t = 0; t < step.transfers.size(); ++t) {
      const Transfer& transfer = step.transfers[t];
      ends[{transfer.channel, transfer.from, transfer.to, transfer.first + transfer.count}] = t;
    }
    follows_.assign(step.transfers.size(), kNone);
    for (std::size_t t = 0; t < step.transfers.size(); ++t) {
      const Transfer& transfer = step.transfers[t];
      const auto before = ends.find({transfer.channel, transfer.from, transfer.to, transfer.first});
      if (before != ends.end()) follows_[t] = static_cast<std::uint32_t>(before->second);
    }
  }

  // Uses of each transfer, per byte.
  void place(const Step& step) {
    const std::vector<double> engine = engine_use(step);
    lanes_.clear();
    for (const Transfer& transfer : step.transfers) {
      Lane lane;
      uses_.clear();
      lane.latency = placed_.append(transfer, 1, uses_);
      for (const std::size_t p : {at(transfer.from), at(transfer.to)})
        if (engine[p] > 0) uses_.push_back({placed_.engine(p), engine[p]});
      merge(uses_);
      lane.uses = {static_cast<std::uint32_t>(out_.uses.size()), static_cast<std::uint32_t>(uses_.size())};
      out_.uses.insert(out_.uses.end(), uses_.begin(), uses_.end());
      lane.paths.first = static_cast<std::uint32_t>(out_.paths.size());
      lane.links.first = static_cast<std::uint32_t>(out_.links.size());
      placed_.append_paths(transfer, out_.paths, out_.links);
      lane.paths.count = static_cast<std::uint32_t>(out_.paths.size()) - lane.paths.first;
      lane.links.count = static_cast<std::uint32_t>(out_.links.size()) - lane.links.first;
      lanes_.push_back(std::move(lane));
    }
  }

  void write_message(const Step& step, std::size_t t) {
    const Transfer& transfer = step.transfers[t];
    if (previous_[t] == kNone && follows_[t] != kNone) previous_[t] = previous_[follows_[t]];
    const Stretch after = waits(transfer, previous_[t], place_freed(transfer, t));
    Message message;
    message.has_previous = previous_[t] != kNone;
    message.most = placed_.leaves_node(transfer) ? network_ceiling_ : ceiling_;
    // What goes through a switch is its member's alone, what goes between switches somebody's.
    const std::int32_t member = std::max({transfer.from, transfer.to, 0});
    message.from = is_switch(transfer.from) ? member : transfer.from;
    message.to = is_switch(transfer.to) ? member : transfer.to;
    message.bytes = step.bytes * transfer.pieces;
    message.first_use = lanes_[t].uses.first;
    message.use_count = lanes_[t].uses.count;
    message.first_path = lanes_[t].paths.first;
    message.path_count = lanes_[t].paths.count;
    message.first_link = lanes_[t].links.first;
    message.link_count = lanes_[t].links.count;
    message.latency = lanes_[t].latency;
    if (after.count == 0) message.latency = saturating_sum(message.latency, placed_.costs().launch);
    message.first_after = after.first;
    message.after_count = after.count;
    previous_[t] = static_cast<std::uint32_t>(out_.messages.size());
    arriving_[seat(transfer.to, transfer.channel)].push_back(previous_[t]);
    out_.messages.push_back(message);
    if (placed_.costs().slots > 0) lanes_[t].sent.push_back(previous_[t]);
  }

  // What tells the sender that the place of the message `slots` before this one is free; kNone: there is a place.
  std::uint32_t place_freed(const Transfer& transfer, std::size_t t) {
    const auto slots = static_cast<std::size_t>(placed_.costs().slots);
    const Lane& lane = lanes_[t];
    if (slots == 0 || lane.sent.size() < slots || !placed_.leaves_node(transfer)) return kNone;
    return mark(std::max(transfer.from, 0), lane.latency, {lane.sent[lane.sent.size() - slots]});
  }

  // CORRECTNESS (schedule.h): a position sends in a repeat once all that it receives in the repeat before on the
  // channel that it awaits has arrived and its own message before on that transfer has left; it enters a step once it
  // has finished the step before.
  Stretch waits(const Transfer& transfer, std::uint32_t previous, std::uint32_t freed) {
    const std::int32_t awaited = awaited_channel(transfer);
    const bool waits = awaited != Transfer::kNothing;
    awaited_.clear();
    if (waits) awaited_ = arrived_[seat(transfer.from, awaited)];
    if (freed != kNone) awaited_.push_back(freed);
    return append(awaited_, previous != kNone ? previous : entry_[at(transfer.from)]);
  }

  // A position that comes from an earlier step first sends itself a message without bytes, which waits for all that it
  // has to finish: what it sends next waits for that one.
  void enter(const Step& step) {
    entry_.assign(finished_.size(), kNone);
    for (const Transfer& transfer : step.transfers) {
      for (const std::int32_t position : {transfer.from, transfer.to}) {
        const std::size_t p = at(position);
        if (is_switch(position)) continue;
        if (entry_[p] != kNone || finished_[p].empty()) continue;
        entry_[p] = mark(position, Duration(), finished_[p]);
      }
    }
  }

  // A message without bytes from a position to itself, `latency` after all of `others` have arrived.
  std::uint32_t mark(std::int32_t position, Duration latency, const std::vector<std::uint32_t>& others) {
    const Stretch after = append(others, kNone);
    Message message;
    message.from = position;
    message.to = position;
    message.latency = latency;
    message.first_after = after.first;
    message.after_count = after.count;
    out_.messages.push_back(message);
    return static_cast<std::uint32_t>(out_.messages.size() - 1);
  }

  Stretch append(const std::vector<std::uint32_t>& messages, std::uint32_t one_more) {
    Stretch stretch{static_cast<std::uint32_t>(out_.after.size()), static_cast<std::uint32_t>(messages.size())};
    out_.after.insert(out_.after.end(), messages.begin(), messages.end());
    if (one_more != kNone) {
      out_.after.push_back(one_more);
      ++stretch.count;
    }
    return stretch;
  }

  // A position has finished a step when it has entered it and the last message of each of its transfers has arrived:
  // the others came before.
  void finish(const Step& step) {
    std::vector<bool> took_part(finished_.size(), false);
    for (std::size_t t = 0; t < step.transfers.size(); ++t) {
      if (previous_[t] == kNone) continue;
      for (const std::int32_t position : {step.transfers[t].from, step.transfers[t].to}) {
        const std::size_t p = at(position);
        if (!took_part[p]) {
          finished_[p].clear();
          if (entry_[p] != kNone) finished_[p].push_back(entry_[p]);
        }
        took_part[p] = true;
        finished_[p].push_back(previous_[t]);
      }
    }
    if (drain_ == Duration()) return;
    std::vector<bool> receives(finished_.size(), false);
    for (const Transfer& transfer : step.transfers) receives[at(transfer.to)] = true;
    for (std::size_t p = 0; p < placed_.size(); ++p)
      if (receives[p]) finished_[p] = {mark(static_cast<std::int32_t>(p), drain_, finished_[p])};
  }

  [[nodiscard]] std::size_t at(std::int32_t position) const { return place_of(position, placed_.size()); }
  static std::size_t channel_of(const Transfer& transfer) { return static_cast<std::size_t>(transfer.channel); }
  // A position on a channel.
  [[nodiscard]] std::size_t seat(std::int32_t position, std::int32_t channel) const {
    return at(position) * channels_ + static_cast<std::size_t>(channel);
  }

  const Placed& placed_;
  StepwiseMessages out_;
  std::vector<Lane> lanes_;  // by transfer of the step at hand
  std::vector<Use> uses_;
  std::vector<std::uint32_t> follows_;   // by transfer: the one before it on its way
  std::vector<std::uint32_t> previous_;  // by transfer: its latest message
  std::vector<std::uint32_t> awaited_;   // by the message at hand
  std::vector<std::uint32_t> entry_;     // by position: its message to itself as it enters the step
  std::size_t channels_ = 1;
  Duration drain_;                                    // of the step at hand
  double ceiling_ = 0;                                // of each message of the step at hand …
  double network_ceiling_ = 0;                        // … and between nodes
  std::vector<std::vector<std::uint32_t>> arrived_;   // by seat: what it receives in the repeat before
  std::vector<std::vector<std::uint32_t>> arriving_;  // … and in this one
  std::vector<std::vector<std::uint32_t>> finished_;  // by position: the last messages of its latest step
};

void check_size(const Schedule& schedule) {
  std::int64_t messages = 0;
  for (const Step& step : schedule.steps)
    for (const Transfer& transfer : step.transfers) messages += transfer.count;
  if (messages > kMostMessages)
    throw RunError(
        fmt::format("a collective of {} messages is too large to be played step by step (the most is {}): use "
                    "the fluid granularity",
                    messages, kMostMessages));
}

}  // namespace

StepwiseMessages lower_stepwise(const Schedule& schedule, std::span<const ChipId> members,
                                const CommunicationCosts& costs, Routes& routes, const Resources& resources) {
  check_size(schedule);
  const Placed placed(members, costs, routes, resources, schedule.ways);
  std::size_t places = members.size();
  for (const Step& step : schedule.steps) places = std::max(places, places_of(step, members.size()));
  Writer writer(placed, places);
  for (const Step& step : schedule.steps) writer.write(step);
  return writer.take();
}

}  // namespace orrery
