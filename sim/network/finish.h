// When is it done: the first whole picosecond at which an amount has gone by at a rate.
#pragma once

#include "sim/base/units.h"

namespace orrery {

// The least whole t ≥ 0 (ps) with  amount − rate·t/10¹² ≤ rate·10⁻¹⁵,  that is ⌈amount·10¹²/rate − 10⁻³⌉: what would
// take less than a thousandth of a picosecond more counts as done. Exact for the two doubles as given (the quotient is
// taken in integers where doubles can't decide). amount ≥ 0, rate ≥ 0. Duration::max() when the rate is 0 or the time
// leaves 63 bits, and 0 for an amount of 0.
[[nodiscard]] Duration time_to_finish(double amount, double rate);

}  // namespace orrery
