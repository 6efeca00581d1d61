// The JSON parser hands over each event as it closes and forgets it; only the ones that matter are kept.
#include "workloads/kineto/profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "sim/base/error.h"
#include "workloads/recorded/json_list.h"

namespace orrery::kineto {
namespace {

using nlohmann::json;
using recorded::collective_named;
using recorded::element_size;
using recorded::integer_or;
using recorded::text_or;

constexpr double kMostMicros = 1e12;  // 11 days
constexpr std::int64_t kMostBytes = std::int64_t{1} << 56;
constexpr std::uint32_t kMostRanks = 1U << 20U;

std::uint32_t rank_of(const json& value) {
  return recorded::is_small(value, kMostRanks - 1) ? value.get<std::uint32_t>() : kMostRanks;
}

bool starts_with_any(std::string_view text, std::initializer_list<std::string_view> starts) {
  return std::any_of(starts.begin(), starts.end(), [&](std::string_view start) { return text.starts_with(start); });
}

std::optional<Call::Kind> call_named(std::string_view name) {
  if (name.find("StreamWaitEvent") != std::string_view::npos) return Call::Kind::kStreamWait;
  if (name.find("Synchronize") != std::string_view::npos) return Call::Kind::kSync;
  if (name.find("Launch") != std::string_view::npos || name.find("Memcpy") != std::string_view::npos ||
      name.find("Memset") != std::string_view::npos)
    return Call::Kind::kLaunch;
  return std::nullopt;
}

// `sizes` × element types; nothing where a type isn't known or sizes aren't there.
std::optional<Bytes> bytes_of(const json& dims, const json& types) {
  if (!dims.is_array() || !types.is_array() || dims.size() != types.size()) return std::nullopt;
  double bytes = 0;
  for (std::size_t i = 0; i < dims.size(); ++i) {
    if (!dims[i].is_array() || !types[i].is_string()) return std::nullopt;
    if (dims[i].empty()) continue;
    const std::optional<Bytes> element = element_size(types[i].get<std::string>());
    if (!element) return std::nullopt;
    double count = 1;
    for (const json& size : dims[i]) {
      if (!size.is_number_integer()) return std::nullopt;
      count *= size.get<double>();
    }
    bytes += count * element->as_double();
  }
  if (!(bytes > 0 && bytes < static_cast<double>(kMostBytes))) return std::nullopt;
  return Bytes(static_cast<std::int64_t>(bytes));
}

std::optional<Communication> from_arguments(const json& args) {
  const std::optional<CollectiveKind> kind = collective_named(text_or(args, "Collective name"));
  const std::int64_t count = integer_or(args, "In msg nelems", -1);
  const std::optional<Bytes> element = element_size(text_or(args, "dtype"));
  if (!kind || !element || count < 0 || count > kMostBytes / element->count()) return std::nullopt;
  Communication communication{*kind, *element * count, text_or(args, "Process Group Name"), {}};
  const json ranks = json::parse(text_or(args, "Process Group Ranks"), nullptr, false);
  if (ranks.is_array())
    for (const json& rank : ranks) communication.ranks.push_back(rank_of(rank));
  // A list that leaves some out ("[0, 1, …]") isn't JSON; one with strange ranks is no list either.
  if (std::find(communication.ranks.begin(), communication.ranks.end(), kMostRanks) != communication.ranks.end())
    communication.ranks.clear();
  return communication;
}

class Reading {
 public:
  explicit Reading(std::unique_ptr<chakra::Blocks> blocks) : source_(std::move(blocks)) {
    profile_.file = source_.name();
  }

  Profile read() {
    read_facts(recorded::read_json_list(source_, "traceEvents", "profile of PyTorch",
                                        [this](const json& event) { add(event); }));
    settle();
    return std::move(profile_);
  }

 private:
  void read_facts(const json& root) {
    if (const auto info = root.find("distributedInfo"); info != root.end() && info->is_object()) {
      if (info->contains("rank") && rank_of((*info)["rank"]) < kMostRanks) profile_.rank = rank_of((*info)["rank"]);
      if (info->contains("world_size") && rank_of((*info)["world_size"]) < kMostRanks)
        profile_.world_size = rank_of((*info)["world_size"]);
    }
    if (const auto devices = root.find("deviceProperties");
        devices != root.end() && devices->is_array() && !devices->empty() && devices->front().is_object())
      profile_.device = text_or(devices->front(), "name");
  }

  void add(const json& event) {
    if (text_or(event, "ph") != "X") return;
    const std::string category = text_or(event, "cat");
    const std::string name = text_or(event, "name");
    const bool on_device = category == "kernel" || category == "gpu_memcpy" || category == "gpu_memset";
    const bool call = category == "cuda_runtime" || category == "cuda_driver";
    const bool annotation = category == "user_annotation" && name.starts_with("nccl:");
    if (!on_device && !call && !annotation) return;
    const auto [begin, end] = times_of(event, name);
    const json none = json::object();
    const json& args = event.contains("args") && event["args"].is_object() ? event["args"] : none;
    if (on_device) {
      DeviceOp op{name, integer_or(args, "stream", 0), integer_or(args, "correlation", -1), begin, end - begin, false,
                  {}};
      op.communicates = category == "kernel" && starts_with_any(name, {"nccl", "rccl"});
      if (op.communicates) op.communication = from_arguments(args);
      profile_.ops.push_back(std::move(op));
    } else if (call) {
      if (const std::optional<Call::Kind> kind = call_named(name))
        profile_.calls.push_back({*kind, integer_or(args, "correlation", -1), integer_or(event, "tid", 0), begin, end});
    } else {
      Annotation around{integer_or(event, "tid", 0), begin, end, {}};
      const std::optional<CollectiveKind> kind = collective_named(name);
      const std::optional<Bytes> bytes = args.contains("Input Dims") && args.contains("Input type")
                                             ? bytes_of(args["Input Dims"], args["Input type"])
                                             : std::nullopt;
      if (kind && bytes) around.communication = Communication{*kind, *bytes, {}, {}};
      profile_.annotations.push_back(std::move(around));
    }
  }

  // Profiles count microseconds from somewhere long ago; whole ones as integers, so that nothing is lost in a double.
  std::pair<Duration, Duration> times_of(const json& event, const std::string& name) {
    const auto fail = [&](const char* what) {
      source_.fail(source_.offset(), fmt::format("the event {} before this byte {}", in_quotes(name), what));
    };
    if (!event.contains("ts") || !event["ts"].is_number()) fail("has no time");
    const json& ts = event["ts"];
    const double length = event.contains("dur") && event["dur"].is_number() ? event["dur"].get<double>() : 0;
    if (!first_) first_ = ts;
    const double since = ts.is_number_integer() && first_->is_number_integer()
                             ? static_cast<double>(ts.get<std::int64_t>() - first_->get<std::int64_t>())
                             : ts.get<double>() - first_->get<double>();
    if (!(std::abs(since) < kMostMicros) || !(length >= 0 && length < kMostMicros))
      fail("lies days away from the first");
    constexpr double kPsPerMicro = 1e6;
    const Duration begin = Duration::picoseconds(std::llround(since * kPsPerMicro));
    return {begin, begin + Duration::picoseconds(std::llround(length * kPsPerMicro))};
  }

  // In order, counted from the first, and collectives that say nothing themselves told by what is around their launch.
  void settle() {
    const auto by_begin = [](const auto& a, const auto& b) { return a.begin < b.begin; };
    std::stable_sort(profile_.calls.begin(), profile_.calls.end(), by_begin);
    std::stable_sort(profile_.ops.begin(), profile_.ops.end(), by_begin);
    std::stable_sort(profile_.annotations.begin(), profile_.annotations.end(), by_begin);
    std::vector<std::pair<std::int64_t, const Call*>> launches;
    for (const Call& call : profile_.calls)
      if (call.kind == Call::Kind::kLaunch) launches.emplace_back(call.correlation, &call);
    std::stable_sort(launches.begin(), launches.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    const AnnotationIndex around(profile_.annotations);
    std::vector<bool> used(profile_.annotations.size(), false);
    for (DeviceOp& op : profile_.ops) {
      if (!op.communicates || op.communication) continue;
      const auto launch = std::lower_bound(launches.begin(), launches.end(), op.correlation,
                                           [](const auto& entry, std::int64_t id) { return entry.first < id; });
      if (launch == launches.end() || launch->first != op.correlation) continue;
      const Call& call = *launch->second;
      for (const std::size_t a : around.of(call.thread, call.begin)) {
        if (used[a]) continue;
        used[a] = true;  // of several kernels of one collective the first stands for it
        op.communication = profile_.annotations[a].communication;
        break;
      }
    }
  }

  chakra::ByteSource source_;
  Profile profile_;
  std::optional<json> first_;
};

}  // namespace

AnnotationIndex::AnnotationIndex(const std::vector<Annotation>& annotations) {
  for (std::size_t a = 0; a < annotations.size(); ++a) {
    std::vector<Entry>& entries = threads_[annotations[a].thread];
    const Duration end = annotations[a].end;
    entries.push_back({annotations[a].begin, end, entries.empty() ? end : std::max(entries.back().latest, end), a});
  }
}

std::vector<std::size_t> AnnotationIndex::of(std::int64_t thread, Duration moment) const {
  std::vector<std::size_t> around;
  const auto entries = threads_.find(thread);
  if (entries == threads_.end()) return around;
  auto after = std::upper_bound(entries->second.begin(), entries->second.end(), moment,
                                [](Duration at, const Entry& entry) { return at < entry.begin; });
  // Before one up to which all have ended, nothing goes on.
  while (after != entries->second.begin() && std::prev(after)->latest >= moment) {
    --after;
    if (after->end >= moment) around.push_back(after->index);
  }
  std::reverse(around.begin(), around.end());
  return around;
}

Profile read_profile(const std::filesystem::path& file) { return read_profile(chakra::blocks_of_file(file)); }
Profile read_profile(std::unique_ptr<chakra::Blocks> blocks) { return Reading(std::move(blocks)).read(); }

}  // namespace orrery::kineto
