// Finds the ends of YAML values in their source text. For sim/base/yaml_parse.cc.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace orrery::yaml {

inline bool is_blank(char c) { return c == ' ' || c == '\t'; }
inline bool is_space(char c) { return is_blank(c) || c == '\n'; }
inline bool is_flow_mark(char c) { return c == ',' || c == '[' || c == ']' || c == '{' || c == '}'; }

// Walks over the source text.
class Reading {
 public:
  explicit Reading(std::string_view text) : text_(text) {}

  static constexpr std::size_t kNeverEnds = std::string_view::npos;

  [[nodiscard]] char at(std::size_t i) const { return i < text_.size() ? text_[i] : '\n'; }
  [[nodiscard]] std::size_t size() const { return text_.size(); }
  [[nodiscard]] std::string_view slice(std::size_t begin, std::size_t end) const {
    return begin < end ? text_.substr(begin, end - begin) : std::string_view();
  }
  // Past white space, line ends and comments.
  [[nodiscard]] std::size_t skip_space(std::size_t i) const {
    while (i < size()) {
      if (is_space(at(i))) {
        ++i;
      } else if (at(i) == '#' && (i == 0 || is_space(at(i - 1)))) {
        i = std::min(text_.find('\n', i), size());
      } else {
        break;
      }
    }
    return i;
  }
  [[nodiscard]] std::size_t skip_name(std::size_t i) const {  // of an anchor, an alias or a tag
    while (i < size() && !is_space(at(i)) && !is_flow_mark(at(i))) ++i;
    return i;
  }
  // Past `&name` and the space after it, if one stands here.
  [[nodiscard]] std::size_t skip_anchor(std::size_t i) const { return at(i) == '&' ? skip_space(skip_name(i)) : i; }
  [[nodiscard]] std::size_t line_end(std::size_t i) const {
    std::size_t end = std::min(text_.find('\n', i), size());
    while (end > i && is_blank(at(end - 1))) --end;
    return end;
  }
  // The end of the scalar with that value which begins at `i`; kNeverEnds if its quote isn't closed (yaml-cpp lets that
  // pass when the text ends with a line end).
  [[nodiscard]] std::size_t scalar_end(std::size_t i, std::string_view value, bool quoted) const {
    if (quoted && at(i) == '\'') return single_quoted_end(i);
    if (quoted && at(i) == '"') return double_quoted_end(i);
    if (quoted) return line_end(i);  // a block scalar: its header stands for it
    if (slice(i, i + value.size()) == value) return i + value.size();
    return folded_end(i, value);
  }
  // The end of `null`, `~` and the like at `i`; `i` itself when the value is absent there.
  [[nodiscard]] std::size_t null_end(std::size_t i) const {
    static constexpr std::array<std::string_view, 4> kWords = {"~", "null", "Null", "NULL"};
    for (const std::string_view word : kWords) {
      const std::size_t end = i + word.size();
      if (slice(i, end) != word || !(is_space(at(end)) || is_flow_mark(at(end)))) continue;
      const std::size_t next = skip_blank(end);
      return at(next) == ':' ? i : end;  // the next key of a mapping may have such a name
    }
    return i;
  }
  [[nodiscard]] std::size_t skip_blank(std::size_t i) const {
    while (i < size() && is_blank(at(i))) ++i;
    return i;
  }
  // The first quote from `i` on that begins a scalar; size() if there is none.
  [[nodiscard]] std::size_t opening_quote(std::size_t i) const {
    for (; i < size(); ++i)
      if ((at(i) == '"' || at(i) == '\'') && (i == 0 || is_space(at(i - 1)) || is_flow_mark(at(i - 1)))) return i;
    return size();
  }
  // The first tab before the text of the line that holds `i` or of the line before it; size() if there is none.
  [[nodiscard]] std::size_t tab_in_indentation(std::size_t i) const {
    std::size_t begin = line_begin(std::min(i, size()));
    if (begin > 0) begin = line_begin(begin - 1);
    for (int line = 0; line < 2 && begin < size(); ++line) {
      for (std::size_t at_margin = begin; is_blank(at(at_margin)); ++at_margin)
        if (at(at_margin) == '\t') return at_margin;
      begin = std::min(text_.find('\n', begin), size() - 1) + 1;
    }
    return size();
  }

 private:
  [[nodiscard]] std::size_t line_begin(std::size_t i) const { return i == 0 ? 0 : text_.rfind('\n', i - 1) + 1; }
  [[nodiscard]] std::size_t single_quoted_end(std::size_t i) const {
    for (++i; i < size(); ++i) {
      if (at(i) != '\'') continue;
      if (at(i + 1) != '\'') return i + 1;
      ++i;
    }
    return kNeverEnds;
  }
  [[nodiscard]] std::size_t double_quoted_end(std::size_t i) const {
    for (++i; i < size(); ++i) {
      if (at(i) == '"') return i + 1;
      if (at(i) == '\\') ++i;
    }
    return kNeverEnds;
  }
  // A plain scalar over several lines: its value is the text with every run of white space folded.
  [[nodiscard]] std::size_t folded_end(std::size_t i, std::string_view value) const {
    std::size_t end = i;
    for (const char c : value) {
      if (is_space(c)) continue;
      while (end < size() && is_space(at(end))) ++end;
      if (at(end) != c) return line_end(i);
      ++end;
    }
    return end;
  }

  std::string_view text_;
};

}  // namespace orrery::yaml
