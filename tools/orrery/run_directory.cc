// Fills a temporary folder, then renames it.
#include "tools/orrery/run_directory.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "sim/base/error.h"
#include "sim/base/write_file.h"
#include "tools/orrery/links_csv.h"
#include "tools/orrery/power_csv.h"

namespace orrery {
namespace {

constexpr std::array<std::string_view, 7> kFiles = {
    "config.resolved.yaml", "result.json", "ops.csv", "links.csv", "power.csv", "trace.pftrace", "run.log"};

// Fails unless `target` is free or an earlier run's.
void check_target(const std::filesystem::path& target) {
  std::error_code ignored;  // what can't be looked at fails when the folder is made
  if (!std::filesystem::exists(target, ignored)) return;
  if (!std::filesystem::is_directory(target, ignored))
    throw InputError(SourceSpan{target.string(), 0, 0, 1, ""}, "a run directory can't take the place of this file");
  for (const auto& entry : std::filesystem::directory_iterator(target, ignored)) {
    const std::string name = entry.path().filename().string();
    if (std::find(kFiles.begin(), kFiles.end(), name) == kFiles.end())
      throw InputError(
          SourceSpan{target.string(), 0, 0, 1, ""},
          fmt::format("a run directory would replace this folder, but {} in it is no run's file", in_quotes(name)));
  }
}

std::filesystem::path without_slash(const std::filesystem::path& path) {
  return path.has_filename() ? path : path.parent_path();
}

}  // namespace

RunDirectory::RunDirectory(const std::filesystem::path& target, const Prepared& prepared, const TraceRequest& trace)
    : target_(without_slash(target)), temporary_(target_), prepared_(&prepared), ops_(prepared.program) {
  check_target(target_);
  temporary_ += fmt::format(".{}.partial", getpid());
  std::error_code problem;
  std::filesystem::create_directories(temporary_, problem);
  if (problem) throw WriteError(target_, problem.value());
  try {
    trace_.emplace(temporary_ / "trace.pftrace", prepared, trace);
  } catch (...) {
    std::filesystem::remove_all(temporary_, problem);
    throw;
  }
}

RunDirectory::~RunDirectory() {
  std::error_code ignored;  // nothing more can be done about it
  if (!temporary_.empty()) std::filesystem::remove_all(temporary_, ignored);
}

void RunDirectory::watch(Watchers& watchers) {
  watchers.spans.push_back(&ops_);
  trace_->watch(watchers);
}

void RunDirectory::commit(const Simulation& simulation, const std::string& log) {
  trace_->commit(simulation.power);
  const Scenario& scenario = *prepared_->scenario;
  write_file(temporary_ / "config.resolved.yaml", scenario.resolved);
  write_file(temporary_ / "result.json", to_json(simulation.report));
  write_file(temporary_ / "ops.csv", ops_.csv(simulation.result.step));
  write_file(temporary_ / "links.csv", links_csv(scenario.cluster->fabric, simulation.result));
  write_file(temporary_ / "power.csv", power_csv(simulation.power));
  write_file(temporary_ / "run.log", log);

  std::error_code problem;
  std::filesystem::remove_all(target_, problem);
  if (!problem) std::filesystem::rename(temporary_, target_, problem);
  if (problem) throw WriteError(target_, problem.value());
  temporary_.clear();
}

}  // namespace orrery
