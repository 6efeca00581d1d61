// Attention in which a token meets the last few before it and no others.
#pragma once

#include "workloads/decoder/shapes.h"

namespace orrery::decoder {

// As attention's core and its cache see layers with a window.
[[nodiscard]] Shapes windowed(const Shapes& shapes);

}  // namespace orrery::decoder
