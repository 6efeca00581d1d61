// Reads files as text, refuses what isn't text, and finds lines and columns.
#include "sim/base/source_text.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace orrery {
namespace {

constexpr std::size_t kBlock = 4096;

unsigned byte_at(std::string_view text, std::size_t at) {
  return at < text.size() ? static_cast<unsigned char>(text[at]) : 0;
}

// How many bytes the UTF-8 character at `at` has; 0 if it isn't one (RFC 3629: no overlong forms, no surrogates, at
// most U+10FFFF).
std::size_t character_length(std::string_view text, std::size_t at) {
  const unsigned first = byte_at(text, at);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xC2 && first < 0xE0 ? 2 : first >= 0xE0 && first < 0xF0 ? 3 : 4;
  if (first < 0xC2 || first > 0xF4) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte_at(text, at + i) & 0xC0U) != 0x80U) return 0;
  const unsigned second = byte_at(text, at + 1);
  if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F)) return 0;
  if ((first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F)) return 0;
  return length;
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::uint32_t count_lines(std::string_view text) {
  return static_cast<std::uint32_t>(std::count(text.begin(), text.end(), '\n'));
}

// Invalid bytes become '?', so that a message may carry the line.
std::string printable(std::string_view line) {
  std::string result;
  for (std::size_t i = 0; i < line.size();) {
    const std::size_t length = character_length(line, i);
    result += length == 0 ? std::string_view("?") : line.substr(i, length);
    i += std::max<std::size_t>(length, 1);
  }
  return result;
}

}  // namespace

SourceText::SourceText(std::string name, std::string text, bool one_line)
    : name_(std::move(name)), text_(std::move(text)), one_line_(one_line) {
  if (text_.starts_with("\xEF\xBB\xBF")) text_.erase(0, 3);
  if (text_.find('\r') != std::string::npos) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < text_.size(); ++i)
      if (text_[i] != '\r' || byte_at(text_, i + 1) != '\n') text_[kept++] = text_[i];
    text_.resize(kept);
  }
  std::uint32_t lines = 0;
  for (std::size_t block = 0; block < text_.size(); block += kBlock) {
    lines_before_.push_back(lines);
    lines += count_lines(std::string_view(text_).substr(block, kBlock));
  }
  refuse_what_is_not_text();
}

void SourceText::refuse_what_is_not_text() const {
  for (std::size_t i = 0; i < text_.size();) {
    const std::size_t length = character_length(text_, i);
    const unsigned byte = byte_at(text_, i);
    if (length == 0) fail(i, i + 1, fmt::format("the byte 0x{:02x} is not UTF-8 text", byte));
    const bool control = (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7F;
    if (control) fail(i, i + 1, fmt::format("a control character (0x{:02x}) does not belong in text", byte));
    i += length;
  }
}

SourceSpan SourceText::span(std::size_t begin, std::size_t end) const {
  const std::string_view all = text_;
  begin = std::min(begin, all.size());
  const std::size_t line_begin = begin == 0 ? 0 : all.rfind('\n', begin - 1) + 1;  // npos + 1 == 0
  const std::size_t line_end = std::min(all.find('\n', begin), all.size());
  end = std::clamp(end, begin, line_end);

  SourceSpan span;
  span.file = name_;
  span.line_text = printable(all.substr(line_begin, line_end - line_begin));
  span.column = static_cast<int>(count_characters(all.substr(line_begin, begin - line_begin))) + 1;
  span.length = std::max(1, static_cast<int>(count_characters(all.substr(begin, end - begin))));
  if (one_line_ || all.empty()) return span;
  const std::size_t block = std::min(begin / kBlock, lines_before_.size() - 1);
  const std::uint32_t before = lines_before_[block] + count_lines(all.substr(block * kBlock, begin - block * kBlock));
  span.line = static_cast<int>(before) + 1;
  return span;
}

void SourceText::fail(std::size_t begin, std::size_t end, std::string message,
                      const std::vector<std::string>& notes) const {
  throw InputError(span(begin, end), std::move(message), notes);
}

std::string read_file(const std::filesystem::path& path, std::size_t most, bool pipes) {
  const auto why = [] { return std::string(std::strerror(errno)); };
  struct stat facts {};
  if (stat(path.c_str(), &facts) != 0) fail_file(path, "cannot be read: " + why());
  if (S_ISDIR(facts.st_mode)) fail_file(path, "is a directory, not a file");
  if (!S_ISREG(facts.st_mode) && !(pipes && S_ISFIFO(facts.st_mode))) fail_file(path, "is not a file");

  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "rb"));
  if (file == nullptr) fail_file(path, "cannot be read: " + why());
  std::string bytes;
  std::vector<char> chunk(std::size_t{1} << 16U);
  while (bytes.size() <= most) {
    const std::size_t got = std::fread(chunk.data(), 1, chunk.size(), file.get());
    if (got == 0) break;
    bytes.append(chunk.data(), got);
  }
  if (std::ferror(file.get()) != 0) fail_file(path, "cannot be read: " + why());
  if (bytes.size() > most) fail_file(path, fmt::format("is larger than {} MiB", most >> 20U));
  return bytes;
}

}  // namespace orrery
