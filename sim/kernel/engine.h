// The clockwork: plays a Program on a Fabric, event by event, and streams what happened to a sink.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/collective/communication_library.h"
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
  std::uint32_t ranks = 1;         // that did the same at the same time, this one among them (fold.h)
  std::uint32_t cause_stream = 0;  // of what it waited for last; its own stream if that was its predecessor there,
                                   // kHostStream if the host's queueing held it back
  // Of a collective or a message, where RunOptions::joules is given: joules that it drew at memories and on links, the
  // rank's part. Of a collective each member has an equal part, of a message both ends have half.
  double memory_joules = 0;
  double link_joules = 0;
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
[[nodiscard]] std::string_view to_name(Granularity granularity);  // "stepwise"

// From `at` on a resource gives `capacity`, 0 if it is down. As Resources counts: bytes a second of a link or an HBM,
// engine-seconds a second of a chip's engine. Where two changes of a resource fall together the later in the list
// holds.
struct CapacityChange {
  Time at;
  ResourceId resource;
  double capacity = 0;
};

// Traffic of others, from chip to chip by the links that a message would take. While it lasts it shares them as a
// message does: max-min fair, or packet by packet. It draws on links only, never ends by itself, is no part of the
// Program and counts nowhere in its results.
struct BackgroundFlow {
  ChipId from;
  ChipId to;
  double most = 0;   // bytes a second that it asks for
  double share = 0;  // if > 0, instead of `most`: of what it would get alone on the idle machine
  Time start;
  Time stop = Time::max();
};

class Fold;

struct RunOptions {
  std::string_view network = "fluid";
  NetworkMaker make_network;  // that model with parameters of its own; empty: as it stands by itself
  RoutingMaker make_routing;  // empty: minimal routes
  Granularity granularity = Granularity::kFluid;
  CommunicationCosts costs;
  // What chooses algorithm, protocol and costs of collectives whose algorithm is kTunersChoice; nullptr: the algorithm
  // that is fastest alone, at `costs`.
  const CommunicationLibrary* library = nullptr;
  std::vector<SpanSink*> sinks;  // each gets every span
  CounterSink* counters = nullptr;
  std::vector<ResourceId> counted;                               // resources whose load is reported whenever it changes
  std::function<void(Time now, double done_fraction)> progress;  // about every 2^16 events; may be empty
  const Fold* fold = nullptr;  // of this job, made with these options: one rank of each class is played for all
  std::vector<double> joules;  // by ResourceId, of a unit drawn: for Span::memory_joules; empty: none are counted
  std::vector<CapacityChange> changes;
  std::vector<BackgroundFlow> background;
};

struct RunResult {
  Duration step;                      // when the last op ended; of a staggered Program as it says
  std::uint64_t events = 0;           // ops, activities and messages that ended
  std::uint64_t ops = 0;              // completed; equals what the Program holds, or run() throws
  std::vector<double> resource_work;  // per ResourceId: engine-seconds or bytes drawn over the step
};

// Deterministic: events in order of (time, sequence). Throws RunError when the Program can't finish; names the ranks
// and ops that wait and for what.
[[nodiscard]] RunResult run(const Job& job, const RunOptions& options);

// One of several jobs that share a fabric.
struct Tenant {
  std::string name;  // for messages
  Job job;
  CommunicationCosts costs;
  const CommunicationLibrary* library = nullptr;
  std::vector<SpanSink*> sinks;
  Duration start;  // of the job, after the machine's clock; its spans and its step count from here
};

// All at once on one fabric, on chips of their own; a result for each. Each has its own costs, library and sinks,
// not those of the options; counters, changes and background count by the machine's clock.
[[nodiscard]] std::vector<RunResult> run_together(std::span<const Tenant> tenants, const RunOptions& options);

}  // namespace orrery
