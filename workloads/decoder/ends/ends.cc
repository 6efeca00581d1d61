// Finds a model's kind of ends.
#include "workloads/decoder/ends/ends.h"

namespace orrery::decoder {

// CORRECTNESS: read_model takes a name from the registry, and every other model has the default's.
const Ends& ends_of(const DecoderModel& model) { return *EndKinds::find(model.ends); }

}  // namespace orrery::decoder
