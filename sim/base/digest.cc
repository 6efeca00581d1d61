// FNV-1a, 128 bits, on two 64-bit halves.
#include "sim/base/digest.h"

#include <fmt/format.h>

namespace orrery {

void Digest::add(std::string_view bytes) {
  constexpr std::uint64_t kPrimeLow = 0x13b;  // the prime is 2^88 + 0x13b
  constexpr unsigned kPrimeHighShift = 88 - 64;
  std::uint64_t high = high_;
  std::uint64_t low = low_;
  for (const char c : bytes) {
    low ^= static_cast<unsigned char>(c);
    // (high·2^64 + low)·(2^88 + p) = (high·p + low·2^24 + carry)·2^64 + low·p, modulo 2^128; p < 2^9, so the carry of
    // low·p comes from its upper 32-bit half.
    const std::uint64_t lower = (low & 0xffffffffU) * kPrimeLow;
    const std::uint64_t upper = (low >> 32U) * kPrimeLow + (lower >> 32U);
    high = high * kPrimeLow + (low << kPrimeHighShift) + (upper >> 32U);
    low = (upper << 32U) | (lower & 0xffffffffU);
  }
  high_ = high;
  low_ = low;
}

std::string Digest::text() const { return fmt::format("{:016x}{:016x}", high_, low_); }

std::string digest_of(std::string_view bytes) {
  Digest digest;
  digest.add(bytes);
  return digest.text();
}

}  // namespace orrery
