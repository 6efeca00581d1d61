// Lowers every communicator's collectives and every rank's messages, and writes down what each draws on.
#include "sim/kernel/fold/incidence.h"

#include <algorithm>
#include <bit>
#include <map>
#include <unordered_map>

#include "sim/base/scrambled.h"
#include "sim/kernel/excerpt.h"
#include "sim/kernel/fold/shares.h"

namespace orrery::kernel {
namespace {

// What an activity draws of a resource: a phase of one of its collectives, and how much.
struct NotedUse {
  std::uint32_t body = 0;
  std::uint32_t phase = 0;
  std::uint64_t amount = 0;  // the bits of a double
  friend auto operator<=>(const NotedUse&, const NotedUse&) = default;
};

// Equal lists of draws have equal numbers, and only those.
class Labels {
 public:
  static constexpr std::uint32_t kMember = 0;
  static constexpr std::uint32_t kSender = 1;
  static constexpr std::uint32_t kReceiver = 2;
  static constexpr std::uint32_t kEngine = 3;
  static constexpr std::uint32_t kMemory = 4;

  std::uint32_t of(const std::vector<NotedUse>& draws) {
    const auto [entry, added] = numbers_.emplace(draws, kFirst + static_cast<std::uint32_t>(numbers_.size()));
    return entry->second;
  }

 private:
  static constexpr std::uint32_t kFirst = 5;
  struct Hash {
    std::size_t operator()(const std::vector<NotedUse>& draws) const {
      std::uint64_t hash = draws.size();
      for (const NotedUse& draw : draws)
        hash =
            scrambled(hash ^ scrambled(draw.amount + scrambled(draw.body * std::uint64_t{0x1'0000'0001} + draw.phase)));
      return hash;
    }
  };
  std::unordered_map<std::vector<NotedUse>, std::uint32_t, Hash> numbers_;
};

class Scribe {
 public:
  Scribe(const Job& job, const RunOptions& options, const Communicators& communicators, Lowering& lowering,
         const Resources& resources)
      : job_(job),
        program_(*job.program),
        communicators_(communicators),
        lowering_(lowering),
        resources_(resources),
        vertex_of_resource_(resources.size(), kNone) {
    for (const CapacityChange& change : options.changes) {
      std::vector<std::uint64_t>& fate = fates_[change.resource];
      fate.push_back(static_cast<std::uint64_t>((change.at - Time()).ps()));
      fate.push_back(std::bit_cast<std::uint64_t>(change.capacity));
    }
    if (is_singled_out()) share_of_resource_ = shares_of_resources(job, resources);
    incidence_.ranks = program_.role_of_rank.size();
    incidence_.communicators = communicators.size();
    incidence_.graph.colours.resize(incidence_.ranks + incidence_.communicators);
    incidence_.resources.resize(incidence_.ranks + incidence_.communicators);
  }

  Incidence write() {
    collect_bodies();
    for (std::size_t r = 0; r < incidence_.ranks; ++r) add_rank(RankId(r));
    for (std::size_t g = 0; g < program_.groups.size(); ++g) add_group(GroupSpecId(g));
    for (std::size_t r = 0; r < incidence_.ranks; ++r) add_messages(RankId(r));
    return std::move(incidence_);
  }

 private:
  static constexpr std::uint32_t kNone = 0xFFFF'FFFFU;
  enum Kind : std::uint64_t { kRank = 1, kCommunicator, kResource, kMessage };

  // Equal looks have equal colours, and only those.
  std::uint64_t colour(const std::vector<std::uint64_t>& look) {
    return colours_.emplace(look, colours_.size()).first->second;
  }
  void edge(std::size_t a, std::size_t b, std::uint32_t label) {
    incidence_.graph.edges.push_back({static_cast<std::uint32_t>(a), static_cast<std::uint32_t>(b), label});
  }

  [[nodiscard]] bool is_singled_out() const { return program_.excerpt && program_.excerpt->singled_out; }

  // What each role runs, each body once.
  void collect_bodies() {
    for (const Role& role : program_.roles) {
      std::vector<std::uint32_t>& collectives = collectives_.emplace_back();
      std::vector<std::uint32_t>& messages = messages_.emplace_back();
      for (const Op& op : role.ops) {
        if (op.kind == OpKind::kCollective) collectives.push_back(op.body);
        if (op.kind == OpKind::kSend) messages.push_back(op.body);
      }
      for (std::vector<std::uint32_t>* bodies : {&collectives, &messages}) {
        std::sort(bodies->begin(), bodies->end());
        bodies->erase(std::unique(bodies->begin(), bodies->end()), bodies->end());
      }
    }
  }

  std::uint32_t vertex_of(ResourceId resource) {
    std::uint32_t& vertex = vertex_of_resource_[resource.index()];
    if (vertex != kNone) return vertex;
    vertex = static_cast<std::uint32_t>(incidence_.graph.colours.size());
    look_ = {kResource, std::bit_cast<std::uint64_t>(resources_.capacities()[resource.index()])};
    if (is_singled_out()) look_.push_back(share_of_resource_[resource.index()]);
    if (const auto fate = fates_.find(resource); fate != fates_.end())
      look_.insert(look_.end(), fate->second.begin(), fate->second.end());
    incidence_.graph.colours.push_back(colour(look_));
    incidence_.resources.push_back(resource);
    return vertex;
  }

  void add_rank(RankId rank) {
    look_ = {kRank, program_.role_of_rank[rank.index()]};
    if (is_singled_out()) look_.push_back(share_of(program_, rank));
    incidence_.graph.colours[rank.index()] = colour(look_);
    const ChipId chip = (*job_.placement)[rank];
    edge(rank.index(), vertex_of(resources_.engine(chip)), Labels::kEngine);
    edge(rank.index(), vertex_of(resources_.hbm(chip)), Labels::kMemory);
  }

  void add_group(GroupSpecId group) {
    const std::size_t first = communicators_.first(group).index();
    for (std::size_t c = first; c < first + communicators_.count(group); ++c) {
      const CommunicatorId communicator(c);
      const std::span<const RankId> members = communicators_.members(communicator);
      const std::size_t vertex = incidence_.ranks + c;
      look_ = {kCommunicator, group.index(), members.size()};
      for (const RankId member : members) edge(vertex, member.index(), Labels::kMember);
      if (members.size() > 1) {
        for (const std::uint32_t body : collectives_[program_.role_of_rank[members.front().index()]])
          if (program_.collectives[body].group == group) note(body, lowering_.lower(communicator, body));
      }
      incidence_.graph.colours[vertex] = colour(look_);
      draw(vertex);
    }
  }

  void add_messages(RankId rank) {
    for (const std::uint32_t body : messages_[program_.role_of_rank[rank.index()]]) {
      const MessageOp& message = program_.messages[body];
      const RankId peer = program_.peer(message, rank);
      if (peer == rank) continue;
      const std::size_t vertex = incidence_.graph.colours.size();
      incidence_.graph.colours.push_back(0);
      incidence_.resources.emplace_back();
      look_ = {kMessage, body};
      note(body, lowering_.lower(rank, peer, message.bytes));
      incidence_.graph.colours[vertex] = colour(look_);
      edge(vertex, rank.index(), Labels::kSender);
      edge(vertex, peer.index(), Labels::kReceiver);
      draw(vertex);
    }
  }

  // Adds to look_ what one lowered body looks like beside its uses, and keeps those for draw().
  void note(std::uint32_t body, const std::vector<FluidPhase>& phases) {
    for (std::uint32_t k = 0; k < phases.size(); ++k) {
      const FluidPhase& phase = phases[k];
      for (const std::uint64_t part :
           {std::uint64_t{body}, std::uint64_t{k}, static_cast<std::uint64_t>(phase.latency.ps()),
            std::bit_cast<std::uint64_t>(phase.weight), std::bit_cast<std::uint64_t>(phase.most)})
        look_.push_back(part);
      for (const Use& use : phase.uses)
        noted_.emplace_back(use.resource, NotedUse{body, k, std::bit_cast<std::uint64_t>(use.amount)});
    }
  }

  // An edge to each resource that was noted.
  void draw(std::size_t vertex) {
    std::sort(noted_.begin(), noted_.end());
    for (std::size_t k = 0; k < noted_.size();) {
      const ResourceId resource = noted_[k].first;
      draws_.clear();
      for (; k < noted_.size() && noted_[k].first == resource; ++k) draws_.push_back(noted_[k].second);
      edge(vertex, vertex_of(resource), labels_.of(draws_));
    }
    noted_.clear();
  }

  const Job& job_;
  const Program& program_;
  const Communicators& communicators_;
  Lowering& lowering_;
  const Resources& resources_;
  Incidence incidence_;
  std::vector<std::uint32_t> vertex_of_resource_;
  std::map<ResourceId, std::vector<std::uint64_t>> fates_;       // what is to become of a resource's capacity
  std::map<std::vector<std::uint64_t>, std::uint64_t> colours_;  // by look
  std::vector<std::uint64_t> look_;
  std::vector<std::uint32_t> share_of_resource_;         // where shares are singled out
  std::vector<std::vector<std::uint32_t>> collectives_;  // by role
  std::vector<std::vector<std::uint32_t>> messages_;     // by role
  Labels labels_;
  std::vector<std::pair<ResourceId, NotedUse>> noted_;
  std::vector<NotedUse> draws_;
};

}  // namespace

Incidence incidence_of(const Job& job, const RunOptions& options, const Communicators& communicators,
                       Lowering& lowering, const Resources& resources) {
  return Scribe(job, options, communicators, lowering, resources).write();
}

}  // namespace orrery::kernel
