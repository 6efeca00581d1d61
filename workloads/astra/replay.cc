// Reads everything, tells which ranks are alike, and plays one of each kind or all.
#include "workloads/astra/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "sim/base/error.h"
#include "sim/base/yaml.h"
#include "workloads/chakra/process_groups.h"
#include "workloads/chakra/small_files.h"
#include "workloads/chakra/trace_program.h"

namespace orrery::astra {
namespace {

constexpr std::uint32_t kEverybody = 0;  // among communicators

// What a rank has to do with a group, seen from anywhere in it.
struct Standing {
  std::size_t members = 0;
  LogicalNetwork::Way step;  // from each to the next

  friend auto operator<=>(const Standing& a, const Standing& b) {
    return std::tuple(a.members, a.step.dimension, a.step.hops) <=>
           std::tuple(b.members, b.step.dimension, b.step.hops);
  }
};

class Replay {
 public:
  explicit Replay(const ReplayInput& input)
      : input_(&input),
        network_(read_network_input(yaml::load(input.network), warnings_)),
        system_(read_system_input(yaml::load(input.system), network_.input(), warnings_)) {
    if (input.memory) memory_ = read_memory_input(yaml::load(*input.memory), warnings_);
    if (input.congestion == Congestion::kAware && network_.input().dimensions.size() > 1)
      fail_file(input.network.string(),
                fmt::format("the congestion-aware model knows one dimension, not {} (so does ASTRA-sim's)",
                            network_.input().dimensions.size()));
    read_traces();
  }

  ReplayResult play() {
    ReplayResult result;
    result.finishes.resize(network_.npus());
    result.played.resize(network_.npus());
    const Rules rules{&network_,      &system_,           &memory_,
                      read_customs(), input_->congestion, input_->spans ? &result.spans : nullptr};
    const std::vector<std::vector<std::uint32_t>> classes =
        are_classes() ? classes_ : std::vector<std::vector<std::uint32_t>>();
    if (classes.empty()) {
      std::vector<Simulation::Player> players;
      for (std::uint32_t rank = 0; rank < network_.npus(); ++rank) players.push_back(player(rank));
      Simulation simulation(rules, std::move(players), communicators_);
      result.finishes = simulation.run();
      for (std::uint32_t rank = 0; rank < network_.npus(); ++rank) result.played[rank] = rank;
      result.players = network_.npus();
      result.events = simulation.events();
    }
    for (const std::vector<std::uint32_t>& members : classes) {
      Simulation simulation(rules, {player(members.front())}, communicators_);
      const Finish finish = simulation.run().front();
      for (const std::uint32_t rank : members) {
        result.finishes[rank] = finish;
        result.played[rank] = members.front();
      }
      ++result.players;
      result.events += simulation.events();
    }
    result.warnings = std::move(warnings_);
    if (input_->spans) {
      result.traces = traces_;
      result.trace_of = trace_of_;
    }
    return result;
  }

 private:
  void read_traces() {
    const std::uint32_t ranks = network_.npus();
    const std::size_t found = chakra::count_ranks(input_->workload);
    if (found < ranks)
      fail_file(chakra::trace_file(input_->workload, found).string(),
                fmt::format("the network has {} NPUs, and there are traces of {}", ranks, found));
    if (found > ranks)
      warnings_.push_back(
          fmt::format("traces of ranks from {} on are left out: the network has {} NPUs", ranks, ranks));
    if (input_->groups) listed_ = chakra::read_groups_file(*input_->groups, ranks);
    communicators_.emplace_back();
    std::set<std::string> notes;
    std::set<std::uint32_t> customs_used;
    const std::filesystem::path folder = input_->workload.parent_path();
    const chakra::SmallFiles small(folder.empty() ? "." : folder);
    // The bytes of the last trace, if they say the same whichever rank they are of.
    std::optional<std::string> repeatable;
    for (std::uint32_t rank = 0; rank < ranks; ++rank) {
      std::optional<std::string> bytes = small.bytes_of(chakra::trace_file(input_->workload.filename(), rank));
      if (bytes && bytes == repeatable) {
        of_rank_.push_back(of_rank_.back());
        trace_of_.push_back(trace_of_.back());
        continue;
      }
      const std::filesystem::path file = chakra::trace_file(input_->workload, rank);
      std::vector<std::string> unheeded;
      TraceNodes trace =
          read_trace_nodes(bytes ? chakra::blocks_of_text(file.string(), *bytes) : chakra::blocks_of_file(file), rank,
                           ranks, system_, unheeded, input_->spans);
      repeatable.reset();
      if (unheeded.empty() && trace.is_for_any_rank) repeatable = std::move(bytes);
      for (const TraceNode& node : trace.nodes)
        if (node.custom != kNoCustom) customs_used.insert(node.custom);
      notes.insert(unheeded.begin(), unheeded.end());
      check_kinds(trace);
      of_rank_.push_back(communicators_of(trace, rank));
      trace.groups.clear();  // from here on they are told apart by communicator
      trace.defined.clear();
      const auto same = std::find(traces_.begin(), traces_.end(), trace);
      trace_of_.push_back(static_cast<std::uint32_t>(same - traces_.begin()));
      if (same == traces_.end()) traces_.push_back(std::move(trace));
    }
    for (const auto& [id, custom] : system_.custom_of_node)
      if (!customs_used.contains(custom))
        warnings_.push_back(fmt::format("node {} is no collective of any rank: '{}' changes nothing", id,
                                        system_.customs[custom].string()));
    constexpr std::size_t kMostNotes = 4;
    for (const std::string& note : notes) {
      if (&note != &*notes.begin() && warnings_.size() >= kMostNotes) {
        warnings_.push_back(fmt::format("more of the like in {} traces", notes.size()));
        break;
      }
      warnings_.push_back(note);
    }
  }

  std::vector<std::vector<TraceNodes>> read_customs() {
    SystemInput as_recorded = system_;
    as_recorded.roofline = false;
    std::vector<std::vector<TraceNodes>> customs;
    customs.reserve(system_.customs.size());
    for (const std::filesystem::path& prefix : system_.customs) {
      std::vector<TraceNodes>& traces = customs.emplace_back();
      traces.reserve(network_.npus());
      for (std::uint32_t rank = 0; rank < network_.npus(); ++rank) {
        const std::filesystem::path file = chakra::trace_file(prefix, rank);
        traces.push_back(read_trace_nodes(chakra::blocks_of_file(file), rank, network_.npus(), as_recorded, warnings_));
        for (const TraceNode& node : traces.back().nodes)
          if (node.job == Job::kCollective || node.job == Job::kMemory)
            fail_file(file.string(), "a collective is made of sends, receives and compute nodes alone");
        if (traces.back().nodes.empty()) fail_file(file.string(), "has no nodes");
      }
    }
    return customs;
  }

  void check_kinds(const TraceNodes& trace) const {
    for (const TraceNode& node : trace.nodes) {
      if (node.job != Job::kCollective || !trace.groups[node.group].empty() || node.custom != kNoCustom) continue;
      const std::vector<Implementation>& all = system_.implementations[static_cast<std::size_t>(node.kind)];
      constexpr std::array<std::string_view, kKinds> kNames = {"all-reduce", "all-gather", "reduce-scatter",
                                                               "all-to-all"};
      if (all.empty())
        fail_file(input_->system.string(), fmt::format("lacks '{0}-implementation', and the traces have an {0}",
                                                       kNames[static_cast<std::size_t>(node.kind)]));
    }
  }

  std::vector<std::uint32_t> communicators_of(const TraceNodes& trace, std::uint32_t rank) {
    std::vector<std::uint32_t> of;
    of.reserve(trace.groups.size());
    for (const std::string& name : trace.groups) of.push_back(communicator(name, trace, rank));
    return of;
  }

  // Its number; groups of equal name and members are one. A group of everybody is everybody.
  std::uint32_t communicator(const std::string& name, const TraceNodes& trace, std::uint32_t rank) {
    if (name.empty()) return kEverybody;
    std::vector<std::uint32_t> members;
    if (const auto own = trace.defined.find(name); own != trace.defined.end()) {
      members = own->second;
    } else if (const auto listed = listed_.find(name); listed != listed_.end()) {
      for (const RankId member : listed->second) members.push_back(static_cast<std::uint32_t>(member.index()));
    } else {
      fail_file(chakra::trace_file(input_->workload, rank).string(),
                fmt::format("uses the group {}, and nobody says who is in it: neither a file of groups nor the "
                            "trace's own metadata",
                            in_quotes(name)));
    }
    if (std::find(members.begin(), members.end(), rank) == members.end())
      fail_file(chakra::trace_file(input_->workload, rank).string(),
                fmt::format("uses the group {}, of which rank {} is no member", in_quotes(name), rank));
    if (members.size() == network_.npus()) return kEverybody;
    const auto [known, is_new] =
        numbers_.try_emplace({name, members}, static_cast<std::uint32_t>(communicators_.size()));
    if (is_new) communicators_.push_back({members});
    return known->second;
  }

  Simulation::Player player(std::uint32_t rank) const { return {rank, &traces_[trace_of_[rank]], of_rank_[rank]}; }

  // The same all along the ring; nothing where its steps differ.
  std::optional<Standing> standing(std::uint32_t communicator) const {
    const std::vector<std::uint32_t>& members = communicators_[communicator].members;
    Standing standing{members.size(), {}};
    for (std::size_t i = 0; i < members.size(); ++i) {
      const LogicalNetwork::Way step = network_.way(members[i], members[(i + 1) % members.size()]);
      if (i == 0) standing.step = step;
      if (!(step == standing.step)) return std::nullopt;
    }
    return standing;
  }

  // Fills classes_; false where the argument doesn't hold.
  bool are_classes() {
    if (!input_->fold || network_.npus() == 1) return false;
    for (const TraceNodes& trace : traces_) {
      for (const TraceNode& node : trace.nodes) {
        if (node.job == Job::kSend || node.job == Job::kReceive) return false;
        if (node.job == Job::kMemory && memory_.shared()) return false;
        if (node.job != Job::kCollective) continue;
        if (node.custom != kNoCustom) return false;
        for (const Implementation& one : system_.implementations[static_cast<std::size_t>(node.kind)]) {
          if (one.flat && network_.input().dimensions.size() > 1) return false;
          if (one.algorithm == Algorithm::kDoubleBinaryTree || one.algorithm == Algorithm::kCustom) return false;
        }
      }
    }
    std::vector<std::optional<Standing>> standings(communicators_.size());
    for (std::uint32_t c = 1; c < communicators_.size(); ++c) {
      // CORRECTNESS: a message of a group meets those of others on its way where links queue.
      if (input_->congestion == Congestion::kAware) return false;
      standings[c] = standing(c);
      if (!standings[c]) return false;
    }
    using Looks = std::pair<std::uint32_t, std::vector<Standing>>;
    std::map<Looks, std::uint32_t> known;
    std::vector<std::uint32_t> class_of(network_.npus());
    for (std::uint32_t rank = 0; rank < network_.npus(); ++rank) {
      Looks looks{trace_of_[rank], {}};
      for (const std::uint32_t c : of_rank_[rank]) looks.second.push_back(standings[c].value_or(Standing{}));
      const auto [found, is_new] = known.try_emplace(std::move(looks), static_cast<std::uint32_t>(classes_.size()));
      if (is_new) classes_.emplace_back();
      class_of[rank] = found->second;
      classes_[found->second].push_back(rank);
    }
    for (std::uint32_t rank = 0; rank < network_.npus(); ++rank) {
      for (const std::uint32_t c : of_rank_[rank]) {
        if (c == kEverybody && classes_.size() > 1) return false;
        for (const std::uint32_t member : communicators_[c].members)
          if (class_of[member] != class_of[rank]) return false;
      }
    }
    return true;
  }

  const ReplayInput* input_;
  std::vector<std::string> warnings_;
  LogicalNetwork network_;
  SystemInput system_;
  MemoryInput memory_;
  chakra::GroupLists listed_;
  std::vector<Communicator> communicators_;  // the first is everybody
  std::map<std::pair<std::string, std::vector<std::uint32_t>>, std::uint32_t> numbers_;
  std::vector<TraceNodes> traces_;  // those that differ
  std::vector<std::uint32_t> trace_of_;
  std::vector<std::vector<std::uint32_t>> of_rank_;  // by rank: communicators by the trace's groups
  std::vector<std::vector<std::uint32_t>> classes_;
};

}  // namespace

ReplayResult replay(const ReplayInput& input) { return Replay(input).play(); }

}  // namespace orrery::astra
