// Files written whole or not at all.
#include "sim/base/write_file.h"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>

#include "tests/base/temporary_folder.h"

namespace orrery {
namespace {

std::string error_of_write(const TemporaryFolder& folder, const std::filesystem::path& target) {
  try {
    write_file(target, "new");
  } catch (const WriteError& error) {
    return folder.without_path(error.what());
  }
  return "";
}

TEST_CASE("a new file, and one in the place of another") {
  const TemporaryFolder folder;
  write_file(folder.path("x.json"), "one");
  CHECK(folder.read("x.json") == "one");
  write_file(folder.path("x.json"), std::string("t\0o", 3));
  CHECK(folder.read("x.json") == std::string("t\0o", 3));
  write_file(folder.path("x.json"), "");
  CHECK(folder.read("x.json").empty());
  CHECK(folder.entries() == 1);
}

TEST_CASE("in pieces, larger than any buffer") {
  const TemporaryFolder folder;
  std::string all;
  AtomicFile file(folder.path("x"));
  for (int i = 0; i < 20'000; ++i) {
    const std::string piece = std::to_string(i) + std::string(static_cast<std::size_t>(i % 97), '.');
    all += piece;
    file.write(piece);
  }
  CHECK_FALSE(std::filesystem::exists(folder.path("x")));
  file.commit();
  CHECK(folder.read("x") == all);
  CHECK(folder.entries() == 1);
}

TEST_CASE("without commit the target stays as it was and nothing is left") {
  const TemporaryFolder folder{{"x", "old"}};
  {
    AtomicFile file(folder.path("x"));
    file.write(std::string(1 << 20, 'n'));
    CHECK(folder.read("x") == "old");
    CHECK(folder.entries() == 2);
  }
  CHECK(folder.read("x") == "old");
  CHECK(folder.entries() == 1);
}

TEST_CASE("a write that fails half-way leaves the target and no rest") {
  const TemporaryFolder folder{{"x", "old"}};
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit small = before;
  small.rlim_cur = 100'000;
  const auto previous = std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  std::string what;
  try {
    AtomicFile file(folder.path("x"));
    for (int i = 0; i < 100; ++i) file.write(std::string(10'000, 'n'));
    file.commit();
  } catch (const WriteError& error) {
    what = folder.without_path(error.what());
  }
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, previous);
  CHECK(what == "x: cannot be written: File too large");
  CHECK(folder.read("x") == "old");
  CHECK(folder.entries() == 1);
}

TEST_CASE("targets that cannot be") {
  const TemporaryFolder folder{{"folder/x", ""}};
  CHECK(error_of_write(folder, folder.path("folder")) == "folder: cannot be written: Is a directory");
  CHECK(error_of_write(folder, folder.path("nowhere/x")) == "nowhere/x: cannot be written: No such file or directory");
  CHECK(error_of_write(folder, folder.path("folder/x/y")) == "folder/x/y: cannot be written: Not a directory");
  CHECK(folder.entries() == 1);
}

TEST_CASE("what is no regular file is written to, not replaced") {
  write_file("/dev/null", "gone");
  CHECK(std::filesystem::is_character_file("/dev/null"));
}

TEST_CASE("a link stays a link") {
  const TemporaryFolder folder{{"real/x", "old"}};
  std::filesystem::create_symlink("real/x", folder.path("link"));
  write_file(folder.path("link"), "new");
  CHECK(std::filesystem::is_symlink(folder.path("link")));
  CHECK(folder.read("real/x") == "new");
}

}  // namespace
}  // namespace orrery
