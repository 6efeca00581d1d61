// Files that include files: what wins, whose lines errors show, and the ways round that are refused.
#include <doctest/doctest.h>

#include "tests/base/broken.h"
#include "tests/base/temporary_folder.h"

namespace orrery {
namespace {

std::string loaded(const TemporaryFolder& folder, std::string_view name) {
  return yaml::resolved_text(yaml::load(folder.path(name)));
}
std::string error_of_file(const TemporaryFolder& folder, std::string_view name) {
  return folder.without_path(error_from([&] { (void)yaml::load(folder.path(name)); }));
}

TEST_CASE("mappings merge, the rest is replaced, the file's own keys win") {
  const TemporaryFolder folder{
      {"main.yaml", "chip: {cores: 8, tiles: [9]}\ninclude: parts/base.yaml\nname: mine\n"},
      {"parts/base.yaml", "include: deep/base.yaml\nchip: {cores: 4, hbm: 80 GiB}\n"},
      {"parts/deep/base.yaml", "chip: {tiles: [1, 2], hbm: 1 GiB, l2: 1 MiB}\nname: base\nx: 1\n"}};
  CHECK(loaded(folder, "main.yaml") ==
        "chip:\n"
        "  tiles:\n"
        "    - 9\n"
        "  hbm: 80 GiB\n"
        "  l2: 1 MiB\n"
        "  cores: 8\n"
        "name: mine\n"
        "x: 1\n");
}

TEST_CASE("of a list of files the later one wins") {
  const TemporaryFolder folder{
      {"main.yaml", "include: [a.yaml, b.yaml]\n"}, {"a.yaml", "x: a\ny: a\n"}, {"b.yaml", "y: b\nz: b\n"}};
  CHECK(loaded(folder, "main.yaml") == "x: a\ny: b\nz: b\n");
  folder.write("main.yaml", "include: []\nq: 1\n");
  CHECK(loaded(folder, "main.yaml") == "q: 1\n");
}

TEST_CASE("one file may come in twice") {
  const TemporaryFolder folder{{"main.yaml", "include: [b.yaml, c.yaml]\n"},
                               {"b.yaml", "include: a.yaml\ny: 1\n"},
                               {"c.yaml", "include: a.yaml\nz: 1\n"},
                               {"a.yaml", "x: 1\n"}};
  CHECK(loaded(folder, "main.yaml") == "x: 1\ny: 1\nz: 1\n");
}

TEST_CASE("errors show the line of the file that they stand in") {
  const TemporaryFolder folder{{"main.yaml", "include: parts/chip.yaml\nname: x\n"},
                               {"parts/chip.yaml", "# a chip\ncores: 0\ncolour: red\n"}};
  const auto read = [&] {
    yaml::Map map(yaml::load(folder.path("main.yaml")), "a chip");
    (void)map.required("name");
    (void)map.required("cores").integer(1, 1000);
  };
  CHECK(folder.without_path(error_from(read)) ==
        "parts/chip.yaml:2:8: error: must be between 1 and 1000, not 0\n"
        "  2 | cores: 0\n"
        "    |        ^");
  folder.write("parts/chip.yaml", "cores: 1\ncores: 2\n");
  CHECK(error_of_file(folder, "main.yaml") ==
        "parts/chip.yaml:2:1: error: the key 'cores' stands twice in this mapping\n"
        "  2 | cores: 2\n"
        "    | ^~~~~\n"
        "  note: first in line 1, column 1");
}

TEST_CASE("cycles are named with their chain") {
  const TemporaryFolder folder{{"main.yaml", "include: b/b.yaml\n"},
                               {"b/b.yaml", "x: 1\ninclude: [c.yaml]\n"},
                               {"b/c.yaml", "include: ../b/./b.yaml\n"},
                               {"self.yaml", "include: self.yaml\n"}};
  CHECK(error_of_file(folder, "main.yaml") ==
        "b/c.yaml:1:10: error: this file includes itself: b/b.yaml -> b/c.yaml -> b/b.yaml\n"
        "  1 | include: ../b/./b.yaml\n"
        "    |          ^~~~~~~~~~~~~");
  CHECK(error_of_file(folder, "self.yaml") ==
        "self.yaml:1:10: error: this file includes itself: self.yaml -> self.yaml\n"
        "  1 | include: self.yaml\n"
        "    |          ^~~~~~~~~");
}

TEST_CASE("includes that cannot be") {
  const TemporaryFolder folder{{"list.yaml", "- 1\n"}, {"folder/x", ""}};
  const auto error = [&](std::string_view text) {
    folder.write("main.yaml", text);
    return error_of_file(folder, "main.yaml");
  };
  CHECK(error("include: nowhere.yaml\n") ==
        "main.yaml:1:10: error: 'nowhere.yaml' cannot be read: No such file or directory\n"
        "  1 | include: nowhere.yaml\n"
        "    |          ^~~~~~~~~~~~");
  CHECK(error("include: [folder]\n") ==
        "main.yaml:1:11: error: 'folder' is a directory, not a file\n"
        "  1 | include: [folder]\n"
        "    |           ^~~~~~");
  CHECK(error("include: /dev/zero\n") ==
        "main.yaml:1:10: error: '/dev/zero' is not a file\n"
        "  1 | include: /dev/zero\n"
        "    |          ^~~~~~~~~");
  CHECK(error("include: list.yaml\n") ==
        "main.yaml:1:10: error: 'list.yaml' cannot be included: it is not a mapping of keys to values\n"
        "  1 | include: list.yaml\n"
        "    |          ^~~~~~~~~");
  CHECK(error("include: {a: 1}\n") ==
        "main.yaml:1:10: error: 'include' names a file or a list of files\n"
        "  1 | include: {a: 1}\n"
        "    |          ^~~~~~");
  CHECK(error("include: [[]]\n") ==
        "main.yaml:1:11: error: 'include' names a file or a list of files\n"
        "  1 | include: [[]]\n"
        "    |           ^~");
  CHECK(error("include:\n") ==
        "main.yaml:1:9: error: 'include' names a file or a list of files\n"
        "  1 | include:\n"
        "    |         ^");
}

TEST_CASE("a long chain of files is refused") {
  const TemporaryFolder folder;
  for (int i = 0; i < 40; ++i)
    folder.write(std::to_string(i) + ".yaml", "include: " + std::to_string(i + 1) + ".yaml\n");
  CHECK(error_of_file(folder, "0.yaml") ==
        "15.yaml:1:10: error: files include files more than 16 levels deep\n"
        "  1 | include: 16.yaml\n"
        "    |          ^~~~~~~");
}

TEST_CASE("files that cannot be read") {
  const TemporaryFolder folder{{"folder/x", ""}};
  CHECK(error_of_file(folder, "nowhere.yaml") == "nowhere.yaml: error: cannot be read: No such file or directory");
  CHECK(error_of_file(folder, "folder") == "folder: error: is a directory, not a file");
  CHECK(error_from([] { (void)yaml::load("/dev/zero"); }) == "/dev/zero: error: is not a file");
}

}  // namespace
}  // namespace orrery
