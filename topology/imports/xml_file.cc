// Parses XML with pugixml and finds the places of its elements.
#include "topology/imports/xml_file.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace orrery {

XmlFile::XmlFile(const SourceText& text, std::string_view root) : text_(&text) {
  const std::string_view bytes = text.text();
  const pugi::xml_parse_result result =
      document_.load_buffer(bytes.data(), bytes.size(), pugi::parse_default, pugi::encoding_utf8);
  if (!result) {
    const auto at = static_cast<std::size_t>(result.offset);
    text.fail(at, at, fmt::format("this isn't well-formed XML: {}", result.description()));
  }
  root_ = document_.document_element();
  if (std::string_view(root_.name()) != root)
    fail(root_, fmt::format("the outermost element is <{}>, not <{}>", root_.name(), root));
  check_depth();
}

void XmlFile::check_depth() const {
  int depth = 1;
  // In the order of the text, without recursion: the text may be deeper than any stack.
  for (pugi::xml_node element = root_; element;) {
    if (depth > kMostDepth) fail(element, fmt::format("elements are nested more than {} deep", kMostDepth));
    if (element.first_child()) {
      element = element.first_child();
      ++depth;
      continue;
    }
    while (element != root_ && !element.next_sibling()) {
      element = element.parent();
      --depth;
    }
    element = element == root_ ? pugi::xml_node() : element.next_sibling();
  }
}

void XmlFile::fail(pugi::xml_node element, std::string message, const std::vector<std::string>& notes) const {
  const std::ptrdiff_t offset = element.offset_debug();
  const std::size_t at = offset < 0 ? 0 : static_cast<std::size_t>(offset);
  text_->fail(at, at + std::string_view(element.name()).size(), std::move(message), notes);
}

std::string_view XmlFile::required(pugi::xml_node element, const char* name) const {
  const pugi::xml_attribute attribute = element.attribute(name);
  if (!attribute) fail(element, fmt::format("<{}> needs the attribute '{}'", element.name(), name));
  return attribute.value();
}

std::int64_t XmlFile::integer(pugi::xml_node element, const char* name, std::int64_t least, std::int64_t most,
                              std::optional<std::int64_t> otherwise) const {
  if (otherwise && !element.attribute(name)) return *otherwise;
  const std::string_view text = required(element, name);
  std::int64_t value = 0;
  const auto [stop, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || stop != text.data() + text.size() || value < least || value > most)
    fail(element, fmt::format("the attribute '{}' must be a whole number between {} and {}, not {}", name, least, most,
                              in_quotes(text)));
  return value;
}

double XmlFile::leading_number(pugi::xml_node element, const char* name) {
  const std::string_view text = element.attribute(name).value();
  double value = 0;
  const auto [stop, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failure == std::errc() && std::isfinite(value) && value > 0 ? value : 0;
}

}  // namespace orrery
