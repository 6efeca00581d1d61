// How work moves: the contract that every network model keeps. A model owns no clock: it is told the time.
//
// A model is testable with three calls and no engine: start(…, now), next_event(), advance(now).
// Ladder: `ideal` (every activity as if alone), `alpha-beta` (sharing at the ends only), `fluid` (weighted max-min fair
// sharing), `packet` (queues and end-to-end control).
// A message (one sender, one receiver) also says by which links it goes, for models in which order matters.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "sim/base/registry.h"
#include "sim/base/units.h"
#include "sim/fluid/max_min.h"

namespace orrery {

namespace yaml {
class Map;
}

// One of the ways that a message takes; its links stand behind those of the path before it.
struct Path {
  std::uint32_t links = 0;
  double share = 1;  // of the bytes; the shares of a message add up to 1
};

// As many bytes make a message that never ends: what others send, paced by its uses beside links as these change. It is
// nothing that anybody waits for: where nothing else can go on, next_event() is Time::max().
inline constexpr Bytes kEndless = Bytes(std::int64_t{1} << 62U);

// Anything that takes time. It waits out its latency without drawing on anything, then progresses until `amount` is
// done.
struct Activity {
  std::span<const Use> uses;  // per unit of progress; copied by start(). May be empty: done after the latency.
  double amount = 0;          // units of progress (bytes, seconds of a kernel alone, …); 0: done after the latency
  double weight = 1;          // share at a common bottleneck, in units of progress
  Duration latency;
  std::uint32_t tag = 0;                                  // handed back when it is done
  double most = std::numeric_limits<double>::infinity();  // units of progress a second, however idle the machine

  // Of a message, copied by start(); empty for all else. Its latency includes that of its longest path.
  std::span<const Path> paths{};
  std::span<const ResourceId> links{};  // of all paths, each in order of travel
  Bytes bytes{};                        // that reach the receiver
};

class Network {
 public:
  virtual ~Network() = default;

  virtual void start(const Activity& activity, Time now) = 0;
  // The earliest instant at which something ends or changes inside; Time::max() when nothing is under way.
  // Everything started at one instant is solved together, at the first next_event() after it.
  [[nodiscard]] virtual Time next_event() = 0;
  // Moves to `now` ≤ next_event(); appends the tags of all that is done at `now`, in order of start.
  // Rounding: an activity ends at the first whole picosecond at which its work is done (a remainder under 10⁻³ ps
  // counts as done).
  virtual void advance(Time now, std::vector<std::uint32_t>& done) = 0;
  // A resource fails, recovers or throttles.
  virtual void set_capacity(ResourceId resource, double capacity, Time now) = 0;
  // What is drawn from a resource at this instant (after the latest next_event()).
  [[nodiscard]] virtual double load(ResourceId resource) const = 0;
};

// What a resource is to a message.
enum class WireKind : std::uint8_t {
  kNone,    // no link: an engine, a memory
  kPort,    // a link at a chip or a NIC
  kInside,  // a link between switches
};

// What a model is told of the machine, by ResourceId. Where nothing is said of them, latencies are 0 and nothing is a
// link.
struct Wires {
  std::vector<double> capacities;
  std::vector<Duration> latencies{};
  std::vector<WireKind> kinds{};
};
using NetworkMaker = std::function<std::unique_ptr<Network>(Wires wires)>;

struct NetworkKind {
  std::string_view name;
  std::string_view sentence;
  std::unique_ptr<Network> (*make)(Wires wires);  // with its parameters as they stand by themselves
  // Its parameters out of a file; nullptr for a model that has none.
  NetworkMaker (*read)(yaml::Map& map) = nullptr;
  // It moves messages, not the phases of a collective: those are to be lowered stepwise.
  bool is_stepwise = false;
};
using Networks = Registry<NetworkKind>;

}  // namespace orrery
