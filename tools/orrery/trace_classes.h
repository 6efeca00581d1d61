// Which kinds of ops a trace shows: the words after --trace-only.
#pragma once

#include <string_view>

#include "sim/report/trace.h"

namespace orrery {

// "compute,collective"; "": every kind. InputError with a caret where a word is none.
[[nodiscard]] TraceClasses read_trace_classes(std::string_view wanted);

}  // namespace orrery
