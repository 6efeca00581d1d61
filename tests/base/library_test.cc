// Things found by name, by file or in place, and what is said of those that aren't there.
#include "sim/base/library.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>

#include "tests/base/broken.h"
#include "tests/base/temporary_folder.h"

namespace orrery {
namespace {

constexpr std::string_view kShelf = "topology/chips";

struct Shelves {
  TemporaryFolder first{{"topology/chips/mine.yaml", "name: mine\n"},
                        {"topology/chips/h100_sxm.yaml", "name: changed\n"}};
  TemporaryFolder second{{"topology/chips/h100_sxm.yaml", "name: h100\n"},
                         {"topology/chips/a100_sxm.yaml", "name: a100\n"},
                         {"topology/chips/.hidden.yaml", "name: hidden\n"},
                         {"topology/chips/notes.txt", "no chip\n"},
                         {"topology/chips/folder.yaml/x", "no file\n"}};
  Library library{{first.path(), second.path(), first.path("nowhere")}};

  [[nodiscard]] yaml::Node resolve(const yaml::Node& reference) const {
    return library.resolve(reference, kShelf, "chip");
  }
  [[nodiscard]] std::string name_of(const yaml::Node& reference) const {
    return yaml::Map(resolve(reference), "a chip").required("name").text();
  }
};

yaml::Node chip_in(std::string_view text, std::string_view file = "t.yaml") {
  return yaml::Map(yaml::parse(text, file), "a cluster").required("chip");
}

TEST_CASE("names of a shelf") {
  const Shelves shelves;
  CHECK(shelves.library.names(kShelf) == std::vector<std::string>{"a100_sxm", "h100_sxm", "mine"});
  CHECK(shelves.library.names("no/such").empty());
  CHECK(Library({}).names(kShelf).empty());
}

TEST_CASE("by name: the earlier root wins") {
  const Shelves shelves;
  CHECK(shelves.name_of(chip_in("chip: h100_sxm")) == "changed");
  CHECK(shelves.name_of(chip_in("chip: a100_sxm")) == "a100");
  CHECK(yaml::Map(shelves.library.open(kShelf, "a100_sxm"), "a chip").required("name").text() == "a100");
}

TEST_CASE("in place, or in a file beside the one that names it") {
  const Shelves shelves;
  CHECK(shelves.name_of(chip_in("chip: {name: here}")) == "here");
  const TemporaryFolder folder{{"chips/x.yaml", "name: beside\n"}};
  CHECK(shelves.name_of(chip_in("chip: chips/x.yaml", folder.path("t.yaml").string())) == "beside");
  CHECK(shelves.name_of(chip_in("chip: ../chips/x.yaml", folder.path("chips/t.yaml").string())) == "beside");
}

TEST_CASE("what is not there") {
  const Shelves shelves;
  const auto error = [&](std::string_view text) { return error_from([&] { (void)shelves.resolve(chip_in(text)); }); };
  CHECK(error("chip: h10O_sxm") ==
        "t.yaml:1:7: error: no chip is called 'h10O_sxm'; did you mean 'h100_sxm'?\n"
        "  1 | chip: h10O_sxm\n"
        "    |       ^~~~~~~~\n"
        "  note: chips: a100_sxm, h100_sxm, mine");
  CHECK(error("chip: [h100_sxm]") ==
        "t.yaml:1:7: error: expected a chip: its name, a file that ends in .yaml, or a mapping\n"
        "  1 | chip: [h100_sxm]\n"
        "    |       ^~~~~~~~~~\n"
        "  note: chips: a100_sxm, h100_sxm, mine");
  CHECK(error("chip:") ==
        "t.yaml:1:6: error: expected a chip: its name, a file that ends in .yaml, or a mapping\n"
        "  1 | chip:\n"
        "    |      ^\n"
        "  note: chips: a100_sxm, h100_sxm, mine");
  CHECK(error("chip: nowhere/x.yaml") ==
        "t.yaml:1:7: error: 'nowhere/x.yaml' cannot be read: No such file or directory\n"
        "  1 | chip: nowhere/x.yaml\n"
        "    |       ^~~~~~~~~~~~~~");
  CHECK(error_from([&] { (void)shelves.library.open(kShelf, "h100_sxn"); }) ==
        "topology/chips: error: no file is called 'h100_sxn'; did you mean 'h100_sxm'?");
  CHECK_THROWS_AS((void)shelves.library.open(kShelf, "../chips/mine"), InputError);
}

TEST_CASE("an error inside a file that is named stands in that file") {
  const Shelves shelves;
  const TemporaryFolder folder{{"x.yaml", "name: [\n"}};
  CHECK(folder.without_path(error_from([&] {
    (void)shelves.resolve(chip_in("chip: ./x.yaml", folder.path("t.yaml").string()));
  })) == "x.yaml:1:8: error: expected ',' or ']' here\n"
         "  1 | name: [\n"
         "    |        ^");
}

TEST_CASE("the standard library") {
  const TemporaryFolder folder{{"topology/chips/mine.yaml", "name: mine\n"}};
  const char* before = std::getenv("ORRERY_LIBRARY");
  const std::string kept = before == nullptr ? "" : before;
  setenv("ORRERY_LIBRARY", (":" + folder.path().string() + "::/nowhere").c_str(), 1);
  const std::vector<std::string> names = Library::standard().names(kShelf);
  if (before == nullptr) {
    unsetenv("ORRERY_LIBRARY");
  } else {
    setenv("ORRERY_LIBRARY", kept.c_str(), 1);
  }
  CHECK(std::find(names.begin(), names.end(), "mine") != names.end());
  CHECK(std::find(names.begin(), names.end(), "h100_sxm") != names.end());  // of the source tree
}

}  // namespace
}  // namespace orrery
