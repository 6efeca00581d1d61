// The digest against published FNV-1a values, and against 128-bit arithmetic written plainly.
#include "sim/base/digest.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

namespace orrery {
namespace {

__extension__ typedef unsigned __int128 Wide;

std::string plain_fnv(std::string_view bytes) {
  Wide hash = static_cast<Wide>(0x6c62272e07bb0142U) << 64U | 0x62b821756295c58dU;
  const Wide prime = (static_cast<Wide>(1) << 88U) + 0x13b;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * prime;
  return fmt::format("{:016x}{:016x}", static_cast<std::uint64_t>(hash >> 64U), static_cast<std::uint64_t>(hash));
}

TEST_CASE("published FNV-1a values") {
  CHECK(digest_of("") == "6c62272e07bb014262b821756295c58d");
  CHECK(digest_of("a") == "d228cb696f1a8caf78912b704e4a8964");
  CHECK(digest_of("foobar") == "343e1662793c64bf6f0d3597ba446f18");
}

TEST_CASE("every byte in many places") {
  std::string text;
  for (int i = 0; i < 3000; ++i) text += static_cast<char>(i * 7 + i / 256);
  for (const std::size_t size : {1U, 2U, 17U, 255U, 256U, 3000U})
    CHECK(digest_of(text.substr(0, size)) == plain_fnv(text.substr(0, size)));
}

TEST_CASE("in pieces or at once") {
  Digest pieces;
  pieces.add("plan: ");
  pieces.add("");
  pieces.add(std::string("\0x", 2));
  CHECK(pieces.text() == digest_of(std::string("plan: \0x", 8)));
  CHECK(pieces.text() != digest_of("plan: x"));
}

}  // namespace
}  // namespace orrery
