// What broken input says: the whole message, or "" where nothing was wrong.
#pragma once

#include <string>
#include <string_view>

#include "sim/base/yaml.h"

namespace orrery {

template <class Act>
std::string error_from(const Act& act) {
  try {
    act();
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

inline std::string error_of(std::string_view text) {
  return error_from([&] { (void)yaml::parse(text, "t.yaml"); });
}
// Of the whole document, read by `read`.
template <class Read>
std::string error_of_root(std::string_view text, const Read& read) {
  return error_from([&] { read(yaml::parse(text, "t.yaml")); });
}
// Of the value of its key `a`.
template <class Read>
std::string error_of(std::string_view text, const Read& read) {
  return error_of_root(text, [&](const yaml::Node& root) { read(yaml::Map(root, "a thing").required("a")); });
}

}  // namespace orrery
