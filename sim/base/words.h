// Words of a text file that is read one after another: whole numbers, and what is said where another word should stand.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sim/base/source_text.h"

namespace orrery {

// Where one stands; empty at the end of the file.
struct Word {
  std::string_view text;
  std::size_t begin = 0;
  std::size_t end = 0;
};

// InputError at the word: "expected `wanted`, not 'abc'", or that the file ends there.
[[noreturn]] void fail_expecting(const SourceText& source, const Word& word, const std::string& wanted);

// A whole number, and `unit` behind it if that stands there; "expected `what` from 1 to 8" where it is none or beyond.
[[nodiscard]] std::int64_t whole_number(const SourceText& source, const Word& word, std::string_view what,
                                        std::int64_t least, std::int64_t most, std::string_view unit = "");

}  // namespace orrery
