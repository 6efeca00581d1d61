// Reads node by node; dependencies become counts and lists of dependents.
#include "workloads/astra/trace_nodes.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <unordered_map>

#include "sim/base/error.h"
#include "workloads/chakra/node_checks.h"
#include "workloads/chakra/process_groups.h"
#include "workloads/chakra/reader.h"

namespace orrery::astra {
namespace {

constexpr std::int64_t kMostSize = std::int64_t{1} << 56;
constexpr std::int64_t kPicoseconds = 1000;  // in a nanosecond

class NodeReader {
 public:
  NodeReader(chakra::Reader& reader, std::uint32_t rank, std::uint32_t ranks, const SystemInput& system)
      : reader_(&reader), asked_(reader), rank_(rank), ranks_(ranks), system_(&system) {}

  TraceNode read(const chakra::Node& node, TraceNodes& trace) const {
    TraceNode read;
    switch (node.type()) {
      case chakra::METADATA_NODE:
        define(node, trace);
        trace.is_for_any_rank = trace.is_for_any_rank && trace.defined.empty();
        break;
      case chakra::COMP_NODE:
        compute(node, read);
        break;
      case chakra::MEM_LOAD_NODE:
      case chakra::MEM_STORE_NODE:
        read.job = Job::kMemory;
        read.unit = Unit::kMemory;
        read.bytes = size(node, "tensor_size");
        break;
      case chakra::COMM_COLL_NODE:
        collective(node, read, trace);
        break;
      case chakra::COMM_SEND_NODE:
      case chakra::COMM_RECV_NODE:
        message(node, read);
        trace.is_for_any_rank = false;
        break;
      default:
        break;
    }
    if (system_->replay_only && read.job != Job::kNothing) {
      read.job = Job::kTimed;
      read.duration = recorded(node);
    }
    return read;
  }

 private:
  [[nodiscard]] std::uint64_t size(const chakra::Node& node, std::string_view name) const {
    return static_cast<std::uint64_t>(asked_.integer(node, name, 0, kMostSize));
  }
  // What says no time takes a nanosecond there.
  [[nodiscard]] Nanoseconds recorded(const chakra::Node& node) const {
    const Duration length = asked_.recorded(node);
    return length == Duration() ? 1 : static_cast<Nanoseconds>(length.ps() / kPicoseconds);
  }
  [[nodiscard]] bool on_cpu(const chakra::Node& node) const {
    return asked_.integer_or(node, "is_cpu_op", 0, 0, 1) == 1;
  }

  void compute(const chakra::Node& node, TraceNode& read) const {
    const bool cpu = on_cpu(node);
    read.unit = cpu ? Unit::kCpu : Unit::kCompute;
    if (cpu || !system_->roofline) {
      read.job = Job::kTimed;
      read.duration = recorded(node);
      return;
    }
    read.bytes = size(node, "tensor_size");
    if (read.bytes == 0) {  // passed over, as ASTRA-sim does
      read.unit = Unit::kNone;
      return;
    }
    read.job = Job::kCompute;
    read.flops = static_cast<double>(asked_.integer(node, "num_ops", 0, std::numeric_limits<std::int64_t>::max()));
  }

  void collective(const chakra::Node& node, TraceNode& read, TraceNodes& trace) const {
    if (on_cpu(node)) reader_->fail(fmt::format("node {} is a collective on the CPU", node.id()));
    read.unit = Unit::kCommunication;
    read.job = Job::kCollective;
    switch (asked_.integer(node, "comm_type", 0, chakra::BARRIER)) {
      case chakra::ALL_REDUCE:
        read.kind = Kind::kAllReduce;
        break;
      case chakra::ALL_GATHER:
        read.kind = Kind::kAllGather;
        break;
      case chakra::REDUCE_SCATTER:
        read.kind = Kind::kReduceScatter;
        break;
      case chakra::ALL_TO_ALL:
        read.kind = Kind::kAllToAll;
        break;
      case chakra::BROADCAST:  // played as recorded
        read.job = Job::kTimed;
        read.duration = recorded(node);
        return;
      default:
        reader_->fail(
            fmt::format("node {} is a collective that ASTRA-sim can't play: it knows all-reduce, all-gather, "
                        "reduce-scatter, all-to-all and (as recorded) broadcast",
                        node.id()));
    }
    read.bytes = size(node, "comm_size");
    if (const auto custom = system_->custom_of_node.find(node.id()); custom != system_->custom_of_node.end())
      read.custom = custom->second;
    read.priority = asked_.integer_or(node, "comm_priority", 0, 0, kMostSize);
    std::string group = asked_.text_or(node, "pg_name", "");
    if (group == "0") group.clear();
    const auto known = std::find(trace.groups.begin(), trace.groups.end(), group);
    read.group = static_cast<std::uint32_t>(known - trace.groups.begin());
    if (read.custom != kNoCustom && !group.empty())
      reader_->fail(
          fmt::format("node {} is a collective of the group {}: only those of everybody can be traces by "
                      "themselves",
                      node.id(), in_quotes(group)));
    if (!group.empty()) trace.is_for_any_rank = false;
    if (known == trace.groups.end()) trace.groups.push_back(group);
    if (const chakra::Attribute* involved = chakra::find(node, "involved_dim")) {
      if (involved->value_case() != chakra::Attribute::kBoolList)
        reader_->fail(fmt::format("'involved_dim' of node {} is no list of true and false", node.id()));
      for (const bool in : involved->bool_list().values()) read.involved.push_back(in);
    }
  }

  void message(const chakra::Node& node, TraceNode& read) const {
    const bool sends = node.type() == chakra::COMM_SEND_NODE;
    read.job = sends ? Job::kSend : Job::kReceive;
    read.unit = sends ? Unit::kCommunication : Unit::kNone;
    const std::int64_t last = static_cast<std::int64_t>(ranks_) - 1;
    const std::int64_t self = asked_.integer_or(node, sends ? "comm_src" : "comm_dst", rank_, 0, last);
    if (self != rank_)
      reader_->fail(
          fmt::format("node {} of rank {} {} for rank {}", node.id(), rank_, sends ? "sends" : "receives", self));
    read.peer = static_cast<std::uint32_t>(asked_.integer(node, sends ? "comm_dst" : "comm_src", 0, last));
    if (read.peer == rank_) reader_->fail(fmt::format("node {} is a message of rank {} to itself", node.id(), rank_));
    read.bytes = size(node, "comm_size");
    read.tag = static_cast<std::uint32_t>(
        asked_.integer_or(node, "comm_tag", 0, 0, std::numeric_limits<std::uint32_t>::max()));
  }

  void define(const chakra::Node& node, TraceNodes& trace) const {
    const auto groups = chakra::groups_of_metadata(
        node.inputs().values(), fmt::format("{}: groups of node {}", reader_->name(), node.id()), ranks_);
    if (!groups) return;
    for (const auto& [name, members] : *groups) {
      std::vector<std::uint32_t>& into = trace.defined[name];
      into.clear();
      for (const RankId member : members) into.push_back(static_cast<std::uint32_t>(member.index()));
    }
  }

  chakra::Reader* reader_;
  chakra::NodeChecks asked_;
  std::uint32_t rank_;
  std::uint32_t ranks_;
  const SystemInput* system_;
};

}  // namespace

TraceNodes read_trace_nodes(std::unique_ptr<chakra::Blocks> blocks, std::uint32_t rank, std::uint32_t ranks,
                            const SystemInput& system, std::vector<std::string>& unheeded, bool with_names) {
  chakra::Reader reader(std::move(blocks));
  const NodeReader nodes(reader, rank, ranks, system);
  TraceNodes trace;
  std::vector<std::uint64_t> ids;
  std::vector<std::string> names;
  std::vector<std::vector<std::uint64_t>> waits;
  std::vector<std::uint64_t> offsets;
  while (const chakra::Node* node = reader.next()) {
    trace.nodes.push_back(nodes.read(*node, trace));
    if (with_names) names.push_back(node->name());
    ids.push_back(node->id());
    waits.emplace_back(node->data_deps().begin(), node->data_deps().end());
    waits.back().insert(waits.back().end(), node->ctrl_deps().begin(), node->ctrl_deps().end());
    offsets.push_back(reader.offset());
  }
  std::vector<std::uint32_t> order(ids.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return ids[a] < ids[b]; });
  std::unordered_map<std::uint64_t, std::uint32_t> index;
  std::vector<TraceNode> sorted;
  for (const std::uint32_t i : order) {
    if (!index.emplace(ids[i], static_cast<std::uint32_t>(sorted.size())).second)
      fail_file(reader.name(), fmt::format("byte {}: node {} is there twice", offsets[i], ids[i]));
    sorted.push_back(std::move(trace.nodes[i]));
    if (with_names) trace.names.push_back(std::move(names[i]));
  }
  trace.nodes = std::move(sorted);
  std::size_t dangling = 0;
  for (const std::uint32_t i : order) {
    std::vector<std::uint64_t>& of = waits[i];
    std::sort(of.begin(), of.end());
    of.erase(std::unique(of.begin(), of.end()), of.end());
    const std::uint32_t self = index.at(ids[i]);
    for (const std::uint64_t id : of) {
      const auto before = index.find(id);
      if (before == index.end()) {
        ++dangling;
        continue;
      }
      trace.nodes[before->second].dependents.push_back(self);
      ++trace.nodes[self].dependencies;
    }
  }
  if (dangling > 0)
    unheeded.push_back(fmt::format("{}: {} dependencies are on nodes that aren't there", reader.name(), dangling));
  return trace;
}

}  // namespace orrery::astra
