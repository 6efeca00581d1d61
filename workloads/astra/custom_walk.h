// How one rank goes through a collective that is a trace of its own: whatever can start does, in order of id.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <utility>
#include <vector>

#include "workloads/astra/trace_nodes.h"

namespace orrery::astra {

class CustomWalk {
 public:
  explicit CustomWalk(const TraceNodes& trace) : trace_(&trace), left_(trace.nodes.size()) {
    for (const TraceNode& node : trace.nodes) waits_.push_back(node.dependencies);
  }

  [[nodiscard]] const TraceNode& node(std::uint32_t node) const { return trace_->nodes[node]; }
  [[nodiscard]] bool over() const { return left_ == 0; }
  [[nodiscard]] std::vector<std::uint32_t> first() const;
  // A node is over: those that it was the last to hold back.
  [[nodiscard]] std::vector<std::uint32_t> next(std::uint32_t node);

  void await(std::uint32_t from, std::uint32_t tag, std::uint32_t node) { awaiting_[{from, tag}].push_back(node); }
  // Which of the nodes that await it a message is for.
  [[nodiscard]] std::uint32_t receive(std::uint32_t from, std::uint32_t tag);

 private:
  const TraceNodes* trace_;
  std::size_t left_;
  std::vector<std::uint32_t> waits_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::deque<std::uint32_t>> awaiting_;
};

}  // namespace orrery::astra
