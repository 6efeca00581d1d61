// What one node of a trace says, as an op: kind, body, how long it may last.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "sim/kernel/program.h"
#include "workloads/chakra/node_checks.h"
#include "workloads/chakra/reader.h"
#include "workloads/chakra/trace_book.h"
#include "workloads/chakra/trace_facts.h"
#include "workloads/chakra/trace_rules.h"

namespace orrery::chakra {

// What a rank has one of, so that nodes queue for it. Receives and metadata queue for nothing.
enum class Unit : std::uint8_t { kNothing, kCpu, kCompute, kCommunication, kReceive };

struct NodeOp {
  Op op;  // its stream only in traces of our own
  Unit unit = Unit::kNothing;
  Duration expected;       // on an idle machine, about: to tell in which order nodes get ready
  std::uint32_t lane = 0;  // of a receive: equal for those that meet the sends of one rank with one tag
};

// What takes how long stands in trace_rules.h.
class NodeReading {
 public:
  // `rank` is the trace's. All must outlive this.
  NodeReading(const Reader& reader, const NodeRules& rules, const std::optional<OwnFacts>& facts, RankId rank,
              std::size_t ranks, TraceBook& book);

  // InputError at the node where it can't be right.
  [[nodiscard]] NodeOp read(const Node& node);

  // Groups by the first use of each: name and, in traces of our own, what it serves.
  struct Slot {
    std::string group;
    std::string serves;
    std::uint64_t offset = 0;  // of that node
  };
  [[nodiscard]] const std::vector<Slot>& slots() const { return slots_; }
  // Names of attributes that were there and changed nothing.
  [[nodiscard]] const std::set<std::string>& unheeded() const { return unheeded_; }
  [[nodiscard]] std::size_t timeless() const { return timeless_; }  // compute nodes that say no time

 private:
  [[nodiscard]] Duration transfer(Bytes bytes) const;
  void label(const Node& node, NodeOp& read) const;
  void read_compute(const Node& node, NodeOp& read);
  void read_own_compute(const Node& node, NodeOp& read);
  void read_memory(const Node& node, NodeOp& read);
  void read_collective(const Node& node, NodeOp& read);
  void read_message(const Node& node, NodeOp& read);
  [[nodiscard]] std::uint32_t slot_of(const Node& node);

  const Reader* reader_;
  NodeChecks asked_;
  const NodeRules* rules_;
  const std::optional<OwnFacts>* facts_;
  RankId rank_;
  std::size_t ranks_;
  TraceBook* book_;
  std::vector<Slot> slots_;
  std::map<std::tuple<std::uint32_t, std::int32_t, std::uint32_t>, std::uint32_t> lanes_;
  std::set<std::string> unheeded_;
  std::size_t timeless_ = 0;
};

}  // namespace orrery::chakra
