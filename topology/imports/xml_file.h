// An XML text whose elements and attributes know where they stand.
#pragma once

#include <cstdint>
#include <optional>
#include <pugixml.hpp>
#include <string>
#include <string_view>

#include "sim/base/source_text.h"

namespace orrery {

// Nothing outside the text is read: pugixml resolves no external entities. Elements deeper than kMostDepth are refused.
class XmlFile {
 public:
  static constexpr int kMostDepth = 64;

  // Throws InputError unless `text` is well-formed and its outermost element is called `root`.
  XmlFile(const SourceText& text, std::string_view root);

  [[nodiscard]] pugi::xml_node root() const { return root_; }
  [[noreturn]] void fail(pugi::xml_node element, std::string message, const std::vector<std::string>& notes = {}) const;

  // An attribute that must be there.
  [[nodiscard]] std::string_view required(pugi::xml_node element, const char* name) const;
  // A whole number within bounds; `otherwise` where the attribute is absent.
  [[nodiscard]] std::int64_t integer(pugi::xml_node element, const char* name, std::int64_t least, std::int64_t most,
                                     std::optional<std::int64_t> otherwise = std::nullopt) const;
  // The number that an attribute begins with ("16.0 GT/s PCIe" → 16); 0 where there is none or it is absent.
  [[nodiscard]] static double leading_number(pugi::xml_node element, const char* name);

 private:
  void check_depth() const;

  const SourceText* text_;
  pugi::xml_document document_;
  pugi::xml_node root_;
};

}  // namespace orrery
