// `orrery collective FILE`: one collective over sizes, as the table that nccl-tests prints.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>
#include <set>

#include "sim/collective/alone.h"
#include "sim/collective/blocks.h"
#include "sim/collective/bus_factor.h"
#include "sim/collective/read_schedule.h"
#include "sim/network/choice.h"
#include "sim/scenario/granularity.h"
#include "tools/orrery/byte_range.h"
#include "tools/orrery/cluster_file.h"
#include "tools/orrery/collective_table.h"
#include "tools/orrery/option_word.h"
#include "tools/orrery/routing_option.h"
#include "tools/orrery/terminal.h"
#include "topology/placement.h"
#include "workloads/stack.h"

namespace orrery {
namespace {

// Which members are the popular ones of a skewed all-to-all: any will do, always the same.
constexpr std::uint64_t kSkewSeed = 1;

struct CollectiveRequest {
  ClusterRequest cluster;
  std::string kind = "all_reduce";
  std::string bytes = "1KiB:8GiB";
  std::int64_t factor = 2;
  std::string algorithm = "auto";
  std::string protocol = "auto";
  std::string library;
  std::string launch_interval = "0 us";
  std::string schedule;  // a file
  double skew = 0;
  std::string stack = "megatron_core";
  std::string network = "fluid";
  RoutingOption routing;
  std::string granularity;  // empty: what goes with the network
  std::string placement = "packed";
  bool explain = false;
  bool json = false;
  bool no_color = false;
};

CollectiveKind kind_of(const std::string& name) {
  const std::vector<std::string> names = collective_kinds();
  return static_cast<CollectiveKind>(std::find(names.begin(), names.end(), name) - names.begin());
}

[[noreturn]] void refuse(std::string_view option, const std::string& value, std::string message) {
  refuse_word(option, value, value, std::move(message));
}

std::vector<const CollectiveAlgorithm*> candidates(const CollectiveRequest& request, const Alone& alone,
                                                   CollectiveKind kind) {
  const std::size_t members = alone.members();
  std::vector<const CollectiveAlgorithm*> chosen;
  for (const CollectiveAlgorithm* algorithm : CollectiveAlgorithms::all()) {
    const bool too_many = members > algorithm->most_members;
    if (request.algorithm == "auto" && (too_many || algorithm->only_named || !algorithm->supports(kind))) continue;
    if (request.algorithm != "auto" && request.algorithm != algorithm->name) continue;
    if (!algorithm->supports(kind))
      refuse("--algorithm", request.algorithm, fmt::format("this algorithm does no {}", to_name(kind)));
    if (too_many)
      refuse("--algorithm", request.algorithm,
             fmt::format("among {} chips it has too many messages to be written out; at most {} chips", members,
                         algorithm->most_members));
    if (alone.has(*algorithm, kind)) {
      chosen.push_back(algorithm);
    } else if (request.algorithm != "auto") {
      refuse("--algorithm", request.algorithm,
             fmt::format("it does no {} among these {} chips of {}", to_name(kind), members,
                         alone.nodes() == 1 ? "one node" : fmt::format("{} nodes", alone.nodes())));
    }
  }
  if (chosen.empty()) refuse("--kind", request.kind, fmt::format("no algorithm does this among {} chips", members));
  return chosen;
}

// What a run measures: a plan if there is one, else what the library takes, else all algorithms at the stack's costs.
struct Bench {
  Alone alone;
  CollectiveKind kind;
  Duration launch_interval;
  std::optional<MessagePlan> plan;
  std::optional<CommunicationLibrary> library;
  std::vector<const CollectiveAlgorithm*> algorithms;
};

// Nothing for `auto`.
std::string_view filter(const std::string& name) { return name == "auto" ? std::string_view() : name; }

TriedCollective timed_of(const CollectiveAlgorithm& algorithm, const std::string& protocol) {
  return {std::string(algorithm.name), std::string(algorithm.sentence), protocol, std::nullopt, Duration()};
}

std::vector<Choice> choices(Bench& bench, const CollectiveRequest& request, Bytes bytes) {
  return bench.alone.choices(*bench.library, bench.kind, bytes, filter(request.algorithm), filter(request.protocol));
}

[[noreturn]] void refuse_protocol(const CollectiveRequest& request, const Bench& bench) {
  if (!bench.library)
    refuse("--protocol", request.protocol, "protocols are a communication library's, and none is in use here");
  std::set<std::string> protocols;
  for (const Method* method : bench.library->methods_for(bench.kind, filter(request.algorithm)))
    protocols.insert(method->protocol);
  refuse("--protocol", request.protocol,
         fmt::format("{} has no such protocol for this collective here; it has: {}", bench.library->name,
                     protocols.empty() ? "none" : fmt::format("{}", fmt::join(protocols, ", "))));
}

// Whose costs count: the library's if it has a way to do this, else the stack's.
void choose_costs(Bench& bench, const CollectiveRequest& request, Bytes bytes) {
  if (bench.plan) return bench.library.reset();
  if (bench.library && !choices(bench, request, bytes).empty()) return;
  if (request.protocol != "auto") refuse_protocol(request, bench);
  bench.library.reset();
  bench.algorithms = candidates(request, bench.alone, bench.kind);
}

// The library's choice, then what else it could have taken.
std::vector<TriedCollective> ask_library(Bench& bench, const CollectiveRequest& request, Bytes bytes) {
  std::vector<TriedCollective> timed;
  for (const Choice& choice : choices(bench, request, bytes)) {
    if (!timed.empty() && !request.explain && !request.json) break;
    const CollectiveAlgorithm& algorithm = *choice.method->algorithm;
    TriedCollective entry = timed_of(algorithm, choice.method->protocol);
    if (choice.method->has_belief) entry.believed = choice.believed;
    entry.time = bench.alone.time(algorithm, bench.kind, bytes, choice.costs);
    timed.push_back(std::move(entry));
  }
  return timed;
}

// Every algorithm at the stack's costs, the fastest first; ties go to the first in order of name.
std::vector<TriedCollective> try_all(Bench& bench, Bytes bytes) {
  std::vector<TriedCollective> timed;
  for (const CollectiveAlgorithm* algorithm : bench.algorithms) {
    timed.push_back(timed_of(*algorithm, ""));
    timed.back().time = bench.alone.time(*algorithm, bench.kind, bytes);
  }
  std::stable_sort(timed.begin(), timed.end(),
                   [](const TriedCollective& a, const TriedCollective& b) { return a.time < b.time; });
  return timed;
}

CollectiveRow measure(Bench& bench, const CollectiveRequest& request, Bytes bytes) {
  CollectiveRow row;
  row.bytes = bytes;
  if (bench.kind == CollectiveKind::kAllToAllV)
    bench.alone.set_sizes(zipf_sizes(bench.alone.members(), bytes, request.skew, kSkewSeed));
  if (bench.plan) {
    row.timed = {{bench.plan->name, request.schedule, "", std::nullopt, bench.alone.time(*bench.plan, bytes)}};
  } else {
    row.timed = bench.library ? ask_library(bench, request, bytes) : try_all(bench, bytes);
  }
  for (TriedCollective& timed : row.timed) timed.time = std::max(timed.time, bench.launch_interval);
  const double seconds = row.chosen().time.in_seconds();
  if (seconds > 0) row.algorithm_bandwidth = bytes.as_double() / seconds;
  row.bus_bandwidth = row.algorithm_bandwidth * bus_factor(bench.kind, bench.alone.members());
  return row;
}

// By name; without one what runs on the chip; nothing for `none`.
std::optional<CommunicationLibrary> find_library(const CollectiveRequest& request, const Library& library,
                                                 const Cluster& cluster) {
  const std::string& name = request.library.empty() ? cluster.fabric.chip_spec().library : request.library;
  if (name.empty() || name == "none") return std::nullopt;
  return load_communication_library(library, yaml::parse(name, "--library"), cluster.network_plugin);
}

Duration read_interval(const CollectiveRequest& request) {
  constexpr Duration kLongestInterval = Duration::microseconds(1'000'000);
  return yaml::parse(request.launch_interval, "--launch-interval").duration(Duration(), kLongestInterval);
}

Granularity choose_granularity(const CollectiveRequest& request, const NetworkKind& network) {
  std::optional<yaml::Node> node;
  if (!request.granularity.empty()) node = yaml::parse(request.granularity, "--granularity");
  return read_granularity(node, network);
}

// A plan is for so many members, no more and no less.
std::size_t choose_members(const CollectiveRequest& request, const Cluster& cluster,
                           const std::optional<MessagePlan>& plan) {
  const std::size_t there = cluster.fabric.chip_count();
  const std::size_t wanted = request.cluster.chips;
  if (!plan) return wanted == 0 ? there : wanted;
  if (wanted != 0 && wanted != plan->members)
    refuse("--chips", std::to_string(wanted), fmt::format("the schedule is for {} members", plan->members));
  if (plan->members > there)
    refuse("--schedule", request.schedule,
           fmt::format("it is for {} members; the cluster has {} chips", plan->members, there));
  return plan->members;
}

// The cluster, as far as the placement may take its chips.
Cluster load_room(const CollectiveRequest& request, const PlacementChoice& placement, const Library& library) {
  ClusterRequest room = request.cluster;
  if (room.chips != 0 && placement.among != 0 && placement.among < room.chips)
    refuse("--placement", request.placement,
           fmt::format("{} chips stand on as many, not on {}", room.chips, placement.among));
  if (placement.among != 0) {
    room.chips = placement.among;
  } else if (placement.kind->is_random) {
    room.chips = 0;
  }
  return room.load(library);
}

int run_collective(CollectiveRequest request) {
  const NetworkChoice network = read_network(yaml::parse(request.network, "--network"));
  const Granularity granularity = choose_granularity(request, *network.kind);
  const std::vector<Bytes> sizes = read_byte_range(request.bytes, request.factor);
  const Library library = Library::standard();
  const Stack stack = load_stack(library, yaml::parse(request.stack, "--stack"));
  const yaml::Node placement_node = yaml::parse(request.placement, "--placement");
  const PlacementChoice placement_choice = read_placement(placement_node);
  const Cluster cluster = load_room(request, placement_choice, library);
  check_units(placement_choice, placement_node, cluster.fabric);
  std::optional<MessagePlan> plan;
  if (!request.schedule.empty()) plan = load_schedule(request.schedule);
  if (plan) request.kind = to_name(plan->kind);
  const CollectiveKind kind = kind_of(request.kind);
  const std::size_t members = choose_members(request, cluster, plan);
  if (kind == CollectiveKind::kSendRecv && members != 2)
    refuse("--kind", request.kind, fmt::format("send and receive are between 2 chips, not {}: --chips 2", members));
  if (kind != CollectiveKind::kAllToAllV && request.skew != 0)
    refuse("--skew", fmt::format("{:g}", request.skew),
           fmt::format("{} has equal sizes: only all_to_all_v is skewed", to_name(kind)));

  const Placement placement =
      placement_choice.kind->place(cluster.fabric, all_chips(cluster.fabric), members, placement_choice.terms);
  std::vector<ChipId> chips;
  chips.reserve(members);
  for (std::size_t rank = 0; rank < members; ++rank) chips.push_back(placement[RankId(rank)]);
  const RoutingChoice routing = request.routing.read(cluster.fabric);
  Bench bench{Alone(cluster.fabric, std::move(chips), stack.communication, *network.kind,
                    granularity == Granularity::kStepwise, network.make, routing.make),
              kind,
              read_interval(request),
              std::move(plan),
              find_library(request, library, cluster),
              {}};
  choose_costs(bench, request, sizes.front());
  CollectiveTable table{.kind = request.kind,
                        .cluster = cluster.name,
                        .chips = members,
                        .costs = bench.library ? bench.library->name : stack.name,
                        .network = std::string(network.kind->name),
                        .granularity = std::string(to_name(granularity)),
                        .routing = std::string(routing.kind->name),
                        .algorithm = request.algorithm,
                        .rows = {}};
  table.rows.reserve(sizes.size());
  for (const Bytes bytes : sizes) table.rows.push_back(measure(bench, request, bytes));
  std::cout << (request.json ? to_json(table)
                             : to_text(table, request.explain, stdout_takes_colour() && !request.no_color));
  return kDone;
}

std::function<int()> declare_collective(CLI::App& command) {
  const auto request = std::make_shared<CollectiveRequest>();
  std::vector<std::string> algorithms = CollectiveAlgorithms::names();
  algorithms.insert(algorithms.begin(), "auto");
  request->cluster.declare(command);
  command.add_option("--kind", request->kind, "which collective (default: all_reduce)")
      ->check(CLI::IsMember(collective_kinds()))
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
      .add_option("--schedule", request->schedule,
                  "a schedule of your own instead of an algorithm: messages in YAML, or MSCCL's XML")
      ->type_name("FILE");
  command
      .add_option("--skew", request->skew,
                  "of an all_to_all_v: the k-th most popular member gets in proportion to k^-SKEW (default: 0, even)")
      ->check(CLI::Range(0.0, 10.0))
      ->type_name("SKEW");
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
  request->routing.declare(command);
  command
      .add_option("--granularity", request->granularity,
                  "fluid, or stepwise: every message by itself (default: as the network has it)")
      ->check(CLI::IsMember({"fluid", "stepwise"}))
      ->type_name("NAME");
  command
      .add_option(
          "--placement", request->placement,
          "which chip is which rank: a name that `orrery list placements` prints, or {name: random, seed: 7, tier: "
          "rail, among: 512} (default: packed)")
      ->type_name("NAME");
  command.add_flag("--explain", request->explain, "also print what each algorithm would take");
  command.add_flag("--json", request->json, "print JSON instead of the table");
  command.add_flag("--no-color", request->no_color, "no colour on a terminal either");
  // A schedule says all of that itself.
  for (const char* said : {"--kind", "--algorithm", "--protocol", "--library", "--skew"})
    command.get_option("--schedule")->excludes(command.get_option(said));
  return [request] { return run_collective(*request); };
}

const Verbs::Entry kCollective{
    {"collective", "Time one collective over sizes, as nccl-tests does on a real machine", &declare_collective}};

}  // namespace
}  // namespace orrery
