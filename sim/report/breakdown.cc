// Walks each gap of a compute stream backwards through what it waited for. The rule stands in the header.
#include "sim/report/breakdown.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace orrery {
namespace {

enum Sum : std::uint16_t { kCompute, kBubble, kSkew, kHost, kOther, kFirstDimension };

// Ranks of a dimension that has a communicator of its own pass messages around among equals, as in a ring of keys and
// values; stages of a pipeline have none.
bool has_communicator(const Program& program, std::uint32_t dimension) {
  const std::string& name = program.grid.dimensions[dimension].name;
  return std::any_of(program.groups.begin(), program.groups.end(), [&](const GroupSpec& group) {
    return group.name == name && group.dimensions.size() == 1 && group.dimensions[0] == dimension;
  });
}

// Messages travel along it from stage to stage, and there is somewhere to go.
std::vector<bool> travelled(const Program& program) {
  std::vector<bool> travelled(program.grid.dimensions.size(), false);
  for (const MessageOp& message : program.messages)
    travelled[message.dimension] =
        program.grid.dimensions[message.dimension].size > 1 && !has_communicator(program, message.dimension);
  return travelled;
}

bool crosses(const GroupSpec& group, const std::vector<bool>& dimensions) {
  return std::any_of(group.dimensions.begin(), group.dimensions.end(),
                     [&](std::uint32_t d) { return static_cast<bool>(dimensions[d]); });
}

}  // namespace

Int128 Breakdown::communication() const {
  Int128 sum = 0;
  for (const Exposed& part : exposed) sum += part.time;
  return sum;
}

Int128 Breakdown::total() const { return compute + communication() + bubble + skew + host + other; }

double Breakdown::mean_seconds(Int128 sum) const {
  return ranks > 0 ? static_cast<double>(sum) / (1e12 * static_cast<double>(ranks)) : 0;
}

BreakdownSink::BreakdownSink(const Program& program, const Fold* fold)
    : program_(&program),
      weights_(ranks_played(program, fold)),
      sums_(kFirstDimension, 0),
      streams_(program.role_of_rank.size() * program.streams.size()),
      computed_(program.role_of_rank.size()),
      begun_(program.staggered ? program.role_of_rank.size() : 0, Time::max()) {
  const std::vector<bool> along = travelled(program);
  pipelined_ = std::find(along.begin(), along.end(), true) != along.end();
  for (const Role& role : program.roles) add_role(role, along);
}

std::uint16_t BreakdownSink::sum_of(const std::string& dimension) {
  const auto known = std::find(dimensions_.begin(), dimensions_.end(), dimension);
  const auto index = known - dimensions_.begin();
  if (known == dimensions_.end()) {
    dimensions_.push_back(dimension);
    sums_.push_back(0);
  }
  return static_cast<std::uint16_t>(kFirstDimension + index);
}

void BreakdownSink::add_role(const Role& role, const std::vector<bool>& along) {
  std::vector<std::uint32_t> places(program_->streams.size(), 0);
  std::vector<Accounts>& accounts = accounts_.emplace_back();
  accounts.reserve(role.ops.size());
  for (const Op& op : role.ops) {
    Accounts account{places[op.stream], places[kHostStream], kOther, kHost};
    ++places[op.stream];
    switch (op.kind) {
      case OpKind::kCompute:
        account.under_way = kCompute;
        break;
      case OpKind::kCollective: {
        const GroupSpec& group = program_->groups[program_->collectives[op.body].group.index()];
        account.under_way = sum_of(group.name);
        account.waiting = crosses(group, along) ? kBubble : kSkew;
        break;
      }
      case OpKind::kSend:
      case OpKind::kRecv:
        account.under_way = sum_of(program_->grid.dimensions[program_->messages[op.body].dimension].name);
        account.waiting = along[program_->messages[op.body].dimension] ? kBubble : kSkew;
        break;
      case OpKind::kDelay:
        break;
      case OpKind::kHostSync:
        account.under_way = kHost;
        break;
    }
    accounts.push_back(account);
  }
}

const BreakdownSink::Kept* BreakdownSink::find(RankId rank, std::uint32_t stream, std::uint32_t place) const {
  const Stream& one = streams_[rank.index() * program_->streams.size() + stream];
  const std::size_t first = one.done - one.kept.size();
  return place < first || place >= one.done ? nullptr : &one.kept[place - first];
}

// One gap of one rank, from its end back to `floor`.
struct BreakdownSink::Walk {
  const BreakdownSink& sink;
  RankId rank;
  Time floor;
  std::uint32_t weight;
  std::vector<Int128>& sums;

  // [from, to), as far as it is above the floor.
  void add(std::uint16_t sum, Time from, Time to) const {
    if (to > std::max(from, floor)) sums[sum] += static_cast<Int128>((to - std::max(from, floor)).ps()) * weight;
  }

  // Everything before `op` was ready.
  void before(std::uint32_t op, Time ready) const {
    const std::uint32_t role_index = sink.program_->role_of_rank[rank.index()];
    const Role& role = sink.program_->roles[role_index];
    const std::vector<Accounts>& accounts = sink.accounts_[role_index];
    while (ready > floor) {
      const Kept* last = nullptr;
      const auto consider = [&](std::uint32_t stream, std::uint32_t count) {
        const Kept* kept = count == 0 ? nullptr : sink.find(rank, stream, count - 1);
        if (kept != nullptr && kept->end <= ready && (last == nullptr || kept->end > last->end)) last = kept;
      };
      const Op& here = role.ops[op];
      consider(here.stream, accounts[op].place);
      for (std::uint32_t w = here.first_wait; w < here.first_wait + here.wait_count; ++w)
        consider(role.waits[w].stream, role.waits[w].count);
      const Time freed = last == nullptr ? floor : std::max(floor, last->end);
      if (freed < ready) {
        // Its waits were over, but the host had more to queue: since it last had to wait itself.
        consider(kHostStream, accounts[op].syncs);
        const Time resumed = last == nullptr ? floor : std::max(floor, last->end);
        add(kHost, resumed, ready);
      }
      if (last == nullptr) return;
      ready = during(*last, accounts[last->op]);
      op = last->op;
    }
  }

  // All of an op; returns when it was ready.
  Time during(const Kept& kept, const Accounts& account) const {
    add(account.under_way, kept.begin, kept.end);
    add(account.waiting, kept.ready, kept.begin);
    return kept.ready;
  }
};

void BreakdownSink::span(const Span& span) {
  const std::uint32_t role = program_->role_of_rank[span.rank.index()];
  const Op& op = program_->roles[role].ops[span.op];
  const std::size_t first_stream = span.rank.index() * program_->streams.size();
  const Kept kept{span.op, span.ready, span.begin, span.end};
  ++streams_[first_stream + op.stream].done;
  if (op.stream != kComputeStream) {
    streams_[first_stream + op.stream].kept.push_back(kept);
    return;
  }
  Time& computed = computed_[span.rank.index()];
  if (program_->staggered && begun_[span.rank.index()] == Time::max())
    begun_[span.rank.index()] = computed = span.begin;
  const std::uint32_t weight = weights_[span.rank.index()];
  const Walk walk{*this, span.rank, computed, weight, sums_};
  walk.before(span.op, walk.during(kept, accounts_[role][span.op]));
  if (op.kind == OpKind::kCompute)
    alone_ += static_cast<Int128>(program_->segments[SegmentId(op.body)].duration.ps()) * weight;
  computed = span.end;
  for (std::size_t s = 0; s < program_->streams.size(); ++s) streams_[first_stream + s].kept.clear();
}

Breakdown BreakdownSink::finish(Time end) const {
  std::vector<Int128> sums = sums_;
  for (std::size_t r = 0; r < computed_.size(); ++r) {
    const RankId rank(r);
    if (weights_[r] == 0) continue;
    const Walk walk{*this, rank, computed_[r], weights_[r], sums};
    const Kept* last = nullptr;
    for (std::uint32_t s = 0; s < program_->streams.size(); ++s) {
      const Stream& stream = streams_[r * program_->streams.size() + s];
      if (!stream.kept.empty() && (last == nullptr || stream.kept.back().end > last->end)) last = &stream.kept.back();
    }
    Time idle = computed_[r];
    if (last != nullptr) {
      idle = std::max(idle, last->end);
      walk.before(last->op, walk.during(*last, accounts_[program_->role_of_rank[r]][last->op]));
    }
    const bool later = program_->staggered && begun_[r] != Time::max();
    const Time own_end = later ? begun_[r] + (end - Time()) : end;
    walk.add(pipelined_ ? kBubble : kSkew, idle, own_end);
  }

  Breakdown breakdown;
  for (const std::uint32_t weight : weights_) breakdown.ranks += weight;
  breakdown.compute = sums[kCompute];
  breakdown.slowed = std::max<Int128>(0, sums[kCompute] - alone_);
  breakdown.bubble = sums[kBubble];
  breakdown.skew = sums[kSkew];
  breakdown.host = sums[kHost];
  breakdown.other = sums[kOther];
  for (std::size_t d = 0; d < dimensions_.size(); ++d)
    breakdown.exposed.push_back({dimensions_[d], sums[kFirstDimension + d]});
  assert(breakdown.total() == static_cast<Int128>((end - Time()).ps()) * breakdown.ranks);
  return breakdown;
}

}  // namespace orrery
