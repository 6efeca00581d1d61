// Reads digits to the last, and quotes what isn't right.
#include "sim/base/words.h"

#include <fmt/format.h>

#include <charconv>

#include "sim/base/error.h"

namespace orrery {

void fail_expecting(const SourceText& source, const Word& word, const std::string& wanted) {
  source.fail(word.begin, word.end,
              word.text.empty() ? fmt::format("expected {}, and the file ends here", wanted)
                                : fmt::format("expected {}, not {}", wanted, in_quotes(word.text)));
}

std::int64_t whole_number(const SourceText& source, const Word& word, std::string_view what, std::int64_t least,
                          std::int64_t most, std::string_view unit) {
  std::string_view digits = word.text;
  if (!unit.empty() && digits.ends_with(unit)) digits.remove_suffix(unit.size());
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size() || value < least || value > most)
    fail_expecting(source, word, fmt::format("{} from {} to {}", what, least, most));
  return value;
}

}  // namespace orrery
