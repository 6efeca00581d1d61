// `orrery replay`: plays traces of many kinds on any cluster, or traces as ASTRA-sim would; prints a report.
#include <memory>

#include "tools/orrery/astra_replay.h"
#include "tools/orrery/compared_replay.h"
#include "tools/orrery/fold_option.h"
#include "tools/orrery/record_replay.h"
#include "tools/orrery/replay_job.h"
#include "tools/orrery/shown_run.h"
#include "topology/placement.h"

namespace orrery {
namespace {

// What is missing, or said for nothing, while arguments are parsed.
void check_arguments(const ReplayRequest& request) {
  const AstraRequest& astra = request.astra;
  const auto need = [](const std::string& value, const char* name) {
    if (value.empty()) throw CLI::RequiredError(name);
  };
  const auto refuse = [](bool said, const char* name, const char* why) {
    if (said) throw CLI::ValidationError(name, why);
  };
  const auto refuse_choices = [&](const char* why) {
    refuse(!request.show.trace_from.empty(), "--trace-from", why);
    refuse(!request.show.trace_until.empty(), "--trace-until", why);
    refuse(!request.show.trace_only.empty(), "--trace-only", why);
  };
  if (request.against.asked()) {
    refuse_choices("can't go with --against, which writes no trace");
    refuse(!request.show.json.empty(), "--json", "with --against it is --spans that writes tables");
    refuse(!request.show.trace.empty(), "--trace", "can't go with --against, which plays two runs");
  }
  refuse(!request.grows.empty() && !request.ranks, "--grows", "says what --ranks makes larger, and there is none");
  const auto refuse_others = [&](const char* why) {
    refuse(!request.against.cluster.empty(), "--against", why);
    refuse(!request.against.placement.empty(), "--against-placement", why);
    refuse(!request.against.algorithm.empty(), "--against-algorithm", why);
    refuse(!request.placement.empty(), "--placement", why);
    refuse(!request.algorithm.empty(), "--algorithm", why);
    refuse(request.ranks.has_value(), "--ranks", why);
  };
  const auto refuse_astras = [&] {
    refuse(!astra.workload.empty(), "--workload", "is for --astra");
    refuse(!astra.system.empty(), "--system", "is for --astra");
    refuse(!astra.memory.empty(), "--memory", "is for --astra");
  };
  if (!astra.asked) {
    if (!request.simai.empty()) {
      refuse(!request.files.empty(), "files", "can't go with --simai, which names the workload");
      refuse(!request.groups.empty(), "--groups", "a workload of SimAI says its groups itself");
      refuse(request.roofline, "--roofline", "is for Chakra traces");
      refuse(!request.grows.empty(), "--grows", "a workload of SimAI grows by its data ranks");
      need(request.cluster.file, "--cluster");
      refuse_astras();
      return;
    }
    if (request.files.empty()) throw CLI::RequiredError("files");
    if (is_record(request.files.front())) {
      refuse(request.files.size() > 1, "files", "are one record of a run at a time");
      constexpr const char* kRecorded = "can't go with a record, which says what it was run on";
      refuse(!request.cluster.file.empty(), "--cluster", kRecorded);
      refuse_others(kRecorded);
      refuse(!request.spans.empty(), "--spans", "can't go with a record: `orrery run -o` leaves an ops.csv");
      refuse(!request.show.json.empty(), "--json", "can't go with a record, which holds its result");
      refuse(!request.show.trace.empty(), "--trace", "can't go with a record: `orrery run --trace` writes one");
      refuse_choices("can't go with a record, of which no trace is written");
      return;
    }
    need(request.cluster.file, "--cluster");
    const bool profiles = is_pytorch_json(request.files.front());
    for (const std::string& file : request.files)
      refuse(is_pytorch_json(file) != profiles, "files",
             "are traces by their prefix, or what PyTorch wrote in JSON: not both");
    refuse(!profiles && request.files.size() > 1, "files", "traces of all ranks have one PREFIX");
    refuse(profiles && !request.grows.empty(), "--grows",
           "of what PyTorch wrote, groups that reach over all ranks grow");
    refuse(profiles && !request.groups.empty(), "--groups", "what PyTorch wrote says its groups itself");
    refuse(profiles && request.roofline, "--roofline", "is for Chakra traces");
    const bool goal = is_goal(request.files.front());
    refuse(goal && !request.groups.empty(), "--groups", "a GOAL schedule has none");
    refuse(goal && request.roofline, "--roofline", "a GOAL schedule says times, not FLOPs");
    refuse_astras();
    return;
  }
  if (request.files.empty()) need(astra.workload, "--workload");
  refuse(request.files.size() > 1, "files", "traces of all ranks have one PREFIX");
  need(astra.system, "--system");
  need(request.network, "--network");
  constexpr const char* kFiles = "can't go with --astra, whose files say it";
  if (request.show.trace.empty()) refuse_choices("chooses what a trace shows, and none is written: --trace does");
  refuse(request.show.trace_detail == "kernel", "--trace-detail", "ASTRA-sim's nodes have no kernels");
  refuse(!request.files.empty() && !astra.workload.empty(), "--workload", "and PREFIX say the same");
  refuse(!request.cluster.file.empty(), "--cluster", kFiles);
  refuse(!request.stack.empty(), "--stack", kFiles);
  refuse(request.roofline, "--roofline", kFiles);
  refuse(!request.granularity.empty(), "--granularity", kFiles);
  refuse(request.routing.given(), "--routing", kFiles);
  refuse_others(kFiles);
  refuse(!request.simai.empty(), "--simai", "and --astra are two ways of playing");
  refuse(request.compute_speedup != 1, "--scale-compute", kFiles);
  refuse(request.network_speedup != 1, "--scale-network", kFiles);
}

int replay_as_astra(const ReplayRequest& request) {
  AstraRequest astra = request.astra;
  if (astra.workload.empty()) astra.workload = request.files.front();
  astra.network = request.network;
  astra.groups = request.groups;
  astra.spans = request.spans;
  return replay_astra(astra, request.show);
}

int replay(const ReplayRequest& request) {
  if (request.astra.asked) return replay_as_astra(request);
  if (!request.files.empty() && is_record(request.files.front()))
    return replay_record(request.files.front(), request.show.quiet);
  if (request.against.asked()) return compare_replays(request);
  const Stopwatch watch;
  if (!request.show.trace.empty()) check_trace_name(request.show.trace);
  if (!request.spans.empty()) check_spans_name(request.spans);
  const Readied readied(read_replayed(request), request.show.fold);
  SpanSums sums(readied.prepared.program);
  Followers followers;
  if (!request.spans.empty()) {
    followers.sinks.push_back(&sums);
    followers.commit = [&](const Simulation&, const std::string&) { write_spans(request.spans, sums.table()); };
  }
  show_run(request.show, readied, watch, followers);
  return kDone;
}

std::function<int()> declare_replay(CLI::App& command) {
  const auto request = std::make_shared<ReplayRequest>();
  command
      .add_option(
          "files", request->files,
          "Chakra execution traces PREFIX.0.et, PREFIX.1.et, …: one for each rank, gzip or not; or PyTorch "
          "profiles (Kineto's .json or .json.gz) or execution traces (ExecutionTraceObserver's .json or .json.gz, "
          "with profiles of the same run beside them or without), a file for each rank; a GOAL schedule (.goal, "
          "text, or .bin, binary); or a record that `orrery run --record` left")
      ->type_name("PREFIX|FILES");
  command
      .add_option("--cluster", request->cluster.file,
                  "what to play them on: a YAML file, a name that `orrery list clusters` prints, or a scenario's file")
      ->type_name("CLUSTER");
  command
      .add_option("--against", request->against.cluster,
                  "another cluster: play on both, and say which spans change most from the first to this one")
      ->type_name("CLUSTER");
  command
      .add_option("--placement", request->placement,
                  "which rank is on which chip: a name that `orrery list placements` prints (default: packed)")
      ->check(CLI::IsMember(Placements::names()))
      ->type_name("NAME");
  command
      .add_option("--against-placement", request->against.placement,
                  "another placement: play with both, and say which spans change most")
      ->check(CLI::IsMember(Placements::names()))
      ->type_name("NAME");
  command
      .add_option("--algorithm", request->algorithm,
                  "other algorithms than were recorded, by kind of collective, as all_reduce=tree,all_gather=ring")
      ->type_name("KIND=NAME");
  command
      .add_option("--against-algorithm", request->against.algorithm,
                  "other algorithms: play with both, and say which spans change most")
      ->type_name("KIND=NAME");
  command
      .add_option("--spans", request->spans,
                  "write what spans of each name took, .csv or .json; with --against before, after and the change")
      ->type_name("OUT");
  command.add_option("--simai", request->simai, "a workload as SimAI's AICB writes it in text, in place of traces")
      ->type_name("FILE");
  command
      .add_option("--groups", request->groups,
                  "who is in the groups that traces name: a JSON file {\"1\": [0, 1], …}; else their own metadata says")
      ->type_name("FILE");
  command
      .add_option("--stack", request->stack,
                  "what chooses algorithms, and what collectives cost beside the wire: a software stack's name or file")
      ->type_name("STACK");
  command
      .add_option(
          "--ranks", request->ranks,
          "play on so many ranks what was recorded on fewer, or written for SimAI: groups that reach over all grow, "
          "others repeat")
      ->check(CLI::Range(1U, 1U << 20U))
      ->type_name("N");
  command
      .add_option(
          "--grows", request->grows,
          "with --ranks, what grows: a dimension of the grid, in traces of our own (default: data), or the name "
          "of a group (default: the one that reaches furthest)")
      ->type_name("NAME");
  command.add_flag("--roofline", request->roofline,
                   "reckon compute from num_ops and tensor_size on this chip, even where a time was recorded");
  command
      .add_option(
          "--network", request->network,
          "how bytes travel: a name that `orrery list networks` prints, or {name: NAME, KEY: VALUE}; with --astra "
          "its network file")
      ->type_name("NAME");
  constexpr double kSlowest = 1e-3;
  constexpr double kFastest = 1e3;
  command.add_option("--scale-compute", request->compute_speedup, "how many times faster kernels are than recorded")
      ->check(CLI::Range(kSlowest, kFastest))
      ->type_name("FACTOR");
  command
      .add_option("--scale-network", request->network_speedup,
                  "how many times the bandwidth of the cluster's links, latencies as they are")
      ->check(CLI::Range(kSlowest, kFastest))
      ->type_name("FACTOR");
  command.add_option("--granularity", request->granularity, "fluid, or stepwise: collectives message by message")
      ->type_name("NAME");
  request->routing.declare(command);
  request->show.declare_output(command);
  declare_fold(command, request->show.fold);
  request->show.declare_manner(command);
  request->astra.declare(command);
  command.parse_complete_callback([request] { check_arguments(*request); });
  return [request] { return replay(*request); };
}

const Verbs::Entry kReplay{
    {"replay", "Play traces, profiles or a recorded run again and report where the time went", &declare_replay}};

}  // namespace
}  // namespace orrery
