// A whole number stirred so that every bit of it moves every bit of the result: the same on every machine.
#pragma once

#include <cstdint>

namespace orrery {

// The output function of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA
// 2014), a bijection. Numbers that differ in any bit have results that look independent; it keeps no secret.
[[nodiscard]] constexpr std::uint64_t scrambled(std::uint64_t x) {
  x += 0x9E37'79B9'7F4A'7C15U;
  x = (x ^ (x >> 30U)) * 0xBF58'476D'1CE4'E5B9U;
  x = (x ^ (x >> 27U)) * 0x94D0'49BB'1331'11EBU;
  return x ^ (x >> 31U);
}

}  // namespace orrery
