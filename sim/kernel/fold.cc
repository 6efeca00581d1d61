// Refines, numbers the classes, and turns uses into those of a class.
#include "sim/kernel/fold.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "sim/collective/placed.h"
#include "sim/kernel/excerpt.h"
#include "sim/kernel/fold/incidence.h"
#include "sim/kernel/fold/shares.h"
#include "topology/attachment.h"

namespace orrery {

using kernel::CommunicatorId;
using kernel::Communicators;
using kernel::Incidence;

std::optional<std::string> fold_fault(const Job& job, const RunOptions& options) {
  if (options.network != "fluid") return "only the network model 'fluid' is folded";
  if (options.granularity == Granularity::kStepwise)
    return "message by message the members of a communicator are not alike";
  if (!options.background.empty()) return "background traffic is not folded";
  // Minimal routes, which nobody asked for, don't; a large fabric's take their time to set up.
  if (options.make_routing && Routes(*job.fabric, options.make_routing).depends_on_order())
    return "the routes depend on what was asked before";
  return std::nullopt;
}

std::vector<Use> Fold::quotient(std::vector<Use> uses, std::uint32_t copies) const {
  for (Use& use : uses) use.resource = resource(use.resource);
  merge(uses);
  for (Use& use : uses) use.amount = use.amount * copies / static_cast<double>(resource_size_[use.resource.index()]);
  return uses;
}

// Reads classes of vertices as classes of ranks, communicators and resources.
class Fold::Maker {
 public:
  Maker(const Program& program, const Incidence& incidence, const Communicators& communicators)
      : program_(program),
        incidence_(incidence),
        communicators_(communicators),
        classes_(kernel::refine(incidence.graph)),
        first_(classes_.size(), kNobody),
        size_(classes_.size(), 0) {
    for (std::uint32_t v = 0; v < classes_.size(); ++v) {
      first_[classes_[v]] = std::min(first_[classes_[v]], v);
      ++size_[classes_[v]];
    }
  }

  Fold make(std::size_t resources) {
    make_ranks();
    make_communicators();
    make_resources(resources);
    return std::move(fold_);
  }

 private:
  static constexpr std::uint32_t kNobody = 0xFFFF'FFFFU;

  [[nodiscard]] std::uint32_t first(std::size_t v) const { return first_[classes_[v]]; }
  [[nodiscard]] bool is_first(std::size_t v) const { return first(v) == v; }

  void make_ranks() {
    for (std::size_t r = 0; r < incidence_.ranks; ++r) {
      fold_.rank_.emplace_back(first(r));
      fold_.rank_size_.push_back(size_[classes_[r]]);
      if (is_first(r)) fold_.representatives_.emplace_back(r);
    }
    if (const std::optional<Excerpt>& excerpt = program_.excerpt)
      fold_.share_ = std::size_t{program_.grid.stride(excerpt->dimension)} * excerpt->share;
    fold_.counts_.ranks_built = incidence_.ranks;
    fold_.counts_.ranks = in_whole(incidence_.ranks);
    fold_.counts_.rank_classes = fold_.representatives_.size();
  }

  void make_communicators() {
    std::vector<std::uint32_t> met;
    for (std::size_t c = 0; c < incidence_.communicators; ++c) {
      const std::size_t v = incidence_.ranks + c;
      fold_.communicator_.push_back(static_cast<std::uint32_t>(first(v) - incidence_.ranks));
      fold_.communicator_size_.push_back(size_[classes_[v]]);
      const std::span<const RankId> members = communicators_.members(CommunicatorId(c));
      met.clear();
      if (is_first(v))
        for (const RankId member : members) met.push_back(classes_[member.index()]);
      std::sort(met.begin(), met.end());
      fold_.arrivals_.push_back(static_cast<std::uint32_t>(std::unique(met.begin(), met.end()) - met.begin()));
      if (members.size() < 2) continue;
      fold_.counts_.communicator_classes += is_first(v) ? 1 : 0;
    }
    for (std::size_t g = 0; g < program_.groups.size(); ++g) {
      const GroupSpecId group(g);
      std::size_t count = 0;
      const std::size_t first = communicators_.first(group).index();
      for (std::size_t c = first; c < first + communicators_.count(group); ++c)
        count += communicators_.members(CommunicatorId(c)).size() > 1 ? 1 : 0;
      fold_.counts_.communicators += spans_excerpt(program_, program_.groups[g]) ? count : in_whole(count);
    }
  }

  void make_resources(std::size_t resources) {
    for (std::size_t r = 0; r < resources; ++r) fold_.resource_.emplace_back(r);
    fold_.resource_size_.resize(resources, 1);
    for (std::size_t v = 0; v < classes_.size(); ++v) {
      const ResourceId id = incidence_.resources[v];
      if (!id.valid()) continue;
      fold_.resource_[id.index()] = incidence_.resources[first(v)];
      fold_.resource_size_[id.index()] = size_[classes_[v]];
      ++fold_.counts_.resources;
      fold_.counts_.resource_classes += is_first(v) ? 1 : 0;
    }
    fold_.counts_.resources = in_whole(fold_.counts_.resources);
  }

  // What each of the shares that were built has so many of.
  [[nodiscard]] std::size_t in_whole(std::size_t count) const {
    return static_cast<std::size_t>(std::llround(static_cast<double>(count) * ranks_per_rank(program_)));
  }

  const Program& program_;
  const Incidence& incidence_;
  const Communicators& communicators_;
  std::vector<std::uint32_t> classes_;  // by vertex
  std::vector<std::uint32_t> first_;    // by class: its first vertex
  std::vector<std::uint32_t> size_;     // by class
  Fold fold_;
};

namespace {

// Condition of an excerpt (excerpt.h): a turn by a share adds a multiple of the routes' period to each destination's
// number. Numbers go switch by switch in the order in which shapes lay them, share after share among those that are one
// switch's like; so what a turn adds is a number of chips that every share has, and is the same in the whole.
void check_turns(const Job& job, const Routes& routes) {
  const std::uint64_t period = routes.period();
  const Excerpt& excerpt = *job.program->excerpt;
  const std::size_t turn = std::size_t{job.program->grid.stride(excerpt.dimension)} * excerpt.share;
  const Table<ChipId, std::uint32_t> numbers = spreading_order(*job.fabric);
  const auto number = [&](std::size_t rank) { return std::uint64_t{numbers[(*job.placement)[RankId(rank)]]}; };
  for (std::size_t r = turn; r < job.placement->size(); ++r)
    if (period == 0 || number(r) % period != number(r - turn) % period)
      throw NotAlike("routes spread traffic over links in another way from one part of the machine to the next");
}

// What changes must stand in a share of its own: the last one stands for all others.
void check_changes(const Job& job, const RunOptions& options, const Resources& resources) {
  const Excerpt& excerpt = *job.program->excerpt;
  const std::uint32_t last = job.program->grid.dimensions[excerpt.dimension].size / excerpt.share - 1;
  const std::vector<std::uint32_t> shares = kernel::shares_of_resources(job, resources);
  for (const CapacityChange& change : options.changes)
    if (const std::uint32_t share = shares[change.resource.index()];
        !excerpt.singled_out || share == kernel::kNoShare || share == last)
      throw NotAlike("what changes stands in a part of the machine that stands for others");
}

}  // namespace

Fold find_fold(const Job& job, const RunOptions& options) {
  const Resources resources(*job.fabric);
  const Communicators communicators(*job.program);
  if (job.program->excerpt && !options.changes.empty()) check_changes(job, options, resources);
  const Tenant tenant{
      .name = {}, .job = job, .costs = options.costs, .library = options.library, .sinks = {}, .start = {}};
  RunOptions unfolded = options;
  unfolded.fold = nullptr;
  kernel::Lowering lowering(tenant, unfolded, resources, communicators);
  const Incidence incidence = kernel::incidence_of(job, options, communicators, lowering, resources);
  if (job.program->excerpt) check_turns(job, lowering.routes());
  return Fold::Maker(*job.program, incidence, communicators).make(resources.size());
}

std::vector<std::uint32_t> ranks_played(const Program& program, const Fold* fold) {
  std::vector<std::uint32_t> played(program.role_of_rank.size(), 0);
  for (std::size_t r = 0; r < played.size(); ++r)
    played[fold != nullptr ? fold->representative(RankId(r)).index() : r] += ranks_played(program, RankId(r));
  return played;
}

std::vector<RankClass> rank_classes(const Fold& fold, const Program& program) {
  const Communicators communicators(program);
  const std::vector<std::uint32_t> played = ranks_played(program, &fold);
  std::vector<RankClass> classes;
  // Classes of a group's communicators, in order of the first rank that stands in one.
  std::vector<std::map<std::uint32_t, std::uint32_t>> numbers(program.groups.size());
  for (const RankId rank : fold.representatives()) {
    RankClass& one = classes.emplace_back(RankClass{rank, played[rank.index()], {}});
    for (std::size_t g = 0; g < program.groups.size(); ++g) {
      const CommunicatorId id = communicators.of(rank, GroupSpecId(g));
      std::optional<std::uint32_t>& number = one.communicators.emplace_back();
      if (!id.valid()) continue;
      const std::uint32_t representative = fold.communicator(id.index());
      number = numbers[g].emplace(representative, static_cast<std::uint32_t>(numbers[g].size())).first->second;
    }
  }
  return classes;
}

MemberSpans::MemberSpans(const Fold& fold, std::span<const RankId> members, SpanSink& sink)
    : first_(fold.counts().ranks_built + 1, 0), members_(members.size()), sink_(&sink) {
  for (const RankId member : members) ++first_[fold.representative(member).index() + 1];
  for (std::size_t r = 1; r < first_.size(); ++r) first_[r] += first_[r - 1];
  std::vector<std::uint32_t> next(first_.begin(), first_.end() - 1);
  for (const RankId member : members) members_[next[fold.representative(member).index()]++] = member;
}

void MemberSpans::span(const Span& span) {
  Span own = span;
  own.ranks = 1;
  for (std::uint32_t k = first_[span.rank.index()]; k < first_[span.rank.index() + 1]; ++k) {
    own.rank = members_[k];
    sink_->span(own);
  }
}

}  // namespace orrery
