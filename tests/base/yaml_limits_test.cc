// Hostile documents: too deep, too many, too large, or endless once aliases are written out.
#include <doctest/doctest.h>

#include "tests/base/broken.h"
#include "tests/base/temporary_folder.h"

namespace orrery {
namespace {

std::string repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}
// The first line of a message.
std::string headline(const std::string& message) { return message.substr(0, message.find('\n')); }

TEST_CASE("depth") {
  CHECK(error_of(repeated("[", 64) + repeated("]", 64)).empty());
  CHECK(headline(error_of(repeated("[", 65) + repeated("]", 65))) ==
        "t.yaml:1:65: error: values are nested more than 64 levels deep");
  CHECK(headline(error_of(repeated("- ", 100'000))) ==
        "t.yaml:1:129: error: values are nested more than 64 levels deep");
  // Unclosed brackets may turn out to be keys: whatever is said, it is said, and soon.
  for (const char* hostile : {"[", "{", "{a: ", "? ", "- ? ", "[? ", "a: [", "\"", "&a ", "*", "!", "! "})
    CHECK_MESSAGE(!error_of(repeated(hostile, 100'000)).empty(), hostile);
}

TEST_CASE("depth through aliases") {
  std::string text = "a0: &a0 [x]\n";
  for (int i = 1; i < 80; ++i) {
    const std::string n = std::to_string(i);
    text += "a" + n + ": &a" + n + " [*a" + std::to_string(i - 1) + "]\n";
  }
  CHECK(headline(error_of(text)) == "t.yaml:63:12: error: values are nested more than 64 levels deep");
}

TEST_CASE("a billion laughs") {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 30; ++i) {
    const std::string n = std::to_string(i);
    text += "a" + n + ": &a" + n + " [" + repeated("*a" + std::to_string(i - 1) + ", ", 10) + "]\n";
  }
  CHECK(headline(error_of(text)) ==
        "t.yaml:6:55: error: the document holds more than 1000000 values here, aliases written out");
}

TEST_CASE("a large text, many times") {
  const std::string text = "a: &a " + std::string(100 << 10, 'x') + "\nb: [" + repeated("*a, ", 200) + "]\n";
  CHECK(headline(error_of(text)) ==
        "t.yaml:2:657: error: the document holds more than 16 MiB of text here, aliases written out");
}

TEST_CASE("merge keys can't multiply either") {
  std::string text = "m0: &m0 {a: 1, b: 2}\n";
  for (int i = 1; i < 40; ++i) {
    const std::string before = "*m" + std::to_string(i - 1);
    const std::string n = std::to_string(i);
    text += "m" + n + ": &m" + n + " {<<: [" + before + ", " + before + "], k" + n + ": [" + before + ", " + before +
            "]}\n";
  }
  CHECK_FALSE(error_of(text).empty());
}

TEST_CASE("more bytes than a file may have") {
  const TemporaryFolder folder;
  folder.write("large.yaml", std::string(yaml::kMostBytes + 1, '#'));
  const auto load = [&](std::string_view name) {
    return folder.without_path(error_from([&] { (void)yaml::load(folder.path(name)); }));
  };
  CHECK(load("large.yaml") == "large.yaml: error: is larger than 16 MiB");
  folder.write("main.yaml", "include: large.yaml\n");
  CHECK(headline(load("main.yaml")) == "main.yaml:1:10: error: 'large.yaml' is larger than 15 MiB");
  CHECK(headline(error_of(std::string(yaml::kMostBytes + 1, '#'))) ==
        "t.yaml: error: the document is larger than 16 MiB, its included files counted");
}

TEST_CASE("long lines and long texts") {
  const std::string longest(yaml::kMostScalarBytes, 'x');
  CHECK(error_from([&] {
          (void)yaml::Map(yaml::parse("a: " + longest, "t.yaml"), "a thing").required("a").integer(0, 1);
        }) == "t.yaml:1:4: error: expected a whole number, not '" + std::string(59, 'x') + "…'\n" +  //
                  "  1 | a: " + std::string(96, 'x') + "…\n" +                                       //
                  "    |    ^" + std::string(96, '~'));
  CHECK(headline(error_of("a: x" + longest)) == "t.yaml:1:4: error: a text must not be longer than 128 KiB");
  CHECK(error_of("# " + std::string(yaml::kMostLineBytes - 2, 'x') + "\na: 1").empty());
  CHECK(headline(error_of("a: 1\n# " + std::string(yaml::kMostLineBytes - 1, 'x'))) ==
        "t.yaml:2:1: error: a line must not be longer than 1 MiB");
}

TEST_CASE("more values than are read") {
  CHECK(headline(error_of(repeated("- 1\n", 1'000'001))) ==
        "t.yaml:1000000:3: error: the document holds more than 1000000 values here, aliases written out");
  CHECK(headline(error_of("[" + repeated(repeated("1,", 100'000) + "\n", 11) + "]")) ==
        "t.yaml:10:200000: error: the text holds more than 1000000 commas and brackets");
}

TEST_CASE("the longest text can be written out and read back") {
  const std::string text = "a: |\n" + repeated("  " + std::string(62, '"') + "\n", 2048);
  const yaml::Node root = yaml::parse(text, "t.yaml");
  const std::string written = yaml::resolved_text(root);
  CHECK(yaml::resolved_text(yaml::parse(written, "u.yaml")) == written);
}

TEST_CASE("written out, deep and long documents stay bounded") {
  std::string text = "a: &a [" + repeated("1, ", 1000) + "]\nb: ";
  text += repeated("[", 60) + repeated("*a, ", 990) + repeated("]", 60) + "\n";
  const yaml::Node root = yaml::parse(text, "t.yaml");
  CHECK(headline(error_from([&] { (void)yaml::resolved_text(root); })) ==
        "t.yaml:1:1: error: the document is longer than 16 MiB once it is written out");
}

}  // namespace
}  // namespace orrery
