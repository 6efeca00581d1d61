// What any trace format must be able to say: processes, tracks, slices, arrows and counters. One file a format.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/units.h"

namespace orrery {

inline constexpr std::size_t kTraceBuffer = std::size_t{1} << 18;  // bytes that a format gathers before it writes

// A process groups tracks: one for each rank, and one for the links of the fabric.
struct TraceProcess {
  std::uint32_t id = 0;  // ≥ 1, dense in order of declaration
  std::string name;      // "rank 12 · stage 1 · chip 12"
};

// Slices of one track never overlap, but may hold slices; they come in order.
struct TraceTrack {
  std::uint32_t id = 0;       // ≥ 1, dense over all processes in order of declaration
  std::uint32_t process = 0;  // TraceProcess::id
  std::uint32_t order = 0;    // from the top, among the tracks of its process
  std::string name;           // "compute"
};

// A number over time, e.g. bytes a second on a link.
struct TraceCounter {
  std::uint32_t id = 0;  // ≥ 1, dense over all processes in order of declaration
  std::uint32_t process = 0;
  std::uint32_t order = 0;
  std::string name;  // "HBM", "node0/gpu0 → node0/switch"
  std::string unit;  // "B/s"
};

// Names live as long as the Program: a format may keep the views.
struct TraceSlice {
  std::uint32_t track = 0;
  std::string_view name;
  std::string_view category;
  Time begin;
  Time end;                      // = begin: something that happens at an instant
  std::int32_t microbatch = -1;  // -1: of none; likewise the layer
  std::int32_t layer = -1;
  std::int64_t bytes = -1;       // that it communicates; -1: it doesn't
  std::int64_t waited = -1;      // picoseconds before `begin` in which it was ready and its partners weren't; -1: no
                                 // partners
  std::uint64_t arrow_from = 0;  // an arrow begins here; 0: none
  std::uint64_t arrow_to = 0;    // an arrow ends here; the slice where it begins has come before
  struct Inner {                 // what runs inside, in order, without overlap
    std::string_view name;
    Time begin;
    Time end;
  };
  const std::vector<Inner>* inside = nullptr;
};

// Writes as it is told, through a buffer of fixed size: memory grows with the number of distinct names only. Declares
// before use. Whoever owns the stream checks it after finish().
//
// Times. Both formats count whole nanoseconds: ⌊ps ÷ 1000⌋ for begin and end alike, so slices still nest; exact
// picoseconds stand in the arguments `begin_ps` and `end_ps`.
class TraceFormat {
 public:
  virtual ~TraceFormat() = default;
  virtual void process(const TraceProcess& process) = 0;
  virtual void track(const TraceTrack& track) = 0;
  virtual void counter(const TraceCounter& counter) = 0;
  virtual void slice(const TraceSlice& slice) = 0;
  virtual void sample(std::uint32_t counter, Time at, double value) = 0;
  virtual void finish() = 0;  // ends the file
};

}  // namespace orrery
