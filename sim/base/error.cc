// How an error reads: place, line, caret, notes; and which known name a misspelt one was meant to be.
#include "sim/base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>

namespace orrery {
namespace {

constexpr std::size_t kMostLineShown = 100;   // characters of a source line
constexpr std::size_t kShownBefore = 40;      // of them before the caret, where the line is cut
constexpr std::size_t kMostQuoted = 60;       // characters of a quoted text
constexpr std::size_t kMostWordMatched = 64;  // longer words are no slips of a name

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20U || c == 0x7F; }

// The characters of `text`, each a view of its bytes.
std::vector<std::string_view> characters(std::string_view text) {
  std::vector<std::string_view> result;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i + 1;
    while (end < text.size() && continues(text[end])) ++end;
    result.push_back(text.substr(i, end - i));
    i = end;
  }
  return result;
}

// Words and names as they may stand on a terminal: control characters spelt out.
std::string spelt_out(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '\n') {
      result += "\\n";
    } else if (c == '\t') {
      result += "\\t";
    } else if (is_control(c)) {
      result += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      result += c;
    }
  }
  return result;
}

// The offset of character `count` of `text`, and how many characters lie before it: fewer when the text ends first.
struct Reached {
  std::size_t offset = 0;
  std::size_t characters = 0;
};
Reached skip_characters(std::string_view text, std::size_t count) {
  Reached reached;
  while (reached.characters < count && reached.offset < text.size()) {
    do ++reached.offset;
    while (reached.offset < text.size() && continues(text[reached.offset]));
    ++reached.characters;
  }
  return reached;
}

// The source line and the line with the caret, each with its gutter.
std::string snippet(const SourceSpan& where) {
  const std::string_view line = where.line_text;
  const std::size_t size = skip_characters(line, line.size()).characters;
  const std::size_t column = std::min(static_cast<std::size_t>(std::max(where.column, 1)) - 1, size);
  std::size_t first = 0;
  if (size > kMostLineShown) {
    first = column > kShownBefore ? column - kShownBefore : 0;
    first = std::min(first, size - kMostLineShown);
  }
  const std::string_view from_first = line.substr(skip_characters(line, first).offset);
  const std::vector<std::string_view> window =
      characters(from_first.substr(0, skip_characters(from_first, kMostLineShown).offset));
  std::string shown;
  for (std::size_t i = 0; i < window.size(); ++i) {
    const bool cut = (i == 0 && first > 0) || (i + 1 == window.size() && first + window.size() < size);
    if (cut) {
      shown += "…";
    } else if (is_control(window[i][0])) {
      shown += window[i][0] == '\t' ? ' ' : '?';
    } else {
      shown += window[i];
    }
  }
  const std::size_t before = column - first;
  const std::size_t room = std::max<std::size_t>(1, window.size() - std::min(before, window.size()));
  const std::size_t length = std::clamp<std::size_t>(static_cast<std::size_t>(std::max(where.length, 1)), 1, room);

  const std::string number = where.line > 0 ? fmt::format("{} ", where.line) : std::string();
  return fmt::format("\n  {}| {}\n  {:{}}| {:{}}^{:~<{}}", number, shown, "", number.size(), "", before, "",
                     length - 1);
}

std::string render(const SourceSpan& where, std::string_view message, const std::vector<std::string>& notes) {
  std::string text = spelt_out(where.file);
  if (where.line > 0) text += fmt::format(":{}:{}", where.line, std::max(where.column, 1));
  text += ": error: " + spelt_out(message);
  if (!where.line_text.empty()) text += snippet(where);
  for (const std::string& note : notes) text += "\n  note: " + spelt_out(note);
  return text;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_but_for_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

// Optimal string alignment distance: no stretch is edited twice. Both words at most kMostWordMatched long.
std::size_t distance(std::string_view a, std::string_view b) {
  using Row = std::array<std::size_t, kMostWordMatched + 1>;
  Row before{};
  Row last{};
  Row row{};
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, change});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before = last;
    last = row;
  }
  return last[b.size()];
}

std::string plural(std::string_view kind) {
  std::string word(kind);
  const auto ends = [&](std::string_view end) { return word.ends_with(end); };
  if (ends("y") && !ends("ay") && !ends("ey") && !ends("oy")) {
    word.back() = 'i';
    return word + "es";
  }
  return word + (ends("s") || ends("x") || ends("ch") || ends("sh") ? "es" : "s");
}

}  // namespace

InputError::InputError(SourceSpan where, std::string message, const std::vector<std::string>& notes)
    : where_(std::move(where)), message_(std::move(message)), text_(render(where_, message_, notes)) {}

void fail_file(std::string file, std::string message, const std::vector<std::string>& notes) {
  throw InputError(SourceSpan{std::move(file), 0, 0, 1, ""}, std::move(message), notes);
}

std::string in_quotes(std::string_view text) {
  if (text.size() <= kMostQuoted) return fmt::format("'{}'", text);
  std::string_view start = text.substr(0, kMostQuoted * 4);
  const std::vector<std::string_view> shown = characters(start);
  if (start.size() == text.size() && shown.size() <= kMostQuoted) return fmt::format("'{}'", text);
  std::string result = "'";
  for (std::size_t i = 0; i < std::min(kMostQuoted - 1, shown.size()); ++i) result += shown[i];
  return result + "…'";
}

std::string with_article(std::string_view kind) {
  const bool vowel = !kind.empty() && std::string_view("aeiouAEIOU").find(kind[0]) != std::string_view::npos;
  return fmt::format("{} {}", vowel ? "an" : "a", kind);
}

std::string name_list(std::string_view kind, std::span<const std::string> names) {
  return fmt::format("{}: {}", plural(kind), names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", ")));
}

std::string_view nearest(std::string_view word, std::span<const std::string> candidates) {
  if (word.empty() || word.size() > kMostWordMatched) return {};
  for (const std::string& candidate : candidates)
    if (same_but_for_case(word, candidate)) return candidate;
  std::string_view best;
  std::size_t least = std::min(std::max<std::size_t>(1, word.size() / 3), word.size() - 1) + 1;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > kMostWordMatched || candidate.size() + least <= word.size() ||
        candidate.size() >= word.size() + least)
      continue;
    const std::size_t edits = distance(word, candidate);
    if (edits < least) {
      least = edits;
      best = candidate;
    }
  }
  return best;
}

std::string unknown_name(std::string_view kind, std::string_view word, std::span<const std::string> candidates) {
  std::string text = fmt::format("no {} is called {}", kind, in_quotes(word));
  const std::string_view near = nearest(word, candidates);
  if (!near.empty()) text += fmt::format("; did you mean '{}'?", near);
  return text;
}

}  // namespace orrery
