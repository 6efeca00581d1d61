// `orrery diff A.orrery B.orrery`: what two runs were given differently, and what came of it.
#include <fmt/format.h>

#include <iostream>
#include <limits>
#include <memory>

#include "sim/report/record.h"
#include "tools/orrery/record_replay.h"
#include "tools/orrery/verb.h"

namespace orrery {
namespace {

struct DiffRequest {
  std::string before;
  std::string after;
  bool all = false;
};

void show_part(std::string_view what, const std::vector<Difference>& differences, std::size_t most) {
  if (differences.empty()) {
    std::cout << what << ": the same\n";
    return;
  }
  std::cout << fmt::format("{}: {} {}\n", what, differences.size(),
                           differences.size() == 1 ? "difference" : "differences")
            << text_of(differences, most);
}

int diff(const DiffRequest& request) {
  const RunRecord before = read_record(request.before);
  const RunRecord after = read_record(request.after);
  constexpr std::size_t kMostLines = 40;
  const std::size_t most = request.all ? std::numeric_limits<std::size_t>::max() : kMostLines;
  if (before.version != after.version) std::cout << fmt::format("version: {} → {}\n", before.version, after.version);
  show_part("input", yaml_differences(before.scenario, after.scenario), most);
  show_part("result", json_differences(before.result, after.result), most);
  return before.digest() == after.digest() && before.scenario == after.scenario ? kDone : kRefused;
}

std::function<int()> declare_diff(CLI::App& command) {
  const auto request = std::make_shared<DiffRequest>();
  command.add_option("before", request->before, "a record of a run: `orrery run --record` writes them")
      ->required()
      ->type_name("A.orrery");
  command.add_option("after", request->after, "another")->required()->type_name("B.orrery");
  command.add_flag("--all", request->all, "every difference, not just the first forty");
  return [request] { return diff(*request); };
}

const Verbs::Entry kDiff{
    {"diff", "Say what two recorded runs were given differently, and what came of it", &declare_diff}};

}  // namespace
}  // namespace orrery
