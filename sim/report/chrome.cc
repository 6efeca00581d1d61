// Writes Chrome trace events, one a line: complete slices, flows, counters and the names of lanes.
//
// Times are in microseconds, whole nanoseconds as TraceFormat says, and then one picosecond more: readers multiply by
// 1000 in doubles and cut off, and a decimal just below a whole number would lose a nanosecond (1.001 · 1000 < 1001).
#include "sim/report/chrome.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <unordered_map>
#include <vector>

namespace orrery {
namespace {

std::string in_json(std::string_view text) {  // quotes included
  return nlohmann::json(std::string(text)).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

class ChromeFormat : public TraceFormat {
 public:
  explicit ChromeFormat(std::ostream& out) : out_(&out) {
    buffer_.reserve(kTraceBuffer + (std::size_t{1} << 12));
    buffer_ = "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[";
  }

  void process(const TraceProcess& process) override { name_lane("process", process.id, 0, process.name, process.id); }

  void track(const TraceTrack& track) override {
    lanes_.resize(std::max<std::size_t>(lanes_.size(), track.id + std::size_t{1}));
    lanes_[track.id] = {track.process, track.order + 1};
    name_lane("thread", track.process, track.order + 1, track.name, track.order);
  }

  void counter(const TraceCounter& counter) override {
    counters_.resize(std::max<std::size_t>(counters_.size(), counter.id + std::size_t{1}));
    counters_[counter.id] = {counter.process, in_json(counter.name), in_json(counter.unit)};
  }

  void slice(const TraceSlice& slice) override {
    const Lane lane = lanes_[slice.track];
    complete(lane, name_in_json(slice.name), name_in_json(slice.category), slice.begin, slice.end);
    if (slice.microbatch >= 0) add(",\"microbatch\":{}", slice.microbatch);
    if (slice.layer >= 0) add(",\"layer\":{}", slice.layer);
    if (slice.bytes >= 0) add(",\"bytes\":{}", slice.bytes);
    if (slice.waited >= 0) add(",\"waited_ps\":{}", slice.waited);
    add("}}}}");
    if (slice.inside != nullptr) {
      for (const TraceSlice::Inner& inner : *slice.inside) {
        complete(lane, name_in_json(inner.name), "\"kernel\"", inner.begin, inner.end);
        add("}}}}");
      }
    }
    if (slice.arrow_from != 0) arrow("\"ph\":\"s\"", slice.arrow_from, lane, slice.begin);
    if (slice.arrow_to != 0) arrow("\"ph\":\"f\",\"bp\":\"e\"", slice.arrow_to, lane, slice.begin);
    flush_if_full();
  }

  void sample(std::uint32_t counter, Time at, double value) override {
    const Counter& one = counters_[counter];
    line();
    add("{{\"ph\":\"C\",\"name\":{},\"pid\":{},\"ts\":", one.name, one.process);
    add_microseconds(at.ps() / 1000);
    add(",\"args\":{{{}:{}}}}}", one.unit, value);
    flush_if_full();
  }

  void finish() override {
    buffer_ += "\n]}\n";
    flush();
    out_->flush();
  }

 private:
  struct Lane {
    std::uint32_t process = 0;
    std::uint32_t thread = 0;
  };
  struct Counter {
    std::uint32_t process = 0;
    std::string name;  // in quotes, as is the unit
    std::string unit;
  };

  template <class... Args>
  void add(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(buffer_), format, std::forward<Args>(args)...);
  }

  void line() {
    buffer_ += first_ ? "\n" : ",\n";
    first_ = false;
  }

  void add_microseconds(std::int64_t nanoseconds) {
    if (nanoseconds % 1000 == 0) {
      add("{}", nanoseconds / 1000);
    } else {
      add("{}.{:03}001", nanoseconds / 1000, nanoseconds % 1000);
    }
  }

  void name_lane(std::string_view kind, std::uint32_t process, std::uint32_t thread, const std::string& name,
                 std::uint32_t order) {
    line();
    add("{{\"ph\":\"M\",\"name\":\"{}_name\",\"pid\":{},\"tid\":{},\"args\":{{\"name\":{}}}}}", kind, process, thread,
        in_json(name));
    line();
    add("{{\"ph\":\"M\",\"name\":\"{0}_sort_index\",\"pid\":{1},\"tid\":{2},\"args\":{{\"sort_index\":{3}}}}}", kind,
        process, thread, order);
    flush_if_full();
  }

  // A complete event, but for the end of its arguments.
  void complete(Lane lane, std::string_view name, std::string_view category, Time begin, Time end) {
    const std::int64_t from = begin.ps() / 1000;
    line();
    add("{{\"ph\":\"X\",\"name\":{},\"cat\":{},\"pid\":{},\"tid\":{},\"ts\":", name, category, lane.process,
        lane.thread);
    add_microseconds(from);
    add(",\"dur\":");
    add_microseconds(end.ps() / 1000 - from);
    add(",\"args\":{{\"begin_ps\":{},\"end_ps\":{}", begin.ps(), end.ps());
  }

  void arrow(std::string_view phase, std::uint64_t id, Lane lane, Time at) {
    line();
    add("{{{},\"id\":{},\"name\":\"message\",\"cat\":\"message\",\"pid\":{},\"tid\":{},\"ts\":", phase, id,
        lane.process, lane.thread);
    add_microseconds(at.ps() / 1000);
    add("}}");
  }

  const std::string& name_in_json(std::string_view name) {
    std::string& known = quoted_[name];
    if (known.empty()) known = in_json(name);
    return known;
  }

  void flush() {
    out_->write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    buffer_.clear();
  }
  void flush_if_full() {
    if (buffer_.size() >= kTraceBuffer) flush();
  }

  std::ostream* out_;
  std::string buffer_;
  bool first_ = true;
  std::vector<Lane> lanes_;        // by TraceTrack::id
  std::vector<Counter> counters_;  // by TraceCounter::id
  std::unordered_map<std::string_view, std::string> quoted_;
};

}  // namespace

std::unique_ptr<TraceFormat> chrome_format(std::ostream& out) { return std::make_unique<ChromeFormat>(out); }

}  // namespace orrery
