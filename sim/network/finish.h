// When is it done: the first whole picosecond at which an amount has gone by at a rate.
#pragma once

#include <cassert>
#include <cstdint>

#include "sim/base/units.h"

namespace orrery {

// time_to_finish() by whole numbers; much slower.
[[nodiscard]] Duration exact_time_to_finish(double amount, double rate);

// The least whole t ≥ 0 (ps) with  amount − rate·t/10¹² ≤ rate·10⁻¹⁵,  that is ⌈amount·10¹²/rate − 10⁻³⌉: what would
// take less than a thousandth of a picosecond more counts as done. Exact for the two doubles as given (the quotient is
// taken in integers where doubles can't decide). amount ≥ 0, rate ≥ 0. Duration::max() when the rate is 0 or the time
// leaves 63 bits, and 0 for an amount of 0.
[[nodiscard]] inline Duration time_to_finish(double amount, double rate) {
  assert(amount >= 0 && rate >= 0);
  const double quotient = amount * 1e12 / rate;
  if (quotient < 1e15) {
    const double target = quotient - 1e-3;
    const auto whole = static_cast<std::int64_t>(target);
    const double beyond = target - static_cast<double>(whole);
    // Two roundings are within 2.3·10⁻¹⁶ of the truth, and the differences add as much again.
    const double margin = quotient * 5e-16 + 1e-9;
    if (beyond > margin && beyond < 1 - margin) return Duration::picoseconds(whole + 1);
  }
  return exact_time_to_finish(amount, rate);
}

}  // namespace orrery
