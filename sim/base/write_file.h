// Writes files whole or not at all: a reader sees the old file or the complete new one, never a half.
#pragma once

#include <cstddef>
#include <exception>
#include <filesystem>
#include <string>
#include <string_view>

namespace orrery {

// A file that can't be written: what() is "run/result.json: cannot be written: No space left on device".
class WriteError : public std::exception {
 public:
  // `error`: an errno.
  WriteError(const std::filesystem::path& path, int error);
  [[nodiscard]] const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::string text_;
};

// A file that is being written. The bytes go to a temporary file in the target's folder; commit() brings them to disk
// and puts them in the target's place in one step. Destroyed before that, or after a WriteError, it leaves the target
// as it was and nothing beside it. A target that is not a regular file (a pipe, a terminal, /dev/null) can't be
// replaced and is written to directly; a symbolic link stays and what it points to is replaced.
class AtomicFile {
 public:
  explicit AtomicFile(const std::filesystem::path& target);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::string_view bytes);  // buffered
  void commit();                       // once, last

 private:
  void flush();
  void close();
  void discard() noexcept;
  [[noreturn]] void fail(int error);

  std::filesystem::path target_;
  std::filesystem::path temporary_;  // empty: the target itself is open
  int descriptor_ = -1;
  std::string buffer_;
};

void write_file(const std::filesystem::path& target, std::string_view bytes);

}  // namespace orrery
