// Checks a Program before any rank runs, so that the engine can trust every index in it.
#include <fmt/format.h>

#include <algorithm>

#include "sim/base/error.h"
#include "sim/kernel/describe.h"
#include "sim/kernel/program.h"

namespace orrery {
namespace {

// The engine numbers (rank, stream) pairs in 30 bits.
constexpr std::uint64_t kMostSlots = std::uint64_t{1} << 30;
// Leaves room for every sum of times that the engine forms: 13 days.
constexpr std::int64_t kLongest = std::int64_t{1} << 60;

[[noreturn]] void fail(const std::string& text) { throw RunError("the program is wrong: " + text); }

void check_grid(const Program& program) {
  const Grid& grid = program.grid;
  std::uint64_t ranks = 1;
  for (const Grid::Dimension& dimension : grid.dimensions) {
    if (dimension.size == 0) fail(fmt::format("grid dimension '{}' has size 0", dimension.name));
    ranks *= dimension.size;
    if (ranks > kMostSlots) fail(fmt::format("its grid has more than {} ranks", kMostSlots));
  }
  if (program.streams.size() <= kComputeStream) fail("it needs at least the streams 'host' and 'compute'");
  if (program.streams.size() > 0xffff || ranks * program.streams.size() > kMostSlots)
    fail(fmt::format("{} ranks with {} streams each are too many", ranks, program.streams.size()));
  if (program.role_of_rank.size() != ranks)
    fail(fmt::format("{} ranks have a role, the grid has {}", program.role_of_rank.size(), ranks));
  for (std::size_t rank = 0; rank < ranks; ++rank)
    if (program.role_of_rank[rank] >= program.roles.size())
      fail(fmt::format("rank {} has role {} of {}", rank, program.role_of_rank[rank], program.roles.size()));
}

void check_excerpt(const Program& program) {
  if (!program.excerpt) return;
  const Excerpt& excerpt = *program.excerpt;
  if (excerpt.dimension >= program.grid.dimensions.size()) fail("it is cut along a dimension that it hasn't got");
  const std::uint32_t size = program.grid.dimensions[excerpt.dimension].size;
  if (excerpt.share == 0 || size % excerpt.share != 0 || excerpt.whole % excerpt.share != 0 || excerpt.whole < size)
    fail(fmt::format("{} of {} coordinates are no whole number of shares of {}", size, excerpt.whole, excerpt.share));
}

template <class T>
bool repeats(std::vector<T> values) {
  std::sort(values.begin(), values.end());
  return std::adjacent_find(values.begin(), values.end()) != values.end();
}

// No rank twice, so that each has one place at most.
void check_listed(const Program& program, const GroupSpec& group) {
  if (!group.only.empty()) fail(fmt::format("group '{}' lists both members and communicators", group.name));
  if (program.excerpt) fail(fmt::format("group '{}' lists communicators: an excerpt can't", group.name));
  std::vector<bool> seated(program.role_of_rank.size(), false);
  for (const std::vector<RankId>& members : group.listed) {
    if (members.empty()) fail(fmt::format("group '{}' lists a communicator of nobody", group.name));
    for (const RankId member : members) {
      if (member.index() >= seated.size())
        fail(fmt::format("group '{}' lists rank {} of {}", group.name, member.index(), seated.size()));
      if (seated[member.index()]) fail(fmt::format("group '{}' lists rank {} twice", group.name, member.index()));
      seated[member.index()] = true;
    }
  }
}

void check_groups(const Program& program) {
  const std::vector<Grid::Dimension>& dimensions = program.grid.dimensions;
  for (const GroupSpec& group : program.groups) {
    for (const std::uint32_t d : group.dimensions)
      if (d >= dimensions.size())
        fail(fmt::format("group '{}' has dimension {} of {}", group.name, d, dimensions.size()));
    if (repeats(group.dimensions)) fail(fmt::format("group '{}' names a dimension twice", group.name));
    if (!group.listed.empty()) check_listed(program, group);
    if (group.only.empty()) continue;
    if (group.dimensions.size() != 1)
      fail(fmt::format("group '{}' lists members, so it must have one dimension, not {}", group.name,
                       group.dimensions.size()));
    for (const std::uint32_t c : group.only)
      if (c >= dimensions[group.dimensions[0]].size)
        fail(fmt::format("group '{}' lists member {} of {}", group.name, c, dimensions[group.dimensions[0]].size));
    if (repeats(group.only)) fail(fmt::format("group '{}' lists a member twice", group.name));
  }
}

void check_segment(const Program& program, std::size_t index) {
  const Segment& segment = program.segments[SegmentId(index)];
  const Duration zero;
  const auto wrong = [&](const char* what) { fail(fmt::format("segment {} {}", index, what)); };
  if (segment.duration < zero || segment.host_time < zero || segment.host_path < zero || segment.hbm < Bytes(0))
    wrong("has a negative time or size");
  if (segment.duration.ps() > kLongest || segment.host_time.ps() > kLongest) wrong("lasts longer than 13 days");
  if (segment.hbm > Bytes(0) && segment.duration == zero) wrong("moves bytes in no time");
  // Otherwise the host would hold back a segment that it has queued in full.
  if (segment.host_path > segment.host_time + segment.duration) wrong("has a host path longer than its parts");
  if (std::uint64_t{segment.first_kernel} + segment.kernel_count > program.kernels.size())
    wrong("lists kernels that don't exist");
}

void check_tables(const Program& program) {
  for (std::size_t i = 0; i < program.segments.size(); ++i) check_segment(program, i);
  for (std::size_t i = 0; i < program.kernels.size(); ++i)
    if (program.kernels[i].name >= program.names.size()) fail(fmt::format("kernel {} has no name", i));
  for (std::size_t i = 0; i < program.collectives.size(); ++i) {
    const CollectiveOp& op = program.collectives[i];
    if (static_cast<std::size_t>(op.kind) >= kCollectiveKindCount || op.kind == CollectiveKind::kSendRecv)
      fail(fmt::format("collective {} is of a kind that groups don't do", i));
    if (op.group.index() >= program.groups.size()) fail(fmt::format("collective {} has no group", i));
    if (op.bytes < Bytes(0)) fail(fmt::format("collective {} has a negative size", i));
    if (op.algorithm >= program.algorithms.size()) fail(fmt::format("collective {} has no algorithm", i));
  }
  for (std::size_t i = 0; i < program.messages.size(); ++i) {
    const MessageOp& op = program.messages[i];
    if (op.dimension >= program.grid.dimensions.size()) fail(fmt::format("message {} has no dimension", i));
    if (op.bytes < Bytes(0)) fail(fmt::format("message {} has a negative size", i));
  }
  for (std::size_t i = 0; i < program.delays.size(); ++i)
    if (program.delays[i] < Duration() || program.delays[i].ps() > kLongest)
      fail(fmt::format("delay {} is negative or longer than 13 days", i));
  if (program.host_op < Duration() || program.host_op.ps() > kLongest)
    fail("its host time an op is negative or longer than 13 days");
}

std::size_t bodies(const Program& program, OpKind kind) {
  switch (kind) {
    case OpKind::kCompute:
      return program.segments.size();
    case OpKind::kCollective:
      return program.collectives.size();
    case OpKind::kSend:
    case OpKind::kRecv:
      return program.messages.size();
    case OpKind::kDelay:
      return program.delays.size();
    case OpKind::kHostSync:
      return ~std::size_t{0};
  }
  return 0;
}

// How long an op lasts by itself and keeps the host, together.
Duration time_of(const Program& program, const Op& op) {
  switch (op.kind) {
    case OpKind::kCompute: {
      const Segment& segment = program.segments[SegmentId(op.body)];
      return segment.duration + segment.host_time;
    }
    case OpKind::kDelay:
      return program.delays[op.body];
    case OpKind::kHostSync:
      return Duration();
    default:
      return program.host_op;
  }
}

void check_role(const Program& program, const Role& role) {
  const std::size_t streams = program.streams.size();
  std::vector<std::uint32_t> counts(streams, 0);
  std::size_t index = 0;
  const auto wrong = [&](const std::string& what) {
    fail(fmt::format("role '{}', op {}: {}", role.name, index, what));
  };
  Duration time;
  for (const Op& op : role.ops) {
    if (op.kind > OpKind::kHostSync || op.phase > Phase::kOther) wrong("its kind or phase doesn't exist");
    if (op.stream >= streams) wrong(fmt::format("its stream is {} of {}", op.stream, streams));
    if (op.name >= program.names.size()) wrong("it has no name");
    if (op.body >= bodies(program, op.kind)) wrong("its body doesn't exist");
    if ((op.kind == OpKind::kHostSync) != (op.stream == kHostStream))
      wrong("host syncs, and nothing else, belong on stream 'host'");
    if (std::uint64_t{op.first_wait} + op.wait_count > role.waits.size()) wrong("its waits don't exist");
    ++counts[op.stream];
    time += time_of(program, op);
    if (time.ps() > kLongest) wrong("up to here the role lasts longer than 13 days");
    ++index;
  }
  index = 0;
  for (const Op& op : role.ops) {
    for (std::uint32_t w = op.first_wait; w < op.first_wait + op.wait_count; ++w) {
      const Wait& wait = role.waits[w];
      if (wait.stream >= streams) wrong(fmt::format("it waits for stream {} of {}", wait.stream, streams));
      if (wait.count > counts[wait.stream])
        wrong(fmt::format("{} waits for {} ops on stream '{}', which has {}", kernel::describe(program, op), wait.count,
                          program.streams[wait.stream], counts[wait.stream]));
    }
    ++index;
  }
}

// Ranks that run a collective on a group must be members of it.
void check_membership(const Program& program) {
  const std::size_t groups = program.groups.size();
  std::vector<const Op*> used(program.roles.size() * groups, nullptr);  // the first op of each role on each group
  for (std::size_t r = 0; r < program.roles.size(); ++r) {
    for (const Op& op : program.roles[r].ops) {
      if (op.kind != OpKind::kCollective) continue;
      const Op*& first = used[r * groups + program.collectives[op.body].group.index()];
      if (first == nullptr) first = &op;
    }
  }
  for (std::size_t g = 0; g < groups; ++g) {
    const GroupSpec& group = program.groups[g];
    if (group.only.empty() && group.listed.empty()) continue;
    std::vector<bool> member(program.role_of_rank.size(), false);
    for (const std::vector<RankId>& members : group.listed)
      for (const RankId rank : members) member[rank.index()] = true;
    for (std::size_t r = 0; r < program.role_of_rank.size(); ++r) {
      const Op* op = used[program.role_of_rank[r] * groups + g];
      if (op == nullptr) continue;
      if (group.listed.empty())
        member[r] = std::find(group.only.begin(), group.only.end(),
                              program.grid.coordinate(RankId(r), group.dimensions[0])) != group.only.end();
      if (!member[r])
        fail(fmt::format("{}: {} is on group '{}', which leaves the rank out", kernel::describe(program, RankId(r)),
                         kernel::describe(program, *op), group.name));
    }
  }
}

}  // namespace

void validate(const Program& program) {
  check_grid(program);
  check_excerpt(program);
  check_groups(program);
  check_tables(program);
  std::uint64_t ops = 0;
  for (const Role& role : program.roles) {
    check_role(program, role);
    ops += role.ops.size() + program.streams.size();
  }
  if (ops >= 0xffff'ffff) fail("it has more than 4 billion ops");
  check_membership(program);
}

}  // namespace orrery
