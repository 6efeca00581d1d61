// How errors read, letter by letter, and which names count as near.
#include "sim/base/error.h"

#include <doctest/doctest.h>

namespace orrery {
namespace {

using Names = std::vector<std::string>;
const Names kChips = {"a100_sxm", "h100_sxm", "h200_sxm"};

std::string near(std::string_view word, const Names& candidates) { return std::string(nearest(word, candidates)); }

TEST_CASE("the whole message") {
  const InputError error({"bad/cluster.yaml", 4, 9, 8, "  chip: h10O_sxm"}, unknown_name("chip", "h10O_sxm", kChips),
                         {name_list("chip", kChips)});
  CHECK(std::string(error.what()) ==
        "bad/cluster.yaml:4:9: error: no chip is called 'h10O_sxm'; did you mean 'h100_sxm'?\n"
        "  4 |   chip: h10O_sxm\n"
        "    |         ^~~~~~~~\n"
        "  note: chips: a100_sxm, h100_sxm, h200_sxm");
  CHECK(error.where().column == 9);
  CHECK(error.message() == "no chip is called 'h10O_sxm'; did you mean 'h100_sxm'?");
}

TEST_CASE("a whole file, and an argument") {
  CHECK(std::string(InputError({"x.yaml", 0, 0, 1, ""}, "is empty").what()) == "x.yaml: error: is empty");
  CHECK(std::string(InputError({"--set a=b", 0, 3, 1, "a=b"}, "no").what()) ==
        "--set a=b: error: no\n"
        "  | a=b\n"
        "  |   ^");
}

TEST_CASE("tabs, other scripts and control characters keep the caret in place") {
  CHECK(std::string(InputError({"t", 12, 3, 2, "\ta\x1b[1mb"}, "esc \x1b and\nline").what()) ==
        "t:12:3: error: esc \\x1b and\\nline\n"
        "  12 |  a?[1mb\n"
        "     |   ^~");
  CHECK(std::string(InputError({"t", 1, 4, 2, "µ: ñandú"}, "no").what()) ==
        "t:1:4: error: no\n"
        "  1 | µ: ñandú\n"
        "    |    ^~");
}

TEST_CASE("a caret never leaves its line") {
  CHECK(std::string(InputError({"t", 1, 3, 50, "abcd"}, "no").what()) ==
        "t:1:3: error: no\n"
        "  1 | abcd\n"
        "    |   ^~");
  CHECK(std::string(InputError({"t", 1, 90, 5, "abcd"}, "no").what()) ==
        "t:1:90: error: no\n"
        "  1 | abcd\n"
        "    |     ^");
}

TEST_CASE("of a long line the part around the caret") {
  const std::string line = std::string(200, 'a') + "BBB" + std::string(200, 'c');
  CHECK(std::string(InputError({"t", 1, 201, 3, line}, "no").what()) ==
        "t:1:201: error: no\n"
        "  1 | …" +
            std::string(39, 'a') + "BBB" + std::string(56, 'c') + "…\n" + "    | " + std::string(40, ' ') + "^~~");
  const std::string at_end = std::string(200, 'a') + "B";
  CHECK(std::string(InputError({"t", 1, 201, 1, at_end}, "no").what()) ==
        "t:1:201: error: no\n"
        "  1 | …" +
            std::string(98, 'a') + "B\n" + "    | " + std::string(99, ' ') + "^");
}

TEST_CASE("which name was meant") {
  CHECK(near("h10O_sxm", kChips) == "h100_sxm");
  CHECK(near("H100_SXM", kChips) == "h100_sxm");   // case alone
  CHECK(near("h010_sxm", kChips) == "h100_sxm");   // neighbours swapped: one edit
  CHECK(near("h100_sx", kChips) == "h100_sxm");    // a letter missing
  CHECK(near("h100__sxm", kChips) == "h100_sxm");  // a letter too many
  CHECK(near("tpu_v5p", kChips).empty());
  CHECK(near("", kChips).empty());
  CHECK(near("x", {"y", "z"}).empty());  // a word that would change wholly
  CHECK(near("tenosr", {"tensor"}) == "tensor");
  CHECK(near("abc", {"abd", "abe"}) == "abd");    // ties: the first
  CHECK(near("abcdef", {"abxyef"}) == "abxyef");  // 2 of 6
  CHECK(near("abcdef", {"axyzef"}).empty());      // 3 of 6
  CHECK(near(std::string(5000, 'x'), {std::string(5000, 'x') + "y"}).empty());
  CHECK(near("x", {}).empty());
}

TEST_CASE("words for messages") {
  CHECK(unknown_name("chip", "tpu", kChips) == "no chip is called 'tpu'");
  CHECK(name_list("topology", Names{"a"}) == "topologies: a");
  CHECK(name_list("switch", Names{}) == "switches: none");
  CHECK(name_list("way", Names{"a", "b"}) == "ways: a, b");
  CHECK(with_article("optimizer") == "an optimizer");
  CHECK(with_article("chip") == "a chip");
  CHECK(in_quotes("a b") == "'a b'");
  CHECK(in_quotes(std::string(60, 'x')) == "'" + std::string(60, 'x') + "'");
  CHECK(in_quotes(std::string(61, 'x')) == "'" + std::string(59, 'x') + "…'");
}

}  // namespace
}  // namespace orrery
