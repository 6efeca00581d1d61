// Word by word.
#include "tools/orrery/trace_classes.h"

#include <algorithm>
#include <string>
#include <vector>

#include "sim/base/error.h"
#include "tools/orrery/option_word.h"

namespace orrery {

TraceClasses read_trace_classes(std::string_view wanted) {
  if (wanted.empty()) return kEveryTraceClass;
  TraceClasses classes{};
  for (std::size_t begin = 0; begin <= wanted.size();) {
    const std::size_t end = std::min(wanted.find(',', begin), wanted.size());
    const std::string_view word = wanted.substr(begin, end - begin);
    const auto known = std::find(kTraceClassNames.begin(), kTraceClassNames.end(), word);
    if (known == kTraceClassNames.end()) {
      const std::vector<std::string> names(kTraceClassNames.begin(), kTraceClassNames.end());
      refuse_word("--trace-only", wanted, word, unknown_name("kind", word, names), {name_list("kind", names)});
    }
    classes[static_cast<std::size_t>(known - kTraceClassNames.begin())] = true;
    begin = end + 1;
  }
  return classes;
}

}  // namespace orrery
