// The table over jobs, as text and as JSON.
#include "sim/report/jobs_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/network/resources.h"
#include "sim/report/text_page.h"

namespace orrery {
namespace {

constexpr std::size_t kMostMeetings = 8;  // lines

void add_jobs(const JobsReport& together, TextPage& page) {
  std::size_t width = 3;
  for (const JobsReport::Row& row : together.rows) width = std::max(width, columns(row.job));
  const auto padded = [&](const std::string& job) { return job + std::string(width - columns(job), ' '); };
  page.line(
      fmt::format("{}{:>8}{:>12}{:>12}{:>12}{:>10}", padded("job"), "chips", "start", "alone", "together", "slowdown"),
      Colour::kBold);
  for (const JobsReport::Row& row : together.rows)
    page.line(fmt::format("{}{:>8}{:>12}{:>12}{:>12}{:>10.3f}", padded(row.job), row.chips, to_text(row.start),
                          to_text(row.alone), to_text(row.step), row.slowdown()));
}

void add_meetings(const JobsReport& together, TextPage& page) {
  page.line();
  const std::size_t count = together.meetings.size();
  if (count == 0) {
    page.line("the jobs meet on no link");
    return;
  }
  page.line(fmt::format("the jobs meet on {} link{}{}", count, count == 1 ? "" : "s",
                        count > kMostMeetings ? "; those with most to do:" : ":"),
            Colour::kBold);
  for (std::size_t i = 0; i < std::min(count, kMostMeetings); ++i) {
    const JobsReport::Meeting& meeting = together.meetings[i];
    std::string who;
    for (std::size_t job = 0; job < meeting.bytes.size(); ++job) {
      if (meeting.bytes[job] <= 0) continue;
      who += fmt::format("{}{} {}", who.empty() ? "" : ", ", together.rows[job].job,
                         to_text(Bytes(static_cast<std::int64_t>(meeting.bytes[job]))));
    }
    page.line(fmt::format("  {}: {} for {}", meeting.link, to_text(Duration::seconds(meeting.seconds)), who));
  }
}

}  // namespace

double JobsReport::Row::slowdown() const { return alone > Duration() ? step.in_seconds() / alone.in_seconds() : 1; }

std::vector<JobsReport::Meeting> meetings_of(const Fabric& fabric,
                                             const std::vector<const std::vector<double>*>& works) {
  const Resources resources(fabric);
  std::vector<JobsReport::Meeting> meetings;
  for (std::size_t i = 0; i < fabric.links().size(); ++i) {
    const std::uint32_t resource = resources.link(LinkId(i)).index();
    std::size_t jobs = 0;
    double bytes = 0;
    for (const std::vector<double>* work : works) {
      if ((*work)[resource] > 0) ++jobs;
      bytes += (*work)[resource];
    }
    if (jobs < 2) continue;
    const Link& link = fabric.links()[LinkId(i)];
    JobsReport::Meeting& meeting = meetings.emplace_back();
    meeting.link = fabric.vertices()[link.from].name + " → " + fabric.vertices()[link.to].name;
    for (const std::vector<double>* work : works) meeting.bytes.push_back((*work)[resource]);
    meeting.seconds = bytes / resources.capacities()[resource];
  }
  std::stable_sort(meetings.begin(), meetings.end(),
                   [](const JobsReport::Meeting& a, const JobsReport::Meeting& b) { return a.seconds > b.seconds; });
  return meetings;
}

std::string to_text(const JobsReport& together, bool colour) {
  TextPage page(colour);
  page.line(fmt::format("{}: {} jobs on {}, {} network", together.scenario, together.rows.size(), together.cluster,
                        together.network),
            Colour::kGreen);
  page.line();
  add_jobs(together, page);
  add_meetings(together, page);
  std::string text = page.text();
  for (const Report& report : together.reports) text += "\n" + to_text(report, colour);
  return text;
}

std::string to_json(const JobsReport& together) {
  using Json = nlohmann::ordered_json;
  const auto seconds = [](Duration time) { return static_cast<double>(time.ps()) / 1e12; };
  Json json;
  json["schema_version"] = 1;
  json["scenario"] = together.scenario;
  json["cluster"] = together.cluster;
  json["network"] = together.network;
  json["jobs"] = Json::array();
  for (std::size_t i = 0; i < together.rows.size(); ++i) {
    const JobsReport::Row& row = together.rows[i];
    json["jobs"].push_back({{"name", row.job},
                            {"chips", row.chips},
                            {"start_s", seconds(row.start)},
                            {"alone_step_time_s", seconds(row.alone)},
                            {"step_time_s", seconds(row.step)},
                            {"slowdown", row.slowdown()},
                            {"report", Json::parse(to_json(together.reports[i]))}});
  }
  json["shared_links"] = Json::array();
  for (const JobsReport::Meeting& meeting : together.meetings) {
    Json bytes = Json::object();
    for (std::size_t job = 0; job < meeting.bytes.size(); ++job)
      if (meeting.bytes[job] > 0) bytes[together.rows[job].job] = meeting.bytes[job];
    json["shared_links"].push_back({{"link", meeting.link}, {"occupied_s", meeting.seconds}, {"bytes_of_jobs", bytes}});
  }
  json["warnings"] = together.warnings;
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace orrery
