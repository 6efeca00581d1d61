// A run in one file, to be run again or compared with another: inputs written out, version, result and its digest.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace orrery {

inline constexpr std::string_view kRecordSuffix = ".orrery";

struct RunRecord {
  std::string version;   // of the command that ran it
  std::string name;      // of the scenario, as it was asked for
  std::string scenario;  // YAML, everything that it names written out
  std::string folding = "auto";
  bool whole = false;  // no excerpt
  std::string result;  // the report's JSON

  [[nodiscard]] std::string digest() const;  // of the result
};

// The same record gives the same bytes.
[[nodiscard]] std::string to_bytes(const RunRecord& record);
// InputError where the file can't be read, isn't a record, or is damaged: its result must have its digest.
[[nodiscard]] RunRecord read_record(const std::filesystem::path& file);

// What differs between two texts of JSON or YAML, value by value: "plan.tensor: 4 → 8 (+100 %)".
struct Difference {
  std::string path;
  std::string before;  // empty: not there
  std::string after;
  double change = 0;  // of numbers: after ÷ before − 1; 0 where that says nothing
};
[[nodiscard]] std::vector<Difference> json_differences(std::string_view before, std::string_view after);
[[nodiscard]] std::vector<Difference> yaml_differences(std::string_view before, std::string_view after);

}  // namespace orrery
