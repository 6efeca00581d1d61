// Lists of names, each of which sets a flag: parts of a layer, matrices, what is offloaded.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/base/yaml.h"

namespace orrery {

template <class T, std::size_t count>
using FlagNames = std::array<std::pair<const char*, bool T::*>, count>;

template <class T, std::size_t count>
[[nodiscard]] std::vector<std::string> all_names(const FlagNames<T, count>& table) {
  std::vector<std::string> names;
  names.reserve(count);
  for (const auto& [name, flag] : table) names.emplace_back(name);
  return names;
}

// Of those that are set, in the table's order.
template <class T, std::size_t count>
[[nodiscard]] std::vector<std::string> names_set(const T& flags, const FlagNames<T, count>& table) {
  std::vector<std::string> names;
  for (const auto& [name, flag] : table)
    if (flags.*flag) names.emplace_back(name);
  return names;
}

// `kind`: what messages call one of them. InputError for other names and for one that stands twice.
template <class T, std::size_t count>
[[nodiscard]] T read_flags(const yaml::Node& list, std::string_view kind, const FlagNames<T, count>& table) {
  const std::vector<std::string> names = all_names(table);
  T flags;
  for (const yaml::Node& item : list.items()) {
    const std::size_t index = item.choice(kind, names);
    bool& chosen = flags.*table[index].second;
    if (chosen) item.fail("'" + names[index] + "' stands here twice");
    chosen = true;
  }
  return flags;
}

}  // namespace orrery
