// Rings along every dimension of a torus or mesh at once, both ways round: all links of a TPU-like chip work.
//
// D dimensions: the vector is cut in 2D shares. Share k goes round the rings of dimension k mod D first, then those of
// the next dimension, …: a reduce-scatter in each leaves a member with 1/n of the share; the same backwards gathers.
// Half of the shares go the other way round. In each of the D stages the shares are on different links, so that with d
// members along each dimension and B a link and direction an all-reduce takes 2D(d−1)α + 2S/(2DB) · (n−1)/n, as one
// whose link is 2D times as fast. Unequal dimensions make a stage as long as its longest ring. On a mesh the closing
// hop of each ring goes all the way back. Without dimensions (schedule.h) the group is one ring both ways. Sources:
// Sack, Gropp 2015, "Collective algorithms for multiported torus networks", ACM TOPC 1(2), the multiported bucket
// algorithm; Ying, Kumar, Chen, Wang, Cheng 2018, "Image classification at supercomputer scale", 2-D gradient summation
// on TPU pods.
#include <algorithm>
#include <cassert>
#include <functional>
#include <numeric>

#include "sim/collective/parts.h"
#include "sim/collective/ring_steps.h"

namespace orrery {

namespace {

class Torus {
 public:
  Torus(CollectiveKind kind, const Group& group) : kind_(kind), size_(static_cast<std::int32_t>(group.size())) {
    for (const std::int32_t d : group.dimensions)
      if (d > 1) dimensions_.push_back(d);
    if (dimensions_.empty()) dimensions_.push_back(size_);
    assert(std::accumulate(dimensions_.begin(), dimensions_.end(), 1, std::multiplies<>()) == size_);
  }

  Schedule write(Bytes bytes) {
    const std::int32_t shares = 2 * narrow(dimensions_.size());
    whole_.pieces = shares * size_;
    if (kind_ != CollectiveKind::kAllGather) sweep(shares, CollectiveKind::kReduceScatter);
    if (kind_ != CollectiveKind::kReduceScatter) sweep(shares, CollectiveKind::kAllGather);
    for (Step& step : whole_.steps) step.bytes = piece_of(bytes, whole_.pieces);
    return std::move(whole_);
  }

 private:
  static std::int32_t narrow(std::size_t number) { return static_cast<std::int32_t>(number); }

  // All shares through all dimensions.
  void sweep(std::int32_t shares, CollectiveKind half) {
    const std::size_t first_stage = whole_.steps.size();
    for (std::int32_t share = 0; share < shares; ++share) {
      const bool backwards = share >= narrow(dimensions_.size());
      std::vector<std::int32_t> block(static_cast<std::size_t>(size_), share * size_);  // by position: where its begins
      std::int32_t block_size = size_;
      for (std::size_t turn = 0; turn < dimensions_.size(); ++turn) {
        const std::size_t dimension = (static_cast<std::size_t>(share) + turn) % dimensions_.size();
        const std::size_t stage = half == CollectiveKind::kReduceScatter ? turn : dimensions_.size() - 1 - turn;
        const std::int32_t piece = block_size / dimensions_[dimension];
        const Schedule part = round_trip(half, {in_order(dimensions_[dimension])}, Bytes(0));
        for (std::vector<std::int32_t>& line : lines(dimension)) {
          if (backwards) std::reverse(line.begin(), line.end());
          add_part(part, {line, block[static_cast<std::size_t>(line[0])], piece, share}, first_stage + stage, whole_);
          for (std::size_t i = 0; i < line.size(); ++i) block[static_cast<std::size_t>(line[i])] += narrow(i) * piece;
        }
        block_size = piece;
      }
    }
  }

  static std::vector<std::int32_t> in_order(std::int32_t count) {
    std::vector<std::int32_t> order(static_cast<std::size_t>(count));
    std::iota(order.begin(), order.end(), 0);
    return order;
  }

  [[nodiscard]] std::vector<std::vector<std::int32_t>> lines(std::size_t dimension) const {
    std::int32_t stride = 1;
    for (std::size_t d = 0; d < dimension; ++d) stride *= dimensions_[d];
    std::vector<std::vector<std::int32_t>> all;
    for (std::int32_t p = 0; p < size_; ++p) {
      if (p / stride % dimensions_[dimension] != 0) continue;
      all.emplace_back();
      for (std::int32_t i = 0; i < dimensions_[dimension]; ++i) all.back().push_back(p + i * stride);
    }
    return all;
  }

  CollectiveKind kind_;
  std::int32_t size_;
  std::vector<std::int32_t> dimensions_;
  Schedule whole_;
};

bool supports_torus(CollectiveKind kind) {
  return kind == CollectiveKind::kAllReduce || kind == CollectiveKind::kReduceScatter ||
         kind == CollectiveKind::kAllGather;
}

Schedule write_torus(CollectiveKind kind, const Group& group, Bytes bytes) {
  return group.size() < 2 ? Schedule() : Torus(kind, group).write(bytes);
}

const CollectiveAlgorithms::Entry kTorus{{"torus", "rings along every dimension of the grid at once, both ways round",
                                          kAnyMembers, &supports_torus, &write_torus}};

}  // namespace

}  // namespace orrery
