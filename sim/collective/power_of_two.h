// Halving and doubling for any number of members: those beyond a power of two give what they have to a neighbour first.
//
// n = 2^k + r. Each of the first r even positions 0, 2, … 2r − 2 folds into the next odd one and sits out; the 2^k that
// are left are the core, in order. Source: Thakur, Rabenseifner, Gropp 2005, "Optimization of collective communication
// operations in MPICH", IJHPCA 19(1), section 4.5.
#pragma once

#include <functional>
#include <vector>

#include "sim/collective/schedule.h"

namespace orrery {

class Core {
 public:
  explicit Core(std::size_t members);
  [[nodiscard]] std::int32_t size() const { return size_; }  // 2^k ≤ members
  [[nodiscard]] std::int32_t extras() const { return extras_; }
  // Of core member c.
  [[nodiscard]] std::int32_t position(std::int32_t c) const { return c < extras_ ? 2 * c + 1 : c + extras_; }
  // The first of the positions that core member c stands for: those of its block begin there. block(size()) = members.
  [[nodiscard]] std::int32_t block(std::int32_t c) const { return c < extras_ ? 2 * c : c + extras_; }

  // Each extra with its neighbour: one message of the `pieces` pieces from `piece` (of extra e) on. No step where there
  // are no extras.
  enum class Way { kIn, kOut };  // extra → core, core → extra
  void fold(Way way, bool reduces, std::int32_t pieces, const std::function<std::int32_t(std::int32_t)>& piece,
            std::vector<Step>& steps) const;

 private:
  std::int32_t size_ = 1;
  std::int32_t extras_ = 0;
};

// The vector as the core's members 0 … 2^k − 1 halve and double it: block b is the pieces [first[b], first[b + 1]), and
// `position` says who plays member b, who ends with block b (or starts with it).
struct Halves {
  std::vector<std::int32_t> first;
  std::vector<std::int32_t> position;
};
[[nodiscard]] Halves equal_halves(const Core& core);  // 2^k pieces; large halves go between near positions
[[nodiscard]] Halves by_position(const Core& core);   // n pieces, each member's block those of its positions

// Distances 2^(k−1) … 1: each member sends its partner the half of its range that the partner stands in, to be added.
void halve(const Halves& halves, std::vector<Step>& steps);
// Distances 1 … 2^(k−1): each member sends its partner all that it has.
void double_up(const Halves& halves, std::vector<Step>& steps);
// Only towards member 0, and only away from it: the binomial tree's gather and scatter of blocks.
void gather_to_first(const Halves& halves, std::vector<Step>& steps);
void scatter_from_first(const Halves& halves, std::vector<Step>& steps);

}  // namespace orrery
