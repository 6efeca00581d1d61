// A text that a user wrote, with its name: turns offsets into lines and columns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/error.h"

namespace orrery {

// UTF-8 without a byte order mark, lines ended by LF alone. Offsets count bytes of text() from 0.
class SourceText {
 public:
  // Drops a byte order mark and turns CRLF into LF. Throws InputError at the first byte that isn't text: invalid UTF-8,
  // NUL or another control character. `one_line`: spans carry no line number (an argument, not a file).
  SourceText(std::string name, std::string text, bool one_line = false);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::string_view text() const { return text_; }

  // [begin, end) as far as it stands on its first line; a point when it is empty. Copies the line: for messages, not
  // for keeping.
  [[nodiscard]] SourceSpan span(std::size_t begin, std::size_t end) const;
  [[noreturn]] void fail(std::size_t begin, std::size_t end, std::string message,
                         const std::vector<std::string>& notes = {}) const;

 private:
  void refuse_what_is_not_text() const;

  std::string name_;
  std::string text_;
  bool one_line_;
  std::vector<std::uint32_t> lines_before_;  // each block of kBlock bytes
};

// The bytes of a regular file, or of a pipe where `pipes` allows it. Throws InputError for the whole file: absent, a
// directory, unreadable, more than `most` bytes.
[[nodiscard]] std::string read_file(const std::filesystem::path& path, std::size_t most, bool pipes = false);

}  // namespace orrery
