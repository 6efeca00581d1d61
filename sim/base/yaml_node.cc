// Reads scalars as text, numbers and choices, and says what was expected where something else stands.
#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>

#include "sim/base/decimal.h"
#include "sim/base/yaml_tree.h"

namespace orrery::yaml {
namespace {

template <class Number>
[[noreturn]] void fail_range(const NodeData& node, Number least, Number most) {
  bool open = most == std::numeric_limits<Number>::max();
  if constexpr (std::numeric_limits<Number>::has_infinity) open = open || std::isinf(most);
  const std::string shown = std::string(node.text.substr(0, 40)) + (node.text.size() > 40 ? "…" : "");
  if (open && least != std::numeric_limits<Number>::lowest())
    node.fail(fmt::format("must be at least {}, not {}", least, shown));
  node.fail(fmt::format("must be between {} and {}, not {}", least, most, shown));
}

// The number that was probably meant, in the form that is read; empty when that isn't plain to see.
std::string in_plain_form(std::string_view text) {
  std::string plain;
  for (const char c : text)
    if (c != '_') plain += c;
  if (plain.starts_with('+')) plain.erase(0, 1);
  const std::size_t first = plain.starts_with('-') ? 1 : 0;
  while (plain.size() > first + 1 && plain[first] == '0' && plain[first + 1] >= '0' && plain[first + 1] <= '9')
    plain.erase(first, 1);
  if (plain.size() > first && plain[first] == '.') plain.insert(first, "0");
  if (plain.ends_with('.')) plain.pop_back();
  return !plain.empty() && number_length(plain) == plain.size() ? plain : std::string();
}

std::string whole_in_plain_form(std::string_view text) {
  const std::string plain = in_plain_form(text);
  if (plain.empty()) return {};
  const std::optional<Decimal> decimal = read_decimal(plain);
  if (!decimal || decimal->exponent < 0 || decimal->exponent > Decimal::kMostDigits) return {};
  const Int128 value = decimal->scaled(1, 0, 1);
  constexpr Int128 kMost = std::numeric_limits<std::int64_t>::max();
  return value > kMost || value < -kMost ? std::string() : fmt::format("{}", static_cast<std::int64_t>(value));
}

bool is_whole(std::string_view text) {
  return !text.empty() && number_length(text) == text.size() && text.find_first_of(".eE") == std::string_view::npos;
}

[[noreturn]] void fail_number(const NodeData& node, std::string_view what, const std::string& plain_form) {
  if (node.kind == Kind::kPlain && !plain_form.empty())
    node.fail(fmt::format("expected {}, not {}; write {}", what, in_quotes(node.text), plain_form));
  fail_expected(node, what);
}

}  // namespace

void fail_expected(const NodeData& node, std::string_view what, const std::vector<std::string>& notes) {
  std::string found;
  switch (node.kind) {
    case Kind::kNull:
      found = node.begin == node.end ? "but there is nothing here" : "not null";
      break;
    case Kind::kPlain:
      found = "not " + in_quotes(node.text);
      break;
    case Kind::kQuoted:
      found = fmt::format("not the quoted text {}", in_quotes(node.text));
      break;
    case Kind::kSequence:
      found = "not a list";
      break;
    case Kind::kMap:
      found = "not a mapping";
      break;
  }
  node.fail(fmt::format("expected {}, {}", what, found), notes);
}

bool Node::is_scalar() const { return data_->is_scalar(); }
bool Node::is_sequence() const { return data_->kind == Kind::kSequence; }
bool Node::is_map() const { return data_->kind == Kind::kMap; }
bool Node::is_null() const { return data_->kind == Kind::kNull; }

SourceSpan Node::span() const { return data_->span(); }
std::filesystem::path Node::directory() const { return data_->source->directory; }

void Node::fail(std::string message, const std::vector<std::string>& notes) const {
  data_->fail(std::move(message), notes);
}

std::string Node::text() const {
  if (!data_->is_scalar()) fail_expected(*data_, "text");
  return std::string(data_->text);
}

bool Node::boolean() const {
  const std::string_view text = data_->text;
  if (data_->kind == Kind::kPlain) {
    if (text == "true" || text == "false") return text == "true";
    for (const std::string_view word : {"yes", "Yes", "YES", "on", "On", "ON", "True", "TRUE", "y", "1"})
      if (text == word) fail(fmt::format("expected true or false, not '{}'; write true", text));
    for (const std::string_view word : {"no", "No", "NO", "off", "Off", "OFF", "False", "FALSE", "n", "0"})
      if (text == word) fail(fmt::format("expected true or false, not '{}'; write false", text));
  }
  fail_expected(*data_, "true or false");
}

std::int64_t Node::integer(std::int64_t least, std::int64_t most) const {
  const std::string_view text = data_->text;
  if (data_->kind != Kind::kPlain || !is_whole(text)) fail_number(*data_, "a whole number", whole_in_plain_form(text));
  std::int64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || value < least || value > most) fail_range(*data_, least, most);
  return value;
}

double Node::number(double least, double most) const {
  const std::string_view text = data_->text;
  if (data_->kind != Kind::kPlain || text.empty() || number_length(text) != text.size())
    fail_number(*data_, "a number", in_plain_form(text));
  double value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc())
    fail(fmt::format("{} is beyond what a number can hold (about 1e-307 to 1e308)", in_quotes(text)));
  if (value < least || value > most) fail_range(*data_, least, most);
  return value == 0 ? 0 : value;  // never −0
}

std::size_t Node::choice(std::string_view kind, const std::vector<std::string>& choices) const {
  if (!data_->is_scalar()) fail_expected(*data_, with_article(kind), {name_list(kind, choices)});
  for (std::size_t i = 0; i < choices.size(); ++i)
    if (data_->text == choices[i]) return i;
  fail(unknown_name(kind, data_->text, choices), {name_list(kind, choices)});
}

std::vector<Node> Node::items() const {
  if (data_->kind != Kind::kSequence) fail_expected(*data_, "a list");
  std::vector<Node> nodes;
  nodes.reserve(data_->children.size());
  for (const NodeData* child : data_->children) nodes.emplace_back(std::shared_ptr<const NodeData>(data_, child));
  return nodes;
}

}  // namespace orrery::yaml
