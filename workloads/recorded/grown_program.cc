// First the block, then groups and messages over its copies, then roles that say the new peers.
#include "workloads/recorded/grown_program.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "sim/base/error.h"
#include "workloads/recorded/group_pattern.h"

namespace orrery::recorded {
namespace {

constexpr std::uint32_t kOnlyDimension = 0;
constexpr std::string_view kUsualDimension = "data";

std::vector<std::uint32_t> ascending(const std::vector<RankId>& members) {
  std::vector<std::uint32_t> ranks;
  ranks.reserve(members.size());
  for (const RankId member : members) ranks.push_back(member.index());
  std::sort(ranks.begin(), ranks.end());
  return ranks;
}

class Growing {
 public:
  Growing(const Program& program, const Growth& growth, const std::string& source)
      : program_(&program),
        source_(&source),
        recorded_(static_cast<std::uint32_t>(program.role_of_rank.size())),
        ranks_(growth.ranks),
        has_grid_(program.grid.dimensions.size() > 1 || program.grid.dimensions.front().name != "rank") {
    if (ranks_ < recorded_)
      fail_file(source, fmt::format("is of {} ranks: it can be played on more, not on {}", recorded_, ranks_));
    if (ranks_ % recorded_ != 0)
      fail_file(source,
                fmt::format("is of {} ranks: it can be played on a multiple of them, not on {}", recorded_, ranks_));
    copies_ = ranks_ / recorded_;
    if (has_grid_)
      choose_dimension(growth.along);
    else
      choose_block(growth.along);
  }

  GrownProgram grow() {
    GrownProgram grown{*program_, {}};
    made_ = &grown.program;
    made_->grid.dimensions[dimension_].size *= copies_;
    for (GroupSpec& group : made_->groups) grow_group(group);
    choose_messages();
    if (!has_grid_ && grown_.empty() && !onward_) fail(nothing_grows());
    made_->messages.clear();
    made_->roles.clear();
    made_->role_of_rank.assign(ranks_, 0);
    for (std::uint32_t rank = 0; rank < recorded_; ++rank) {
      const std::uint32_t role = role_of(rank);
      for (std::uint32_t copy = 0; copy < copies_; ++copy) made_->role_of_rank[place(rank, copy).index()] = role;
    }
    grown.notes = notes();
    return grown;
  }

 private:
  [[noreturn]] void fail(const std::string& message, const std::vector<std::string>& notes = {}) const {
    fail_file(*source_, message, notes);
  }

  [[nodiscard]] RankId place(std::uint32_t rank, std::uint32_t copy) const {
    return RankId(rank % block_ + block_ * (copy + std::size_t{copies_} * (rank / block_)));
  }

  // Traces of our own.
  void choose_dimension(const std::string& along) {
    const std::vector<Grid::Dimension>& dimensions = program_->grid.dimensions;
    const std::string_view wanted = along.empty() ? kUsualDimension : along;
    const auto found = std::find_if(dimensions.begin(), dimensions.end(),
                                    [&](const Grid::Dimension& one) { return one.name == wanted; });
    if (found == dimensions.end()) {
      std::vector<std::string> names;
      names.reserve(dimensions.size());
      for (const Grid::Dimension& one : dimensions) names.push_back(one.name);
      if (along.empty())
        fail("has no dimension 'data' to grow along: --grows names another", {name_list("dimension", names)});
      fail(unknown_name("dimension", along, names), {name_list("dimension", names)});
    }
    dimension_ = static_cast<std::uint32_t>(found - dimensions.begin());
    if (found->size == 1)
      fail(fmt::format("has one rank along '{}': it doesn't say what several would exchange", found->name));
    block_ = program_->grid.stride(dimension_) * found->size;
    const std::uint32_t stride = program_->grid.stride(dimension_);
    for (std::uint32_t rank = 0; rank < recorded_; ++rank) {
      const std::uint32_t first = rank - program_->grid.coordinate(RankId(rank), dimension_) * stride;
      if (program_->role_of_rank[rank] != program_->role_of_rank[first])
        fail(fmt::format("can't grow along '{}': rank {} does something else than rank {}", found->name, rank, first));
    }
  }

  // Others' traces.
  void choose_block(const std::string& along) {
    dimension_ = kOnlyDimension;
    block_ = recorded_;
    if (!along.empty()) {
      const auto named = std::find_if(program_->groups.begin(), program_->groups.end(),
                                      [&](const GroupSpec& group) { return group.name == along; });
      if (named == program_->groups.end()) {
        std::vector<std::string> names;
        names.reserve(program_->groups.size());
        for (const GroupSpec& group : program_->groups) names.push_back(group.name);
        fail(unknown_name("group", along, names), {name_list("group", names)});
      }
      const std::optional<GroupPattern> pattern = common_pattern(*named);
      if (!pattern) fail(uneven(named->name, named->listed.front().size()));
      block_ = pattern->block();
      return;
    }
    std::uint32_t furthest = 0;
    for (const GroupSpec& group : program_->groups)
      if (const std::optional<GroupPattern> pattern = common_pattern(group); pattern && pattern->size > 1)
        furthest = std::max(furthest, pattern->block());
    if (furthest > 0) block_ = furthest;
  }

  [[nodiscard]] std::optional<GroupPattern> common_pattern(const GroupSpec& group) const {
    std::optional<GroupPattern> common;
    for (const std::vector<RankId>& members : group.listed) {
      const std::optional<GroupPattern> one = pattern_of(ascending(members), recorded_);
      if (!one || (common && *common != *one)) return std::nullopt;
      common = one;
    }
    return common;
  }

  [[nodiscard]] std::string uneven(const std::string& name, std::size_t members) const {
    return fmt::format(
        "{}, of {} of {} ranks, doesn't say how it goes on over {}: it would have to be evenly spaced, as along a "
        "dimension of a grid, and divide them",
        in_quotes(name), members, recorded_, ranks_);
  }

  // Whether a communicator has members in every part of each block that it is in.
  [[nodiscard]] bool reaches(const GroupSpec& group, const std::vector<RankId>& members) const {
    if (has_grid_) {
      std::set<std::uint32_t> coordinates;
      for (const RankId member : members) coordinates.insert(program_->grid.coordinate(member, dimension_));
      const std::uint32_t size = program_->grid.dimensions[dimension_].size;
      if (coordinates.size() > 1 && coordinates.size() < size)
        fail(fmt::format("can't grow along '{}': group {} holds {} of its {} places",
                         program_->grid.dimensions[dimension_].name, in_quotes(group.name), coordinates.size(), size));
      // Of one place there is no telling by members; the dimension then has groups of none.
      return coordinates.size() > 1;
    }
    const std::vector<std::uint32_t> ranks = ascending(members);
    bool reaches = true;
    for (auto first = ranks.begin(); first != ranks.end();) {
      const std::uint32_t block = *first / block_;
      std::vector<std::uint32_t> here;
      for (; first != ranks.end() && *first / block_ == block; ++first) here.push_back(*first % block_);
      const std::optional<GroupPattern> pattern = pattern_of(here, block_);
      reaches = reaches && pattern && pattern->size > 1 && pattern->block() == block_;
    }
    return reaches;
  }

  void grow_group(GroupSpec& group) {
    if (group.listed.empty()) return;
    const std::vector<std::vector<RankId>> was = std::move(group.listed);
    group.listed = {};
    const bool grows = reaches(group, was.front());
    for (const std::vector<RankId>& members : was) {
      if (reaches(group, members) != grows)
        fail(fmt::format("{} are partly of ranks that reach over all, partly not", in_quotes(group.name)));
      if (!grows && !has_grid_ && !pattern_of(ascending(members), recorded_)) fail(uneven(group.name, members.size()));
      for (std::uint32_t copy = 0; copy < copies_; ++copy) {
        if (copy == 0 || !grows) group.listed.emplace_back();
        for (const RankId member : members) group.listed.back().push_back(place(member.index(), copy));
      }
      if (std::is_sorted(members.begin(), members.end()))
        std::sort(group.listed.back().begin(), group.listed.back().end());
    }
    if (grows)
      grown_.emplace_back(group.name, was.front().size(), group.listed.front().size());
    else
      repeated_.emplace_back(group.name, was.size(), group.listed.size());
  }

  // Whether messages along the growing dimension go on from copy to copy.
  void choose_messages() {
    const std::uint32_t size = program_->grid.dimensions[dimension_].size;
    // CORRECTNESS: on a grid choose_dimension() has seen that ranks along it do the same.
    const bool alike = has_grid_ || (block_ == recorded_ && program_->roles.size() == 1);
    std::set<std::uint32_t> sent;
    std::set<std::uint32_t> seen;
    for (const Role& role : program_->roles)
      for (const Op& op : role.ops) {
        if (op.kind != OpKind::kSend && op.kind != OpKind::kRecv) continue;
        const MessageOp& message = program_->messages[op.body];
        messages_ = true;
        if (message.dimension != dimension_) continue;
        const std::uint32_t delta = steps_on(message.delta, size);
        seen.insert(delta);
        if (op.kind == OpKind::kSend) sent.insert(delta);
      }
    half_way_ = alike && size % 2 == 0 && seen.contains(size / 2);
    constexpr std::uint32_t kFew = 3;
    to_all_ = alike && size > kFew && sent.size() + 1 == size;
    onward_ = alike && !seen.empty() && !half_way_ && !to_all_;
    // Copies of a ring in place of a longer one would be another job.
    if (has_grid_ && !seen.empty() && !onward_) fail(nothing_grows());
  }

  // 0 … size − 1.
  static std::uint32_t steps_on(std::int32_t delta, std::uint32_t size) {
    const auto whole = static_cast<std::int64_t>(size);
    return static_cast<std::uint32_t>((delta % whole + whole) % whole);
  }

  [[nodiscard]] std::string nothing_grows() const {
    const std::uint32_t size = program_->grid.dimensions[dimension_].size;
    if (half_way_)
      return fmt::format(
          "has messages half way round, to the rank {} of {} on: nothing says to whom of {} they would go", size / 2,
          size, ranks_ / recorded_ * size);
    if (to_all_)
      return fmt::format(
          "has messages from each rank to all others: it spells out a collective, and nothing says how it "
          "goes on over {} ranks",
          ranks_);
    if (program_->groups.empty())
      return messages_
                 ? "has messages but no groups, and its ranks do different things: nothing says what more of them "
                   "would do"
                 : "has neither groups nor messages: more ranks would have nothing to do with each other";
    return fmt::format("has no group that reaches over a block of ranks: nothing says how it goes on over {}", ranks_);
  }

  [[nodiscard]] MessageOp message_of(MessageOp message, RankId of) const {
    const Grid::Dimension& was = program_->grid.dimensions[message.dimension];
    const Grid::Dimension& is = made_->grid.dimensions[message.dimension];
    if (message.dimension != dimension_) return message;
    const std::uint32_t on = steps_on(message.delta, was.size);
    if (onward_) {
      // The shorter way round.
      message.delta = static_cast<std::int32_t>(on < was.size - on ? on : is.size - (was.size - on));
      return message;
    }
    const RankId here = place(of.index(), 0);
    const RankId there = place(program_->peer(message, of).index(), 0);
    const std::int64_t size = is.size;
    const std::int64_t step = std::int64_t{made_->grid.coordinate(there, message.dimension)} -
                              std::int64_t{made_->grid.coordinate(here, message.dimension)};
    message.delta = static_cast<std::int32_t>((step % size + size) % size);
    return message;
  }

  // Ranks of one role may lie differently to their peers now.
  std::uint32_t role_of(std::uint32_t rank) {
    const std::uint32_t was = program_->role_of_rank[rank];
    if (used_.empty()) note_used();
    std::vector<std::uint32_t> bodies;
    bodies.reserve(used_[was].size());
    for (const std::uint32_t message : used_[was]) {
      const MessageOp one = message_of(program_->messages[message], RankId(rank));
      const auto [entry, is_new] = messages_made_.try_emplace({one.dimension, one.delta, one.bytes, one.channel},
                                                              static_cast<std::uint32_t>(made_->messages.size()));
      if (is_new) made_->messages.push_back(one);
      bodies.push_back(entry->second);
    }
    const auto [entry, is_new] =
        roles_made_.try_emplace({was, std::move(bodies)}, static_cast<std::uint32_t>(made_->roles.size()));
    if (!is_new) return entry->second;
    Role role = program_->roles[was];
    const std::vector<std::uint32_t>& used = used_[was];
    for (Op& op : role.ops)
      if (op.kind == OpKind::kSend || op.kind == OpKind::kRecv)
        op.body =
            entry->first
                .second[static_cast<std::size_t>(std::lower_bound(used.begin(), used.end(), op.body) - used.begin())];
    made_->roles.push_back(std::move(role));
    return entry->second;
  }

  // By role: its messages, in order, each once.
  void note_used() {
    for (const Role& role : program_->roles) {
      std::set<std::uint32_t> used;
      for (const Op& op : role.ops)
        if (op.kind == OpKind::kSend || op.kind == OpKind::kRecv) used.insert(op.body);
      used_.emplace_back(used.begin(), used.end());
    }
  }

  [[nodiscard]] std::vector<std::string> notes() const {
    std::vector<std::string> notes = {
        fmt::format("recorded on {} ranks, played on {}: what a rank computes and brings to a collective stays as it "
                    "was, and all-gathers make as much as they did",
                    recorded_, ranks_)};
    for (const auto& [name, before, after] : grown_)
      notes.push_back(fmt::format("group '{}' grows from {} to {} ranks", name, before, after));
    for (const auto& [name, before, after] : repeated_)
      notes.push_back(fmt::format("there are {} of the group '{}' instead of {}", after, name, before));
    if (onward_)
      notes.emplace_back(
          "messages reach as many ranks on as they did: a collective that they spell out takes as many steps as "
          "before");
    else if (messages_)
      notes.emplace_back("messages stay among the ranks of a copy");
    return notes;
  }

  const Program* program_;
  const std::string* source_;
  std::uint32_t recorded_;
  std::uint32_t ranks_;
  bool has_grid_;
  std::uint32_t copies_ = 1;
  std::uint32_t dimension_ = 0;  // that grows
  std::uint32_t block_ = 1;      // ranks
  Program* made_ = nullptr;
  bool messages_ = false;
  bool onward_ = false;
  bool half_way_ = false;
  bool to_all_ = false;
  using Change = std::tuple<std::string, std::size_t, std::size_t>;
  std::vector<Change> grown_;
  std::vector<Change> repeated_;
  std::vector<std::vector<std::uint32_t>> used_;
  std::map<std::tuple<std::uint32_t, std::int32_t, Bytes, std::uint32_t>, std::uint32_t> messages_made_;
  std::map<std::pair<std::uint32_t, std::vector<std::uint32_t>>, std::uint32_t> roles_made_;
};

}  // namespace

GrownProgram grown(const Program& program, const Growth& growth, const std::string& source) {
  if (growth.ranks == program.role_of_rank.size())
    return {program, {fmt::format("--ranks {} changes nothing: so many were recorded", growth.ranks)}};
  return Growing(program, growth, source).grow();
}

}  // namespace orrery::recorded
