// A handful of links, messages over them, and the times at which these are done.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "sim/network/network.h"

namespace wires {

struct Link {
  double capacity = 50e9;  // 20 ps a byte
  std::int64_t latency = 1'000'000;
  orrery::WireKind kind = orrery::WireKind::kInside;
};

inline orrery::Wires of(const std::vector<Link>& links) {
  orrery::Wires wires;
  for (const Link& link : links) {
    wires.capacities.push_back(link.capacity);
    wires.latencies.push_back(orrery::Duration::picoseconds(link.latency));
    wires.kinds.push_back(link.kind);
  }
  return wires;
}

struct Way {
  std::vector<std::size_t> links;
  double share = 1;
};

struct Message {
  std::vector<Way> ways;
  std::int64_t bytes = 0;
  std::int64_t latency = 0;  // the links' own included
  std::uint32_t tag = 0;
  std::vector<orrery::Use> beside;  // per byte: what it draws on beside its links
};

inline void start(orrery::Network& network, const Message& message, std::int64_t now = 0) {
  std::vector<orrery::Use> uses = message.beside;
  std::vector<orrery::Path> paths;
  std::vector<orrery::ResourceId> links;
  for (const Way& way : message.ways) {
    paths.push_back({static_cast<std::uint32_t>(way.links.size()), way.share});
    for (const std::size_t link : way.links) {
      links.emplace_back(link);
      uses.push_back({orrery::ResourceId(link), way.share});
    }
  }
  network.start({.uses = uses,
                 .amount = static_cast<double>(message.bytes),
                 .latency = orrery::Duration::picoseconds(message.latency),
                 .tag = message.tag,
                 .paths = paths,
                 .links = links,
                 .bytes = orrery::Bytes(message.bytes)},
                orrery::Time::picoseconds(now));
}

using Ends = std::map<std::uint32_t, std::int64_t>;  // by tag

// Until nothing more happens; or until just before `until`.
inline Ends play(orrery::Network& network, std::int64_t until = orrery::Time::max().ps()) {
  Ends ends;
  std::vector<std::uint32_t> done;
  for (orrery::Time now = network.next_event(); now.ps() < until; now = network.next_event()) {
    done.clear();
    network.advance(now, done);
    for (const std::uint32_t tag : done) ends[tag] = now.ps();
  }
  return ends;
}

}  // namespace wires
