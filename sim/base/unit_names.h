// The names of units as files write them: which dimension each measures, and how many grains it holds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace orrery {

enum class Dimension : std::uint8_t {
  kTime,         // grain: picosecond
  kBytes,        // byte
  kBandwidth,    // byte per second
  kFlopRate,     // FLOP per second
  kPower,        // watt
  kEnergy,       // joule
  kCost,         // US dollar
  kLength,       // metre
  kRatio,        // 1
  kEnergyPrice,  // US dollar per kilowatt-hour
  kHourlyPrice,  // US dollar per hour
  kYears,        // year of 365 days: lives of machines, beyond what a Duration holds
  kFlops,        // FLOP. This and what follows is known only to say what stands where something else belongs.
  kBits,         // bit
  kFrequency,    // hertz
};

// times × 10^tens ÷ divisor grains.
struct Unit {
  Dimension dimension = Dimension::kRatio;
  std::uint64_t times = 1;
  int tens = 0;
  int divisor = 1;
};

struct DimensionWords {
  std::string_view name;     // "bandwidth"
  std::string_view kind;     // "a bandwidth"
  std::string_view example;  // "450 GB/s"
  std::string_view units;    // for a note: those that are most used
};
[[nodiscard]] const DimensionWords& words_of(Dimension dimension);

// "GB/s": a prefix and a base, capitals significant. Empty when no unit is called so.
[[nodiscard]] std::optional<Unit> find_unit(std::string_view name);

// Units of `dimension` that a misspelt `name` may have meant ("gb/s": GB/s, Gb/s; "GBps": GB/s), the likeliest alone if
// one stands out.
[[nodiscard]] std::vector<std::string> units_meant(std::string_view name, Dimension dimension);

}  // namespace orrery
