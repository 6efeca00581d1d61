// Errors that a user can act on: where in which file, the line itself, a caret, and what would be right.
#pragma once

#include <exception>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace orrery {

// A stretch of a source text. Lines and columns count from 1, columns and `length` in characters (code points);
// `length` is at least 1 and may point past the end of the line. `line_text` is the whole line.
struct SourceSpan {
  std::string file;
  int line = 0;  // 0: the whole file; with a `line_text`: a text of one line, such as an argument
  int column = 0;
  int length = 1;
  std::string line_text;  // empty: the message shows no line
};

// Input that cannot be used. what() is the whole message as the user sees it, without a line feed at its end. Tabs in
// the line are shown as one space, bytes that a terminal would act on as '?' (in the line) or as \x1b (in words), and
// of a long line the part around the caret:
//
//     bad/cluster.yaml:4:9: error: no chip is called 'h10O_sxm'; did you mean 'h100_sxm'?
//       4 |   chip: h10O_sxm
//         |         ^~~~~~~~
//       note: chips: a100_sxm, h100_sxm
class InputError : public std::exception {
 public:
  InputError(SourceSpan where, std::string message, const std::vector<std::string>& notes = {});
  [[nodiscard]] const char* what() const noexcept override { return text_.c_str(); }
  [[nodiscard]] const SourceSpan& where() const { return where_; }
  [[nodiscard]] const std::string& message() const { return message_; }

 private:
  SourceSpan where_;
  std::string message_;
  std::string text_;
};

// Throws InputError for the whole file.
[[noreturn]] void fail_file(std::string file, std::string message, const std::vector<std::string>& notes = {});

// A run that cannot finish (deadlock, unmatched receive, no path): what() names the ranks and ops that wait, and for
// what.
class RunError : public std::exception {
 public:
  explicit RunError(std::string text) : text_(std::move(text)) {}
  [[nodiscard]] const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::string text_;
};

// 'text' as messages quote what a user wrote: in single quotes, shortened after 60 characters.
[[nodiscard]] std::string in_quotes(std::string_view text);

// "a chip", "an optimizer".
[[nodiscard]] std::string with_article(std::string_view kind);

// "chips: a100_sxm, h100_sxm", for a note; `kind` in the singular ("chip").
[[nodiscard]] std::string name_list(std::string_view kind, std::span<const std::string> names);

// The candidate nearest to `word` by edit distance (insert, delete, change or swap neighbours: 1 each) if it is near
// enough to be a slip (≤ 1/3 of the word's length, at least 1, and less than the whole word), else empty. A candidate
// that differs in case alone is nearest of all. Ties go to the first candidate.
[[nodiscard]] std::string_view nearest(std::string_view word, std::span<const std::string> candidates);

// "no chip is called 'h10O_sxm'; did you mean 'h100_sxm'?" — the clause after ';' only when something is near.
[[nodiscard]] std::string unknown_name(std::string_view kind, std::string_view word,
                                       std::span<const std::string> candidates);

}  // namespace orrery
