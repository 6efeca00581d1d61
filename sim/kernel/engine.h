// The clockwork: plays a Program on a Fabric, event by event, and streams what happened to a sink.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "sim/collective/lower.h"
#include "sim/kernel/program.h"
#include "sim/network/network.h"

namespace orrery {

struct Job {
  const Fabric* fabric = nullptr;
  const Program* program = nullptr;
  const Placement* placement = nullptr;
};

// One op of one rank, once it is done. Spans come in order of their ends; those of one (rank, stream) never overlap.
struct Span {
  RankId rank;
  std::uint32_t op = 0;  // index into the role's ops
  Time ready;            // its stream was free, its waits satisfied and the host had queued it (of a segment: so much
                         // of it that the device, once begun, needn't wait for the rest)
  Time begin;            // its activity started: for a collective or a message, when the last member was ready
  Time end;
  std::uint32_t cause_stream = 0;  // of what it waited for last; its own stream if that was its predecessor there,
                                   // kHostStream if the host's queueing held it back
};

class SpanSink {
 public:
  virtual ~SpanSink() = default;
  virtual void span(const Span& span) = 0;
};

// Draws of one instant on one resource: only for resources that were asked for.
class CounterSink {
 public:
  virtual ~CounterSink() = default;
  virtual void counter(ResourceId resource, Time at, double load) = 0;
};

enum class Granularity : std::uint8_t { kFluid, kStepwise };

struct RunOptions {
  std::string_view network = "fluid";
  NetworkMaker make_network;  // that model with parameters of its own; empty: as it stands by itself
  RoutingMaker make_routing;  // empty: minimal routes
  Granularity granularity = Granularity::kFluid;
  CommunicationCosts costs;
  std::vector<SpanSink*> sinks;  // each gets every span
  CounterSink* counters = nullptr;
  std::vector<ResourceId> counted;                               // resources whose load is reported whenever it changes
  std::function<void(Time now, double done_fraction)> progress;  // about every 2^16 events; may be empty
};

struct RunResult {
  Duration step;                      // when the last op ended
  std::uint64_t events = 0;           // ops, activities and messages that ended
  std::uint64_t ops = 0;              // completed; equals what the Program holds, or run() throws
  std::vector<double> resource_work;  // per ResourceId: engine-seconds or bytes drawn over the step
};

// Deterministic: events in order of (time, sequence). Throws RunError when the Program can't finish; names the ranks
// and ops that wait and for what.
[[nodiscard]] RunResult run(const Job& job, const RunOptions& options);

}  // namespace orrery
