// Numbers, names and lists that are something else: the whole message for each.
#include <doctest/doctest.h>

#include <limits>

#include "tests/base/broken.h"

namespace orrery {
namespace {

using yaml::Node;

void as_integer(const Node& value) { (void)value.integer(1, 65536); }
void as_positive(const Node& value) { (void)value.integer(1, std::numeric_limits<std::int64_t>::max()); }
void as_any_integer(const Node& value) {
  (void)value.integer(std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max());
}
void as_text(const Node& value) { (void)value.text(); }
void as_bandwidth(const Node& value) { (void)value.bandwidth(); }
void as_list(const Node& value) { (void)value.items(); }
void as_fraction(const Node& value) { (void)value.number(0, 1); }
void as_not_negative(const Node& value) { (void)value.number(0, std::numeric_limits<double>::infinity()); }
void as_boolean(const Node& value) { (void)value.boolean(); }
void as_schedule(const Node& value) { (void)value.choice("pipeline schedule", {"1f1b", "gpipe", "interleaved"}); }

TEST_CASE("whole numbers are plain digits") {
  CHECK(error_of("a: eight", as_integer) ==
        "t.yaml:1:4: error: expected a whole number, not 'eight'\n"
        "  1 | a: eight\n"
        "    |    ^~~~~");
  CHECK(error_of("a: 1.5", as_integer) ==
        "t.yaml:1:4: error: expected a whole number, not '1.5'\n"
        "  1 | a: 1.5\n"
        "    |    ^~~");
  CHECK(error_of("a: 1.0", as_integer) ==
        "t.yaml:1:4: error: expected a whole number, not '1.0'; write 1\n"
        "  1 | a: 1.0\n"
        "    |    ^~~");
  CHECK(error_of("a: 010", as_integer) ==
        "t.yaml:1:4: error: expected a whole number, not '010'; write 10\n"
        "  1 | a: 010\n"
        "    |    ^~~");
  CHECK(error_of("a: 0x1f", as_integer) ==
        "t.yaml:1:4: error: expected a whole number, not '0x1f'\n"
        "  1 | a: 0x1f\n"
        "    |    ^~~~");
  CHECK(error_of("a: 0o17", as_integer) ==
        "t.yaml:1:4: error: expected a whole number, not '0o17'\n"
        "  1 | a: 0o17\n"
        "    |    ^~~~");
  CHECK(error_of("a: 1_000", as_integer) ==
        "t.yaml:1:4: error: expected a whole number, not '1_000'; write 1000\n"
        "  1 | a: 1_000\n"
        "    |    ^~~~~");
  CHECK(error_of("a: 1e6", as_integer) ==
        "t.yaml:1:4: error: expected a whole number, not '1e6'; write 1000000\n"
        "  1 | a: 1e6\n"
        "    |    ^~~");
  CHECK(error_of("a: +5", as_integer) ==
        "t.yaml:1:4: error: expected a whole number, not '+5'; write 5\n"
        "  1 | a: +5\n"
        "    |    ^~");
  CHECK(error_of("a: 5.", as_integer) ==
        "t.yaml:1:4: error: expected a whole number, not '5.'; write 5\n"
        "  1 | a: 5.\n"
        "    |    ^~");
  CHECK(error_of("a: \"8\"", as_integer) ==
        "t.yaml:1:4: error: expected a whole number, not the quoted text '8'\n"
        "  1 | a: \"8\"\n"
        "    |    ^~~");
  CHECK(error_of("a: true", as_integer) ==
        "t.yaml:1:4: error: expected a whole number, not 'true'\n"
        "  1 | a: true\n"
        "    |    ^~~~");
  CHECK(error_of("a: 9,000", as_integer) ==
        "t.yaml:1:4: error: expected a whole number, not '9,000'\n"
        "  1 | a: 9,000\n"
        "    |    ^~~~~");
}

TEST_CASE("whole numbers in their range") {
  CHECK(error_of("a: 0", as_integer) ==
        "t.yaml:1:4: error: must be between 1 and 65536, not 0\n"
        "  1 | a: 0\n"
        "    |    ^");
  CHECK(error_of("a: 65537", as_integer) ==
        "t.yaml:1:4: error: must be between 1 and 65536, not 65537\n"
        "  1 | a: 65537\n"
        "    |    ^~~~~");
  CHECK(error_of("a: -1", as_integer) ==
        "t.yaml:1:4: error: must be between 1 and 65536, not -1\n"
        "  1 | a: -1\n"
        "    |    ^~");
  CHECK(error_of("a: 9223372036854775808", as_integer) ==
        "t.yaml:1:4: error: must be between 1 and 65536, not 9223372036854775808\n"
        "  1 | a: 9223372036854775808\n"
        "    |    ^~~~~~~~~~~~~~~~~~~");
  CHECK(error_of("a: 99999999999999999999999999999999999999999999999", as_integer) ==
        "t.yaml:1:4: error: must be between 1 and 65536, not 9999999999999999999999999999999999999999…\n"
        "  1 | a: 99999999999999999999999999999999999999999999999\n"
        "    |    ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~");
  CHECK(error_of("a: 0", as_positive) ==
        "t.yaml:1:4: error: must be at least 1, not 0\n"
        "  1 | a: 0\n"
        "    |    ^");
  CHECK(error_of("a: -9223372036854775809", as_any_integer) ==
        "t.yaml:1:4: error: must be between -9223372036854775808 and 9223372036854775807, not -9223372036854775809\n"
        "  1 | a: -9223372036854775809\n"
        "    |    ^~~~~~~~~~~~~~~~~~~~");
}

TEST_CASE("nothing, lists and mappings where a scalar belongs") {
  CHECK(error_of("a: ", as_integer) ==
        "t.yaml:1:3: error: expected a whole number, but there is nothing here\n"
        "  1 | a: \n"
        "    |   ^");
  CHECK(error_of("a: ~", as_integer) ==
        "t.yaml:1:4: error: expected a whole number, not null\n"
        "  1 | a: ~\n"
        "    |    ^");
  CHECK(error_of("a: null # none", as_integer) ==
        "t.yaml:1:4: error: expected a whole number, not null\n"
        "  1 | a: null # none\n"
        "    |    ^~~~");
  CHECK(error_of("a: [1]", as_integer) ==
        "t.yaml:1:4: error: expected a whole number, not a list\n"
        "  1 | a: [1]\n"
        "    |    ^~~");
  CHECK(error_of("a: {b: 1}", as_integer) ==
        "t.yaml:1:4: error: expected a whole number, not a mapping\n"
        "  1 | a: {b: 1}\n"
        "    |    ^~~~~~");
  CHECK(error_of("a: ", as_text) ==
        "t.yaml:1:3: error: expected text, but there is nothing here\n"
        "  1 | a: \n"
        "    |   ^");
  CHECK(error_of("a: [a, b]", as_text) ==
        "t.yaml:1:4: error: expected text, not a list\n"
        "  1 | a: [a, b]\n"
        "    |    ^~~~~~");
  CHECK(error_of("a: {b: 1}", as_bandwidth) ==
        "t.yaml:1:4: error: expected a bandwidth such as '450 GB/s', not a mapping\n"
        "  1 | a: {b: 1}\n"
        "    |    ^~~~~~\n"
        "  note: units of bandwidth: B/s, MB/s, GB/s, TB/s (bytes), Mb/s, Gb/s, Tb/s (bits)");
  CHECK(error_of("a: ", as_list) ==
        "t.yaml:1:3: error: expected a list, but there is nothing here\n"
        "  1 | a: \n"
        "    |   ^");
  CHECK(error_of("a: x", as_list) ==
        "t.yaml:1:4: error: expected a list, not 'x'\n"
        "  1 | a: x\n"
        "    |    ^");
  CHECK(error_of("a: {}", as_list) ==
        "t.yaml:1:4: error: expected a list, not a mapping\n"
        "  1 | a: {}\n"
        "    |    ^~");
}

TEST_CASE("numbers are finite decimals") {
  CHECK(error_of("a: 1.5", as_fraction) ==
        "t.yaml:1:4: error: must be between 0 and 1, not 1.5\n"
        "  1 | a: 1.5\n"
        "    |    ^~~");
  CHECK(error_of("a: .nan", as_fraction) ==
        "t.yaml:1:4: error: expected a number, not '.nan'\n"
        "  1 | a: .nan\n"
        "    |    ^~~~");
  CHECK(error_of("a: nan", as_fraction) ==
        "t.yaml:1:4: error: expected a number, not 'nan'\n"
        "  1 | a: nan\n"
        "    |    ^~~");
  CHECK(error_of("a: .inf", as_fraction) ==
        "t.yaml:1:4: error: expected a number, not '.inf'\n"
        "  1 | a: .inf\n"
        "    |    ^~~~");
  CHECK(error_of("a: -.inf", as_fraction) ==
        "t.yaml:1:4: error: expected a number, not '-.inf'\n"
        "  1 | a: -.inf\n"
        "    |    ^~~~~");
  CHECK(error_of("a: 1e999", as_fraction) ==
        "t.yaml:1:4: error: '1e999' is beyond what a number can hold (about 1e-307 to 1e308)\n"
        "  1 | a: 1e999\n"
        "    |    ^~~~~");
  CHECK(error_of("a: 1e-999", as_fraction) ==
        "t.yaml:1:4: error: '1e-999' is beyond what a number can hold (about 1e-307 to 1e308)\n"
        "  1 | a: 1e-999\n"
        "    |    ^~~~~~");
  CHECK(error_of("a: 0x1p3", as_fraction) ==
        "t.yaml:1:4: error: expected a number, not '0x1p3'\n"
        "  1 | a: 0x1p3\n"
        "    |    ^~~~~");
  CHECK(error_of("a: .5", as_fraction) ==
        "t.yaml:1:4: error: expected a number, not '.5'; write 0.5\n"
        "  1 | a: .5\n"
        "    |    ^~");
  CHECK(error_of("a: 1_0", as_fraction) ==
        "t.yaml:1:4: error: expected a number, not '1_0'; write 10\n"
        "  1 | a: 1_0\n"
        "    |    ^~~");
  CHECK(error_of("a: 1,5", as_fraction) ==
        "t.yaml:1:4: error: expected a number, not '1,5'\n"
        "  1 | a: 1,5\n"
        "    |    ^~~");
  CHECK(error_of("a: '0.5'", as_fraction) ==
        "t.yaml:1:4: error: expected a number, not the quoted text '0.5'\n"
        "  1 | a: '0.5'\n"
        "    |    ^~~~~");
  CHECK(error_of("a: -1", as_not_negative) ==
        "t.yaml:1:4: error: must be at least 0, not -1\n"
        "  1 | a: -1\n"
        "    |    ^~");
}

TEST_CASE("true or false") {
  CHECK(error_of("a: yes", as_boolean) ==
        "t.yaml:1:4: error: expected true or false, not 'yes'; write true\n"
        "  1 | a: yes\n"
        "    |    ^~~");
  CHECK(error_of("a: off", as_boolean) ==
        "t.yaml:1:4: error: expected true or false, not 'off'; write false\n"
        "  1 | a: off\n"
        "    |    ^~~");
  CHECK(error_of("a: 1", as_boolean) ==
        "t.yaml:1:4: error: expected true or false, not '1'; write true\n"
        "  1 | a: 1\n"
        "    |    ^");
  CHECK(error_of("a: True", as_boolean) ==
        "t.yaml:1:4: error: expected true or false, not 'True'; write true\n"
        "  1 | a: True\n"
        "    |    ^~~~");
  CHECK(error_of("a: \"true\"", as_boolean) ==
        "t.yaml:1:4: error: expected true or false, not the quoted text 'true'\n"
        "  1 | a: \"true\"\n"
        "    |    ^~~~~~");
  CHECK(error_of("a: maybe", as_boolean) ==
        "t.yaml:1:4: error: expected true or false, not 'maybe'\n"
        "  1 | a: maybe\n"
        "    |    ^~~~~");
}

TEST_CASE("one of several names") {
  CHECK(error_of("a: 1f1B", as_schedule) ==
        "t.yaml:1:4: error: no pipeline schedule is called '1f1B'; did you mean '1f1b'?\n"
        "  1 | a: 1f1B\n"
        "    |    ^~~~\n"
        "  note: pipeline schedules: 1f1b, gpipe, interleaved");
  CHECK(error_of("a: gpip", as_schedule) ==
        "t.yaml:1:4: error: no pipeline schedule is called 'gpip'; did you mean 'gpipe'?\n"
        "  1 | a: gpip\n"
        "    |    ^~~~\n"
        "  note: pipeline schedules: 1f1b, gpipe, interleaved");
  CHECK(error_of("a: zero-bubble", as_schedule) ==
        "t.yaml:1:4: error: no pipeline schedule is called 'zero-bubble'\n"
        "  1 | a: zero-bubble\n"
        "    |    ^~~~~~~~~~~\n"
        "  note: pipeline schedules: 1f1b, gpipe, interleaved");
  CHECK(error_of("a: ", as_schedule) ==
        "t.yaml:1:3: error: expected a pipeline schedule, but there is nothing here\n"
        "  1 | a: \n"
        "    |   ^\n"
        "  note: pipeline schedules: 1f1b, gpipe, interleaved");
  CHECK(error_of("a: [gpipe]", as_schedule) ==
        "t.yaml:1:4: error: expected a pipeline schedule, not a list\n"
        "  1 | a: [gpipe]\n"
        "    |    ^~~~~~~\n"
        "  note: pipeline schedules: 1f1b, gpipe, interleaved");
}

}  // namespace
}  // namespace orrery
