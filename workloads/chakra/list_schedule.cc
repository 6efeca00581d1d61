// An event queue of ends, and a heap of ready nodes for each unit.
#include "workloads/chakra/list_schedule.h"

#include <array>
#include <functional>
#include <queue>
#include <utility>

namespace orrery::chakra {
namespace {

template <class T>
using Least = std::priority_queue<T, std::vector<T>, std::greater<>>;

class Player {
 public:
  Player(std::span<const Scheduled> nodes, std::span<const std::uint32_t> deps)
      : nodes_(nodes), waits_(nodes.size(), 0), first_(nodes.size() + 1, 0) {
    for (const std::uint32_t dep : deps) ++first_[dep + 1];
    for (std::size_t n = 0; n < nodes.size(); ++n) first_[n + 1] += first_[n];
    dependents_.resize(deps.size());
    std::vector<std::uint32_t> next(first_.begin(), first_.end() - 1);
    for (std::uint32_t n = 0; n < nodes.size(); ++n) {
      waits_[n] = nodes[n].dep_count;
      for (const std::uint32_t dep : deps.subspan(nodes[n].first_dep, nodes[n].dep_count)) dependents_[next[dep]++] = n;
    }
  }

  std::vector<std::uint32_t> play() {
    for (std::uint32_t n = 0; n < nodes_.size(); ++n)
      if (waits_[n] == 0) arrive(n);
    start_what_can();
    while (!ends_.empty()) {
      now_ = ends_.top().first;
      // All that ends now, before anything new takes its place.
      while (!ends_.empty() && ends_.top().first == now_) {
        const std::uint32_t node = ends_.top().second;
        ends_.pop();
        busy_[static_cast<std::size_t>(nodes_[node].unit)] = false;
        over(node);
      }
      start_what_can();
    }
    return std::move(order_);
  }

 private:
  static constexpr std::size_t kUnits = 5;

  static bool queues(Unit unit) { return unit != Unit::kNothing && unit != Unit::kReceive; }

  void arrive(std::uint32_t node) {
    ready_[static_cast<std::size_t>(nodes_[node].unit)].emplace(nodes_[node].id, node);
  }

  void over(std::uint32_t node) {
    for (std::uint32_t d = first_[node]; d < first_[node + 1]; ++d)
      if (--waits_[dependents_[d]] == 0) arrive(dependents_[d]);
  }

  void start_what_can() {
    bool more = true;
    while (more) {
      more = false;
      for (const Unit unit : {Unit::kNothing, Unit::kReceive}) {
        auto& ready = ready_[static_cast<std::size_t>(unit)];
        while (!ready.empty()) {
          const std::uint32_t node = ready.top().second;
          ready.pop();
          order_.push_back(node);
          over(node);
          more = true;
        }
      }
    }
    for (const Unit unit : {Unit::kCpu, Unit::kCompute, Unit::kCommunication}) {
      auto& ready = ready_[static_cast<std::size_t>(unit)];
      bool& busy = busy_[static_cast<std::size_t>(unit)];
      if (busy || ready.empty()) continue;
      const std::uint32_t node = ready.top().second;
      ready.pop();
      order_.push_back(node);
      busy = true;
      ends_.emplace(saturating_sum(now_, nodes_[node].expected), node);
    }
  }

  std::span<const Scheduled> nodes_;
  std::vector<std::uint32_t> waits_;
  std::vector<std::uint32_t> first_;  // by node: into dependents_
  std::vector<std::uint32_t> dependents_;
  std::array<Least<std::pair<std::uint64_t, std::uint32_t>>, kUnits> ready_;  // (id, node)
  std::array<bool, kUnits> busy_{};
  Least<std::pair<Time, std::uint32_t>> ends_;
  Time now_;
  std::vector<std::uint32_t> order_;
};

}  // namespace

std::vector<std::uint32_t> list_schedule(std::span<const Scheduled> nodes, std::span<const std::uint32_t> deps) {
  return Player(nodes, deps).play();
}

}  // namespace orrery::chakra
