// Calls in order of time; each launch brings its op with it.
#include "workloads/kineto/profile_role.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

namespace orrery::kineto {
namespace {

constexpr Duration kSlack = Duration::microseconds(2);  // clocks of CPU and GPU aren't one, and count in microseconds

class RoleWriter {
 public:
  RoleWriter(const Profile& profile, const std::vector<std::uint32_t>& collectives, chakra::TraceBook& book)
      : profile_(&profile), around_(profile.annotations), book_(&book) {
    std::size_t next = 0;
    for (const DeviceOp& op : profile.ops) bodies_.push_back(op.communication ? collectives[next++] : 0);
    find_streams();
    if (!profile.calls.empty()) clock_ = profile.calls.front().begin;
  }

  ProfileRole write() {
    std::unordered_map<std::int64_t, std::vector<std::size_t>> launched;  // by correlation
    std::set<std::int64_t> launches;
    for (const Call& call : profile_->calls)
      if (call.kind == Call::Kind::kLaunch) launches.insert(call.correlation);
    for (std::size_t o = 0; o < profile_->ops.size(); ++o) {
      // What was launched before the profile began just runs.
      if (launches.contains(profile_->ops[o].correlation)) {
        launched[profile_->ops[o].correlation].push_back(o);
      } else {
        place(o, std::nullopt, false);
      }
    }
    for (const Call& call : profile_->calls) {
      if (call.kind == Call::Kind::kStreamWait) {
        if (around_.of(call.thread, call.begin).empty()) waits_for_communication_.insert(call.thread);
        continue;
      }
      if (call.kind == Call::Kind::kSync) {
        wait_for_device(call);
        continue;
      }
      const auto ops = launched.find(call.correlation);
      if (ops == launched.end()) continue;
      // The CPU has launched once the call is over, or the op runs already.
      const Duration point = std::min(call.end, profile_->ops[ops->second.front()].begin);
      pass_until(point, "launch");
      for (const std::size_t o : ops->second) {
        const bool waits = !profile_->ops[o].communicates && waits_for_communication_.erase(call.thread) > 0;
        place(o, call.thread, waits);
      }
      launched.erase(ops);
    }
    return std::move(made_);
  }

 private:
  // Of a stream's ops, as measured: each, and the latest up to it, which is in order even where a profile isn't.
  struct Ends {
    std::vector<Duration> each;
    std::vector<Duration> latest;
    void add(Duration end) {
      each.push_back(end);
      latest.push_back(latest.empty() ? end : std::max(latest.back(), end));
    }
  };

  // The stream of most kernels is "compute", the others are called by number.
  void find_streams() {
    std::map<std::int64_t, Duration> busy;
    for (const DeviceOp& op : profile_->ops) busy[op.stream] += op.communicates ? Duration() : op.length;
    std::int64_t main = 0;
    Duration most;
    for (const auto& [stream, time] : busy) {
      if (time < most || time == Duration()) continue;
      main = stream;
      most = time;
    }
    std::vector<std::string>& names = book_->program.streams;
    for (const auto& [stream, time] : busy) {
      if (stream == main && most > Duration()) {
        streams_[stream] = kComputeStream;
        continue;
      }
      const std::string name = fmt::format("stream {}", stream);
      const auto known = std::find(names.begin(), names.end(), name);
      streams_[stream] = static_cast<std::uint16_t>(known - names.begin());
      if (known == names.end()) names.push_back(name);
    }
  }

  void push(Op op, const std::vector<Wait>& waits) {
    op.first_wait = static_cast<std::uint32_t>(made_.role.waits.size());
    op.wait_count = static_cast<std::uint16_t>(waits.size());
    made_.role.waits.insert(made_.role.waits.end(), waits.begin(), waits.end());
    made_.role.ops.push_back(op);
    ++counts_[op.stream];
  }

  // The CPU works until then, as long as it took to get there.
  void pass_until(Duration point, std::string_view name) {
    const Duration length = std::max(Duration(), point - clock_);
    clock_ = std::max(clock_, point);
    Op op;
    op.kind = OpKind::kDelay;
    op.stream = kCpuStream;
    op.name = book_->name(name);
    op.body = book_->delay(length);
    push(op, cpu_waits_);
    cpu_waits_.clear();
  }

  // What of the call was no waiting is left to what the CPU does next.
  void wait_for_device(const Call& call) {
    pass_until(call.begin, "before a wait for the GPU");
    for (const auto& [stream, ends] : ends_) {
      const auto over = static_cast<std::uint32_t>(
          std::upper_bound(ends.latest.begin(), ends.latest.end(), call.end + kSlack) - ends.latest.begin());
      if (over == 0) continue;
      cpu_waits_.push_back({stream, over});
      clock_ = std::max(clock_, std::min(ends.each[over - 1], call.end));
    }
  }

  void place(std::size_t index, std::optional<std::int64_t> thread, bool waits_for_communication) {
    const DeviceOp& what = profile_->ops[index];
    const std::uint16_t stream = streams_.at(what.stream);
    std::vector<Wait> waits;
    if (thread) waits.push_back({kCpuStream, counts_[kCpuStream]});
    const auto wait_for = [&](const std::optional<std::uint16_t>& other) {
      if (!other || *other == stream) return;
      const std::vector<Duration>& ends = ends_[*other].each;
      if (!ends.empty() && ends.back() <= what.begin + kSlack)
        waits.push_back({*other, static_cast<std::uint32_t>(ends.size())});
    };
    if (what.communicates) wait_for(last_compute_);
    if (waits_for_communication) wait_for(last_communication_);

    Op op;
    op.stream = stream;
    op.name = book_->name(what.name);
    if (what.communication) {
      op.kind = OpKind::kCollective;
      op.body = bodies_[index];
    } else {
      op.kind = OpKind::kCompute;
      op.body = segment(what).index();
      made_.unknown += what.communicates ? 1 : 0;
    }
    push(op, waits);
    ends_[stream].add(what.begin + what.length);
    (what.communicates ? last_communication_ : last_compute_) = stream;
  }

  SegmentId segment(const DeviceOp& what) {
    Segment segment;
    segment.duration = what.length;
    segment.host_path = segment.duration;
    return book_->segment(segment, {{book_->name(what.name), segment.duration}});
  }

  const Profile* profile_;
  AnnotationIndex around_;
  chakra::TraceBook* book_;
  std::vector<std::uint32_t> bodies_;  // by op: of its collective
  std::map<std::int64_t, std::uint16_t> streams_;
  ProfileRole made_;
  std::map<std::uint16_t, std::uint32_t> counts_;   // of ops by stream
  std::map<std::uint16_t, Ends> ends_;              // of streams of the GPU
  Duration clock_;                                  // of the CPU, as measured
  std::vector<Wait> cpu_waits_;                     // of what the CPU does next
  std::set<std::int64_t> waits_for_communication_;  // threads whose next kernel does
  std::optional<std::uint16_t> last_compute_;       // streams of what was launched last
  std::optional<std::uint16_t> last_communication_;
};

}  // namespace

ProfileRole write_role(const Profile& profile, const std::vector<std::uint32_t>& collectives, chakra::TraceBook& book) {
  return RoleWriter(profile, collectives, book).write();
}

}  // namespace orrery::kineto
