// The symmetry of a job on its machine: which ranks, communicators and resources behave alike, so that one of each kind
// can be played for all.
//
// The partition. Vertices are ranks, communicators, messages (a sender and what it sends) and resources; edges say who
// belongs to whom and who draws on what, with what it draws as the label. To begin with ranks are told apart by role,
// communicators by group, size, latencies, weights and caps of their activities, messages likewise, resources by
// capacity and by what becomes of it. Colour refinement then finds the coarsest *equitable* partition: two of a class
// have, label by label, equally many neighbours in every class.
//
//   Claim. In a run under `fluid` all members of a class have the same event times.
//   Proof, by induction over instants. Suppose that up to now all ranks of a class have completed the same ops at the
//   same times and all communicators and messages of a class have started, and gone as far as, the same activities.
//   (1) Who is ready now: an op waits for streams of its own rank, its host, and the members of its communicator or its
//   partner. Members of two communicators of a class stand in the same classes, equally many in each; so they are
//   complete at the same instant. Likewise both ends of a message. (2) What runs is then, class by class, the same, and
//   the rates solve
//       for every resource r:  Σ_a u_ra·x_a ≤ C_r,   max-min fair with weights w_a.
//   Permute by averaging: let x̄_a be the mean of x over the class of a. By equitability Σ_a u_ra·x̄_a is, for r in
//   class ρ, the mean of Σ_a u_r'a·x_a over r' in ρ, hence ≤ C_ρ: x̄ is feasible. The max-min fair point is the only
//   one that is lexicographically greatest in sorted x_a/w_a, averaging within classes of equal weight never makes
//   that smaller, and makes it greater unless x was constant on classes: so it was. (3) Hence remaining work falls
//   alike, and the next event comes for all of a class at once. ∎
//
// The quotient is a job for the same engine and the same solver: the first rank of each class, and for an activity the
// uses of its whole class: u_ρA = |A|·Σ_{r ∈ ρ} u_ra ÷ |ρ| (double counting), weights, caps and capacities of one
// member. Its rates are those of the claim. Exact but for the order in which doubles are added.
//
// Conditions, and what becomes of what breaks them:
//   * rates depend on uses, weights, caps and capacities alone: only under `fluid`; others are not folded. No tie is
//     broken by number: within an instant order moves no time (engine.cc);
//   * positions in a communicator don't matter: true of a phase, which starts and ends for all members at once; not of
//     message by message: stepwise granularity is not folded;
//   * the path of a pair depends on the pair alone: a routing whose answers depend on what was asked before isn't
//   folded;
//   * an excerpt of a job is folded like a job; excerpt.h says when that is a fold of the whole;
//   * a capacity that changes is part of its resource's colour: a slow chip or a failing link stands in a class of its
//     own and splits what it touches. Background flows and several jobs are not folded.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/kernel/engine.h"

namespace orrery {

class Fold {
 public:
  // Ranks by the first of their class; of an excerpt (excerpt.h), also those of the whole.
  [[nodiscard]] RankId representative(RankId rank) const {
    const std::size_t r = rank.index();
    return rank_[r < rank_.size() ? r
                                  : rank_.size() - share_ + r % share_];  // the last share stands for what isn't here
  }
  // In the Program that was folded, as are all numbers of members here but counts(); see also played().
  [[nodiscard]] std::uint32_t class_size(RankId representative) const { return rank_size_[representative.index()]; }
  [[nodiscard]] std::span<const RankId> representatives() const { return representatives_; }

  // Communicators in the order in which kernel::Communicators numbers them.
  [[nodiscard]] std::uint32_t communicator(std::uint32_t index) const { return communicator_[index]; }
  [[nodiscard]] std::uint32_t communicators_like(std::uint32_t representative) const {
    return communicator_size_[representative];
  }
  // How many classes of ranks meet in it.
  [[nodiscard]] std::uint32_t arrivals(std::uint32_t representative) const { return arrivals_[representative]; }

  [[nodiscard]] ResourceId resource(ResourceId id) const { return resource_[id.index()]; }
  // The uses of one activity → those of its class of `copies`, on resources that stand for theirs.
  [[nodiscard]] std::vector<Use> quotient(std::vector<Use> uses, std::uint32_t copies) const;

  // Of an excerpt: of the whole that it stands for.
  struct Counts {
    std::size_t ranks = 0;
    std::size_t ranks_built = 0;  // of them
    std::size_t rank_classes = 0;
    std::size_t communicators = 0;  // of two members at least
    std::size_t communicator_classes = 0;
    std::size_t resources = 0;  // that the job draws on
    std::size_t resource_classes = 0;
  };
  [[nodiscard]] const Counts& counts() const { return counts_; }

 private:
  class Maker;
  friend Fold find_fold(const Job& job, const RunOptions& options);

  std::size_t share_ = 1;  // ranks of one, of an excerpt
  std::vector<RankId> rank_;
  std::vector<std::uint32_t> rank_size_;  // by representative
  std::vector<RankId> representatives_;
  std::vector<std::uint32_t> communicator_;
  std::vector<std::uint32_t> communicator_size_;
  std::vector<std::uint32_t> arrivals_;
  std::vector<ResourceId> resource_;
  std::vector<std::uint32_t> resource_size_;
  Counts counts_;
};

// Why this can't be folded, if it can't.
[[nodiscard]] std::optional<std::string> fold_fault(const Job& job, const RunOptions& options);
// By rank of the Program that was folded: of a representative, how many ranks of the whole play as it does; 0 of
// others. Without a fold, how many each stands for.
[[nodiscard]] std::vector<std::uint32_t> ranks_played(const Program& program, const Fold* fold);
// The coarsest fold of a valid job that has no fault. Costs what lowering every communicator costs, and a few passes
// over who draws on what.
[[nodiscard]] Fold find_fold(const Job& job, const RunOptions& options);

// A class of ranks, and where it stands: two classes of one role differ in a communicator, or in what lies behind one.
struct RankClass {
  RankId first;
  std::uint32_t size = 0;  // in the whole
  std::vector<std::optional<std::uint32_t>>
      communicators;  // by group: which class of its communicators; none: left out
};
[[nodiscard]] std::vector<RankClass> rank_classes(const Fold& fold, const Program& program);

// Passes spans of representatives on to a sink as spans of chosen members.
class MemberSpans : public SpanSink {
 public:
  // `members`: the ranks that the sink hears of. All must outlive this.
  MemberSpans(const Fold& fold, std::span<const RankId> members, SpanSink& sink);
  void span(const Span& span) override;

 private:
  std::vector<std::uint32_t> first_;  // by representative, and one past the last: into members_
  std::vector<RankId> members_;
  SpanSink* sink_;
};

}  // namespace orrery
