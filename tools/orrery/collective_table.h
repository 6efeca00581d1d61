// The table of one collective over sizes: for people, as nccl-tests prints it, and as JSON.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/base/units.h"

namespace orrery {

// One way to do it, tried.
struct TriedCollective {
  std::string algorithm;
  std::string sentence;
  std::string protocol;              // of a communication library
  std::optional<Duration> believed;  // by the library's tuner
  Duration time;
};

struct CollectiveRow {
  Bytes bytes;
  std::vector<TriedCollective> timed;  // all that was tried, what is chosen first
  double algorithm_bandwidth = 0;      // bytes/s
  double bus_bandwidth = 0;

  [[nodiscard]] const TriedCollective& chosen() const { return timed.front(); }
};

struct CollectiveTable {
  std::string kind;
  std::string cluster;
  std::size_t chips = 0;
  std::string costs;  // whose
  std::string network;
  std::string granularity;
  std::string routing;
  std::string algorithm;  // as it was asked for
  std::vector<CollectiveRow> rows;
};

// `explain`: also what else was tried.
[[nodiscard]] std::string to_text(const CollectiveTable& table, bool explain, bool coloured);
[[nodiscard]] std::string to_json(const CollectiveTable& table);

}  // namespace orrery
