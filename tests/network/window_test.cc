// DCTCP's window against its law, step by step.
#include "sim/network/packet/window.h"

#include <doctest/doctest.h>

using orrery::packet::Window;

namespace {

// A round of `acknowledgements` of which the first `marked` are marked.
void round(Window& window, int acknowledgements, int marked) {
  for (int k = 0; k < acknowledgements; ++k) window.sent();
  for (int k = 0; k < acknowledgements; ++k) window.acknowledged(k < marked);
}

}  // namespace

TEST_CASE("window: room for as many packets as its whole part") {
  Window window(3.9, 3, 100);
  for (int k = 0; k < 3; ++k) {
    CHECK(window.has_room());
    window.sent();
  }
  CHECK_FALSE(window.has_room());
  CHECK_FALSE(window.idle());
  window.acknowledged(false);
  CHECK(window.has_room());
}

TEST_CASE("window: one more a round without marks, up to the most") {
  Window window(10, 10, 11.5);
  round(window, 9, 0);
  CHECK(window.size() == 10);
  round(window, 1, 0);
  CHECK(window.size() == 11);
  round(window, 11, 0);
  CHECK(window.size() == 11.5);
}

TEST_CASE("window: marks make it smaller by half of alpha, which follows their fraction") {
  Window window(16, 16, 100);
  round(window, 16, 16);  // alpha stays 1
  CHECK(window.size() == 8);
  round(window, 8, 4);  // alpha = 1 − (1 − ½)/16 = 31/32
  CHECK(window.size() == doctest::Approx(8 * (1 - 31.0 / 64)));
}

TEST_CASE("window: a trimmed packet halves it at once, and once a round") {
  Window window(16, 16, 100);
  for (int k = 0; k < 16; ++k) window.sent();
  window.trimmed();
  CHECK(window.size() == 8);
  window.trimmed();
  CHECK(window.size() == 8);
  for (int k = 0; k < 14; ++k) window.acknowledged(true);
  CHECK(window.size() == 8);  // the round's own marks were answered by then
  CHECK(window.idle());
  round(window, 8, 8);
  CHECK(window.size() < 5);
}

TEST_CASE("window: below the bandwidth-delay product it doubles a round until the first mark; never below one") {
  Window window(1, 8, 100);
  CHECK(window.size() == 1);
  round(window, 1, 0);
  CHECK(window.size() == 2);
  round(window, 2, 0);
  CHECK(window.size() == 4);
  round(window, 4, 0);
  CHECK(window.size() == 8);
  round(window, 8, 0);
  CHECK(window.size() == 9);
  Window smallest(0, 8, 100);
  for (int k = 0; k < 5; ++k) round(smallest, 1, 1);
  CHECK(smallest.size() == 1);
}
