// Reads, plays, and prints who finished when: ranks that end alike in one line.
#include "tools/orrery/astra_replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "sim/base/write_file.h"
#include "sim/report/digits.h"
#include "sim/report/text_page.h"
#include "tools/orrery/astra_spans.h"
#include "tools/orrery/compared_replay.h"
#include "tools/orrery/terminal.h"
#include "workloads/astra/replay.h"

namespace orrery {
namespace {

using astra::Finish;

std::string digits_of(astra::Nanoseconds time) { return grouped(static_cast<std::int64_t>(time)); }

astra::Nanoseconds exposed(const Finish& finish) { return finish.end - std::min(finish.end, finish.compute); }

bool ends_alike(const Finish& a, const Finish& b) { return a.end == b.end && a.compute == b.compute; }

std::string text_of(const astra::ReplayResult& result, bool coloured) {
  TextPage page(coloured);
  page.line(fmt::format("{:>17} {:>18} {:>18} {:>18}", "ranks", "finish (ns)", "compute (ns)", "exposed comm (ns)"),
            Colour::kDim);
  const std::vector<Finish>& all = result.finishes;
  for (std::size_t first = 0; first < all.size();) {
    std::size_t end = first + 1;
    while (end < all.size() && ends_alike(all[end], all[first])) ++end;
    const std::string ranks = end == first + 1 ? std::to_string(first) : fmt::format("{}-{}", first, end - 1);
    page.line(fmt::format("{:>17} {:>18} {:>18} {:>18}", ranks, digits_of(all[first].end),
                          digits_of(all[first].compute), digits_of(exposed(all[first]))));
    first = end;
  }
  page.line();
  const auto last =
      std::max_element(all.begin(), all.end(), [](const Finish& a, const Finish& b) { return a.end < b.end; });
  page.line(fmt::format("all {} ranks finished after {} ns", grouped(static_cast<std::int64_t>(all.size())),
                        digits_of(last->end)),
            Colour::kBold);
  return page.text();
}

std::string json_of(const astra::ReplayResult& result) {
  nlohmann::ordered_json ranks = nlohmann::ordered_json::array();
  astra::Nanoseconds last = 0;
  for (std::size_t rank = 0; rank < result.finishes.size(); ++rank) {
    const Finish& finish = result.finishes[rank];
    last = std::max(last, finish.end);
    ranks.push_back({{"rank", rank},
                     {"finish_ns", finish.end},
                     {"compute_ns", finish.compute},
                     {"exposed_communication_ns", exposed(finish)},
                     {"behaves_as", result.played[rank]}});
  }
  const nlohmann::ordered_json all = {
      {"finish_ns", last}, {"players", result.players}, {"ranks", ranks}, {"warnings", result.warnings}};
  return all.dump(2) + '\n';
}

}  // namespace

void AstraRequest::declare(CLI::App& command) {
  constexpr const char* kGroup = "ASTRA-sim";
  command.add_flag("--astra", asked, "play ASTRA-sim 2 inputs as they are, with its semantics, instead of a cluster")
      ->group(kGroup);
  command.add_option("--workload", workload, "its traces: PREFIX.0.et, PREFIX.1.et, … (or say PREFIX alone)")
      ->type_name("PREFIX")
      ->group(kGroup);
  command.add_option("--system", system, "its system configuration")->type_name("FILE.json")->group(kGroup);
  command.add_option("--memory", memory, "its remote memory configuration; without, there is none")
      ->type_name("FILE.json")
      ->group(kGroup);
  command.add_option("--congestion", congestion, "unaware, or aware: links hand on one whole message after another")
      ->check(CLI::IsMember({"unaware", "aware"}))
      ->type_name("MODEL")
      ->group(kGroup);
}

int replay_astra(const AstraRequest& request, const ShowRequest& show) {
  const Stopwatch watch;
  if (!show.trace.empty()) check_trace_name(show.trace);
  if (!request.spans.empty()) check_spans_name(request.spans);
  astra::ReplayInput input{
      .workload = request.workload,
      .system = request.system,
      .network = request.network,
      .memory = {},
      .groups = {},
      .congestion = request.congestion == "aware" ? astra::Congestion::kAware : astra::Congestion::kUnaware,
      .fold = show.fold != Folding::kOff,
      .spans = !show.trace.empty() || !request.spans.empty()};
  if (!request.memory.empty()) input.memory = request.memory;
  if (!request.groups.empty()) input.groups = request.groups;
  const astra::ReplayResult result = astra::replay(input);
  for (const std::string& warning : result.warnings) std::cerr << "warning: " << warning << '\n';
  if (!show.trace.empty()) {
    const TraceRequest traced = trace_request(show, roles_of(result));
    write_trace(show.trace, result, traced);
    const auto last = std::max_element(result.finishes.begin(), result.finishes.end(),
                                       [](const Finish& a, const Finish& b) { return a.end < b.end; });
    say_empty_window(traced, Duration::nanoseconds(static_cast<std::int64_t>(last->end)));
  }
  if (!request.spans.empty()) write_spans(request.spans, table_of(result));
  if (!show.json.empty() && show.json != "-") write_file(show.json, json_of(result));
  if (show.json == "-")
    std::cout << json_of(result);
  else if (!show.quiet)
    std::cout << text_of(result, stdout_takes_colour() && !show.no_color);
  std::cout.flush();
  if (show.quiet) return kDone;
  if (result.players < result.finishes.size())
    std::cerr << fmt::format("fold: {} ranks play for {}\n", result.players, result.finishes.size());
  std::cerr << own_cost(watch, result.events) << '\n';
  return kDone;
}

}  // namespace orrery
