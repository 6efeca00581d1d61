// How jobs on one machine get on: each one's step beside what it takes alone, and the links on which they meet.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/report/report.h"

namespace orrery {

struct JobsReport {
  std::string scenario;
  std::string cluster;
  std::string network;
  struct Row {
    std::string job;
    std::size_t chips = 0;
    Duration start;
    Duration alone;                         // its step with all as it is but the other jobs
    Duration step;                          // and with them
    [[nodiscard]] double slowdown() const;  // step ÷ alone
  };
  std::vector<Row> rows;
  struct Meeting {
    std::string link;           // "unit0/leaf0 → pod0/rail0/spine0"
    std::vector<double> bytes;  // by job
    double seconds = 0;         // that the link takes for all of them
  };
  std::vector<Meeting> meetings;  // links that two jobs or more use, those with most to do first
  std::vector<Report> reports;    // by job
  std::vector<std::string> warnings;
};

// Links that two jobs or more use. `works`: RunResult::resource_work by job.
[[nodiscard]] std::vector<JobsReport::Meeting> meetings_of(const Fabric& fabric,
                                                           const std::vector<const std::vector<double>*>& works);

// The table, the links, then each job's own report.
[[nodiscard]] std::string to_text(const JobsReport& together, bool colour);
[[nodiscard]] std::string to_json(const JobsReport& together);  // schema: docs/jobs.schema.json

}  // namespace orrery
