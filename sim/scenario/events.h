// What happens to the machine while a job runs: links that fail, recover or throttle, chips that slow down.
//
//     events:
//       - {at: 3 ms, until: 5 ms, link: [node0/nic0, unit0/leaf0], bandwidth: down}
//       - {at: 1 ms, until: 1.5 ms, every: 2 ms, times: 10, link: node0/nic1, bandwidth: 25 %}   # it flaps
//       - {at: 4 ms, link: [node0/*, node0/nvswitch0], bandwidth: 100 GB/s, one_way: true}
//       - {chip: node0/chip3, speed: 60 %}   # `at` is 0 if absent, `until` the end of the run
//       - {chip: 8-15, hbm: 80 %}
//
// A bandwidth is that of each link, as a cluster file prints it, or a share of the link's own; `down` and `up` are 0 %
// and 100 %. A chip's speed is that of all that it computes. While events on one thing overlap, the one that began last
// holds; when it is over, the one before it goes on.
#pragma once

#include <string>
#include <vector>

#include "sim/base/yaml.h"
#include "sim/kernel/engine.h"
#include "topology/fabric.h"

namespace orrery {

// Whatever bears upon a run from outside of the job, for reports.
struct Disturbance {
  std::string kind;   // "link", "chip", "memory", "background"
  std::string what;   // "node0/nic0 ↔ unit0/leaf0 down"
  std::string where;  // "flaps.yaml:7"
  Time at;
  Time until = Time::max();
  Duration every;  // between the starts of its `times` repetitions
  std::int64_t times = 1;
};

struct Event {
  struct Change {
    ResourceId resource;
    double capacity = 0;
    double own = 0;  // the capacity that it has by itself
  };
  Disturbance told;
  std::vector<Change> changes;
};

// InputError at what isn't there or can't be.
[[nodiscard]] std::vector<Event> read_events(const yaml::Node& node, const Fabric& fabric);

// Whether an event speaks of things that aren't counted or named one by one: `all`, or a pattern.
[[nodiscard]] bool names_many(const yaml::Node& events);

// The capacities over time that follow from events: what the engine plays.
[[nodiscard]] std::vector<CapacityChange> changes_of(const std::vector<Event>& events);

// Events that changed nothing in a run, each with why. `work`: RunResult::resource_work, of all jobs together.
[[nodiscard]] std::vector<std::string> idle_events(const std::vector<Event>& events, Time end,
                                                   const std::vector<double>& work);

}  // namespace orrery
