// A short name for content: the same bytes give the same 32 hexadecimal digits on every host.
//
// FNV-1a with 128 bits (Fowler, Noll, Vo; IETF draft-eastlake-fnv): h ← (h xor byte) × (2⁸⁸ + 2⁸ + 0x3b) modulo 2¹²⁸.
// It tells inputs apart that differ by accident; it is no defence against someone who wants two files to look alike.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace orrery {

class Digest {
 public:
  // Adding "ab" is adding "a", then "b": who digests several texts adds their lengths too.
  void add(std::string_view bytes);
  [[nodiscard]] std::string text() const;
  friend bool operator==(const Digest&, const Digest&) = default;

 private:
  std::uint64_t high_ = 0x6c62272e07bb0142;
  std::uint64_t low_ = 0x62b821756295c58d;
};

[[nodiscard]] std::string digest_of(std::string_view bytes);

}  // namespace orrery
