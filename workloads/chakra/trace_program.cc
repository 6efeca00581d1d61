// Reads rank after rank, keeps each distinct role once, and gives groups and ranks their places.
#include "workloads/chakra/trace_program.h"

#include <dirent.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <memory>
#include <set>
#include <tuple>

#include "sim/base/error.h"
#include "workloads/chakra/group_families.h"
#include "workloads/chakra/process_groups.h"
#include "workloads/chakra/rank_trace.h"
#include "workloads/chakra/role_book.h"
#include "workloads/chakra/trace_book.h"

namespace orrery::chakra {
namespace {

constexpr std::string_view kTraceSuffix = ".et";
constexpr std::size_t kMostTracedRanks = std::size_t{1} << 20U;

class ProgramReading {
 public:
  ProgramReading(const std::filesystem::path& prefix, std::size_t ranks, const NodeRules& rules)
      : prefix_(prefix), ranks_(ranks), rules_(rules), families_(ranks) {}

  TracedProgram read(const std::optional<std::filesystem::path>& groups) {
    if (groups) listed_ = read_groups_file(*groups, ranks_);
    for (std::size_t r = 0; r < ranks_; ++r) add(RankId(r));
    finish();
    TracedProgram traced{std::move(book_.program), std::move(facts_), {}};
    if (dangling_ > 0)
      traced.warnings.push_back(
          fmt::format("{} control dependencies on nodes that aren't there have no effect", dangling_));
    for (const std::string& name : unheeded_)
      traced.warnings.push_back(fmt::format("the attribute '{}' of collectives has no effect", name));
    if (timeless_ > 0)
      traced.warnings.push_back(
          fmt::format("{} compute nodes say neither duration_micros nor num_ops: they take no time", timeless_));
    if (idle_ > 0) traced.warnings.push_back(fmt::format("{} of {} ranks have nothing to do", idle_, ranks_));
    for (const auto& [name, members] : listed_)
      if (!used_.contains(name))
        traced.warnings.push_back(fmt::format("nothing communicates on group {}", in_quotes(name)));
    return traced;
  }

 private:
  void begin(const Reader& reader) {
    facts_ = own_facts(reader, ranks_);
    Program& program = book_.program;
    if (facts_) {
      program.grid = facts_->grid;
      program.streams = facts_->streams;
      program.host_op = facts_->host_op;
      program.staggered = facts_->staggered;
    } else {
      program.grid.dimensions.push_back({"rank", static_cast<std::uint32_t>(ranks_)});
      program.streams = {"host", "compute", "cpu", "communication"};
    }
  }

  void add(RankId rank) {
    Reader reader(trace_file(prefix_, rank.index()));
    if (rank.index() == 0) {
      begin(reader);
    } else {
      const std::optional<OwnFacts> facts = own_facts(reader, ranks_);
      if (facts.has_value() != facts_.has_value() || (facts && !agree(*facts, *facts_)))
        fail_file(reader.name(), fmt::format("its metadata doesn't agree with {}", trace_file(prefix_, 0).string()));
    }
    RankTrace trace = read_rank(reader, rules_, facts_, rank, ranks_, book_);
    for (std::size_t s = book_.program.streams.size(); s < trace.streams; ++s)
      book_.program.streams.push_back(fmt::format("receive {}", s - kFirstReceiveStream));
    dangling_ += trace.dangling;
    timeless_ += trace.timeless;
    idle_ += trace.role.ops.empty() ? 1 : 0;
    unheeded_.merge(trace.unheeded);

    std::vector<std::uint32_t>& groups = groups_of_rank_.emplace_back();
    for (std::size_t s = 0; s < trace.slots.size(); ++s) {
      const NodeReading::Slot& slot = trace.slots[s];
      const std::vector<RankId> members = members_of(slot, trace.groups, rank, reader.name());
      groups.push_back(families_.add(slot.group, members, static_cast<std::uint32_t>(s), slot.serves));
    }
    role_of_rank_.push_back(kept_.keep(std::move(trace.role), rank));
  }

  [[nodiscard]] std::vector<RankId> members_of(const NodeReading::Slot& slot, const GroupLists& own, RankId rank,
                                               const std::string& file) {
    const auto fail = [&](const std::string& message) {
      fail_file(fmt::format("{}:byte {}", file, slot.offset), message);
    };
    const std::vector<RankId>* members = nullptr;
    if (const auto found = own.find(slot.group); found != own.end()) members = &found->second;
    if (const auto found = listed_.find(slot.group); found != listed_.end() && members == nullptr)
      members = &found->second;
    used_.insert(slot.group);
    if (members == nullptr && (slot.group.empty() || slot.group == "0")) return everybody(ranks_);
    if (members == nullptr)
      fail(fmt::format("no group is called {}: neither the trace's metadata nor --groups says who is in it",
                       in_quotes(slot.group)));
    if (std::find(members->begin(), members->end(), rank) == members->end())
      fail(fmt::format("rank {} communicates on group {}, which leaves it out", rank.index(), in_quotes(slot.group)));
    return *members;
  }

  void finish() {
    Program& program = book_.program;
    const std::vector<GroupSpecId> spec = families_.into(program);
    std::map<std::pair<std::uint32_t, std::vector<GroupSpecId>>, std::uint32_t> roles;
    for (std::size_t r = 0; r < ranks_; ++r) {
      std::vector<GroupSpecId> groups;
      for (const std::uint32_t group : groups_of_rank_[r]) groups.push_back(spec[group]);
      const auto [entry, added] =
          roles.try_emplace({role_of_rank_[r], groups}, static_cast<std::uint32_t>(program.roles.size()));
      if (added) program.roles.push_back(placed(kept_.roles()[role_of_rank_[r]], r, groups));
      program.role_of_rank.push_back(entry->second);
    }
    // A stack of no collectives has no algorithms; a Program may not be without names.
    if (program.names.empty()) program.names.emplace_back();
  }

  // With collectives on their groups.
  Role placed(Role role, std::size_t rank, const std::vector<GroupSpecId>& groups) {
    for (Op& op : role.ops) {
      if (op.kind != OpKind::kCollective) continue;
      const TracedCollective& traced = book_.collectives[op.body];
      const std::size_t members = families_.members(groups_of_rank_[rank][traced.slot]);
      const CollectiveOp made{traced.kind, groups[traced.slot],
                              traced.per_member ? traced.bytes * static_cast<std::int64_t>(members) : traced.bytes,
                              traced.algorithm, traced.copies};
      const auto [entry, added] =
          collectives_.try_emplace(std::make_tuple(made.kind, made.group, made.bytes, made.algorithm, made.copies),
                                   static_cast<std::uint32_t>(book_.program.collectives.size()));
      if (added) book_.program.collectives.push_back(made);
      op.body = entry->second;
    }
    return role;
  }

  std::filesystem::path prefix_;
  std::size_t ranks_;
  const NodeRules& rules_;
  TraceBook book_;
  GroupFamilies families_;
  GroupLists listed_;
  std::set<std::string> used_;
  std::optional<OwnFacts> facts_;
  RoleBook kept_;
  std::vector<std::uint32_t> role_of_rank_;                 // into kept_.roles()
  std::vector<std::vector<std::uint32_t>> groups_of_rank_;  // by slot
  std::map<std::tuple<CollectiveKind, GroupSpecId, Bytes, std::uint32_t, std::uint32_t>, std::uint32_t> collectives_;
  std::size_t dangling_ = 0;
  std::size_t timeless_ = 0;
  std::size_t idle_ = 0;
  std::set<std::string> unheeded_;
};

}  // namespace

std::filesystem::path trace_file(const std::filesystem::path& prefix, std::size_t rank) {
  return fmt::format("{}.{}{}", prefix.native(), rank, kTraceSuffix);
}

std::size_t count_ranks(const std::filesystem::path& prefix) {
  const std::filesystem::path folder = prefix.has_parent_path() ? prefix.parent_path() : ".";
  const std::string stem = prefix.filename().string() + ".";
  std::vector<std::size_t> found;
  // readdir(): a thousand names cost std::filesystem::directory_iterator as much as reading what is in the files.
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(opendir(folder.c_str()), &closedir);
  while (const dirent* entry = listing ? readdir(listing.get()) : nullptr) {
    const std::string_view name = entry->d_name;
    if (!name.starts_with(stem) || !name.ends_with(kTraceSuffix) || name.size() <= stem.size() + kTraceSuffix.size())
      continue;
    const std::string_view digits = name.substr(stem.size(), name.size() - stem.size() - kTraceSuffix.size());
    std::size_t rank = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), rank);
    if (error != std::errc() || end != digits.data() + digits.size() || std::to_string(rank) != digits) continue;
    found.push_back(rank);
  }
  std::sort(found.begin(), found.end());
  if (found.empty()) fail_file(prefix, fmt::format("no traces: {} isn't there", trace_file(prefix, 0).string()));
  for (std::size_t r = 0; r < found.size(); ++r)
    if (found[r] != r)
      fail_file(trace_file(prefix, r),
                fmt::format("is missing, while {} is there: a job needs the traces of all its ranks",
                            trace_file(prefix, found.back()).filename().string()));
  if (found.size() > kMostTracedRanks)
    fail_file(prefix, fmt::format("{} ranks; at most {} can be simulated", found.size(), kMostTracedRanks));
  return found.size();
}

TracedProgram read_traces(const std::filesystem::path& prefix, std::size_t ranks,
                          const std::optional<std::filesystem::path>& groups, const NodeRules& rules) {
  return ProgramReading(prefix, ranks, rules).read(groups);
}

}  // namespace orrery::chakra
