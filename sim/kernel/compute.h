// Segments of kernels as activities on a chip's engine and HBM.
#pragma once

#include <array>
#include <vector>

#include "sim/kernel/cast.h"
#include "sim/kernel/program.h"
#include "sim/network/network.h"
#include "sim/network/resources.h"

namespace orrery::kernel {

// Progress is counted in picoseconds of the segment alone: of each it draws 10⁻¹² engine-seconds and bytes ÷ duration
// of HBM.
class Compute {
 public:
  // Keeps pointers to the resources and the cast.
  Compute(const Program& program, const Fabric& fabric, const Resources& resources, const Cast& cast);

  // Valid until the next call.
  [[nodiscard]] Activity activity(std::uint32_t segment, ChipId chip, Duration latency, std::uint32_t tag) {
    const Cost& cost = costs_[segment];
    uses_[0].resource = cast_->resource(resources_->engine(chip));
    uses_[1] = {cast_->resource(resources_->hbm(chip)), cost.hbm};
    return {{uses_.data(), cost.hbm > 0 ? std::size_t{2} : std::size_t{1}}, cost.amount, weight_, latency, tag};
  }
  [[nodiscard]] bool takes_time(std::uint32_t segment) const { return costs_[segment].amount > 0; }

 private:
  struct Cost {
    double amount = 0;  // picoseconds
    double hbm = 0;     // bytes a picosecond
  };
  const Resources* resources_;
  const Cast* cast_;
  std::vector<Cost> costs_;  // by segment
  std::array<Use, 2> uses_;
  double weight_ = 1;
};

}  // namespace orrery::kernel
