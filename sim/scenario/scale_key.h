// How `orrery scale` makes a job larger: which parallel dimension grows, to which sizes, and whether its batch does
// too.
//
//     scale:                     # optional, as is each key; changes nothing in `orrery run`
//       grows: data              # tensor | data | pipeline; data when absent
//       chips: 64..1048576       # or 64,128,3072, or [64, 128, 3072]
//       mode: both               # weak: the batch grows with the chips (when absent); strong: it stays; both
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "sim/base/yaml.h"

namespace orrery {

enum class GrowingDimension : std::uint8_t { kTensor, kData, kPipeline };
[[nodiscard]] std::string_view to_name(GrowingDimension dimension);

enum class ScaleMode : std::uint8_t { kWeak, kStrong, kBoth };

struct ScaleKey {
  GrowingDimension grows = GrowingDimension::kData;
  std::vector<std::int64_t> chips;  // ascending; empty: the file leaves it open
  ScaleMode mode = ScaleMode::kWeak;
};

// InputError at whatever is wrong.
[[nodiscard]] ScaleKey read_scale(const yaml::Node& node);

// Sizes in chips, ascending, each once: numbers and ranges with commas between them, or a list of such. A range
// FIRST..LAST goes from FIRST by doubling as far as LAST, so between powers of two it holds them all. InputError with a
// caret at the word that is wrong.
[[nodiscard]] std::vector<std::int64_t> read_chip_counts(const yaml::Node& node);

}  // namespace orrery
