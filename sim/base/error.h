// Errors that a user can act on: where in which file, the line itself, a caret, and what would be right.
#pragma once

#include <exception>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace orrery {

// A stretch of a source text. Lines and columns count from 1; `length` is at least 1. `line_text` is the whole line.
struct SourceSpan {
  std::string file;
  int line = 0;  // 0: the whole file
  int column = 0;
  int length = 1;
  std::string line_text;
};

// Input that cannot be used. what() is the whole message as the user sees it:
//
//     bad/cluster.yaml:4:9: error: no chip is called 'h10O_sxm'; did you mean 'h100_sxm'?
//       4 |   chip: h10O_sxm
//         |         ^~~~~~~~
//       note: chips: a100_sxm, h100_sxm
class InputError : public std::exception {
 public:
  InputError(SourceSpan where, std::string message, std::vector<std::string> notes = {});
  [[nodiscard]] const char* what() const noexcept override { return text_.c_str(); }
  [[nodiscard]] const SourceSpan& where() const { return where_; }
  [[nodiscard]] const std::string& message() const { return message_; }

 private:
  SourceSpan where_;
  std::string message_;
  std::string text_;
};

// A run that cannot finish (deadlock, unmatched receive, no path): what() names the ranks and ops that wait, and for
// what.
class RunError : public std::exception {
 public:
  explicit RunError(std::string text) : text_(std::move(text)) {}
  [[nodiscard]] const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::string text_;
};

// The candidate nearest to `word` by edit distance if it is near enough to be a slip (≤ 1/3 of its length, at least 1),
// else empty. Ties go to the first candidate.
[[nodiscard]] std::string_view nearest(std::string_view word, std::span<const std::string> candidates);

// "no chip is called 'h10O_sxm'; did you mean 'h100_sxm'?" — the clause after ';' only when something is near.
[[nodiscard]] std::string unknown_name(std::string_view kind, std::string_view word,
                                       std::span<const std::string> candidates);

}  // namespace orrery
