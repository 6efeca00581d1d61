// Quantities of the wrong unit, dimension or size: the whole message for each.
#include <doctest/doctest.h>

#include "tests/base/broken.h"

namespace orrery {
namespace {

using yaml::Node;

void as_bandwidth(const Node& value) { (void)value.bandwidth(); }
void as_duration(const Node& value) { (void)value.duration(); }
void as_short_duration(const Node& value) { (void)value.duration(Duration::nanoseconds(1), Duration::microseconds(1)); }
void as_bytes(const Node& value) { (void)value.bytes(); }
void as_flop_rate(const Node& value) { (void)value.flop_rate(); }
void as_watts(const Node& value) { (void)value.watts(); }
void as_dollars(const Node& value) { (void)value.dollars(); }
void as_joules(const Node& value) { (void)value.joules(); }
void as_meters(const Node& value) { (void)value.meters(); }
void as_ratio(const Node& value) { (void)value.ratio(); }
void as_schedule(const Node& value) { (void)value.choice("pipeline schedule", {"1f1b", "gpipe", "interleaved"}); }

TEST_CASE("a bandwidth has its unit") {
  CHECK(error_of("a: 450", as_bandwidth) ==
        "t.yaml:1:4: error: expected a bandwidth such as '450 GB/s': '450' has no unit\n"
        "  1 | a: 450\n"
        "    |    ^~~\n"
        "  note: units of bandwidth: B/s, MB/s, GB/s, TB/s (bytes), Mb/s, Gb/s, Tb/s (bits)");
  CHECK(error_of("a: 450 GB", as_bandwidth) ==
        "t.yaml:1:4: error: expected a bandwidth such as '450 GB/s', not '450 GB' (bytes)\n"
        "  1 | a: 450 GB\n"
        "    |    ^~~~~~\n"
        "  note: units of bandwidth: B/s, MB/s, GB/s, TB/s (bytes), Mb/s, Gb/s, Tb/s (bits)");
  CHECK(error_of("a: 450 gb/s", as_bandwidth) ==
        "t.yaml:1:8: error: no unit of bandwidth is called 'gb/s'; did you mean 'GB/s' or 'Gb/s'?\n"
        "  1 | a: 450 gb/s\n"
        "    |        ^~~~\n"
        "  note: units of bandwidth: B/s, MB/s, GB/s, TB/s (bytes), Mb/s, Gb/s, Tb/s (bits)");
  CHECK(error_of("a: 450 GBps", as_bandwidth) ==
        "t.yaml:1:8: error: no unit of bandwidth is called 'GBps'; did you mean 'GB/s'?\n"
        "  1 | a: 450 GBps\n"
        "    |        ^~~~\n"
        "  note: units of bandwidth: B/s, MB/s, GB/s, TB/s (bytes), Mb/s, Gb/s, Tb/s (bits)");
  CHECK(error_of("a: 450Gbps", as_bandwidth) ==
        "t.yaml:1:7: error: no unit of bandwidth is called 'Gbps'; did you mean 'Gb/s'?\n"
        "  1 | a: 450Gbps\n"
        "    |       ^~~~\n"
        "  note: units of bandwidth: B/s, MB/s, GB/s, TB/s (bytes), Mb/s, Gb/s, Tb/s (bits)");
  CHECK(error_of("a: 450 KB/s", as_bandwidth) ==
        "t.yaml:1:8: error: no unit of bandwidth is called 'KB/s'; did you mean 'kB/s' or 'kb/s'?\n"
        "  1 | a: 450 KB/s\n"
        "    |        ^~~~\n"
        "  note: units of bandwidth: B/s, MB/s, GB/s, TB/s (bytes), Mb/s, Gb/s, Tb/s (bits)");
  CHECK(error_of("a: 450 XB/s", as_bandwidth) ==
        "t.yaml:1:8: error: no unit of bandwidth is called 'XB/s'; did you mean 'B/s'?\n"
        "  1 | a: 450 XB/s\n"
        "    |        ^~~~\n"
        "  note: units of bandwidth: B/s, MB/s, GB/s, TB/s (bytes), Mb/s, Gb/s, Tb/s (bits)");
  CHECK(error_of("a: 500 ns", as_bandwidth) ==
        "t.yaml:1:4: error: expected a bandwidth such as '450 GB/s', not '500 ns' (time)\n"
        "  1 | a: 500 ns\n"
        "    |    ^~~~~~\n"
        "  note: units of bandwidth: B/s, MB/s, GB/s, TB/s (bytes), Mb/s, Gb/s, Tb/s (bits)");
  CHECK(error_of("a: fast", as_bandwidth) ==
        "t.yaml:1:4: error: expected a bandwidth such as '450 GB/s', not 'fast'\n"
        "  1 | a: fast\n"
        "    |    ^~~~\n"
        "  note: units of bandwidth: B/s, MB/s, GB/s, TB/s (bytes), Mb/s, Gb/s, Tb/s (bits)");
  CHECK(error_of("a: 3,35 TB/s", as_bandwidth) ==
        "t.yaml:1:4: error: expected a bandwidth such as '450 GB/s', not '3,35 TB/s'\n"
        "  1 | a: 3,35 TB/s\n"
        "    |    ^~~~~~~~~\n"
        "  note: units of bandwidth: B/s, MB/s, GB/s, TB/s (bytes), Mb/s, Gb/s, Tb/s (bits)");
  CHECK(error_of("a: 0x10 GB/s", as_bandwidth) ==
        "t.yaml:1:5: error: no unit of bandwidth is called 'x10 GB/s'\n"
        "  1 | a: 0x10 GB/s\n"
        "    |     ^~~~~~~~\n"
        "  note: units of bandwidth: B/s, MB/s, GB/s, TB/s (bytes), Mb/s, Gb/s, Tb/s (bits)");
  CHECK(error_of("a: 450 GB / s", as_bandwidth) ==
        "t.yaml:1:8: error: no unit of bandwidth is called 'GB / s'; did you mean 'GB/s'?\n"
        "  1 | a: 450 GB / s\n"
        "    |        ^~~~~~\n"
        "  note: units of bandwidth: B/s, MB/s, GB/s, TB/s (bytes), Mb/s, Gb/s, Tb/s (bits)");
}

TEST_CASE("a bandwidth is counted in bytes per second") {
  CHECK(error_of("a: 0 GB/s", as_bandwidth) ==
        "t.yaml:1:4: error: must be more than 0, not 0 GB/s\n"
        "  1 | a: 0 GB/s\n"
        "    |    ^~~~~~");
  CHECK(error_of("a: -1 GB/s", as_bandwidth) ==
        "t.yaml:1:4: error: must be more than 0, not -1 GB/s\n"
        "  1 | a: -1 GB/s\n"
        "    |    ^~~~~~~");
  CHECK(error_of("a: 0.1 B/s", as_bandwidth) ==
        "t.yaml:1:4: error: must be more than 0, not 0.1 B/s\n"
        "  1 | a: 0.1 B/s\n"
        "    |    ^~~~~~~");
  CHECK(error_of("a: 1e30 GB/s", as_bandwidth) ==
        "t.yaml:1:4: error: 1e30 GB/s is more than can be counted\n"
        "  1 | a: 1e30 GB/s\n"
        "    |    ^~~~~~~~~");
  CHECK(error_of("a: 0.12345678901234567891 GB/s", as_bandwidth) ==
        "t.yaml:1:4: error: more than 19 digits in a number\n"
        "  1 | a: 0.12345678901234567891 GB/s\n"
        "    |    ^~~~~~~~~~~~~~~~~~~~~~");
}

TEST_CASE("lengths of time") {
  CHECK(error_of("a: 5", as_duration) ==
        "t.yaml:1:4: error: expected a time such as '500 ns': '5' has no unit\n"
        "  1 | a: 5\n"
        "    |    ^\n"
        "  note: units of time: ps, ns, us, ms, s, min, h, days");
  CHECK(error_of("a: 5 m", as_duration) ==
        "t.yaml:1:4: error: expected a time such as '500 ns', not '5 m' (length)\n"
        "  1 | a: 5 m\n"
        "    |    ^~~\n"
        "  note: units of time: ps, ns, us, ms, s, min, h, days");
  CHECK(error_of("a: 5 sec", as_duration) ==
        "t.yaml:1:6: error: no unit of time is called 'sec'; did you mean 's'?\n"
        "  1 | a: 5 sec\n"
        "    |      ^~~\n"
        "  note: units of time: ps, ns, us, ms, s, min, h, days");
  CHECK(error_of("a: 5 Ms", as_duration) ==
        "t.yaml:1:6: error: no unit of time is called 'Ms'; did you mean 'ms'?\n"
        "  1 | a: 5 Ms\n"
        "    |      ^~\n"
        "  note: units of time: ps, ns, us, ms, s, min, h, days");
  CHECK(error_of("a: 5 GB", as_duration) ==
        "t.yaml:1:4: error: expected a time such as '500 ns', not '5 GB' (bytes)\n"
        "  1 | a: 5 GB\n"
        "    |    ^~~~\n"
        "  note: units of time: ps, ns, us, ms, s, min, h, days");
  CHECK(error_of("a: -5 ns", as_duration) ==
        "t.yaml:1:4: error: must be at least 0 s, not -5 ns\n"
        "  1 | a: -5 ns\n"
        "    |    ^~~~~");
  CHECK(error_of("a: 200 days", as_duration) ==
        "t.yaml:1:4: error: must be between 0 s and 107 days, not 200 days\n"
        "  1 | a: 200 days\n"
        "    |    ^~~~~~~~");
  CHECK(error_of("a: 5 s", as_short_duration) ==
        "t.yaml:1:4: error: must be between 1.00 ns and 1.00 us, not 5 s\n"
        "  1 | a: 5 s\n"
        "    |    ^~~");
  CHECK(error_of("a: 0 ns", as_short_duration) ==
        "t.yaml:1:4: error: must be between 1.00 ns and 1.00 us, not 0 ns\n"
        "  1 | a: 0 ns\n"
        "    |    ^~~~");
}

TEST_CASE("sizes") {
  CHECK(error_of("a: 80", as_bytes) ==
        "t.yaml:1:4: error: expected a number of bytes such as '80 GiB': '80' has no unit\n"
        "  1 | a: 80\n"
        "    |    ^~\n"
        "  note: units of bytes: B, kB, MB, GB, TB (powers of 10), KiB, MiB, GiB, TiB (powers of 2)");
  CHECK(error_of("a: 80 Gb", as_bytes) ==
        "t.yaml:1:4: error: expected a number of bytes such as '80 GiB', not '80 Gb' (bits)\n"
        "  1 | a: 80 Gb\n"
        "    |    ^~~~~\n"
        "  note: units of bytes: B, kB, MB, GB, TB (powers of 10), KiB, MiB, GiB, TiB (powers of 2)");
  CHECK(error_of("a: 80 gib", as_bytes) ==
        "t.yaml:1:7: error: no unit of bytes is called 'gib'; did you mean 'GiB'?\n"
        "  1 | a: 80 gib\n"
        "    |       ^~~\n"
        "  note: units of bytes: B, kB, MB, GB, TB (powers of 10), KiB, MiB, GiB, TiB (powers of 2)");
  CHECK(error_of("a: 80 G", as_bytes) ==
        "t.yaml:1:7: error: no unit of bytes is called 'G'\n"
        "  1 | a: 80 G\n"
        "    |       ^\n"
        "  note: units of bytes: B, kB, MB, GB, TB (powers of 10), KiB, MiB, GiB, TiB (powers of 2)");
  CHECK(error_of("a: 80 bytes", as_bytes) ==
        "t.yaml:1:7: error: no unit of bytes is called 'bytes'; did you mean 'B'?\n"
        "  1 | a: 80 bytes\n"
        "    |       ^~~~~\n"
        "  note: units of bytes: B, kB, MB, GB, TB (powers of 10), KiB, MiB, GiB, TiB (powers of 2)");
  CHECK(error_of("a: 5 EiB", as_bytes) ==
        "t.yaml:1:4: error: must be between 0 B and 4.00 EiB, not 5 EiB\n"
        "  1 | a: 5 EiB\n"
        "    |    ^~~~~");
  CHECK(error_of("a: 9223372036854775808 B", as_bytes) ==
        "t.yaml:1:4: error: must be between 0 B and 4.00 EiB, not 9223372036854775808 B\n"
        "  1 | a: 9223372036854775808 B\n"
        "    |    ^~~~~~~~~~~~~~~~~~~~~");
  CHECK(error_of("a: -1 B", as_bytes) ==
        "t.yaml:1:4: error: must be between 0 B and 4.00 EiB, not -1 B\n"
        "  1 | a: -1 B\n"
        "    |    ^~~~");
}

TEST_CASE("rates, powers, prices, energies, lengths and ratios") {
  CHECK(error_of("a: 989 TFLOPS", as_flop_rate) ==
        "t.yaml:1:8: error: no unit of FLOP rate is called 'TFLOPS'; did you mean 'TFLOP/s'?\n"
        "  1 | a: 989 TFLOPS\n"
        "    |        ^~~~~~\n"
        "  note: units of FLOP rate: GFLOP/s, TFLOP/s, PFLOP/s, EFLOP/s");
  CHECK(error_of("a: 989 TFLOP", as_flop_rate) ==
        "t.yaml:1:4: error: expected a FLOP rate such as '989 TFLOP/s', not '989 TFLOP' (operations)\n"
        "  1 | a: 989 TFLOP\n"
        "    |    ^~~~~~~~~\n"
        "  note: units of FLOP rate: GFLOP/s, TFLOP/s, PFLOP/s, EFLOP/s");
  CHECK(error_of("a: 0 TFLOP/s", as_flop_rate) ==
        "t.yaml:1:4: error: must be more than 0, not 0 TFLOP/s\n"
        "  1 | a: 0 TFLOP/s\n"
        "    |    ^~~~~~~~~");
  CHECK(error_of("a: 1e300 TFLOP/s", as_flop_rate) ==
        "t.yaml:1:4: error: 1e300 TFLOP/s is more than can be counted\n"
        "  1 | a: 1e300 TFLOP/s\n"
        "    |    ^~~~~~~~~~~~~");
  CHECK(error_of("a: 700 w", as_watts) ==
        "t.yaml:1:8: error: no unit of power is called 'w'; did you mean 'W'?\n"
        "  1 | a: 700 w\n"
        "    |        ^\n"
        "  note: units of power: mW, W, kW, MW, GW");
  CHECK(error_of("a: -1 W", as_watts) ==
        "t.yaml:1:4: error: must be at least 0, not -1 W\n"
        "  1 | a: -1 W\n"
        "    |    ^~~~");
  CHECK(error_of("a: 700 J", as_watts) ==
        "t.yaml:1:4: error: expected a power such as '700 W', not '700 J' (energy)\n"
        "  1 | a: 700 J\n"
        "    |    ^~~~~\n"
        "  note: units of power: mW, W, kW, MW, GW");
  CHECK(error_of("a: $30000", as_dollars) ==
        "t.yaml:1:4: error: expected a cost such as '30000 USD', not '$30000'\n"
        "  1 | a: $30000\n"
        "    |    ^~~~~~\n"
        "  note: units of cost: USD, kUSD, MUSD");
  CHECK(error_of("a: 30000", as_dollars) ==
        "t.yaml:1:4: error: expected a cost such as '30000 USD': '30000' has no unit\n"
        "  1 | a: 30000\n"
        "    |    ^~~~~\n"
        "  note: units of cost: USD, kUSD, MUSD");
  CHECK(error_of("a: 1 kwh", as_joules) ==
        "t.yaml:1:6: error: no unit of energy is called 'kwh'; did you mean 'kWh'?\n"
        "  1 | a: 1 kwh\n"
        "    |      ^~~\n"
        "  note: units of energy: fJ, pJ, nJ, uJ, mJ, J, kJ, MJ, GJ, Wh, kWh, MWh");
  CHECK(error_of("a: 2 miles", as_meters) ==
        "t.yaml:1:6: error: no unit of length is called 'miles'\n"
        "  1 | a: 2 miles\n"
        "    |      ^~~~~\n"
        "  note: units of length: um, mm, cm, m, km");
  CHECK(error_of("a: 1.2", as_ratio) ==
        "t.yaml:1:4: error: must be between 0 and 1 (100 %), not 1.2\n"
        "  1 | a: 1.2\n"
        "    |    ^~~");
  CHECK(error_of("a: 120 %", as_ratio) ==
        "t.yaml:1:4: error: must be between 0 and 1 (100 %), not 120 %\n"
        "  1 | a: 120 %\n"
        "    |    ^~~~~");
  CHECK(error_of("a: -0.1", as_ratio) ==
        "t.yaml:1:4: error: must be at least 0, not -0.1\n"
        "  1 | a: -0.1\n"
        "    |    ^~~~");
  CHECK(error_of("a: 0.5 s", as_ratio) ==
        "t.yaml:1:4: error: expected a ratio such as '0.85', not '0.5 s' (time)\n"
        "  1 | a: 0.5 s\n"
        "    |    ^~~~~\n"
        "  note: units of ratio: none, or %");
  CHECK(error_of("a: 1.0000001", as_ratio) ==
        "t.yaml:1:4: error: must be between 0 and 1 (100 %), not 1.0000001\n"
        "  1 | a: 1.0000001\n"
        "    |    ^~~~~~~~~");
}

TEST_CASE("quotes: the caret is under the offending words") {
  CHECK(error_of("a: \"450 XB/s\"", as_bandwidth) ==
        "t.yaml:1:9: error: no unit of bandwidth is called 'XB/s'; did you mean 'B/s'?\n"
        "  1 | a: \"450 XB/s\"\n"
        "    |         ^~~~\n"
        "  note: units of bandwidth: B/s, MB/s, GB/s, TB/s (bytes), Mb/s, Gb/s, Tb/s (bits)");
  CHECK(error_of("a: '450 XB/s'", as_bandwidth) ==
        "t.yaml:1:9: error: no unit of bandwidth is called 'XB/s'; did you mean 'B/s'?\n"
        "  1 | a: '450 XB/s'\n"
        "    |         ^~~~\n"
        "  note: units of bandwidth: B/s, MB/s, GB/s, TB/s (bytes), Mb/s, Gb/s, Tb/s (bits)");
  CHECK(error_of("a: \"450\\x20XB/s\"", as_bandwidth) ==
        "t.yaml:1:4: error: no unit of bandwidth is called 'XB/s'; did you mean 'B/s'?\n"
        "  1 | a: \"450\\x20XB/s\"\n"
        "    |    ^~~~~~~~~~~~~\n"
        "  note: units of bandwidth: B/s, MB/s, GB/s, TB/s (bytes), Mb/s, Gb/s, Tb/s (bits)");
  CHECK(error_of("a: \"450 GB\"", as_bandwidth) ==
        "t.yaml:1:4: error: expected a bandwidth such as '450 GB/s', not '450 GB' (bytes)\n"
        "  1 | a: \"450 GB\"\n"
        "    |    ^~~~~~~~\n"
        "  note: units of bandwidth: B/s, MB/s, GB/s, TB/s (bytes), Mb/s, Gb/s, Tb/s (bits)");
  CHECK(error_of("a: \"gpip\"", as_schedule) ==
        "t.yaml:1:4: error: no pipeline schedule is called 'gpip'; did you mean 'gpipe'?\n"
        "  1 | a: \"gpip\"\n"
        "    |    ^~~~~~\n"
        "  note: pipeline schedules: 1f1b, gpipe, interleaved");
}

}  // namespace
}  // namespace orrery
