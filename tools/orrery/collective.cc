// `orrery collective FILE`: one collective over sizes, as the table that nccl-tests prints.
#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

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

// From here on n(n − 1) messages take more memory than an answer is worth.
constexpr std::size_t kMostAllPairs = 2048;

struct CollectiveRequest {
  ClusterRequest cluster;
  std::string kind = "all_reduce";
  std::string bytes = "1KiB:8GiB";
  std::int64_t factor = 2;
  std::string algorithm = "auto";
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
  Duration time;
};

struct Row {
  Bytes bytes;
  std::vector<Timed> timed;        // every algorithm that was tried, the fastest first
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
    const bool too_many = algorithm->all_pairs && members > kMostAllPairs;
    if (request.algorithm == "auto" && (too_many || !algorithm->supports(kind))) continue;
    if (request.algorithm != "auto" && request.algorithm != algorithm->name) continue;
    if (!algorithm->supports(kind))
      refuse("--algorithm", request.algorithm, fmt::format("this algorithm does no {}", to_name(kind)));
    if (too_many)
      refuse("--algorithm", request.algorithm,
             fmt::format("n(n - 1) messages among {} chips are too many; at most {} chips", members, kMostAllPairs));
    chosen.push_back(algorithm);
  }
  if (chosen.empty()) refuse("--kind", request.kind, fmt::format("no algorithm does this among {} chips", members));
  return chosen;
}

Row measure(Alone& alone, const std::vector<const CollectiveAlgorithm*>& algorithms, CollectiveKind kind, Bytes bytes) {
  Row row;
  row.bytes = bytes;
  for (const CollectiveAlgorithm* algorithm : algorithms)
    row.timed.push_back({algorithm, alone.time(*algorithm, kind, bytes)});
  // Ties go to the first in order of name.
  std::stable_sort(row.timed.begin(), row.timed.end(), [](const Timed& a, const Timed& b) { return a.time < b.time; });
  const double seconds = row.chosen().time.in_seconds();
  if (seconds > 0) row.algorithm_bandwidth = bytes.as_double() / seconds;
  row.bus_bandwidth = row.algorithm_bandwidth * bus_factor(kind, alone.members());
  return row;
}

std::string to_text(const CollectiveRequest& request, const Cluster& cluster, const Stack& stack, std::size_t members,
                    const std::vector<Row>& rows, bool coloured) {
  TextPage page(coloured);
  page.line(fmt::format("{} · {} chips of {}", request.kind, members, cluster.name), Colour::kBold);
  page.line(fmt::format("network {}, {}; costs of {}; algorithm {}", request.network, request.granularity, stack.name,
                        request.algorithm == "auto" ? "auto: the fastest" : request.algorithm));
  page.line();
  page.line(fmt::format("{:>14} {:>14} {:>10} {:>10}  {}", "size", "time", "algbw", "busbw", "algorithm"),
            Colour::kDim);
  page.line(fmt::format("{:>14} {:>14} {:>10} {:>10}", "B", "us", "GB/s", "GB/s"), Colour::kDim);
  double highest = 0;
  for (const Row& row : rows) highest = std::max(highest, row.bus_bandwidth);
  for (const Row& row : rows) {
    page.bar(fmt::format("{:>14} {:>14.2f} {:>10.2f} {:>10.2f}  {:9}", row.bytes.count(),
                         row.chosen().time.in_seconds() * 1e6, row.algorithm_bandwidth / 1e9, row.bus_bandwidth / 1e9,
                         row.chosen().algorithm->name),
             highest > 0 ? row.bus_bandwidth / highest : 0, Colour::kGreen);
    if (!request.explain) continue;
    for (const Timed& timed : row.timed)
      page.line(fmt::format("{:>14} {:>14.2f}  {:9} {}", "", timed.time.in_seconds() * 1e6, timed.algorithm->name,
                            timed.algorithm->sentence),
                Colour::kDim);
  }
  return page.text();
}

std::string to_json(const CollectiveRequest& request, const Cluster& cluster, const Stack& stack, std::size_t members,
                    const std::vector<Row>& rows) {
  nlohmann::ordered_json json;
  json["kind"] = request.kind;
  json["cluster"] = cluster.name;
  json["chips"] = members;
  json["stack"] = stack.name;
  json["network"] = request.network;
  json["granularity"] = request.granularity;
  json["rows"] = nlohmann::ordered_json::array();
  for (const Row& row : rows) {
    nlohmann::ordered_json entry{{"bytes", row.bytes.count()},
                                 {"time_s", row.chosen().time.in_seconds()},
                                 {"algorithm_bandwidth_bytes_per_s", row.algorithm_bandwidth},
                                 {"bus_bandwidth_bytes_per_s", row.bus_bandwidth},
                                 {"algorithm", row.chosen().algorithm->name}};
    for (const Timed& timed : row.timed) entry["tried_s"][std::string(timed.algorithm->name)] = timed.time.in_seconds();
    json["rows"].push_back(std::move(entry));
  }
  return json.dump(2) + "\n";
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
  Alone alone(cluster.fabric, std::move(chips), stack.communication, *network.kind, request.granularity == "stepwise",
              network.make);
  std::vector<Row> rows;
  rows.reserve(sizes.size());
  for (const Bytes bytes : sizes) rows.push_back(measure(alone, algorithms, kind, bytes));

  std::cout << (request.json
                    ? to_json(request, cluster, stack, members, rows)
                    : to_text(request, cluster, stack, members, rows, stdout_takes_colour() && !request.no_color));
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
  command.add_option("--algorithm", request->algorithm, "auto takes the fastest for each size (default)")
      ->check(CLI::IsMember(algorithms))
      ->type_name("NAME");
  command.add_option("--stack", request->stack, "whose launch and step costs count (default: megatron_core)")
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
