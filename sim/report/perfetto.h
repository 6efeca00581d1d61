// Native Perfetto protobuf (.pftrace): opens in ui.perfetto.dev and answers SQL in its trace processor.
#pragma once

#include <memory>
#include <ostream>

#include "sim/report/trace_format.h"

namespace orrery {

[[nodiscard]] std::unique_ptr<TraceFormat> perfetto_format(std::ostream& out);  // `out` must outlive it

}  // namespace orrery
