// How families read a plan: numbers within bounds, each key's place kept for what is found wrong or idle later.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/yaml.h"

namespace orrery {

inline constexpr std::int64_t kMostFamilyRanks = std::int64_t{1} << 20U;    // along one dimension
inline constexpr std::int64_t kMostFamilySamples = std::int64_t{1} << 36U;  // of a step

class PlanKeys {
 public:
  explicit PlanKeys(const yaml::Node& plan) : map_(plan, "this family's plan") {}

  // InputError's place for `fail` and `idle` is remembered, as for all below.
  std::optional<yaml::Node> find(const std::string& key);
  std::int64_t integer(const std::string& key, std::int64_t otherwise, std::int64_t least, std::int64_t most);
  std::int64_t required(const std::string& key, std::int64_t least, std::int64_t most);
  bool boolean(const std::string& key, bool otherwise);
  Bytes bytes(const std::string& key, Bytes otherwise);
  std::size_t choice(const std::string& key, std::string_view kind, const std::vector<std::string>& names);  // first
  void finish() const { map_.finish(); }

  // InputError at the key's value or, where it is absent, at the plan.
  [[noreturn]] void fail(const std::string& key, std::string message, const std::vector<std::string>& notes = {}) const;
  // Notes that a key, where it is given, changes nothing.
  void idle(const std::string& key, std::string_view why);
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  yaml::Map map_;
  std::map<std::string, yaml::Node> places_;
  std::vector<std::string> warnings_;
};

}  // namespace orrery
