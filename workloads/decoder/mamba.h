// What inference keeps of a sequence in a state-space layer, however long it is.
#pragma once

#include "workloads/decoder/shapes.h"

namespace orrery::decoder {

// Of all sequences of an engine, in one such layer: the scan's state in fp32 and the last tokens that the convolution
// sees.
[[nodiscard]] Bytes scan_cache_bytes(const Shapes& shapes);

}  // namespace orrery::decoder
