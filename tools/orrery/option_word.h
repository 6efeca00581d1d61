// What is said of a word of an option's value that isn't right, with a caret under it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace orrery {

// InputError. `word` is a part of `value`; `option` as the user wrote it, "--trace-ranks".
[[noreturn]] void refuse_word(std::string_view option, std::string_view value, std::string_view word,
                              std::string message, const std::vector<std::string>& notes = {});

}  // namespace orrery
