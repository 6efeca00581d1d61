// A job too large to build, played by an excerpt: a few of the many parts of the machine that it fills alike.
//
// The machine has parts that hang alike on its topmost switches (the pods of a three-tier tree, the units of a two-tier
// one), so that any permutation of them maps the machine onto itself. The last dimension of the grid, of D coordinates,
// is laid over them in shares: c consecutive coordinates fill one part, or several, and D = K·c. An excerpt has the
// first k < K shares, on a machine of so many parts, with the same switches above them.
//
//   Claim. If the conditions below hold, the ranks and resources of every share of the whole job behave as those of
//   any share of the excerpt; a fold of the excerpt is one of the whole, class by class.
//   Proof. Turn the whole job by a share: coordinate x goes to x + c (mod D), every part to the next. This maps ranks,
//   communicators, messages and resources onto such with equal colours (fold.h), and keeps who draws on what: routes
//   because they depend on numbers of destinations only modulo a period that divides what a turn adds to them,
//   schedules because they look the same from every share. So the orbits under the turn are an equitable partition.
//   Identify each orbit: what is left is one share, where each activity that spans the dimension draws on a resource
//   what it draws on one member of its orbit in the whole. The excerpt, turned likewise, leaves the same: within a
//   share nothing differs, messages that leave a share leave it by the same links, for which only matters that they
//   leave it, and the sizes, latencies and weights of spanning activities are computed for the whole. Two graphs with
//   the same such quotient have the same coarsest equitable partition, class by class; and the uses of a class in the
//   quotient job, |A|·Σu ÷ |ρ|, are the same in both: for activities inside a share |A| and |ρ| are K ÷ k times larger
//   in the whole, for those that span the dimension Σu and |ρ| are. ∎
//
// Where something singles out some shares, a slow chip or a link that fails, the excerpt has these, and one more for
// all others. Its vertices are coloured by share from the start. Any permutation of the others maps what the whole
// draws on what onto itself, spanning activities included: they draw on each share alike, by what their schedules must
// be. So the same partition is equitable in the whole: a spanning activity has K − k + 1 times the neighbours in the
// last share's classes, all have, and inside of shares nothing differs.
//
// Conditions, each checked where it can be: that the job fills whole parts, packed, and nothing singles one out (the
// scenario); roles, messages and groups by excerpt_fault(); schedules by cut_to_sectors() as they are lowered; routes
// by Routes::period() after all are found. What fails throws NotAlike, and the whole job is to be played instead.
#pragma once

#include <optional>
#include <string>

#include "sim/base/error.h"
#include "sim/kernel/program.h"

namespace orrery {

// An excerpt would not show what the whole does; says why.
class NotAlike : public RunError {
 public:
  using RunError::RunError;
};

// Why the Program can't be cut to the first shares of its last dimension of more than one rank, of `share` coordinates
// each; nothing if it can.
[[nodiscard]] std::optional<std::string> excerpt_fault(const Program& whole, std::uint32_t share);
// Cut to `kept` shares; of a valid Program without such a fault. `singled_out`: Excerpt::singled_out.
[[nodiscard]] Program excerpt_of(Program whole, std::uint32_t share, std::uint32_t kept, bool singled_out = false);

// Whether a group's communicators have members in every share.
[[nodiscard]] bool spans_excerpt(const Program& program, const GroupSpec& group);
// How many ranks of the whole a rank stands for, if every share but the last stands for itself; 1 of a whole Program.
[[nodiscard]] std::uint32_t ranks_played(const Program& program, RankId rank);
// How many ranks of the whole there are for each rank here.
[[nodiscard]] double ranks_per_rank(const Program& program);
// Of an excerpt, the share that a rank stands in: 0, 1, …
[[nodiscard]] std::uint32_t share_of(const Program& program, RankId rank);

}  // namespace orrery
