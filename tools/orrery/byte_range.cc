// Sizes by factor, from the first to the last.
#include "tools/orrery/byte_range.h"

#include <algorithm>

#include "sim/base/yaml.h"

namespace orrery {
namespace {

constexpr Bytes kMost(std::int64_t{1} << 50U);

// Blanks in place of what belongs to the other size: a caret then stands where the user wrote it.
Bytes read_size(const std::string& text, std::size_t begin, std::size_t end) {
  std::string alone(text.size(), ' ');
  alone.replace(begin, end - begin, text, begin, end - begin);
  return yaml::parse(alone, "--bytes").bytes(Bytes(1), kMost);
}

}  // namespace

std::vector<Bytes> read_byte_range(const std::string& text, std::int64_t factor) {
  const std::size_t colon = text.find(':');
  const Bytes first = read_size(text, 0, std::min(colon, text.size()));
  if (colon == std::string::npos) return {first};
  const Bytes last = read_size(text, colon + 1, text.size());
  if (last < first) yaml::parse(text, "--bytes").fail("this range ends before it begins");
  std::vector<Bytes> sizes;
  for (Bytes size = first; size <= last; size = Bytes(size.count() * factor)) sizes.push_back(size);
  return sizes;
}

}  // namespace orrery
