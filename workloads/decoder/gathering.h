// Weights that a rank holds a share of, gathered over its replicas as a pass comes to need them.
#pragma once

#include <cstdint>
#include <vector>

#include "workloads/decoder/chunk.h"
#include "workloads/decoder/shapes.h"
#include "workloads/step/tape.h"

namespace orrery::decoder {

// Bytes of a chunk's weights as they are stored, unit by unit in the order of the forward pass: the embedding, each
// layer, the head, each layer that predicts a further token. A weight that embedding and head share on a rank is
// gathered once with the embedding (kOnce), or for each of the two (kAhead).
[[nodiscard]] std::vector<WeightUnit> weight_units(const Shapes& shapes, const Chunk& chunk, Gathers how);

// The end of the gather of a unit, on the data stream.
step::Mark gather_weights(const WeightUnit& unit, step::TapeWriter& tape);

// What is gathered beside a pass.
class Gathering {
 public:
  // `units` in the order of the pass. kOnce: their gathers are the last that began on the data stream before this tape;
  // those of `following`, the next chunk's units, begin with it.
  Gathering(Gathers how, std::vector<WeightUnit> units, const std::vector<WeightUnit>& following,
            step::TapeWriter& tape);
  // What runs from here on needs the next unit.
  void enter();

 private:
  [[nodiscard]] std::uint32_t gathers_of(const WeightUnit& unit) const;

  Gathers how_;
  std::vector<WeightUnit> units_;
  step::TapeWriter* tape_;
  std::vector<step::Mark> marks_;
  std::size_t next_ = 0;
};

}  // namespace orrery::decoder
