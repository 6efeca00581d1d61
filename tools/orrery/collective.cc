// `orrery collective FILE`: one collective over sizes, as the table that nccl-tests prints.
#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "sim/base/error.h"
#include "sim/collective/alone.h"
#include "sim/collective/bus_factor.h"
#include "sim/network/choice.h"
#include "sim/report/text_page.h"
#include "tools/orrery/byte_range.h"
#include "tools/orrery/cluster_file.h"
#include "tools/orrery/terminal.h"
#include "topology/placement.h"
#include "workloads/stack.h"

namespace orrery {
namespace {

struct CollectiveRequest {
  ClusterRequest cluster;
  std::string kind = "all_reduce";
  std::string bytes = "1KiB:8GiB";
  std::int64_t factor = 2;
  std::string algorithm = "auto";
  std::string protocol = "auto";
  std::string library;
  std::string launch_interval = "0 us";
  std::string stack = "megatron_core";
  std::string network = "fluid";
  std::string granularity;  // empty: what goes with the network
  std::string placement = "packed";
  bool explain = false;
  bool json = false;
  bool no_color = false;
};

struct Timed {
  const CollectiveAlgorithm* algorithm = nullptr;
  std::string protocol;              // of a communication library
  std::optional<Duration> believed;  // by the library's tuner
  Duration time;
};

struct Row {
  Bytes bytes;
  std::vector<Timed> timed;        // all that was tried, what is chosen first
  double algorithm_bandwidth = 0;  // bytes/s
  double bus_bandwidth = 0;

  [[nodiscard]] const Timed& chosen() const { return timed.front(); }
};

std::vector<std::string> kind_names() {
  std::vector<std::string> names;
  for (std::size_t kind = 0; kind < kCollectiveKindCount; ++kind)
    names.emplace_back(to_name(static_cast<CollectiveKind>(kind)));
  return names;
}

CollectiveKind kind_of(const std::string& name) {
  const std::vector<std::string> names = kind_names();
  return static_cast<CollectiveKind>(std::find(names.begin(), names.end(), name) - names.begin());
}

[[noreturn]] void refuse(std::string_view option, const std::string& value, std::string message) {
  throw InputError({.file = std::string(option),
                    .line = 1,
                    .column = 1,
                    .length = std::max(1, static_cast<int>(value.size())),
                    .line_text = value},
                   std::move(message));
}

std::vector<const CollectiveAlgorithm*> candidates(const CollectiveRequest& request, CollectiveKind kind,
                                                   std::size_t members) {
  std::vector<const CollectiveAlgorithm*> chosen;
  for (const CollectiveAlgorithm* algorithm : CollectiveAlgorithms::all()) {
    const bool too_many = members > algorithm->most_members;
    if (request.algorithm == "auto" && (too_many || !algorithm->supports(kind))) continue;
    if (request.algorithm != "auto" && request.algorithm != algorithm->name) continue;
    if (!algorithm->supports(kind))
      refuse("--algorithm", request.algorithm, fmt::format("this algorithm does no {}", to_name(kind)));
    if (too_many)
      refuse("--algorithm", request.algorithm,
             fmt::format("among {} chips it has too many messages to be written out; at most {} chips", members,
                         algorithm->most_members));
    chosen.push_back(algorithm);
  }
  if (chosen.empty()) refuse("--kind", request.kind, fmt::format("no algorithm does this among {} chips", members));
  return chosen;
}

// What a run measures.
struct Bench {
  Alone alone;
  CollectiveKind kind;
  std::vector<const CollectiveAlgorithm*> algorithms;
  std::optional<CommunicationLibrary> library;
  Duration launch_interval;
};

// The library's choice, then what else it could have taken; none where it has no method for this.
std::vector<Timed> ask_library(Bench& bench, const CollectiveRequest& request, Bytes bytes) {
  const auto filter = [](const std::string& name) { return name == "auto" ? std::string_view() : name; };
  std::vector<Timed> timed;
  for (const Choice& choice :
       bench.alone.choices(*bench.library, bench.kind, bytes, filter(request.algorithm), filter(request.protocol))) {
    if (!timed.empty() && !request.explain && !request.json) break;
    Timed entry{choice.method->algorithm, choice.method->protocol, std::nullopt, Duration()};
    if (choice.method->has_belief) entry.believed = choice.believed;
    entry.time = bench.alone.time(*entry.algorithm, bench.kind, bytes, choice.costs);
    timed.push_back(std::move(entry));
  }
  return timed;
}

// Every algorithm at the stack's costs, the fastest first; ties go to the first in order of name.
std::vector<Timed> try_all(Bench& bench, Bytes bytes) {
  std::vector<Timed> timed;
  for (const CollectiveAlgorithm* algorithm : bench.algorithms)
    timed.push_back({algorithm, "", std::nullopt, bench.alone.time(*algorithm, bench.kind, bytes)});
  std::stable_sort(timed.begin(), timed.end(), [](const Timed& a, const Timed& b) { return a.time < b.time; });
  return timed;
}

Row measure(Bench& bench, const CollectiveRequest& request, Bytes bytes) {
  Row row;
  row.bytes = bytes;
  if (bench.library) row.timed = ask_library(bench, request, bytes);
  if (row.timed.empty()) row.timed = try_all(bench, bytes);
  for (Timed& timed : row.timed) timed.time = std::max(timed.time, bench.launch_interval);
  const double seconds = row.chosen().time.in_seconds();
  if (seconds > 0) row.algorithm_bandwidth = bytes.as_double() / seconds;
  row.bus_bandwidth = row.algorithm_bandwidth * bus_factor(bench.kind, bench.alone.members());
  return row;
}

std::string in_microseconds(std::optional<Duration> duration) {
  return duration ? fmt::format("{:.2f}", duration->in_seconds() * 1e6) : "";
}

// What stands in a row behind its figures.
std::string name_of(const Timed& timed) { return fmt::format("{:20} {:7}", timed.algorithm->name, timed.protocol); }

std::string to_text(const CollectiveRequest& request, const Cluster& cluster, const std::string& costs,
                    std::size_t members, const std::vector<Row>& rows, bool coloured) {
  TextPage page(coloured);
  page.line(fmt::format("{} · {} chips of {}", request.kind, members, cluster.name), Colour::kBold);
  page.line(fmt::format("network {}, {}; costs of {}; algorithm {}", request.network, request.granularity, costs,
                        request.algorithm));
  page.line();
  page.line(
      fmt::format("{:>12} {:>12} {:>8} {:>8}  {:20} {}", "size", "time", "algbw", "busbw", "algorithm", "protocol"),
      Colour::kDim);
  page.line(fmt::format("{:>12} {:>12} {:>8} {:>8}", "B", "us", "GB/s", "GB/s"), Colour::kDim);
  double highest = 0;
  for (const Row& row : rows) highest = std::max(highest, row.bus_bandwidth);
  for (const Row& row : rows) {
    page.bar(fmt::format("{:>12} {:>12} {:>8.2f} {:>8.2f}  {}", row.bytes.count(), in_microseconds(row.chosen().time),
                         row.algorithm_bandwidth / 1e9, row.bus_bandwidth / 1e9, name_of(row.chosen())),
             highest > 0 ? row.bus_bandwidth / highest : 0, Colour::kGreen);
    if (!request.explain) continue;
    for (const Timed& timed : row.timed)
      page.line(fmt::format("{:>12} {:>12} {:>17}  {} {}", "", in_microseconds(timed.time),
                            timed.believed ? "tuner " + in_microseconds(timed.believed) : "", name_of(timed),
                            timed.believed ? "" : timed.algorithm->sentence),
                Colour::kDim);
  }
  return page.text();
}

std::string to_json(const CollectiveRequest& request, const Cluster& cluster, const std::string& costs,
                    std::size_t members, const std::vector<Row>& rows) {
  nlohmann::ordered_json json;
  json["kind"] = request.kind;
  json["cluster"] = cluster.name;
  json["chips"] = members;
  json["costs"] = costs;
  json["network"] = request.network;
  json["granularity"] = request.granularity;
  json["rows"] = nlohmann::ordered_json::array();
  for (const Row& row : rows) {
    nlohmann::ordered_json entry{{"bytes", row.bytes.count()},
                                 {"time_s", row.chosen().time.in_seconds()},
                                 {"algorithm_bandwidth_bytes_per_s", row.algorithm_bandwidth},
                                 {"bus_bandwidth_bytes_per_s", row.bus_bandwidth},
                                 {"algorithm", row.chosen().algorithm->name},
                                 {"protocol", row.chosen().protocol}};
    for (const Timed& timed : row.timed) {
      nlohmann::ordered_json tried{{"algorithm", timed.algorithm->name}, {"protocol", timed.protocol}};
      tried["time_s"] = timed.time.in_seconds();
      if (timed.believed) tried["tuner_s"] = timed.believed->in_seconds();
      entry["tried"].push_back(std::move(tried));
    }
    json["rows"].push_back(std::move(entry));
  }
  return json.dump(2) + "\n";
}

// By name; without one what runs on the chip; nothing for `none`.
std::optional<CommunicationLibrary> find_library(const CollectiveRequest& request, const Library& library,
                                                 const Cluster& cluster) {
  const std::string& name = request.library.empty() ? cluster.fabric.chip_spec().library : request.library;
  if (name.empty() || name == "none") return std::nullopt;
  return load_communication_library(library, yaml::parse(name, "--library"));
}

Duration read_interval(const CollectiveRequest& request) {
  constexpr Duration kLongestInterval = Duration::microseconds(1'000'000);
  return yaml::parse(request.launch_interval, "--launch-interval").duration(Duration(), kLongestInterval);
}

// A model that moves messages takes collectives step by step, asked or not.
void choose_granularity(CollectiveRequest& request, const NetworkKind& network) {
  if (request.granularity.empty()) request.granularity = network.is_stepwise ? "stepwise" : "fluid";
  if (request.granularity == "fluid" && network.is_stepwise)
    refuse("--granularity", request.granularity,
           fmt::format("the network model '{}' moves messages: only 'stepwise' goes with it", network.name));
}

int run_collective(CollectiveRequest request) {
  const NetworkChoice network = read_network(yaml::parse(request.network, "--network"));
  request.network = network.kind->name;
  choose_granularity(request, *network.kind);
  const std::vector<Bytes> sizes = read_byte_range(request.bytes, request.factor);
  const Library library = Library::standard();
  const Stack stack = load_stack(library, yaml::parse(request.stack, "--stack"));
  const Cluster cluster = request.cluster.load(library);
  const CollectiveKind kind = kind_of(request.kind);
  const std::size_t members = request.cluster.chips == 0 ? cluster.fabric.chip_count() : request.cluster.chips;
  if (kind == CollectiveKind::kSendRecv && members != 2)
    refuse("--kind", request.kind, fmt::format("send and receive are between 2 chips, not {}: --chips 2", members));
  const auto algorithms = candidates(request, kind, members);

  const Placement placement = Placements::find(request.placement)->place(cluster.fabric, members);
  std::vector<ChipId> chips;
  chips.reserve(members);
  for (std::size_t rank = 0; rank < members; ++rank) chips.push_back(placement[RankId(rank)]);
  Bench bench{Alone(cluster.fabric, std::move(chips), stack.communication, *network.kind,
                    request.granularity == "stepwise", network.make),
              kind, algorithms, find_library(request, library, cluster), read_interval(request)};
  std::vector<Row> rows;
  rows.reserve(sizes.size());
  for (const Bytes bytes : sizes) rows.push_back(measure(bench, request, bytes));

  const std::string& costs = bench.library ? bench.library->name : stack.name;
  std::cout << (request.json
                    ? to_json(request, cluster, costs, members, rows)
                    : to_text(request, cluster, costs, members, rows, stdout_takes_colour() && !request.no_color));
  return kDone;
}

std::function<int()> declare_collective(CLI::App& command) {
  const auto request = std::make_shared<CollectiveRequest>();
  std::vector<std::string> algorithms = CollectiveAlgorithms::names();
  algorithms.insert(algorithms.begin(), "auto");
  request->cluster.declare(command);
  command.add_option("--kind", request->kind, "which collective (default: all_reduce)")
      ->check(CLI::IsMember(kind_names()))
      ->type_name("KIND");
  command.add_option("--bytes", request->bytes, "one size, or first:last as nccl-tests counts (default: 1KiB:8GiB)")
      ->type_name("SIZES");
  command.add_option("--factor", request->factor, "each size is the one before times this (default: 2)")
      ->check(CLI::Range(2, 1 << 20))
      ->type_name("N");
  command
      .add_option("--algorithm", request->algorithm,
                  "auto: what the communication library's tuner takes, or the fastest where there is none (default)")
      ->check(CLI::IsMember(algorithms))
      ->type_name("NAME");
  command.add_option("--protocol", request->protocol, "only this protocol of the library (default: auto)")
      ->type_name("NAME");
  command
      .add_option("--library", request->library,
                  "the communication library, a name that `orrery list` prints, or none (default: the chip's)")
      ->type_name("NAME");
  command
      .add_option("--launch-interval", request->launch_interval,
                  "what the host takes to launch one: no time is shorter (default: 0 us, as in a CUDA graph)")
      ->type_name("TIME");
  command
      .add_option("--stack", request->stack,
                  "whose launch and step costs count where there is no library (default: megatron_core)")
      ->type_name("STACK");
  command
      .add_option("--network", request->network,
                  "how bytes travel: a name that `orrery list networks` prints, or {name: NAME, KEY: VALUE} (default: "
                  "fluid)")
      ->type_name("NAME");
  command
      .add_option("--granularity", request->granularity,
                  "fluid, or stepwise: every message by itself (default: as the network has it)")
      ->check(CLI::IsMember({"fluid", "stepwise"}))
      ->type_name("NAME");
  command.add_option("--placement", request->placement, "which chip is which rank (default: packed)")
      ->check(CLI::IsMember(Placements::names()))
      ->type_name("NAME");
  command.add_flag("--explain", request->explain, "also print what each algorithm would take");
  command.add_flag("--json", request->json, "print JSON instead of the table");
  command.add_flag("--no-color", request->no_color, "no colour on a terminal either");
  return [request] { return run_collective(*request); };
}

const Verbs::Entry kCollective{
    {"collective", "Time one collective over sizes, as nccl-tests does on a real machine", &declare_collective}};

}  // namespace
}  // namespace orrery
