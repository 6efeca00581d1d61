// The run directory: everything that a run was given and gave, in one folder that appears whole or not at all.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "tools/orrery/ops_csv.h"
#include "tools/orrery/simulate.h"
#include "tools/orrery/trace_file.h"

namespace orrery {

// Holds config.resolved.yaml, result.json, ops.csv, links.csv, power.csv, trace.pftrace and run.log. They are written
// to a temporary folder beside `target` that takes its place in commit(). A folder that stands there already gives way
// if it holds nothing but such files; InputError otherwise, before anything has run.
class RunDirectory {
 public:
  RunDirectory(const std::filesystem::path& target, const Prepared& prepared, const TraceRequest& trace);
  ~RunDirectory();
  RunDirectory(const RunDirectory&) = delete;
  RunDirectory& operator=(const RunDirectory&) = delete;

  void watch(Watchers& watchers);
  // `log` goes to run.log, the only file that differs from run to run.
  void commit(const Simulation& simulation, const std::string& log);

 private:
  std::filesystem::path target_;
  std::filesystem::path temporary_;
  const Prepared* prepared_;
  OpsTable ops_;
  std::optional<TraceFile> trace_;  // its file lies in the temporary folder
};

}  // namespace orrery
