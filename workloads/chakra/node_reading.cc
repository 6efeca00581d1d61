// Attribute by attribute, each with the range in which it can be right.
#include "workloads/chakra/node_reading.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "workloads/chakra/own_attributes.h"

namespace orrery::chakra {
namespace {

constexpr std::int64_t kMostPs = std::int64_t{1} << 60;
constexpr std::int64_t kMostBytes = std::int64_t{1} << 60;
constexpr std::int64_t kMostNumber = std::int64_t{1} << 30;
constexpr std::int64_t kMostCopies = std::int64_t{1} << 20;
constexpr std::size_t kMostLanes = 4096;
constexpr std::uint32_t kAlongRanks = 0;  // the one dimension of others' traces
constexpr Duration kMessageOverhead = Duration::microseconds(1);

struct CommType {
  CollectiveKind kind;
  bool per_member;
};
// By CollectiveCommType.
constexpr std::array<CommType, 10> kCommTypes = {{{CollectiveKind::kAllReduce, false},
                                                  {CollectiveKind::kReduce, false},
                                                  {CollectiveKind::kAllGather, true},
                                                  {CollectiveKind::kGather, true},
                                                  {CollectiveKind::kScatter, false},
                                                  {CollectiveKind::kBroadcast, false},
                                                  {CollectiveKind::kAllToAll, false},
                                                  {CollectiveKind::kReduceScatter, false},
                                                  {CollectiveKind::kReduceScatter, false},
                                                  {CollectiveKind::kBarrier, false}}};

bool asks_for_dimensions(const Attribute& attribute) {
  if (attribute.value_case() != Attribute::kBoolList) return true;
  for (const bool asked : attribute.bool_list().values())
    if (!asked) return true;
  return false;
}

}  // namespace

NodeReading::NodeReading(const Reader& reader, const NodeRules& rules, const std::optional<OwnFacts>& facts,
                         RankId rank, std::size_t ranks, TraceBook& book)
    : reader_(&reader), asked_(reader), rules_(&rules), facts_(&facts), rank_(rank), ranks_(ranks), book_(&book) {}

Duration NodeReading::transfer(Bytes bytes) const {
  if (rules_->link.bytes_per_second() == 0) return kMessageOverhead;
  return saturating_sum(kMessageOverhead,
                        Duration::seconds(std::min(bytes.as_double() / rules_->link.as_double(), 1e6)));
}

void NodeReading::label(const Node& node, NodeOp& read) const {
  read.op.name = book_->name(node.name());
  if (!*facts_) return;
  read.op.stream = static_cast<std::uint16_t>(
      asked_.integer(node, own::kStream, 0, static_cast<std::int64_t>((*facts_)->streams.size()) - 1));
  const std::string phase = asked_.text_or(node, own::kPhase, to_name(Phase::kOther));
  bool known = false;
  for (std::uint8_t p = 0; p <= static_cast<std::uint8_t>(Phase::kOther); ++p) {
    if (to_name(static_cast<Phase>(p)) != phase) continue;
    read.op.phase = static_cast<Phase>(p);
    known = true;
  }
  if (!known) reader_->fail(fmt::format("node {} is of a phase that there isn't", node.id()));
  read.op.chunk = static_cast<std::uint16_t>(asked_.integer_or(node, own::kChunk, 0, 0, 0xffff));
  read.op.microbatch = static_cast<std::int32_t>(asked_.integer_or(node, own::kMicrobatch, -1, -1, kMostNumber));
  read.op.layer = static_cast<std::int32_t>(asked_.integer_or(node, own::kLayer, -1, -1, kMostNumber));
}

NodeOp NodeReading::read(const Node& node) {
  NodeOp read;
  if (node.type() == METADATA_NODE) return read;
  label(node, read);
  switch (node.type()) {
    case COMP_NODE:
      read_compute(node, read);
      break;
    case MEM_LOAD_NODE:
    case MEM_STORE_NODE:
      read_memory(node, read);
      break;
    case COMM_COLL_NODE:
      read_collective(node, read);
      break;
    default:
      read_message(node, read);
      break;
  }
  return read;
}

void NodeReading::read_compute(const Node& node, NodeOp& read) {
  const Attribute* is_cpu = find(node, "is_cpu_op");
  const std::optional<bool> cpu = is_cpu == nullptr ? false : as_flag(*is_cpu);
  if (!cpu) reader_->fail(fmt::format("'is_cpu_op' of node {} is neither true nor false", node.id()));
  if (*cpu) {
    const std::string own = *facts_ ? asked_.text_or(node, own::kOp, "delay") : "delay";
    read.unit = Unit::kCpu;
    read.op.kind = own == "host_sync" ? OpKind::kHostSync : OpKind::kDelay;
    read.expected = asked_.recorded(node);
    if (*facts_)
      read.expected = Duration::picoseconds(asked_.integer_or(node, own::kDuration, read.expected.ps(), 0, kMostPs));
    read.op.body = read.op.kind == OpKind::kDelay ? book_->delay(read.expected) : 0;
    return;
  }
  read.unit = Unit::kCompute;
  read.op.kind = OpKind::kCompute;
  if (*facts_) return read_own_compute(node, read);

  const double flops = asked_.number_or(node, "num_ops", 0);
  const std::int64_t bytes = asked_.integer_or(node, "tensor_size", 0, 0, kMostBytes);
  Segment segment;
  segment.duration = asked_.recorded(node);
  segment.model_flops = segment.hardware_flops = FlopCount(flops);
  const FlopRate peak = rules_->chip->matrix_peak[static_cast<std::size_t>(rules_->precision)];
  const bool reckoned = flops > 0 && (rules_->roofline || segment.duration == Duration());
  if (reckoned) {
    const Hbm& hbm = rules_->chip->hbm;
    const double memory = static_cast<double>(bytes) / (hbm.bandwidth.as_double() * hbm.efficiency);
    segment.matrix_seconds = seconds_for(segment.hardware_flops, peak);
    const double seconds = std::max(segment.matrix_seconds, memory);
    if (seconds > 1e6) reader_->fail(fmt::format("node {} would last longer than 11 days", node.id()));
    segment.duration = Duration::seconds(seconds);
    segment.hbm = segment.duration > Duration() ? Bytes(bytes) : Bytes();
  } else if (segment.duration > Duration()) {
    segment.matrix_seconds = std::min(seconds_for(segment.hardware_flops, peak), segment.duration.in_seconds());
  } else {
    ++timeless_;
  }
  read.expected = segment.duration;
  read.op.body = book_->segment(segment, {}).index();
}

void NodeReading::read_own_compute(const Node& node, NodeOp& read) {
  Segment segment;
  segment.duration = Duration::picoseconds(asked_.integer(node, own::kDuration, 0, kMostPs));
  segment.hbm = Bytes(asked_.integer_or(node, own::kHbm, 0, 0, kMostBytes));
  segment.model_flops = FlopCount(asked_.number_or(node, own::kModelFlops, 0));
  segment.hardware_flops = FlopCount(asked_.number_or(node, own::kHardwareFlops, 0));
  segment.vector_flops = FlopCount(asked_.number_or(node, own::kVectorFlops, 0));
  if (const Attribute* flops = find(node, own::kOtherFlops)) {
    const auto& values = flops->double_list().values();
    for (int i = 0; i < values.size(); ++i) {
      if (i >= static_cast<int>(kPrecisionCount) || !(values[i] >= 0) || !std::isfinite(values[i]))
        reader_->fail(fmt::format("node {} has FLOPs of no precision", node.id()));
      segment.other_flops[static_cast<std::size_t>(i)] = values[i];
    }
  }
  segment.matrix_seconds = asked_.number_or(node, own::kMatrix, 0);
  segment.host_time = Duration::picoseconds(asked_.integer_or(node, own::kHostTime, 0, 0, kMostPs));
  segment.host_path = Duration::picoseconds(asked_.integer_or(node, own::kHostPath, 0, 0, kMostPs));
  std::vector<KernelRow> kernels;
  if (const Attribute* rows = find(node, own::kKernels)) {
    const auto& values = rows->int64_list().values();
    for (int i = 0; i + 1 < values.size(); i += 2) {
      const std::vector<std::string>& names = (*facts_)->kernel_names;
      if (values[i] < 0 || values[i] >= static_cast<std::int64_t>(names.size()) || values[i + 1] < 0 ||
          values[i + 1] > kMostPs)
        reader_->fail(fmt::format("node {} has a kernel without a name or a time", node.id()));
      kernels.push_back(
          {book_->name(names[static_cast<std::size_t>(values[i])]), Duration::picoseconds(values[i + 1])});
    }
  }
  read.expected = segment.duration;
  read.op.body = book_->segment(segment, kernels).index();
}

void NodeReading::read_memory(const Node& node, NodeOp& read) {
  const Hbm& hbm = rules_->chip->hbm;
  Segment segment;
  const std::int64_t bytes = asked_.integer(node, "tensor_size", 0, kMostBytes);
  const double seconds = static_cast<double>(bytes) / (hbm.bandwidth.as_double() * hbm.efficiency);
  if (seconds > 1e6) reader_->fail(fmt::format("node {} would last longer than 11 days", node.id()));
  segment.duration = Duration::seconds(seconds);
  segment.hbm = segment.duration > Duration() ? Bytes(bytes) : Bytes();
  read.unit = Unit::kCompute;
  read.op.kind = OpKind::kCompute;
  read.expected = segment.duration;
  read.op.body = book_->segment(segment, {}).index();
}

std::uint32_t NodeReading::slot_of(const Node& node) {
  const std::string group = asked_.text_or(node, "pg_name", "");
  for (std::size_t s = 0; s < slots_.size(); ++s)
    if (slots_[s].group == group) return static_cast<std::uint32_t>(s);
  slots_.push_back({group, *facts_ ? asked_.text_or(node, own::kGroup, "") : "", reader_->offset()});
  return static_cast<std::uint32_t>(slots_.size() - 1);
}

void NodeReading::read_collective(const Node& node, NodeOp& read) {
  const auto type =
      static_cast<std::size_t>(asked_.integer(node, "comm_type", 0, static_cast<std::int64_t>(kCommTypes.size()) - 1));
  const CollectiveKind kind = kCommTypes[type].kind;
  const std::int64_t size = kind == CollectiveKind::kBarrier
                                ? 0
                                : asked_.integer(node, "comm_size", 0, kMostBytes / static_cast<std::int64_t>(ranks_));
  TracedCollective collective{.kind = kind,
                              .slot = slot_of(node),
                              .bytes = Bytes(size),
                              .per_member = kCommTypes[type].per_member,
                              .algorithm = book_->algorithm(asked_.text_or(node, own::kAlgorithm, rules_->algorithm))};
  if (*facts_) {
    collective.bytes = Bytes(asked_.integer(node, own::kBytes, 0, kMostBytes));
    collective.per_member = false;
    collective.copies = static_cast<std::uint32_t>(asked_.integer_or(node, own::kCopies, 1, 1, kMostCopies));
    const std::string name = asked_.text_or(node, own::kKind, to_name(kind));
    for (std::size_t k = 0; k < kCollectiveKindCount; ++k)
      if (to_name(static_cast<CollectiveKind>(k)) == name) collective.kind = static_cast<CollectiveKind>(k);
  }
  if (const Attribute* dimensions = find(node, "involved_dim");
      dimensions != nullptr && asks_for_dimensions(*dimensions))
    unheeded_.insert("involved_dim");
  if (asked_.integer_or(node, "comm_priority", 0, -kMostNumber, kMostNumber) != 0) unheeded_.insert("comm_priority");
  read.unit = Unit::kCommunication;
  read.op.kind = OpKind::kCollective;
  read.expected = transfer(collective.bytes);
  read.op.body = book_->collective(collective);
}

void NodeReading::read_message(const Node& node, NodeOp& read) {
  const bool sends = node.type() == COMM_SEND_NODE;
  const auto peer = static_cast<std::size_t>(
      asked_.integer(node, sends ? "comm_dst" : "comm_src", 0, static_cast<std::int64_t>(ranks_) - 1));
  constexpr std::int64_t kTags = std::int64_t{1} << 31;
  const std::int64_t tag = asked_.integer_or(node, "comm_tag", 0, -kTags, 2 * kTags - 1);
  MessageOp message{.dimension = kAlongRanks,
                    .delta = 0,
                    .bytes = Bytes(asked_.integer(node, "comm_size", 0, kMostBytes)),
                    .channel = static_cast<std::uint32_t>(tag)};
  const Grid& grid = book_->program.grid;
  if (*facts_)
    message.dimension = static_cast<std::uint32_t>(
        asked_.integer(node, own::kDimension, 0, static_cast<std::int64_t>(grid.dimensions.size()) - 1));
  // Always the same of the deltas that lead to the peer, so that ranks at the grid's rim say what others say.
  const std::int64_t size = grid.dimensions[message.dimension].size;
  const std::int64_t there = grid.coordinate(RankId(peer), message.dimension);
  const std::int64_t here = grid.coordinate(rank_, message.dimension);
  message.delta = static_cast<std::int32_t>((there - here + size) % size);
  if (book_->program.peer(message, rank_) != RankId(peer))
    reader_->fail(fmt::format("node {} names rank {}, which doesn't lie along '{}' from rank {}", node.id(), peer,
                              grid.dimensions[message.dimension].name, rank_.index()));
  read.unit = sends ? Unit::kCommunication : Unit::kReceive;
  read.op.kind = sends ? OpKind::kSend : OpKind::kRecv;
  read.expected = sends ? transfer(message.bytes) : Duration();
  read.op.body = book_->message(message);
  if (sends) return;
  const auto key = std::make_tuple(message.dimension, message.delta, message.channel);
  read.lane = lanes_.try_emplace(key, static_cast<std::uint32_t>(lanes_.size())).first->second;
  if (lanes_.size() > kMostLanes)
    reader_->fail(
        fmt::format("rank {} receives from more than {} pairs of a rank and a tag", rank_.index(), kMostLanes));
}

}  // namespace orrery::chakra
