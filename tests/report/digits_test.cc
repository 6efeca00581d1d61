// Numbers as people read them.
#include "sim/report/digits.h"

#include <doctest/doctest.h>

using orrery::digits, orrery::grouped;

TEST_CASE("about four digits, commas between thousands") {
  CHECK(digits(0.01234) == "0.01234");
  CHECK(digits(1.2344) == "1.234");
  CHECK(digits(123.44) == "123.4");
  CHECK(digits(12345.4) == "12,345");
  CHECK(digits(-12345.4) == "-12,345");
  CHECK(digits(-123456) == "-123,456");
  CHECK(digits(0) == "0.000");
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1000) == "1,000");
  CHECK(grouped(-999) == "-999");
  CHECK(grouped(1048576) == "1,048,576");
}
