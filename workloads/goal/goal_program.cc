// Writes each rank's role from the order in which its ops start.
#include "workloads/goal/goal_program.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "sim/base/error.h"
#include "workloads/chakra/role_book.h"
#include "workloads/chakra/trace_book.h"
#include "workloads/goal/goal_order.h"

namespace orrery::goal {
namespace {

constexpr std::size_t kMostLanes = 4096;
constexpr std::int64_t kPicoseconds = 1000;  // in a nanosecond
constexpr std::uint32_t kAlongRanks = 0;

class Writer {
 public:
  explicit Writer(const Schedule& schedule) : schedule_(&schedule) {}

  Program write() {
    Program& program = book_.program;
    const auto count = static_cast<std::uint32_t>(schedule_->ranks.size());
    program.grid.dimensions.push_back({"rank", count});
    program.streams = {"host", "compute"};
    const std::vector<std::vector<std::uint32_t>> orders = starts_of(*schedule_);
    chakra::RoleBook roles;
    for (std::uint32_t rank = 0; rank < count; ++rank)
      program.role_of_rank.push_back(roles.keep(role_of(rank, orders[rank]), RankId(rank)));
    program.roles = roles.roles();
    if (program.names.empty()) program.names.emplace_back();
    return std::move(program);
  }

 private:
  using Lane = std::tuple<std::string_view, std::uint32_t, std::uint32_t>;  // "cpu", "nic" or "receive", and which

  [[nodiscard]] std::uint32_t delta(std::uint32_t rank, std::uint32_t peer) const {
    const auto count = static_cast<std::uint32_t>(schedule_->ranks.size());
    return (peer + count - rank) % count;
  }

  std::uint16_t stream_of(const Op& op, std::uint32_t rank) {
    if (op.kind == Op::Kind::kCompute && op.cpu == 0) return kComputeStream;
    const Lane lane = op.kind == Op::Kind::kCompute ? Lane{"cpu", op.cpu, 0}
                      : op.kind == Op::Kind::kSend  ? Lane{"nic", op.nic, 0}
                                                    : Lane{"receive", delta(rank, op.peer), op.tag};
    std::vector<std::string>& streams = book_.program.streams;
    const auto [entry, is_new] = lanes_.try_emplace(lane, static_cast<std::uint16_t>(streams.size()));
    if (!is_new) return entry->second;
    if (streams.size() >= kMostLanes)
      throw RunError(fmt::format("a rank may receive from at most {} ranks and tags", kMostLanes));
    const std::size_t number = std::get<0>(lane) == "receive" ? streams.size() : std::get<1>(lane);
    streams.push_back(fmt::format("{} {}", std::get<0>(lane), number));
    return entry->second;
  }

  Role role_of(std::uint32_t rank, const std::vector<std::uint32_t>& order) {
    const std::vector<Op>& ops = schedule_->ranks[rank];
    std::vector<std::uint16_t> streams;
    streams.reserve(ops.size());
    for (const Op& op : ops) streams.push_back(stream_of(op, rank));
    Role role;
    std::map<std::uint16_t, std::uint32_t> counts;
    std::vector<std::uint32_t> place(ops.size(), 0);                       // ops of its stream before it
    std::vector<std::map<std::uint16_t, std::uint32_t>> held(ops.size());  // what must be over before it starts
    for (const std::uint32_t o : order) {
      const Op& op = ops[o];
      std::map<std::uint16_t, std::uint32_t>& marks = held[o];
      const auto mark = [&](std::uint16_t stream, std::uint32_t count) {
        std::uint32_t& most = marks[stream];
        most = std::max(most, count);
      };
      for (const std::uint32_t on : op.after) {
        mark(streams[on], place[on] + 1);
        if (ops[on].kind == Op::Kind::kReceive)
          for (const auto& [stream, count] : held[on]) mark(stream, count);
      }
      for (const std::uint32_t on : op.after_start) {
        if (place[on] > 0) mark(streams[on], place[on]);
        for (const auto& [stream, count] : held[on]) mark(stream, count);
      }
      place[o] = counts[streams[o]]++;
      orrery::Op made = body_of(op, rank);
      made.stream = streams[o];
      made.name = book_.name(op.label.empty() ? kind_name(op) : op.label);
      made.first_wait = static_cast<std::uint32_t>(role.waits.size());
      if (op.kind != Op::Kind::kReceive)
        for (const auto& [stream, count] : marks)
          if (stream != made.stream || count > place[o]) role.waits.push_back({stream, count});
      made.wait_count = static_cast<std::uint16_t>(role.waits.size() - made.first_wait);
      role.ops.push_back(made);
    }
    return role;
  }

  static std::string_view kind_name(const Op& op) {
    return op.kind == Op::Kind::kCompute ? "calc" : op.kind == Op::Kind::kSend ? "send" : "recv";
  }

  orrery::Op body_of(const Op& op, std::uint32_t rank) {
    orrery::Op made;
    if (op.kind == Op::Kind::kCompute) {
      made.kind = OpKind::kCompute;
      Segment segment;
      segment.duration = segment.host_path = Duration::picoseconds(op.amount * kPicoseconds);
      made.body = book_.segment(segment, {{book_.name(kind_name(op)), segment.duration}}).index();
      return made;
    }
    made.kind = op.kind == Op::Kind::kSend ? OpKind::kSend : OpKind::kRecv;
    made.body = book_.message({.dimension = kAlongRanks,
                               .delta = static_cast<std::int32_t>(delta(rank, op.peer)),
                               .bytes = Bytes(op.amount),
                               .channel = op.tag});
    return made;
  }

  const Schedule* schedule_;
  chakra::TraceBook book_;
  std::map<Lane, std::uint16_t> lanes_;
};

}  // namespace

Program program_of(const Schedule& schedule) { return Writer(schedule).write(); }

}  // namespace orrery::goal
