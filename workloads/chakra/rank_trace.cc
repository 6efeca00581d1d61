// Reads all nodes, puts indices in place of ids, orders them and works out the waits.
#include "workloads/chakra/rank_trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <unordered_map>

#include "sim/base/error.h"
#include "workloads/chakra/list_schedule.h"
#include "workloads/chakra/own_attributes.h"

namespace orrery::chakra {
namespace {

constexpr std::size_t kMostNodes = std::size_t{1} << 28;
constexpr std::size_t kMostWaits = std::size_t{1} << 28;

class TraceReading {
 public:
  TraceReading(Reader& reader, const NodeRules& rules, const std::optional<OwnFacts>& facts, RankId rank,
               std::size_t ranks, TraceBook& book)
      : reader_(reader), facts_(facts), ranks_(ranks), reading_(reader, rules, facts, rank, ranks, book) {}

  RankTrace read() {
    while (const Node* node = reader_.next()) add(*node);
    resolve();
    trace_.role.name = name();
    write(order());
    trace_.slots = reading_.slots();
    trace_.unheeded = reading_.unheeded();
    trace_.timeless = reading_.timeless();
    return std::move(trace_);
  }

 private:
  // How far a stream must have come.
  using Marks = std::vector<Wait>;

  struct Place {
    std::uint64_t offset = 0;
    NodeOp read;
  };

  [[nodiscard]] std::string name() const {
    const Attribute* role = facts_ ? find(reader_.metadata(), own::kRole) : nullptr;
    const std::optional<std::string_view> text = role == nullptr ? std::nullopt : as_text(*role);
    return text ? std::string(*text) : "";
  }

  void add(const Node& node) {
    if (places_.size() == kMostNodes) reader_.fail("a trace may have 2^28 nodes");
    const auto index = static_cast<std::uint32_t>(places_.size());
    if (!index_of_.try_emplace(node.id(), index).second)
      reader_.fail(fmt::format("node {} is there already", node.id()));
    places_.push_back({reader_.offset(), reading_.read(node)});
    const NodeOp& read = places_.back().read;
    nodes_.push_back({node.id(), read.unit, read.expected, 0, 0});
    ids_.insert(ids_.end(), node.data_deps().begin(), node.data_deps().end());
    data_.push_back(static_cast<std::uint32_t>(node.data_deps_size()));
    ids_.insert(ids_.end(), node.ctrl_deps().begin(), node.ctrl_deps().end());
    control_.push_back(static_cast<std::uint32_t>(node.ctrl_deps_size()));
    if (node.type() != METADATA_NODE) return;
    const std::string where = fmt::format("{}:byte {}, node {}", reader_.name(), reader_.offset(), node.id());
    if (std::optional<GroupLists> groups = groups_of_metadata(node.inputs().values(), where, ranks_))
      for (auto& [group, members] : *groups) trace_.groups.insert_or_assign(group, std::move(members));
  }

  // Ids → indices.
  void resolve() {
    std::size_t next = 0;
    for (std::uint32_t n = 0; n < nodes_.size(); ++n) {
      nodes_[n].first_dep = static_cast<std::uint32_t>(deps_.size());
      for (std::uint32_t d = 0; d < data_[n] + control_[n]; ++d, ++next) {
        const auto found = index_of_.find(ids_[next]);
        if (found != index_of_.end()) {
          deps_.push_back(found->second);
        } else if (d < data_[n]) {
          fail(n, fmt::format("node {} needs data of node {}, which isn't there", nodes_[n].id, ids_[next]));
        } else {
          ++trace_.dangling;
        }
      }
      nodes_[n].dep_count = static_cast<std::uint32_t>(deps_.size()) - nodes_[n].first_dep;
    }
  }

  [[nodiscard]] std::vector<std::uint32_t> order() const {
    std::vector<std::uint32_t> order = list_schedule(nodes_, deps_);
    if (order.size() < nodes_.size()) {
      std::vector<bool> started(nodes_.size(), false);
      for (const std::uint32_t n : order) started[n] = true;
      const auto first = std::find(started.begin(), started.end(), false);
      const auto n = static_cast<std::uint32_t>(first - started.begin());
      fail(n, fmt::format("node {} waits for nodes that wait for each other in a circle", nodes_[n].id));
    }
    if (!facts_) return order;
    // Ours say themselves in which order they stand.
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(),
              [&](std::uint32_t a, std::uint32_t b) { return nodes_[a].id < nodes_[b].id; });
    return order;
  }

  [[nodiscard]] std::uint16_t stream_of(const NodeOp& read) const {
    if (facts_) return read.op.stream;
    switch (read.unit) {
      case Unit::kCpu:
        return kCpuStream;
      case Unit::kCommunication:
        return kCommunicationStream;
      case Unit::kReceive:
        return static_cast<std::uint16_t>(kFirstReceiveStream + read.lane);
      default:
        return static_cast<std::uint16_t>(kComputeStream);
    }
  }

  void write(const std::vector<std::uint32_t>& order) {
    // Where each node's op stands comes first: what is waited for may stand later in traces of our own.
    std::vector<std::uint32_t> counts;
    std::vector<Wait> own(nodes_.size());
    for (const std::uint32_t n : order) {
      NodeOp& read = places_[n].read;
      if (read.unit == Unit::kNothing) continue;
      read.op.stream = stream_of(read);
      if (counts.size() <= read.op.stream) counts.resize(read.op.stream + std::size_t{1}, 0);
      own[n] = {read.op.stream, ++counts[read.op.stream]};
    }
    trace_.streams = static_cast<std::uint16_t>(counts.size());
    latest_.assign(counts.size(), 0);
    waited_.resize(counts.size());
    through_.resize(nodes_.size());
    for (const std::uint32_t n : order) {
      const NodeOp& read = places_[n].read;
      const bool passes = read.unit == Unit::kNothing || (read.unit == Unit::kReceive && !facts_);
      Marks marks = marks_before(n, own);
      if (read.unit != Unit::kNothing) push(read.op, passes ? Marks() : marks);
      if (!passes) continue;
      if (read.unit == Unit::kReceive) marks.push_back(own[n]);
      through_[n] = std::move(marks);
    }
  }

  // What must be over before the node starts, each stream once.
  Marks marks_before(std::uint32_t n, const std::vector<Wait>& own) {
    touched_.clear();
    const auto note = [&](const Wait& wait) {
      if (latest_[wait.stream] == 0) touched_.push_back(wait.stream);
      latest_[wait.stream] = std::max(latest_[wait.stream], wait.count);
    };
    for (std::uint32_t d = nodes_[n].first_dep; d < nodes_[n].first_dep + nodes_[n].dep_count; ++d) {
      const std::uint32_t dep = deps_[d];
      for (const Wait& wait : through_[dep]) note(wait);
      if (through_[dep].empty() && own[dep].count > 0) note(own[dep]);
    }
    std::sort(touched_.begin(), touched_.end());
    Marks marks;
    for (const std::uint32_t stream : touched_) {
      marks.push_back({stream, latest_[stream]});
      latest_[stream] = 0;
    }
    kept_ += marks.size();
    if (kept_ > kMostWaits) fail(n, "up to here nodes wait for more than 2^28 others");
    return marks;
  }

  // Leaves out what its stream has waited for already, and its own stream, which runs in order.
  void push(Op op, const Marks& marks) {
    op.first_wait = static_cast<std::uint32_t>(trace_.role.waits.size());
    for (const Wait& wait : marks) {
      if (wait.stream == op.stream) continue;
      // The host queues nothing before its own syncs are over.
      if (facts_ && wait.stream == kHostStream) continue;
      std::uint32_t& before = waited_[op.stream][wait.stream];
      if (before >= wait.count) continue;
      before = wait.count;
      trace_.role.waits.push_back(wait);
      ++op.wait_count;
    }
    trace_.role.ops.push_back(op);
  }

  [[noreturn]] void fail(std::uint32_t n, const std::string& message) const {
    throw InputError(SourceSpan{fmt::format("{}:byte {}", reader_.name(), places_[n].offset), 0, 0, 1, ""}, message);
  }

  Reader& reader_;
  const std::optional<OwnFacts>& facts_;
  std::size_t ranks_;
  NodeReading reading_;
  RankTrace trace_;
  std::vector<Place> places_;
  std::vector<Scheduled> nodes_;
  std::unordered_map<std::uint64_t, std::uint32_t> index_of_;
  std::vector<std::uint64_t> ids_;      // that nodes depend on, node by node: data, then control
  std::vector<std::uint32_t> data_;     // by node: how many
  std::vector<std::uint32_t> control_;  // the same
  std::vector<std::uint32_t> deps_;
  std::vector<Marks> through_;          // of nodes that others wait through: what these wait for in their place
  std::vector<std::uint32_t> latest_;   // by stream, for marks_before()
  std::vector<std::uint32_t> touched_;  // the same
  std::vector<std::unordered_map<std::uint32_t, std::uint32_t>> waited_;  // by stream: for which others, how far
  std::size_t kept_ = 0;
};

}  // namespace

RankTrace read_rank(Reader& reader, const NodeRules& rules, const std::optional<OwnFacts>& facts, RankId rank,
                    std::size_t ranks, TraceBook& book) {
  return TraceReading(reader, rules, facts, rank, ranks, book).read();
}

}  // namespace orrery::chakra
