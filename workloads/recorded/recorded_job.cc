// First who communicates what with whom, over all ranks; then each distinct role.
#include "workloads/recorded/recorded_job.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "sim/base/error.h"
#include "workloads/chakra/group_families.h"
#include "workloads/recorded/group_pattern.h"

namespace orrery::recorded {
namespace {

constexpr std::string_view kWorld = "world";

bool per_member(CollectiveKind kind) { return kind == CollectiveKind::kAllGather || kind == CollectiveKind::kGather; }

class JobWriter {
 public:
  JobWriter(const RecordedJob& job, const WriteRole& write_role)
      : job_(&job),
        write_role_(&write_role),
        recorded_(static_cast<std::uint32_t>(ranks_of(job.recordings))),
        ranks_(std::max(recorded_, job.ranks.value_or(recorded_))),
        families_(ranks_) {
    algorithm_ = book_.algorithm(job.algorithm);
    if (job.ranks && *job.ranks < recorded_)
      fail_file(job.recordings.front().file,
                fmt::format("was recorded on {} ranks: it can be played on more, not on {}", recorded_, *job.ranks));
    seat();
    find_groups();
  }

  RecordedProgram write() {
    for (std::uint32_t rank = 0; rank < ranks_; ++rank) note_collectives(rank);
    Program& program = book_.program;
    program.grid.dimensions.push_back({"rank", ranks_});
    program.streams = job_->streams;
    const std::vector<GroupSpecId> specs = families_.into(program);
    std::map<std::pair<std::size_t, std::vector<std::uint32_t>>, std::uint32_t> roles;
    for (std::uint32_t rank = 0; rank < ranks_; ++rank) {
      const auto [entry, is_new] = roles.try_emplace({recording_of_[rank], collectives_of(rank, specs)},
                                                     static_cast<std::uint32_t>(program.roles.size()));
      if (is_new) {
        program.roles.push_back((*write_role_)(recording_of_[rank], entry->first.second, book_));
        program.roles.back().name = fmt::format("rank {}", rank);
      }
      program.role_of_rank.push_back(entry->second);
    }
    if (program.names.empty()) program.names.emplace_back();
    if (uneven_ > 0)
      warnings_.push_back(
          fmt::format("{} times members bring different sizes to a collective: the largest counts", uneven_));
    say_growth();
    return {std::move(book_.program), std::move(warnings_)};
  }

 private:
  // Which recording each rank does as.
  void seat() {
    constexpr std::size_t kNobody = ~std::size_t{0};
    const std::vector<Recording>& recordings = job_->recordings;
    recording_of_.assign(recorded_, kNobody);
    for (std::size_t p = 0; p < recordings.size(); ++p) {
      const std::optional<std::uint32_t> rank = recordings[p].rank;
      if (!rank) continue;
      if (recording_of_[*rank] != kNobody)
        fail_file(recordings[p].file,
                  fmt::format("is of rank {}, and so is {}", *rank, recordings[recording_of_[*rank]].file));
      recording_of_[*rank] = p;
    }
    for (std::size_t p = 0; p < recordings.size(); ++p)
      if (!recordings[p].rank) *std::find(recording_of_.begin(), recording_of_.end(), kNobody) = p;
    std::size_t next = 0;
    std::size_t borrowed = 0;
    for (std::size_t& of : recording_of_) {
      if (of != kNobody) continue;
      of = next++ % recordings.size();
      ++borrowed;
    }
    if (borrowed > 0)
      warnings_.push_back(fmt::format("{} of {} of {} ranks: the others do as these do, in turn", job_->noun,
                                      recordings.size(), recorded_));
    for (std::uint32_t rank = recorded_; rank < ranks_; ++rank)
      recording_of_.push_back(recording_of_[rank % recorded_]);
  }

  [[nodiscard]] const Recording& recording(std::uint32_t rank) const { return job_->recordings[recording_of_[rank]]; }

  // A group as a recording names it.
  struct NamedGroup {
    const Communication* example = nullptr;
    bool everybody = false;
    std::optional<GroupPattern> pattern;  // over the ranks to be played on
    std::uint32_t recorded_size = 0;
  };

  void find_groups() {
    for (const Recording& recording : job_->recordings) {
      std::map<std::pair<std::string, std::vector<std::uint32_t>>, std::size_t> known;
      std::vector<NamedGroup>& groups = named_.emplace_back();
      std::vector<std::size_t>& of = named_of_.emplace_back();
      for (const Communication& communication : recording.communications) {
        const auto [entry, is_new] = known.try_emplace({communication.group, communication.ranks}, groups.size());
        of.push_back(entry->second);
        if (is_new) groups.push_back(named(communication));
      }
    }
  }

  NamedGroup named(const Communication& communication) {
    NamedGroup group;
    group.example = &communication;
    group.everybody = communication.ranks.empty() || communication.ranks.size() == recorded_;
    group.recorded_size = group.everybody ? recorded_ : static_cast<std::uint32_t>(communication.ranks.size());
    if (group.everybody) {
      if (ranks_ > recorded_) grown_.insert({std::string(kWorld), recorded_, ranks_});
      return group;
    }
    const std::optional<GroupPattern> pattern = pattern_of(communication.ranks, recorded_);
    if (!pattern) return group;
    group.pattern = carried_on(*pattern, recorded_, ranks_);
    if (!group.pattern || ranks_ == recorded_) return group;
    if (group.pattern->size > pattern->size)
      grown_.insert({communication.group, pattern->size, group.pattern->size});
    else
      repeated_.insert({pattern->size, pattern->stride});
    return group;
  }

  std::uint32_t group_of(const NamedGroup& named, std::uint32_t rank) {
    const Communication& example = *named.example;
    if (named.everybody) {
      if (!world_) {
        const GroupPattern all{1, ranks_};
        world_ = families_.add(std::string(kWorld), all.members_of(rank), 0, std::string(kWorld));
      }
      return *world_;
    }
    const bool inside = std::find(example.ranks.begin(), example.ranks.end(), rank) != example.ranks.end();
    if (ranks_ > recorded_ && !named.pattern)
      fail_file(recording(rank).file,
                fmt::format("group '{}' of {} of {} ranks doesn't say how it goes on over {}: it would have to be "
                            "evenly spaced, as along a dimension of a grid, and divide them",
                            example.group, example.ranks.size(), recorded_, ranks_));
    if (named.pattern && (ranks_ > recorded_ || !inside)) {
      const auto [entry, is_new] =
          patterned_.try_emplace({example.group, *named.pattern, named.pattern->first_of(rank)}, 0);
      if (is_new) entry->second = families_.add(example.group, named.pattern->members_of(rank), 0, example.group);
      return entry->second;
    }
    if (!inside)
      fail_file(
          recording(rank).file,
          fmt::format("its collectives are of a group that rank {} isn't in: that rank needs a profile of its own",
                      rank));
    std::vector<RankId> members;
    members.reserve(example.ranks.size());
    for (const std::uint32_t member : example.ranks) members.emplace_back(member);
    return families_.add(example.group, members, 0, example.group);
  }

  // What each member brings to the k-th collective of a group: kinds must agree, the largest size counts.
  void note_collectives(std::uint32_t rank) {
    const std::size_t r = recording_of_[rank];
    std::vector<std::uint32_t> groups;
    groups.reserve(named_[r].size());
    for (const NamedGroup& named : named_[r]) groups.push_back(group_of(named, rank));
    std::map<std::uint32_t, std::size_t> done;  // by group
    const std::vector<Communication>& communications = job_->recordings[r].communications;
    for (std::size_t c = 0; c < communications.size(); ++c) {
      const Communication& communication = communications[c];
      const std::uint32_t group = groups[named_of_[r][c]];
      std::vector<Shared>& shared = shared_[group];
      const std::size_t k = done[group]++;
      if (k == shared.size())
        shared.push_back({communication.kind, communication.bytes, rank, 0, named_[r][named_of_[r][c]].recorded_size});
      Shared& here = shared[k];
      if (here.kind != communication.kind)
        fail_file(recording(rank).file, fmt::format("collective {} is {} here and {} of rank {}", k + 1,
                                                    to_name(communication.kind), to_name(here.kind), here.first));
      uneven_ += here.bytes == communication.bytes ? 0 : 1;
      here.bytes = std::max(here.bytes, communication.bytes);
      ++here.members;
    }
    groups_of_.push_back(std::move(groups));
  }

  // By collective of the rank: index into Program::collectives.
  std::vector<std::uint32_t> collectives_of(std::uint32_t rank, const std::vector<GroupSpecId>& specs) {
    std::map<std::uint32_t, std::size_t> done;
    std::vector<std::uint32_t> bodies;
    for (const std::size_t named : named_of_[recording_of_[rank]]) {
      const std::uint32_t group = groups_of_[rank][named];
      const std::size_t k = done[group]++;
      const Shared& shared = shared_.at(group)[k];
      const std::size_t members = families_.members(group);
      if (shared.members != members)
        fail_file(recording(rank).file,
                  fmt::format("{} of {} members take part in collective {}, a {}: the {} don't cover the same steps",
                              shared.members, members, k + 1, to_name(shared.kind), job_->noun));
      const Bytes bytes = shared.kind == CollectiveKind::kBarrier ? Bytes(0)
                          : per_member(shared.kind)               ? shared.bytes * shared.recorded_size
                                                                  : shared.bytes;
      const auto [entry, is_new] = made_.try_emplace({shared.kind, specs[group], bytes},
                                                     static_cast<std::uint32_t>(book_.program.collectives.size()));
      if (is_new) book_.program.collectives.push_back({shared.kind, specs[group], bytes, algorithm_});
      bodies.push_back(entry->second);
    }
    return bodies;
  }

  void say_growth() {
    if (job_->ranks && ranks_ == recorded_)
      warnings_.push_back(fmt::format("--ranks {} changes nothing: so many were recorded", ranks_));
    if (ranks_ == recorded_) return;
    warnings_.push_back(
        fmt::format("recorded on {} ranks, played on {}: what a rank computes and brings to a "
                    "collective stays as it was, and all-gathers make as much as they did",
                    recorded_, ranks_));
    for (const auto& [name, before, after] : grown_)
      warnings_.push_back(fmt::format("group '{}' grows from {} to {} ranks", name, before, after));
    for (const auto& [size, stride] : repeated_)
      warnings_.push_back(fmt::format("groups of {} ranks, {} apart, are {} instead of {}", size, stride, ranks_ / size,
                                      recorded_ / size));
  }

  struct Shared {
    CollectiveKind kind = CollectiveKind::kAllReduce;
    Bytes bytes;
    std::uint32_t first = 0;  // rank that came first
    std::size_t members = 0;  // that take part
    std::int64_t recorded_size = 0;
  };

  const RecordedJob* job_;
  const WriteRole* write_role_;
  std::uint32_t recorded_;
  std::uint32_t ranks_;
  chakra::GroupFamilies families_;
  chakra::TraceBook book_;
  std::uint32_t algorithm_ = 0;
  std::vector<std::size_t> recording_of_;              // by rank
  std::vector<std::vector<NamedGroup>> named_;         // by recording
  std::vector<std::vector<std::size_t>> named_of_;     // by recording, by communication: into named_
  std::vector<std::vector<std::uint32_t>> groups_of_;  // by rank, as named_ of its recording
  std::optional<std::uint32_t> world_;                 // everybody's group
  std::map<std::tuple<std::string, GroupPattern, std::uint32_t>, std::uint32_t> patterned_;
  std::map<std::uint32_t, std::vector<Shared>> shared_;
  std::map<std::tuple<CollectiveKind, GroupSpecId, Bytes>, std::uint32_t> made_;
  std::set<std::tuple<std::string, std::uint32_t, std::uint32_t>> grown_;
  std::set<std::pair<std::uint32_t, std::uint32_t>> repeated_;
  std::vector<std::string> warnings_;
  std::size_t uneven_ = 0;
};

}  // namespace

std::size_t ranks_of(const std::vector<Recording>& recordings) {
  std::size_t most = recordings.size();
  for (const Recording& recording : recordings)
    most = std::max<std::size_t>({most, recording.world_size.value_or(1), recording.rank.value_or(0) + std::size_t{1}});
  return most;
}

RecordedProgram program_of(const RecordedJob& job, const WriteRole& write_role) {
  return JobWriter(job, write_role).write();
}

}  // namespace orrery::recorded
