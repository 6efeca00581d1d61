// Op by op, in the words that others read first, then in our own.
#include "workloads/chakra/write_traces.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "sim/base/write_file.h"
#include "workloads/chakra/own_attributes.h"
#include "workloads/chakra/writer.h"

namespace orrery::chakra {
namespace {

constexpr std::int64_t kPsPerMicro = 1'000'000;
constexpr double kMostWholeOps = 9e18;  // num_ops is an int64

std::uint64_t micros(Duration duration) {
  return static_cast<std::uint64_t>(divide(duration.ps(), kPsPerMicro, Rounding::kNearest));
}

// The nearest word of others; own::kKind says where it isn't the very same.
CollectiveCommType comm_type(CollectiveKind kind) {
  switch (kind) {
    case CollectiveKind::kAllReduce:
      return ALL_REDUCE;
    case CollectiveKind::kReduce:
      return REDUCE;
    case CollectiveKind::kAllGather:
      return ALL_GATHER;
    case CollectiveKind::kGather:
      return GATHER;
    case CollectiveKind::kScatter:
      return SCATTER;
    case CollectiveKind::kBroadcast:
      return BROADCAST;
    case CollectiveKind::kReduceScatter:
      return REDUCE_SCATTER;
    case CollectiveKind::kBarrier:
      return BARRIER;
    case CollectiveKind::kAllToAll:
    case CollectiveKind::kAllToAllV:
    case CollectiveKind::kSendRecv:
      break;
  }
  return ALL_TO_ALL;
}

// What must be over before an op of a role, beside its waits: the op before it on its stream, the host's last sync.
struct Before {
  std::vector<std::vector<std::uint32_t>> on_stream;  // ops of each stream, in order
  std::vector<std::int64_t> previous;                 // by op; −1: none
  std::vector<std::int64_t> sync;                     // the same

  explicit Before(const Program& program, const Role& role) : on_stream(program.streams.size()) {
    std::int64_t last_sync = -1;
    for (std::uint32_t i = 0; i < role.ops.size(); ++i) {
      std::vector<std::uint32_t>& stream = on_stream[role.ops[i].stream];
      previous.push_back(stream.empty() ? -1 : std::int64_t{stream.back()});
      sync.push_back(last_sync);
      stream.push_back(i);
      if (role.ops[i].kind == OpKind::kHostSync) last_sync = i;
    }
  }
};

void add_deps(const Role& role, const Before& before, std::uint32_t i, Node& node) {
  std::set<std::uint64_t> control;
  if (before.previous[i] >= 0) control.insert(static_cast<std::uint64_t>(before.previous[i]));
  if (before.sync[i] >= 0) control.insert(static_cast<std::uint64_t>(before.sync[i]));
  for (const std::uint64_t dep : control) node.add_ctrl_deps(dep);
  std::set<std::uint64_t> data;
  const Op& op = role.ops[i];
  for (std::uint32_t w = op.first_wait; w < op.first_wait + op.wait_count; ++w)
    if (role.waits[w].count > 0) data.insert(before.on_stream[role.waits[w].stream][role.waits[w].count - 1]);
  for (const std::uint64_t dep : data) node.add_data_deps(dep);
}

}  // namespace

TraceWriting::TraceWriting(const Program& program, OwnFacts facts)
    : program_(&program), facts_(std::move(facts)), kernel_name_(program.names.size(), 0) {
  facts_.grid = program.grid;
  facts_.streams = program.streams;
  facts_.host_op = program.host_op;
  facts_.staggered = program.staggered;
  std::vector<bool> named(program.names.size(), false);
  for (const KernelRow& kernel : program.kernels) {
    if (named[kernel.name]) continue;
    named[kernel.name] = true;
    kernel_name_[kernel.name] = static_cast<std::uint32_t>(facts_.kernel_names.size());
    facts_.kernel_names.push_back(program.names[kernel.name]);
  }
  const std::size_t ranks = program.role_of_rank.size();
  for (std::size_t g = 0; g < program.groups.size(); ++g) {
    std::vector<std::uint32_t>& number = group_.emplace_back(ranks, 0);
    for (std::size_t r = 0; r < ranks; ++r) {
      if (number[r] != 0) continue;
      std::vector<RankId> members = program.members(GroupSpecId(g), RankId(r));
      if (std::find(members.begin(), members.end(), RankId(r)) == members.end()) continue;
      members_.push_back(std::move(members));
      for (const RankId member : members_.back()) number[member.index()] = static_cast<std::uint32_t>(members_.size());
    }
  }
}

std::string TraceWriting::groups() const {
  std::string text = "{";
  for (std::size_t c = 0; c < members_.size(); ++c) {
    text += fmt::format("{}\n  \"{}\": [", c == 0 ? "" : ",", c + 1);
    for (std::size_t m = 0; m < members_[c].size(); ++m)
      text += fmt::format("{}{}", m == 0 ? "" : ", ", members_[c][m].index());
    text += "]";
  }
  return text + "\n}\n";
}

void TraceWriting::write(RankId rank, const std::filesystem::path& file) const {
  const Role& role = program_->roles[program_->role_of_rank[rank.index()]];
  const Before before(*program_, role);
  AtomicFile out(file);
  Writer writer(
      file.string(), [&](std::string_view bytes) { out.write(bytes); }, metadata_of(facts_, role.name));
  for (std::uint32_t i = 0; i < role.ops.size(); ++i) {
    Node node;
    node.set_id(i);
    write_op(role.ops[i], rank, node);
    add_deps(role, before, i, node);
    writer.write(node);
  }
  writer.finish();
  out.commit();
}

void TraceWriting::write_op(const Op& op, RankId rank, Node& node) const {
  node.set_name(program_->names[op.name]);
  switch (op.kind) {
    case OpKind::kCompute:
      write_compute(op, node);
      break;
    case OpKind::kCollective:
      write_collective(op, rank, node);
      break;
    case OpKind::kSend:
    case OpKind::kRecv:
      write_message(op, rank, node);
      break;
    case OpKind::kDelay:
    case OpKind::kHostSync: {
      const Duration duration = op.kind == OpKind::kDelay ? program_->delays[op.body] : Duration();
      node.set_type(COMP_NODE);
      node.set_duration_micros(micros(duration));
      add_flag(node, "is_cpu_op", true);
      add_text(node, own::kOp, op.kind == OpKind::kDelay ? "delay" : "host_sync");
      add_int64(node, own::kDuration, duration.ps());
      break;
    }
  }
  add_int32(node, own::kStream, op.stream);
  if (op.phase != Phase::kOther) add_text(node, own::kPhase, to_name(op.phase));
  if (op.chunk != 0) add_int32(node, own::kChunk, op.chunk);
  if (op.microbatch >= 0) add_int32(node, own::kMicrobatch, op.microbatch);
  if (op.layer >= 0) add_int32(node, own::kLayer, op.layer);
}

void TraceWriting::write_compute(const Op& op, Node& node) const {
  const Segment& segment = program_->segments[SegmentId(op.body)];
  node.set_type(COMP_NODE);
  node.set_duration_micros(micros(segment.duration));
  add_flag(node, "is_cpu_op", false);
  add_int64(node, "num_ops",
            static_cast<std::int64_t>(std::llround(std::min(segment.hardware_flops.count(), kMostWholeOps))));
  add_uint64(node, "tensor_size", static_cast<std::uint64_t>(segment.hbm.count()));
  add_int64(node, own::kDuration, segment.duration.ps());
  add_int64(node, own::kHbm, segment.hbm.count());
  add_double(node, own::kModelFlops, segment.model_flops.count());
  add_double(node, own::kHardwareFlops, segment.hardware_flops.count());
  if (segment.other_flops != PerPrecision<double>{}) {
    Attribute& flops = *node.add_attr();
    flops.set_name(std::string(own::kOtherFlops));
    for (const double count : segment.other_flops) flops.mutable_double_list()->add_values(count);
  }
  if (segment.vector_flops > FlopCount()) add_double(node, own::kVectorFlops, segment.vector_flops.count());
  add_double(node, own::kMatrix, segment.matrix_seconds);
  add_int64(node, own::kHostTime, segment.host_time.ps());
  add_int64(node, own::kHostPath, segment.host_path.ps());
  if (segment.kernel_count == 0) return;
  Attribute& kernels = *node.add_attr();
  kernels.set_name(std::string(own::kKernels));
  for (std::uint32_t k = segment.first_kernel; k < segment.first_kernel + segment.kernel_count; ++k) {
    kernels.mutable_int64_list()->add_values(kernel_name_[program_->kernels[k].name]);
    kernels.mutable_int64_list()->add_values(program_->kernels[k].duration.ps());
  }
}

void TraceWriting::write_collective(const Op& op, RankId rank, Node& node) const {
  const CollectiveOp& collective = program_->collectives[op.body];
  const std::uint32_t number = group_[collective.group.index()][rank.index()];
  const CollectiveCommType type = comm_type(collective.kind);
  const bool per_member = type == ALL_GATHER || type == GATHER;
  const auto members = static_cast<std::int64_t>(members_[number - 1].size());
  node.set_type(COMM_COLL_NODE);
  add_flag(node, "is_cpu_op", false);
  add_int64(node, "comm_type", type);
  add_int64(node, "comm_size", divide(collective.bytes.count(), per_member ? members : 1, Rounding::kUp));
  add_text(node, "pg_name", std::to_string(number));
  add_text(node, own::kKind, to_name(collective.kind));
  add_int64(node, own::kBytes, collective.bytes.count());
  if (collective.copies > 1) add_int64(node, own::kCopies, collective.copies);
  add_text(node, own::kGroup, program_->groups[collective.group.index()].name);
  add_text(node, own::kAlgorithm, program_->algorithms[collective.algorithm]);
}

void TraceWriting::write_message(const Op& op, RankId rank, Node& node) const {
  const MessageOp& message = program_->messages[op.body];
  const auto peer = static_cast<std::int32_t>(program_->peer(message, rank).index());
  const auto here = static_cast<std::int32_t>(rank.index());
  const bool sends = op.kind == OpKind::kSend;
  node.set_type(sends ? COMM_SEND_NODE : COMM_RECV_NODE);
  add_flag(node, "is_cpu_op", false);
  add_int64(node, "comm_size", message.bytes.count());
  add_int32(node, "comm_src", sends ? here : peer);
  add_int32(node, "comm_dst", sends ? peer : here);
  add_int32(node, "comm_tag", static_cast<std::int32_t>(message.channel));
  add_int32(node, own::kDimension, static_cast<std::int32_t>(message.dimension));
}

}  // namespace orrery::chakra
