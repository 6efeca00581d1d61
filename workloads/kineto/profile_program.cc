// First who communicates what with whom, over all ranks; then each profile's role.
#include "workloads/kineto/profile_program.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>

#include "sim/base/error.h"
#include "workloads/chakra/group_families.h"
#include "workloads/chakra/trace_book.h"
#include "workloads/kineto/profile_role.h"

namespace orrery::kineto {
namespace {

constexpr std::string_view kWorld = "world";

bool per_member(CollectiveKind kind) { return kind == CollectiveKind::kAllGather || kind == CollectiveKind::kGather; }

class Job {
 public:
  Job(const std::vector<Profile>& profiles, const std::string& algorithm)
      : profiles_(&profiles), ranks_(static_cast<std::uint32_t>(ranks_of(profiles))), families_(ranks_) {
    algorithm_ = book_.algorithm(algorithm);
    seat();
  }

  ProfiledProgram write() {
    for (std::uint32_t rank = 0; rank < ranks_; ++rank) note_collectives(rank);
    Program& program = book_.program;
    program.grid.dimensions.push_back({"rank", ranks_});
    program.streams = {"host", "compute", "cpu"};
    const std::vector<GroupSpecId> specs = families_.into(program);
    std::map<std::pair<std::size_t, std::vector<std::uint32_t>>, std::uint32_t> roles;
    for (std::uint32_t rank = 0; rank < ranks_; ++rank) {
      const auto [entry, is_new] = roles.try_emplace({profile_of_[rank], collectives_of(rank, specs)},
                                                     static_cast<std::uint32_t>(program.roles.size()));
      if (is_new) program.roles.push_back(role(rank, entry->first.second));
      program.role_of_rank.push_back(entry->second);
    }
    if (program.names.empty()) program.names.emplace_back();
    say_rest();
    return {std::move(book_.program), "profiles of PyTorch", std::move(warnings_)};
  }

 private:
  // Which profile each rank does as. Profiles that don't say their rank are of the first ranks that are left.
  void seat() {
    constexpr std::size_t kNobody = ~std::size_t{0};
    profile_of_.assign(ranks_, kNobody);
    for (std::size_t p = 0; p < profiles_->size(); ++p) {
      const std::optional<std::uint32_t> rank = (*profiles_)[p].rank;
      if (!rank) continue;
      if (profile_of_[*rank] != kNobody)
        fail_file((*profiles_)[p].file,
                  fmt::format("is of rank {}, and so is {}", *rank, (*profiles_)[profile_of_[*rank]].file));
      profile_of_[*rank] = p;
    }
    for (std::size_t p = 0; p < profiles_->size(); ++p)
      if (!(*profiles_)[p].rank) *std::find(profile_of_.begin(), profile_of_.end(), kNobody) = p;
    std::size_t next = 0;
    std::size_t borrowed = 0;
    for (std::size_t& of : profile_of_) {
      if (of != kNobody) continue;
      of = next++ % profiles_->size();
      ++borrowed;
    }
    if (borrowed > 0)
      warnings_.push_back(
          fmt::format("profiles of {} of {} ranks: the others do as these do, in turn", profiles_->size(), ranks_));
  }

  [[nodiscard]] const Profile& profile(std::uint32_t rank) const { return (*profiles_)[profile_of_[rank]]; }

  std::uint32_t group_of(const Communication& communication, std::uint32_t rank) {
    std::vector<RankId> members;
    members.reserve(ranks_);
    for (const std::uint32_t member : communication.ranks) members.emplace_back(member);
    const bool everybody = members.empty() || members.size() == ranks_;
    if (everybody) {
      members.clear();
      for (std::uint32_t r = 0; r < ranks_; ++r) members.emplace_back(r);
    }
    const auto self = std::find(members.begin(), members.end(), RankId(rank));
    if (self == members.end())
      fail_file(
          profile(rank).file,
          fmt::format("its collectives are of a group that rank {} isn't in: that rank needs a profile of its own",
                      rank));
    const std::string name = everybody ? std::string(kWorld) : communication.group;
    return families_.add(name, members, 0, name);
  }

  // What each member brings to the k-th collective of a group: kinds must agree, the largest size counts.
  void note_collectives(std::uint32_t rank) {
    std::map<std::uint32_t, std::size_t> done;  // by group
    groups_of_.emplace_back();
    for (const DeviceOp& op : profile(rank).ops) {
      if (!op.communication) continue;
      const std::uint32_t group = group_of(*op.communication, rank);
      groups_of_.back().push_back(group);
      std::vector<Shared>& shared = shared_[group];
      const std::size_t k = done[group]++;
      if (k == shared.size()) shared.push_back({op.communication->kind, op.communication->bytes, rank, 0});
      Shared& here = shared[k];
      if (here.kind != op.communication->kind)
        fail_file(profile(rank).file, fmt::format("collective {} is {} here and {} of rank {}", k + 1,
                                                  to_name(op.communication->kind), to_name(here.kind), here.first));
      uneven_ += here.bytes == op.communication->bytes ? 0 : 1;
      here.bytes = std::max(here.bytes, op.communication->bytes);
      ++here.members;
    }
  }

  // By collective of the rank: index into Program::collectives.
  std::vector<std::uint32_t> collectives_of(std::uint32_t rank, const std::vector<GroupSpecId>& specs) {
    std::map<std::uint32_t, std::size_t> done;
    std::vector<std::uint32_t> bodies;
    for (const std::uint32_t group : groups_of_[rank]) {
      const std::size_t k = done[group]++;
      const Shared& shared = shared_.at(group)[k];
      const std::size_t members = families_.members(group);
      if (shared.members != members)
        fail_file(
            profile(rank).file,
            fmt::format("{} of {} members take part in collective {}, a {}: the profiles don't cover the same steps",
                        shared.members, members, k + 1, to_name(shared.kind)));
      const Bytes bytes = shared.kind == CollectiveKind::kBarrier ? Bytes(0)
                          : per_member(shared.kind)               ? shared.bytes * static_cast<std::int64_t>(members)
                                                                  : shared.bytes;
      const auto [entry, is_new] = made_.try_emplace({shared.kind, specs[group], bytes},
                                                     static_cast<std::uint32_t>(book_.program.collectives.size()));
      if (is_new) book_.program.collectives.push_back({shared.kind, specs[group], bytes, algorithm_});
      bodies.push_back(entry->second);
    }
    return bodies;
  }

  Role role(std::uint32_t rank, const std::vector<std::uint32_t>& collectives) {
    ProfileRole made = write_role(profile(rank), collectives, book_);
    made.role.name = fmt::format("rank {}", rank);
    unknown_ += made.unknown;
    return std::move(made.role);
  }

  void say_rest() {
    if (uneven_ > 0)
      warnings_.push_back(
          fmt::format("{} times members bring different sizes to a collective: the largest counts", uneven_));
    if (unknown_ > 0)
      warnings_.push_back(
          fmt::format("{} NCCL kernels don't say what they communicate: they last as measured", unknown_));
  }

  struct Shared {
    CollectiveKind kind = CollectiveKind::kAllReduce;
    Bytes bytes;
    std::uint32_t first = 0;  // rank that came first
    std::size_t members = 0;  // that take part
  };

  const std::vector<Profile>* profiles_;
  std::uint32_t ranks_;
  chakra::GroupFamilies families_;
  chakra::TraceBook book_;
  std::uint32_t algorithm_ = 0;
  std::vector<std::size_t> profile_of_;                // by rank
  std::vector<std::vector<std::uint32_t>> groups_of_;  // by rank, by collective
  std::map<std::uint32_t, std::vector<Shared>> shared_;
  std::map<std::tuple<CollectiveKind, GroupSpecId, Bytes>, std::uint32_t> made_;
  std::vector<std::string> warnings_;
  std::size_t uneven_ = 0;
  std::size_t unknown_ = 0;
};

}  // namespace

std::size_t ranks_of(const std::vector<Profile>& profiles) {
  std::size_t most = profiles.size();
  for (const Profile& profile : profiles)
    most = std::max<std::size_t>({most, profile.world_size.value_or(1), profile.rank.value_or(0) + std::size_t{1}});
  return most;
}

ProfiledProgram program_of(const std::vector<Profile>& profiles, const std::string& algorithm) {
  return Job(profiles, algorithm).write();
}

}  // namespace orrery::kineto
