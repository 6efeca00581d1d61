// Lines for a terminal: wrapped, aligned, coloured if asked, never a trailing space.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace orrery {

enum class Colour : std::uint8_t { kNone, kBold, kDim, kRed, kGreen, kYellow, kBlue, kMagenta, kCyan };

class TextPage {
 public:
  static constexpr std::size_t kColumns = 100;

  explicit TextPage(bool coloured) : coloured_(coloured) {}

  void line(std::string_view text = "", Colour colour = Colour::kNone);
  // `label` in the first columns, `text` after it, wrapped at spaces to kColumns and indented alike. A word that is
  // longer stays whole. kGlue shows as a space and is never a line's end.
  void item(std::string_view label, std::string_view text, Colour label_colour = Colour::kBold);
  // A row of a table, then a bar: `share` (0 … 1) of the columns that the row leaves.
  void bar(std::string_view row, double share, Colour colour);
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void add(std::string_view text, Colour colour);
  void end_line();

  bool coloured_;
  std::string text_;
};

inline constexpr char kGlue = '\x1f';
[[nodiscard]] std::string glued(std::string text);  // its spaces made kGlue

// Columns that UTF-8 text takes; every character counts as one.
[[nodiscard]] std::size_t columns(std::string_view text);

}  // namespace orrery
