// Puts lines together; colours stand outside the text that is measured.
#include "sim/report/text_page.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace orrery {
namespace {

constexpr std::size_t kIndent = 20;
constexpr std::array<std::string_view, 9> kCodes = {"", "1", "2", "31", "32", "33", "34", "35", "36"};
constexpr std::array<std::string_view, 9> kEighths = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"};

bool continues(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

// What a terminal would act on.
bool is_control(char byte) { return static_cast<unsigned char>(byte) < 0x20U || byte == 0x7F; }

}  // namespace

std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return !continues(c); }));
}

std::string glued(std::string text) {
  std::replace(text.begin(), text.end(), ' ', kGlue);
  return text;
}

void TextPage::add(std::string_view text, Colour colour) {
  const bool paint = coloured_ && colour != Colour::kNone && !text.empty();
  if (paint) text_.append("\x1b[").append(kCodes[static_cast<std::size_t>(colour)]).append("m");
  for (const char c : text) text_ += c == kGlue ? ' ' : is_control(c) ? '?' : c;
  if (paint) text_ += "\x1b[0m";
}

void TextPage::end_line() {
  while (!text_.empty() && text_.back() == ' ') text_.pop_back();
  text_ += '\n';
}

void TextPage::line(std::string_view text, Colour colour) {
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  add(text, colour);
  end_line();
}

void TextPage::item(std::string_view label, std::string_view text, Colour label_colour) {
  add(label, label_colour);
  std::size_t used = columns(label);
  bool first = true;
  while (!text.empty()) {
    const std::size_t space = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, space);
    text.remove_prefix(std::min(space + 1, text.size()));
    if (word.empty()) continue;
    if (!first && used + 1 + columns(word) > kColumns) {
      end_line();
      used = 0;
      first = true;
    }
    const std::size_t gap = first ? std::max(kIndent, used + (used > 0 ? 1 : 0)) - used : 1;
    text_.append(gap, ' ');
    add(word, Colour::kNone);
    used += gap + columns(word);
    first = false;
  }
  end_line();
}

void TextPage::bar(std::string_view row, double share, Colour colour) {
  add(row, Colour::kNone);
  const std::size_t used = columns(row) + 2;
  const std::size_t room = used < kColumns ? kColumns - used : 0;
  const auto eighths =
      static_cast<std::size_t>(std::lround(std::clamp(share, 0.0, 1.0) * static_cast<double>(8 * room)));
  std::string bar;
  for (std::size_t i = 0; i < eighths / 8; ++i) bar += kEighths[8];
  bar += kEighths[eighths % 8];
  if (!bar.empty()) {
    text_ += "  ";
    add(bar, colour);
  }
  end_line();
}

}  // namespace orrery
