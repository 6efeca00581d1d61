// Reports the load of chosen resources whenever it has changed.
#pragma once

#include <limits>
#include <vector>

#include "sim/kernel/engine.h"
#include "sim/kernel/fold.h"

namespace orrery::kernel {

class Counters {
 public:
  explicit Counters(const RunOptions& options)
      : sink_(options.counted.empty() ? nullptr : options.counters),
        counted_(options.counted),
        fold_(options.fold),
        last_(options.counted.size(), std::numeric_limits<double>::quiet_NaN()) {}

  // At the end of an instant, when the network has been solved. The first call reports every resource.
  void sample(const Network& network, Time now) {
    if (sink_ == nullptr) return;
    for (std::size_t i = 0; i < counted_.size(); ++i) {
      const double load = network.load(fold_ != nullptr ? fold_->resource(counted_[i]) : counted_[i]);
      if (load == last_[i]) continue;
      last_[i] = load;
      sink_->counter(counted_[i], now, load);
    }
  }

 private:
  CounterSink* sink_;
  std::vector<ResourceId> counted_;
  const Fold* fold_;
  std::vector<double> last_;
};

}  // namespace orrery::kernel
