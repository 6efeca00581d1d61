// Chrome's JSON trace (.json): opens in ui.perfetto.dev, chrome://tracing and whatever reads PyTorch's traces.
#pragma once

#include <memory>
#include <ostream>

#include "sim/report/trace_format.h"

namespace orrery {

[[nodiscard]] std::unique_ptr<TraceFormat> chrome_format(std::ostream& out);  // `out` must outlive it

}  // namespace orrery
