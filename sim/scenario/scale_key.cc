// Reads the key, and sizes word by word, so that a caret stands at the word that is wrong.
#include "sim/scenario/scale_key.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>

namespace orrery {
namespace {

constexpr std::int64_t kMostScaledChips = std::int64_t{1} << 20U;
constexpr std::string_view kThrough = "..";

// A stretch of a scalar that says sizes.
class SizesText {
 public:
  SizesText(const yaml::Node& node, std::string text) : node_(&node), text_(std::move(text)) {}

  [[nodiscard]] std::string_view text() const { return text_; }

  [[noreturn]] void refuse(std::string_view word, const std::string& message) const {
    SourceSpan span = node_->span();
    // A quoted text needn't stand in the file as it reads: then the whole is shown.
    if (span.length == static_cast<int>(text_.size())) {
      span.column += static_cast<int>(word.data() - text_.data());
      span.length = std::max(1, static_cast<int>(word.size()));
    }
    throw InputError(std::move(span), message, {"sizes: 64..1024 (each twice the one before), or a list: 64,128,3072"});
  }

  [[nodiscard]] std::int64_t size(std::string_view word) const {
    std::int64_t chips = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), chips);
    if (error == std::errc::result_out_of_range)
      refuse(word, fmt::format("at most {} chips can be simulated", kMostScaledChips));
    if (error != std::errc() || end != word.data() + word.size() || word.front() == '-')
      refuse(word, fmt::format("expected a number of chips, {}",
                               word.empty() ? "but there is nothing here" : "not " + in_quotes(word)));
    if (chips < 1) refuse(word, "at least 1 chip is needed");
    if (chips > kMostScaledChips) refuse(word, fmt::format("at most {} chips can be simulated", kMostScaledChips));
    return chips;
  }

 private:
  const yaml::Node* node_;
  std::string text_;
};

std::string_view trimmed(std::string_view word) {
  while (!word.empty() && word.front() == ' ') word.remove_prefix(1);
  while (!word.empty() && word.back() == ' ') word.remove_suffix(1);
  return word;
}

void add_sizes(const SizesText& sizes, std::vector<std::int64_t>& chips) {
  const std::string_view text = sizes.text();
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    const std::string_view word = trimmed(text.substr(at, comma - at));
    const std::size_t through = word.find(kThrough);
    const std::int64_t first = sizes.size(trimmed(word.substr(0, through)));
    const std::int64_t last =
        through == std::string_view::npos ? first : sizes.size(trimmed(word.substr(through + kThrough.size())));
    if (last < first) sizes.refuse(word, "this range ends before it begins");
    for (std::int64_t size = first; size <= last; size *= 2) chips.push_back(size);
    at = comma + 1;
  }
}

}  // namespace

std::string_view to_name(GrowingDimension dimension) {
  switch (dimension) {
    case GrowingDimension::kTensor:
      return "tensor";
    case GrowingDimension::kData:
      return "data";
    case GrowingDimension::kPipeline:
      return "pipeline";
  }
  return "";
}

std::vector<std::int64_t> read_chip_counts(const yaml::Node& node) {
  std::vector<std::int64_t> chips;
  if (node.is_sequence()) {
    const std::vector<yaml::Node> items = node.items();
    if (items.empty()) node.fail("at least one size is needed");
    for (const yaml::Node& item : items) add_sizes(SizesText(item, item.text()), chips);
  } else {
    add_sizes(SizesText(node, node.text()), chips);
  }
  std::sort(chips.begin(), chips.end());
  chips.erase(std::unique(chips.begin(), chips.end()), chips.end());
  return chips;
}

ScaleKey read_scale(const yaml::Node& node) {
  yaml::Map map(node, "the scale");
  ScaleKey key;
  if (const auto grows = map.optional("grows"))
    key.grows = static_cast<GrowingDimension>(grows->choice("parallel dimension", {"tensor", "data", "pipeline"}));
  if (const auto chips = map.optional("chips")) key.chips = read_chip_counts(*chips);
  if (const auto mode = map.optional("mode"))
    key.mode = static_cast<ScaleMode>(mode->choice("scaling", {"weak", "strong", "both"}));
  map.finish();
  return key;
}

}  // namespace orrery
