// What well-formed files read as: scalars, quantities, anchors, merges, and where each value stands.
#include <doctest/doctest.h>

#include "sim/base/yaml.h"

namespace orrery {
namespace {

using yaml::Map;
using yaml::Node;

// The value of `a` in "a: TEXT".
Node value(std::string_view text) {
  return Map(yaml::parse("a: " + std::string(text), "t.yaml"), "a thing").required("a");
}
Node at(const Node& node, std::string_view key) { return Map(node, "a thing").required(key); }
std::string texts(const Node& list) {
  std::string all;
  for (const Node& item : list.items()) all += item.text() + "|";
  return all;
}

TEST_CASE("scalars") {
  CHECK(value("words").text() == "words");
  CHECK(value("words  # a comment").text() == "words");
  CHECK(value("'it''s'").text() == "it's");
  CHECK(value("\"a\\tb\\u00e9\"").text() == "a\tb\xC3\xA9");
  CHECK(value("|\n  two\n   lines\n").text() == "two\n lines\n");
  CHECK(value(">-\n  one\n  line\n").text() == "one line");
  CHECK(value("folded\n  words").text() == "folded words");
  CHECK(value("\"\"").text().empty());
  CHECK(value("175").text() == "175");
  CHECK(value("true").boolean());
  CHECK_FALSE(value("false").boolean());
  CHECK(value("0").integer(0, 10) == 0);
  CHECK(value("-9223372036854775808").integer(INT64_MIN, INT64_MAX) == INT64_MIN);
  CHECK(value("9223372036854775807").integer(INT64_MIN, INT64_MAX) == INT64_MAX);
  CHECK(value("2.5e-3").number(0, 1) == 2.5e-3);
  CHECK(value("7").number(0, 10) == 7);
  CHECK(1 / value("-0").number(-1, 1) > 0);
  CHECK(value("gpipe").choice("schedule", {"1f1b", "gpipe"}) == 1);
  for (const char* text : {"", "~", "null", "# nothing"}) CHECK(value(text).is_null());
  CHECK_FALSE(value("'null'").is_null());
}

TEST_CASE("quantities are exact") {
  CHECK(value("450 GB/s").bandwidth().bytes_per_second() == 450'000'000'000);
  CHECK(value("3.35TB/s").bandwidth().bytes_per_second() == 3'350'000'000'000);
  CHECK(value("200 Gb/s").bandwidth().bytes_per_second() == 25'000'000'000);
  CHECK(value("\"1 GiB/s\"").bandwidth().bytes_per_second() == 1'073'741'824);
  CHECK(value("12 b/s").bandwidth().bytes_per_second() == 2);  // 1.5, a half goes up
  CHECK(value("0.1 GB").bytes() == Bytes(100'000'000));
  CHECK(value("80 GiB").bytes() == Bytes(85'899'345'920));
  CHECK(value("4 EiB").bytes() == Bytes(std::int64_t{1} << 62U));
  CHECK(value("1e3 kB").bytes() == Bytes(1'000'000));
  CHECK(value("500 ns").duration() == Duration::nanoseconds(500));
  CHECK(value("1.5 us").duration() == Duration::nanoseconds(1500));
  CHECK(value("5 \xC2\xB5s").duration() == Duration::microseconds(5));  // the micro sign
  CHECK(value("5 \xCE\xBCs").duration() == Duration::microseconds(5));  // the Greek letter
  CHECK(value("2.5 ms").duration() == Duration::microseconds(2500));
  CHECK(value("1.5 min").duration() == Duration::microseconds(90'000'000));
  CHECK(value("2 h").duration().in_seconds() == doctest::Approx(7200));
  CHECK(value("1 day").duration() == value("24 h").duration());
  CHECK(value("9223372036854775.807 ns").duration(Duration(), Duration::max()).ps() == 9'223'372'036'854'775'807);
}

TEST_CASE("estimates are the nearest doubles") {
  CHECK(value("989.4 TFLOP/s").flop_rate().flops_per_second() == 989.4e12);
  CHECK(value("700 W").watts().value() == 700);
  CHECK(value("0.35 kW").watts().value() == 350);
  CHECK(value("0.7 pJ").joules().value() == 0.7e-12);
  CHECK(value("1.1 MWh").joules().value() == 3.96e9);
  CHECK(value("30000 USD").dollars().value() == 30'000);
  CHECK(value("30 kUSD").dollars().value() == 30'000);
  CHECK(value("80 km").meters() == 80'000);
  CHECK(value("85 %").ratio() == 0.85);
  CHECK(value("85%").ratio() == 0.85);
  CHECK(value("0.85").ratio() == 0.85);
  CHECK(value("1").ratio() == 1);
}

TEST_CASE("bounds of quantities are inclusive") {
  const Duration most = Duration::microseconds(1);
  CHECK(value("1 us").duration(Duration(), most) == most);
  CHECK_THROWS_AS((void)value("1000001 ps").duration(Duration(), most), InputError);
  CHECK(value("1 B").bytes(Bytes(1), Bytes(1)) == Bytes(1));
  CHECK_THROWS_AS((void)value("0 B").bytes(Bytes(1), Bytes(1)), InputError);
}

TEST_CASE("maps are read key by key, in order of the file") {
  Map map(yaml::parse("b: 1\na: 2\n'c d': 3\n", "t.yaml"), "a thing");
  CHECK(map.required("a").integer(0, 9) == 2);
  CHECK_FALSE(map.optional("absent").has_value());
  const auto rest = map.rest();
  REQUIRE(rest.size() == 2);
  CHECK(rest[0].first.text() == "b");
  CHECK(rest[1].first.text() == "c d");
  CHECK(rest[1].second.integer(0, 9) == 3);
  map.finish();
  CHECK(map.rest().empty());
}

TEST_CASE("anchors, aliases and merges") {
  const Node root = yaml::parse(
      "base: &base {x: 1, y: &y [p, q]}\n"
      "same: *base\n"
      "list: *y\n"
      "own: {y: 2, <<: *base, z: 3}\n"
      "both: {<<: [{x: first}, *base, {w: last}]}\n",
      "t.yaml");
  CHECK(texts(at(at(root, "same"), "y")) == "p|q|");
  CHECK(texts(at(root, "list")) == "p|q|");
  CHECK(yaml::resolved_text(at(root, "own")) == "y: 2\nz: 3\nx: 1\n");
  CHECK(yaml::resolved_text(at(root, "both")) == "x: first\ny:\n  - p\n  - q\nw: last\n");
  // An anchor may be given anew; aliases mean the last one before them.
  CHECK(texts(yaml::parse("[&a 1, *a, &a 2, *a]", "t.yaml")) == "1|1|2|2|");
}

TEST_CASE("byte order mark, CRLF, comments, tabs after text, JSON") {
  CHECK(at(yaml::parse("\xEF\xBB\xBF# c\r\na: b\r\nc: d\t# e\r\n", "t.yaml"), "a").text() == "b");
  CHECK(at(yaml::parse("---\na: b\n...\n", "t.yaml"), "a").text() == "b");
  CHECK(at(yaml::parse("{\n\t\"a\": [1, 2],\n\t\"b\": null\n}\n", "t.yaml"), "a").items().size() == 2);
  CHECK(yaml::parse("just text", "t.yaml").text() == "just text");
}

TEST_CASE("every value knows where it stands") {
  const Node root = yaml::parse(
      "a: &x  word  # c\r\n"
      "b:\r\n"
      "  - 'it''s'\r\n"
      "  - {c: \"q\\\"q\", d: [1, 2]}\r\n"
      "\xC3\xA9: \xC3\xA9\xC3\xA9\r\n"
      "e: *x\r\n"
      "f: >\r\n"
      "  folded\r\n"
      "g:\r\n",
      "dir/t.yaml");
  const auto place = [](const Node& node) {
    const SourceSpan span = node.span();
    return std::to_string(span.line) + ":" + std::to_string(span.column) + "+" + std::to_string(span.length);
  };
  CHECK(place(at(root, "a")) == "1:8+4");
  CHECK(place(at(root, "b")) == "3:3+9");
  CHECK(place(at(root, "b").items()[0]) == "3:5+7");
  const Node map = at(root, "b").items()[1];
  CHECK(place(map) == "4:5+22");
  CHECK(place(at(map, "c")) == "4:9+6");
  CHECK(place(at(map, "d")) == "4:20+6");
  CHECK(place(at(root, "\xC3\xA9")) == "5:4+2");  // characters, not bytes
  CHECK(place(at(root, "e")) == "1:8+4");         // an alias is its anchor's value
  CHECK(place(at(root, "f")) == "7:4+1");
  CHECK(place(at(root, "g")) == "9:3+1");
  CHECK(at(root, "a").span().file == "dir/t.yaml");
  CHECK(at(root, "a").span().line_text == "a: &x  word  # c");
  CHECK(root.directory() == "dir");
}

TEST_CASE("a node keeps its document alive") {
  const Node leaf = at(at(yaml::parse("a: {b: far}", "t.yaml"), "a"), "b");
  CHECK(leaf.text() == "far");
}

}  // namespace
}  // namespace orrery
