// Rows of sizes and figures, with a bar for the bus bandwidth.
#include "tools/orrery/collective_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/report/text_page.h"

namespace orrery {
namespace {

std::string in_microseconds(std::optional<Duration> duration) {
  return duration ? fmt::format("{:.2f}", duration->in_seconds() * 1e6) : "";
}

// What stands in a row behind its figures.
std::string name_of(const TriedCollective& timed) { return fmt::format("{:20} {:7}", timed.algorithm, timed.protocol); }

}  // namespace

std::string to_text(const CollectiveTable& table, bool explain, bool coloured) {
  TextPage page(coloured);
  page.line(fmt::format("{} · {} chips of {}", table.kind, table.chips, table.cluster), Colour::kBold);
  const std::string routing = table.routing == "minimal" ? "" : fmt::format(", {} routes", table.routing);
  page.line(fmt::format("network {}, {}{}; costs of {}; algorithm {}", table.network, table.granularity, routing,
                        table.costs, table.algorithm));
  page.line();
  page.line(
      fmt::format("{:>12} {:>12} {:>8} {:>8}  {:20} {}", "size", "time", "algbw", "busbw", "algorithm", "protocol"),
      Colour::kDim);
  page.line(fmt::format("{:>12} {:>12} {:>8} {:>8}", "B", "us", "GB/s", "GB/s"), Colour::kDim);
  double highest = 0;
  for (const CollectiveRow& row : table.rows) highest = std::max(highest, row.bus_bandwidth);
  for (const CollectiveRow& row : table.rows) {
    page.bar(fmt::format("{:>12} {:>12} {:>8.2f} {:>8.2f}  {}", row.bytes.count(), in_microseconds(row.chosen().time),
                         row.algorithm_bandwidth / 1e9, row.bus_bandwidth / 1e9, name_of(row.chosen())),
             highest > 0 ? row.bus_bandwidth / highest : 0, Colour::kGreen);
    if (!explain) continue;
    for (const TriedCollective& timed : row.timed)
      page.line(fmt::format("{:>12} {:>12} {:>17}  {} {}", "", in_microseconds(timed.time),
                            timed.believed ? "tuner " + in_microseconds(timed.believed) : "", name_of(timed),
                            timed.believed ? "" : timed.sentence),
                Colour::kDim);
  }
  return page.text();
}

std::string to_json(const CollectiveTable& table) {
  nlohmann::ordered_json json;
  json["kind"] = table.kind;
  json["cluster"] = table.cluster;
  json["chips"] = table.chips;
  json["costs"] = table.costs;
  json["network"] = table.network;
  json["granularity"] = table.granularity;
  if (table.routing != "minimal") json["routing"] = table.routing;
  json["rows"] = nlohmann::ordered_json::array();
  for (const CollectiveRow& row : table.rows) {
    nlohmann::ordered_json entry{{"bytes", row.bytes.count()},
                                 {"time_s", row.chosen().time.in_seconds()},
                                 {"algorithm_bandwidth_bytes_per_s", row.algorithm_bandwidth},
                                 {"bus_bandwidth_bytes_per_s", row.bus_bandwidth},
                                 {"algorithm", row.chosen().algorithm},
                                 {"protocol", row.chosen().protocol}};
    for (const TriedCollective& timed : row.timed) {
      nlohmann::ordered_json tried{{"algorithm", timed.algorithm}, {"protocol", timed.protocol}};
      tried["time_s"] = timed.time.in_seconds();
      if (timed.believed) tried["tuner_s"] = timed.believed->in_seconds();
      entry["tried"].push_back(std::move(tried));
    }
    json["rows"].push_back(std::move(entry));
  }
  return json.dump(2) + "\n";
}

}  // namespace orrery
