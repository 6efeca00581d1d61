// One heap for all ranks; messages meet by sender, receiver and tag, in order.
#include "workloads/goal/goal_order.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <queue>
#include <tuple>

#include "sim/base/error.h"

namespace orrery::goal {
namespace {

constexpr std::int64_t kMessage = 1000;  // ns

class Play {
 public:
  explicit Play(const Schedule& schedule) : schedule_(&schedule), orders_(schedule.ranks.size()) {
    for (std::uint32_t rank = 0; rank < schedule.ranks.size(); ++rank) add(rank);
  }

  std::vector<std::vector<std::uint32_t>> play() {
    while (true) {
      while (!startable_.empty()) {
        const auto [time, rank, op] = startable_.top();
        startable_.pop();
        now_ = std::max(now_, time);
        start(time, rank, op);
      }
      if (!give_up_one()) break;
    }
    for (std::uint32_t rank = 0; rank < orders_.size(); ++rank) check(rank);
    return std::move(orders_);
  }

 private:
  using Start = std::tuple<std::int64_t, std::uint32_t, std::uint32_t>;   // time, rank, op
  using Route = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>;  // from, to, tag
  struct State {
    std::vector<std::uint32_t> waits;
    std::vector<std::int64_t> ready;
    std::vector<std::vector<std::uint32_t>> dependents;
    std::map<std::pair<Op::Kind, std::uint8_t>, std::int64_t> free_at;
  };
  struct Mail {
    std::deque<std::int64_t> come;
    std::deque<Start> awaiting;
  };

  void add(std::uint32_t rank) {
    const std::vector<Op>& ops = schedule_->ranks[rank];
    State& state = states_.emplace_back();
    state.waits.assign(ops.size(), 0);
    state.ready.assign(ops.size(), 0);
    state.dependents.resize(ops.size());
    for (std::uint32_t o = 0; o < ops.size(); ++o) {
      // What only waits for a start may be told to start a little late: the order is what counts here.
      for (const std::vector<std::uint32_t>* list : {&ops[o].after, &ops[o].after_start}) {
        for (const std::uint32_t on : *list) {
          state.dependents[on].push_back(o);
          ++state.waits[o];
        }
      }
    }
    for (std::uint32_t o = 0; o < ops.size(); ++o)
      if (state.waits[o] == 0) startable_.emplace(0, rank, o);
  }

  void start(std::int64_t time, std::uint32_t rank, std::uint32_t o) {
    orders_[rank].push_back(o);
    const Op& op = schedule_->ranks[rank][o];
    if (op.kind == Op::Kind::kReceive) {
      Mail& mail = mail_[{op.peer, rank, op.tag}];
      if (mail.come.empty()) {
        mail.awaiting.emplace_back(time, rank, o);
        return;
      }
      const std::int64_t end = std::max(time, mail.come.front());
      mail.come.pop_front();
      over(rank, o, end);
      return;
    }
    const bool sends = op.kind == Op::Kind::kSend;
    std::int64_t& free_at = states_[rank].free_at[{op.kind, sends ? op.nic : op.cpu}];
    const std::int64_t end = std::max(time, free_at) + (sends ? kMessage : op.amount);
    free_at = end;
    if (sends) arrive({rank, op.peer, op.tag}, end);
    over(rank, o, end);
  }

  void arrive(const Route& route, std::int64_t time) {
    Mail& mail = mail_[route];
    if (mail.awaiting.empty()) {
      mail.come.push_back(time);
      return;
    }
    const auto [since, rank, op] = mail.awaiting.front();
    mail.awaiting.pop_front();
    over(rank, op, std::max(since, time));
  }

  void over(std::uint32_t rank, std::uint32_t o, std::int64_t time) {
    State& state = states_[rank];
    for (const std::uint32_t next : state.dependents[o]) {
      state.ready[next] = std::max(state.ready[next], time);
      if (--state.waits[next] == 0) startable_.emplace(state.ready[next], rank, next);
    }
  }

  // The first receive that nothing comes for.
  bool give_up_one() {
    for (auto& [route, mail] : mail_) {
      if (mail.awaiting.empty()) continue;
      const auto [since, rank, op] = mail.awaiting.front();
      mail.awaiting.pop_front();
      over(rank, op, now_);
      return true;
    }
    return false;
  }

  void check(std::uint32_t rank) const {
    const std::vector<Op>& ops = schedule_->ranks[rank];
    if (orders_[rank].size() == ops.size()) return;
    const std::vector<std::uint32_t>& waits = states_[rank].waits;
    const auto held = std::find_if(waits.begin(), waits.end(), [](std::uint32_t left) { return left > 0; });
    const std::string& label = ops[static_cast<std::size_t>(held - waits.begin())].label;
    throw RunError(fmt::format("rank {}: {} can't start: ops require each other in a circle", rank, in_quotes(label)));
  }

  const Schedule* schedule_;
  std::vector<std::vector<std::uint32_t>> orders_;
  std::vector<State> states_;
  std::priority_queue<Start, std::vector<Start>, std::greater<>> startable_;
  std::map<Route, Mail> mail_;
  std::int64_t now_ = 0;
};

}  // namespace

std::vector<std::vector<std::uint32_t>> starts_of(const Schedule& schedule) { return Play(schedule).play(); }

}  // namespace orrery::goal
