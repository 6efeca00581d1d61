// --set KEY=VALUE: what a path reaches, what a value may be, and the whole message when it can't.
#include <doctest/doctest.h>

#include "tests/base/broken.h"

namespace orrery {
namespace {

using yaml::Node;
using yaml::Override;

constexpr std::string_view kFile =
    "plan: {tensor: 8, order: [tensor, data]}\n"
    "links:\n"
    "  - latency: 500 ns\n"
    "  - latency: 1 us\n"
    "name: x\n"
    "nothing:\n";

Node overridden(const std::vector<std::string>& assignments) {
  std::vector<Override> overrides;
  for (const std::string& assignment : assignments) overrides.push_back(Override::parse(assignment));
  return yaml::parse(kFile, "t.yaml", overrides);
}
std::string error_of_override(const std::string& assignment) {
  return error_from([&] { (void)overridden({assignment}); });
}
Node at(const Node& node, std::string_view key) { return yaml::Map(node, "a thing").required(key); }

TEST_CASE("a value is replaced whole, wherever it stands") {
  CHECK(at(at(overridden({"plan.tensor=4"}), "plan"), "tensor").integer(1, 8) == 4);
  CHECK(at(at(overridden({"links[1].latency=2 us"}), "links").items()[1], "latency").duration() ==
        Duration::microseconds(2));
  CHECK(at(at(overridden({"plan.order[0]=pipeline"}), "plan"), "order").items()[0].text() == "pipeline");
  CHECK(at(overridden({"name={a: [1, 2]}"}), "name").is_map());
  CHECK(at(overridden({"name='a=b'"}), "name").text() == "a=b");
  CHECK(at(overridden({"name=a=b"}), "name").text() == "a=b");
  CHECK(at(overridden({"name="}), "name").is_null());
  CHECK(at(overridden({" name = y"}), "name").text() == "y");
  CHECK(at(at(overridden({"plan.new=1"}), "plan"), "new").integer(1, 1) == 1);
}

TEST_CASE("bytes that are dropped from a text don't shift its path") {
  CHECK(at(overridden({"\xEF\xBB\xBFname=y"}), "name").text() == "y");
  CHECK(at(overridden({"name=\r\n  y\r\n"}), "name").text() == "y");
  CHECK(error_of_override("na\r\nme=y").find("a key must be one line of plain text") != std::string::npos);
}

TEST_CASE("overrides are applied in order, to what is there by then") {
  CHECK(at(overridden({"name=a", "name=b"}), "name").text() == "b");
  CHECK(at(at(overridden({"name={a: 1}", "name.a=2"}), "name"), "a").integer(0, 9) == 2);
}

TEST_CASE("of aliased values only the one that is named changes") {
  const Node root = yaml::parse("a: &x {v: 1}\nb: *x\n", "t.yaml", {Override::parse("a.v=2")});
  CHECK(yaml::resolved_text(root) == "a:\n  v: 2\nb:\n  v: 1\n");
}

TEST_CASE("errors in the value stand under the value") {
  const Node root = overridden({"plan.tensor=eight", "links[0].latency='3 parsec'"});
  CHECK(error_from([&] { (void)at(at(root, "plan"), "tensor").integer(1, 8); }) ==
        "--set plan.tensor=eight: error: expected a whole number, not 'eight'\n"
        "  | plan.tensor=eight\n"
        "  |             ^~~~~");
  CHECK(error_from([&] { (void)at(at(root, "links").items()[0], "latency").duration(); }) ==
        "--set links[0].latency='3 parsec': error: no unit of time is called 'parsec'\n"
        "  | links[0].latency='3 parsec'\n"
        "  |                     ^~~~~~\n"
        "  note: units of time: ps, ns, us, ms, s, min, h, days");
  CHECK(error_of_override("plan.tensor={a: 1, a: 2}") ==
        "--set plan.tensor={a: 1, a: 2}: error: the key 'a' stands twice in this mapping\n"
        "  | plan.tensor={a: 1, a: 2}\n"
        "  |                    ^\n"
        "  note: first in this value, column 14");
  CHECK(error_of_override("plan.tensor=[1") ==
        "--set plan.tensor=[1: error: expected ',' or ']' here\n"
        "  | plan.tensor=[1\n"
        "  |               ^");
  CHECK(error_from([] { (void)at(at(overridden({"plan.tensor="}), "plan"), "tensor").integer(1, 8); }) ==
        "--set plan.tensor=: error: expected a whole number, but there is nothing here\n"
        "  | plan.tensor=\n"
        "  |             ^");
}

TEST_CASE("an unknown new key is refused by whoever reads the mapping") {
  yaml::Map map(at(overridden({"plan.tensr=4"}), "plan"), "a plan");
  (void)map.required("tensor");
  (void)map.required("order");
  CHECK(error_from([&] { map.finish(); }) ==
        "--set plan.tensr=4: error: a plan has no key 'tensr'; did you mean 'tensor'?\n"
        "  | plan.tensr=4\n"
        "  |      ^~~~~\n"
        "  note: keys: tensor, order");
}

TEST_CASE("paths that lead nowhere") {
  CHECK(error_of_override("plna.tensor=1") ==
        "--set plna.tensor=1: error: no key is called 'plna'; did you mean 'plan'?\n"
        "  | plna.tensor=1\n"
        "  | ^~~~\n"
        "  note: keys: plan, links, name, nothing");
  CHECK(error_of_override("links[2].latency=1 ns") ==
        "--set links[2].latency=1 ns: error: 'links' has 2 items; the last index is 1\n"
        "  | links[2].latency=1 ns\n"
        "  |       ^");
  CHECK(error_of_override("links.latency=1 ns") ==
        "--set links.latency=1 ns: error: 'links' is not a mapping\n"
        "  | links.latency=1 ns\n"
        "  |       ^~~~~~~");
  CHECK(error_of_override("plan[0]=1") ==
        "--set plan[0]=1: error: 'plan' is not a list\n"
        "  | plan[0]=1\n"
        "  |      ^");
  CHECK(error_of_override("name.x=1") ==
        "--set name.x=1: error: 'name' is not a mapping\n"
        "  | name.x=1\n"
        "  |      ^");
  CHECK(error_of_override("nothing.x=1") ==
        "--set nothing.x=1: error: 'nothing' is not a mapping\n"
        "  | nothing.x=1\n"
        "  |         ^");
  CHECK(error_of_override("include=x.yaml") ==
        "--set include=x.yaml: error: included files cannot be overridden, only what they hold\n"
        "  | include=x.yaml\n"
        "  | ^~~~~~~");
}

TEST_CASE("paths that are none") {
  CHECK(error_of_override("plan.tensor") ==
        "--set plan.tensor: error: expected KEY=VALUE, such as plan.tensor=8\n"
        "  | plan.tensor\n"
        "  | ^~~~~~~~~~~");
  CHECK(error_of_override("=1") ==
        "--set =1: error: a key is missing in the path\n"
        "  | =1\n"
        "  | ^");
  CHECK(error_of_override("plan..tensor=1") ==
        "--set plan..tensor=1: error: a key is missing in the path\n"
        "  | plan..tensor=1\n"
        "  |      ^");
  CHECK(error_of_override("plan.=1") ==
        "--set plan.=1: error: a key is missing in the path\n"
        "  | plan.=1\n"
        "  |      ^");
  CHECK(error_of_override("links[x]=1") ==
        "--set links[x]=1: error: an index is a number in brackets after a key, such as links[3]\n"
        "  | links[x]=1\n"
        "  |      ^~~");
  for (const char* path :
       {"links[", "links[1", "links[]", "links[-1]", "[0]", "links[0", "links[99999999999999999999]"})
    CHECK_MESSAGE(
        error_of_override(std::string(path) + "=1").find("an index is a number in brackets") != std::string::npos,
        path);
  CHECK(error_of_override("links[0]x=1") ==
        "--set links[0]x=1: error: expected '.' or '[' or '=' here\n"
        "  | links[0]x=1\n"
        "  |         ^");
  CHECK(error_of_override("") == "--set : error: expected KEY=VALUE, such as plan.tensor=8");
}

}  // namespace
}  // namespace orrery
