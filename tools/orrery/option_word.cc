// The option stands for a file of one line.
#include "tools/orrery/option_word.h"

#include <algorithm>
#include <utility>

#include "sim/base/error.h"

namespace orrery {

void refuse_word(std::string_view option, std::string_view value, std::string_view word, std::string message,
                 const std::vector<std::string>& notes) {
  throw InputError({.file = std::string(option),
                    .line = 1,
                    .column = static_cast<int>(word.data() - value.data()) + 1,
                    .length = std::max(1, static_cast<int>(word.size())),
                    .line_text = std::string(value)},
                   std::move(message), notes);
}

}  // namespace orrery
