// resolved_text: random trees written and read back, and the texts that need quotes.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "sim/base/yaml.h"

namespace orrery {
namespace {

using yaml::Node;

// A document as it may come, in flow style with every text in double quotes, beside what it means.
struct Tree {
  std::string yaml;
  std::string meaning;  // written the same way for equal trees
};

std::string escaped(const std::string& text) {
  std::string result = "\"";
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      result += "\\x";
      result += kDigits[byte >> 4U];
      result += kDigits[byte & 15U];
    } else {
      result += c;
    }
  }
  return result + "\"";
}

std::string random_text() {
  static const std::vector<std::string> kPieces = {"a",
                                                   "Z",
                                                   "0",
                                                   "9",
                                                   "-",
                                                   "---",
                                                   "...",
                                                   ".",
                                                   ":",
                                                   ": ",
                                                   " #",
                                                   "#",
                                                   " ",
                                                   "  ",
                                                   "\n",
                                                   "\t",
                                                   "'",
                                                   "\"",
                                                   "\\",
                                                   "[",
                                                   "]",
                                                   "{",
                                                   "}",
                                                   ",",
                                                   "&",
                                                   "*",
                                                   "!",
                                                   "|",
                                                   ">",
                                                   "%",
                                                   "@",
                                                   "`",
                                                   "~",
                                                   "null",
                                                   "NULL",
                                                   "true",
                                                   "<<",
                                                   "=",
                                                   "?",
                                                   "? ",
                                                   "- ",
                                                   "\r",
                                                   "\x01",
                                                   "\x7F",
                                                   "\x04",
                                                   "/",
                                                   "\xC2\x85",
                                                   "\xE2\x80\xA8",
                                                   "\xEF\xBB\xBF",
                                                   "\xF0\x9F\x98\x80",
                                                   "\xC2\xB5",
                                                   "1e6",
                                                   "0x1f",
                                                   "include"};
  std::string text;
  const auto count = *rc::gen::inRange(0, 6);
  for (int i = 0; i < count; ++i) text += *rc::gen::elementOf(kPieces);
  return text;
}

Tree random_tree(int depth) {
  const auto kind = *rc::gen::inRange(0, depth > 0 ? 6 : 4);
  if (kind == 0) return {"~", "N"};
  if (kind == 1) {
    const std::string number =
        *rc::gen::element<std::string>("12", "-7", "2.5", "450 GB/s", "true", "h100_sxm", "85 %");
    return {number, "P" + number};
  }
  if (kind < 4) {
    const std::string text = random_text();
    return {escaped(text), "Q" + escaped(text)};
  }
  const auto count = *rc::gen::inRange(0, 4);
  Tree tree{kind == 4 ? "[" : "{", kind == 4 ? "[" : "{"};
  for (int i = 0; i < count; ++i) {
    const Tree child = random_tree(depth - 1);
    if (kind == 5) {
      std::string key;
      for (const char c : "k" + std::to_string(i) + random_text())
        if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) key += c;
      tree.yaml += escaped(key) + ": ";
      tree.meaning += escaped(key) + ": ";
    }
    tree.yaml += child.yaml + ", ";
    tree.meaning += child.meaning + ", ";
  }
  return {tree.yaml + (kind == 4 ? "]" : "}"), tree.meaning + (kind == 4 ? "]" : "}")};
}

// What a tree means, found through the readers alone: quoted texts are those that integer() calls so.
std::string meaning(const Node& node) {
  if (node.is_null()) return "N";
  if (node.is_sequence()) {
    std::string all = "[";
    for (const Node& item : node.items()) all += meaning(item) + ", ";
    return all + "]";
  }
  if (node.is_map()) {
    std::string all = "{";
    for (const auto& [key, value] : yaml::Map(node, "a thing").rest())
      all += escaped(key.text()) + ": " + meaning(value) + ", ";
    return all + "}";
  }
  try {
    (void)node.integer(0, 0);
  } catch (const InputError& error) {
    if (error.message().find("the quoted text") != std::string::npos) return "Q" + escaped(node.text());
  }
  return "P" + node.text();
}

TEST_CASE("written and read back, a tree is the same") {
  CHECK(rc::check("any tree", [] {
    const Tree tree = random_tree(4);
    RC_PRE(tree.meaning != "N");
    const Node first = yaml::parse(tree.yaml, "first.yaml");
    RC_ASSERT(meaning(first) == tree.meaning);
    const std::string text = yaml::resolved_text(first);
    const Node second = yaml::parse(text, "second.yaml");
    RC_ASSERT(meaning(second) == tree.meaning);
    RC_ASSERT(yaml::resolved_text(second) == text);
  }));
}

TEST_CASE("how it is written") {
  const Node root = yaml::parse(
      "a: {b: [], c: {}, d: ~, e: [1, [2, {f: '3', g: 450 GB/s}]]}\n"
      "'x: y': \"tab\\there\"\n"
      "plain words: -1.5\n"
      "null_like: 'null'\n"
      "text: |\n"
      "  two\n"
      "  lines\n",
      "t.yaml");
  CHECK(yaml::resolved_text(root) ==
        "a:\n"
        "  b: []\n"
        "  c: {}\n"
        "  d: null\n"
        "  e:\n"
        "    - 1\n"
        "    - - 2\n"
        "      - f: \"3\"\n"
        "        g: 450 GB/s\n"
        "\"x: y\": \"tab\\x09here\"\n"
        "plain words: -1.5\n"
        "null_like: \"null\"\n"
        "text: \"two\\nlines\\n\"\n");
}

TEST_CASE("keys that would mean more than themselves are quoted") {
  const Node root = yaml::parse("a: 1", "t.yaml", {yaml::Override{"<<", "{b: 2}"}, yaml::Override{"null", "3"}});
  const std::string text = yaml::resolved_text(root);
  CHECK(text == "a: 1\n\"<<\":\n  b: 2\n\"null\": 3\n");
  CHECK(yaml::resolved_text(yaml::parse(text, "u.yaml")) == text);
}

}  // namespace
}  // namespace orrery
