// Files that are not the YAML that is read here: the whole message for each.
#include <doctest/doctest.h>

#include "tests/base/broken.h"

namespace orrery {
namespace {

TEST_CASE("brackets and quotes") {
  CHECK(error_of("a: [1, 2") ==
        "t.yaml:1:9: error: expected ',' or ']' here\n"
        "  1 | a: [1, 2\n"
        "    |         ^");
  CHECK(error_of("a: [1,\n"
                 "  2,\n"
                 "b: 3\n") ==
        "t.yaml:3:5: error: expected ',' or ']' here\n"
        "  3 | b: 3\n"
        "    |     ^\n"
        "  note: '[' is open since line 1, column 4");
  CHECK(error_of("{a: {b: 1, c: 2}\n") ==
        "t.yaml:1:17: error: expected ',' or '}' here\n"
        "  1 | {a: {b: 1, c: 2}\n"
        "    |                 ^");
  CHECK(error_of("{a: 1}}") ==
        "t.yaml:1:7: error: no bracket is open here\n"
        "  1 | {a: 1}}\n"
        "    |       ^");
  CHECK(error_of("a: 1]\n"
                 "---\n") ==
        "t.yaml:2:1: error: a second document; one document a file\n"
        "  2 | ---\n"
        "    | ^~~");
  CHECK(error_of("a: \"x\n") ==
        "t.yaml:1:4: error: this quote is never closed\n"
        "  1 | a: \"x\n"
        "    |    ^");
  CHECK(error_of("a: 'x\n"
                 "b: 1\n") ==
        "t.yaml:1:4: error: this quote is never closed\n"
        "  1 | a: 'x\n"
        "    |    ^");
  CHECK(error_of("a: \"x\n"
                 "b: 1") ==
        "t.yaml:1:4: error: this quote is never closed\n"
        "  1 | a: \"x\n"
        "    |    ^");
  CHECK(error_of("a: \"\\q\"\n") ==
        "t.yaml:1:7: error: not valid YAML: unknown escape character: q\n"
        "  1 | a: \"\\q\"\n"
        "    |       ^");
}

TEST_CASE("columns and colons") {
  CHECK(error_of("a:\n"
                 "  b: 1\n"
                 " c: 2\n") ==
        "t.yaml:3:2: error: this does not fit the mapping that it stands in; is its column right?\n"
        "  3 |  c: 2\n"
        "    |  ^");
  CHECK(error_of("a: 1\n"
                 " b: 2\n") ==
        "t.yaml:2:3: error: ': ' is not allowed here; text that holds it needs quotes\n"
        "  2 |  b: 2\n"
        "    |   ^");
  CHECK(error_of("- 1\n"
                 "b: 2\n") ==
        "t.yaml:2:1: error: this stands after the end of the document\n"
        "  2 | b: 2\n"
        "    | ^~~~\n"
        "  note: a key in the wrong column, or a bracket too many?");
  CHECK(error_of("a: b: c\n") ==
        "t.yaml:1:5: error: ': ' is not allowed here; text that holds it needs quotes\n"
        "  1 | a: b: c\n"
        "    |     ^");
  CHECK(error_of("a: @x\n") ==
        "t.yaml:1:4: error: this cannot begin a value; text that begins so needs quotes\n"
        "  1 | a: @x\n"
        "    |    ^");
  CHECK(error_of("a: - b\n") ==
        "t.yaml:1:4: error: '- ' is not allowed here\n"
        "  1 | a: - b\n"
        "    |    ^");
  CHECK(error_of("a: %x\n") ==
        "t.yaml:1:4: error: this cannot begin a value; text that begins so needs quotes\n"
        "  1 | a: %x\n"
        "    |    ^");
  CHECK(error_of("a: `x`\n") ==
        "t.yaml:1:4: error: this cannot begin a value; text that begins so needs quotes\n"
        "  1 | a: `x`\n"
        "    |    ^");
}

TEST_CASE("tabs") {
  CHECK(error_of("a:\n"
                 "\tb: 1\n") ==
        "t.yaml:2:1: error: a tab in the indentation; YAML is indented with spaces\n"
        "  2 |  b: 1\n"
        "    | ^");
  CHECK(error_of("a: 1\n"
                 " \tb: 2\n") ==
        "t.yaml:2:2: error: a tab in the indentation; YAML is indented with spaces\n"
        "  2 |   b: 2\n"
        "    |  ^");
}

TEST_CASE("one document a file") {
  CHECK(error_of("") == "t.yaml: error: there is nothing in it");
  CHECK(error_of("# nothing but words\n") == "t.yaml: error: there is nothing in it");
  CHECK(error_of("~\n") == "t.yaml: error: there is nothing in it");
  CHECK(error_of("a: 1\n"
                 "---\n"
                 "b: 2\n") ==
        "t.yaml:2:1: error: a second document; one document a file\n"
        "  2 | ---\n"
        "    | ^~~");
  CHECK(error_of("a: 1\n"
                 "...\n"
                 "b: 2\n") ==
        "t.yaml:3:1: error: this stands after the end of the document\n"
        "  3 | b: 2\n"
        "    | ^~~~\n"
        "  note: a key in the wrong column, or a bracket too many?");
  CHECK(error_of("%YAML 3.0\n"
                 "---\n"
                 "a: 1\n") ==
        "t.yaml:1:1: error: not valid YAML: YAML major version too large\n"
        "  1 | %YAML 3.0\n"
        "    | ^");
}

TEST_CASE("keys") {
  CHECK(error_of("a: 1\n"
                 "b: 2\n"
                 "a: 3\n") ==
        "t.yaml:3:1: error: the key 'a' stands twice in this mapping\n"
        "  3 | a: 3\n"
        "    | ^\n"
        "  note: first in line 1, column 1");
  CHECK(error_of("x: {a: 1, \"a\": 2}\n") ==
        "t.yaml:1:11: error: the key 'a' stands twice in this mapping\n"
        "  1 | x: {a: 1, \"a\": 2}\n"
        "    |           ^~~\n"
        "  note: first in line 1, column 5");
  CHECK(error_of(": 1\n") ==
        "t.yaml:1:1: error: a key is missing before ':'\n"
        "  1 | : 1\n"
        "    | ^");
  CHECK(error_of("~: 1\n") ==
        "t.yaml:1:1: error: a key is missing before ':'\n"
        "  1 | ~: 1\n"
        "    | ^");
  CHECK(error_of("\"\": 1\n") ==
        "t.yaml:1:1: error: a key must not be empty\n"
        "  1 | \"\": 1\n"
        "    | ^~");
  CHECK(error_of("? [a]\n"
                 ": 1\n") ==
        "t.yaml:1:3: error: a key must be text\n"
        "  1 | ? [a]\n"
        "    |   ^~~");
  CHECK(error_of("[1]: 2\n") ==
        "t.yaml:1:1: error: a key must be text\n"
        "  1 | [1]: 2\n"
        "    | ^~~");
  CHECK(error_of("\"a\\nb\": 1\n") ==
        "t.yaml:1:1: error: a key must be one line of plain text\n"
        "  1 | \"a\\nb\": 1\n"
        "    | ^~~~~~");
  CHECK(error_of("&k a: 1\n"
                 "*k : 2\n") ==
        "t.yaml:1:4: error: the key 'a' stands twice in this mapping\n"
        "  1 | &k a: 1\n"
        "    |    ^\n"
        "  note: first in line 1, column 4");
}

TEST_CASE("anchors, merges and tags") {
  CHECK(error_of("a: *x\n") ==
        "t.yaml:1:4: error: no anchor is called 'x'\n"
        "  1 | a: *x\n"
        "    |    ^~");
  CHECK(error_of("base: &base 1\n"
                 "b: *bas\n") ==
        "t.yaml:2:4: error: no anchor is called 'bas'; did you mean 'base'?\n"
        "  2 | b: *bas\n"
        "    |    ^~~~");
  CHECK(error_of("a: &x [1, *x]\n") ==
        "t.yaml:1:11: error: an anchor cannot hold itself\n"
        "  1 | a: &x [1, *x]\n"
        "    |           ^~");
  CHECK(error_of("a: &x {b: {c: *x}}\n") ==
        "t.yaml:1:15: error: an anchor cannot hold itself\n"
        "  1 | a: &x {b: {c: *x}}\n"
        "    |               ^~");
  CHECK(error_of("<<: 1\n") ==
        "t.yaml:1:5: error: '<<' merges a mapping or a list of mappings\n"
        "  1 | <<: 1\n"
        "    |     ^");
  CHECK(error_of("<<: [{a: 1}, 2]\n") ==
        "t.yaml:1:5: error: '<<' merges a mapping or a list of mappings\n"
        "  1 | <<: [{a: 1}, 2]\n"
        "    |     ^~~~~~~~~~~");
  CHECK(error_of("a: !!int 1\n") ==
        "t.yaml:1:4: error: tags are not read here; leave it out\n"
        "  1 | a: !!int 1\n"
        "    |    ^~~~~");
  CHECK(error_of("a: !chip {b: 1}\n") ==
        "t.yaml:1:4: error: tags are not read here; leave it out\n"
        "  1 | a: !chip {b: 1}\n"
        "    |    ^~~~~");
  CHECK(error_of("a: &x !!str b\n") ==
        "t.yaml:1:7: error: tags are not read here; leave it out\n"
        "  1 | a: &x !!str b\n"
        "    |       ^~~~~");
}

TEST_CASE("bytes that are not text") {
  CHECK(error_of("a: \xff\n") ==
        "t.yaml:1:4: error: the byte 0xff is not UTF-8 text\n"
        "  1 | a: ?\n"
        "    |    ^");
  CHECK(error_of("a: x\001\n") ==
        "t.yaml:1:5: error: a control character (0x01) does not belong in text\n"
        "  1 | a: x?\n"
        "    |     ^");
  CHECK(error_of("a: b\rc\n") ==
        "t.yaml:1:5: error: a control character (0x0d) does not belong in text\n"
        "  1 | a: b?c\n"
        "    |     ^");
  CHECK(error_of("a: \"\\0\"\n") ==
        "t.yaml:1:4: error: a NUL character does not belong in text\n"
        "  1 | a: \"\\0\"\n"
        "    |    ^~~~");
}

void as_chip(const yaml::Node& root) {
  yaml::Map chip(root, "a chip");
  (void)chip.required("name");
  (void)chip.optional("hbm");
  (void)chip.required("cores");
  chip.finish();
}

TEST_CASE("keys that are missing or unknown") {
  CHECK(error_of_root("name: x\n"
                      "cores: 1\n"
                      "hmb: 2\n",
                      as_chip) ==
        "t.yaml:3:1: error: a chip has no key 'hmb'; did you mean 'hbm'?\n"
        "  3 | hmb: 2\n"
        "    | ^~~\n"
        "  note: keys: name, hbm, cores");
  CHECK(error_of_root("name: x\n"
                      "cores: 1\n"
                      "colour: red\n",
                      as_chip) ==
        "t.yaml:3:1: error: a chip has no key 'colour'\n"
        "  3 | colour: red\n"
        "    | ^~~~~~\n"
        "  note: keys: name, hbm, cores");
  CHECK(error_of_root("name: x\n"
                      "\n"
                      "# cores are next\n"
                      "core: 1\n",
                      as_chip) ==
        "t.yaml:1:1: error: a chip needs the key 'cores'\n"
        "  1 | name: x\n"
        "    | ^~~~~~~\n"
        "  note: is it the key 'core' at t.yaml:4:1?");
  CHECK(error_of_root("name: x\n", as_chip) ==
        "t.yaml:1:1: error: a chip needs the key 'cores'\n"
        "  1 | name: x\n"
        "    | ^~~~~~~");
  CHECK(error_of_root("- a\n", as_chip) ==
        "t.yaml:1:1: error: expected a chip (a mapping of keys to values), not a list\n"
        "  1 | - a\n"
        "    | ^~~");
  CHECK(error_of_root("x\n", as_chip) ==
        "t.yaml:1:1: error: expected a chip (a mapping of keys to values), not 'x'\n"
        "  1 | x\n"
        "    | ^");
  CHECK(error_of_root("{}\n", as_chip) ==
        "t.yaml:1:1: error: a chip needs the key 'name'\n"
        "  1 | {}\n"
        "    | ^~");
  CHECK(error_of_root("{name: x,\n"
                      "  coers: 1}\n",
                      as_chip) ==
        "t.yaml:1:1: error: a chip needs the key 'cores'\n"
        "  1 | {name: x,\n"
        "    | ^~~~~~~~\n"
        "  note: is it the key 'coers' at t.yaml:2:3?");
  CHECK(error_of_root("# about\n"
                      "\n"
                      "  name: x  # a name\n"
                      "  hbm: 1\n",
                      as_chip) ==
        "t.yaml:3:3: error: a chip needs the key 'cores'\n"
        "  3 |   name: x  # a name\n"
        "    |   ^~~~~~~");
}

}  // namespace
}  // namespace orrery
