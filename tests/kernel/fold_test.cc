// A folded run is the unfolded one, span by span; what can't be folded is refused or split.
#include "sim/kernel/fold.h"

#include <rapidcheck.h>

#include <cstdlib>
#include <map>

#include "sim/kernel/communicators.h"
#include "tests/kernel/play.h"
#include "tests/kernel/random_program.h"
#include "tests/topology/fixture.h"

namespace orrery::play {

namespace {

using Spans = std::map<std::pair<std::uint32_t, std::uint32_t>, Span>;  // by rank and op

struct Played {
  RunResult result;
  Spans spans;
};

Played play(const Job& job, RunOptions options, const Fold* fold) {
  Collector collector;
  std::vector<RankId> all;
  for (std::size_t r = 0; r < job.placement->size(); ++r) all.emplace_back(r);
  std::optional<MemberSpans> members;
  options.fold = fold;
  options.sinks.push_back(fold != nullptr ? &members.emplace(*fold, all, collector)
                                          : static_cast<SpanSink*>(&collector));
  Played played{run(job, options), {}};
  for (const Span& span : collector.spans) played.spans.emplace(std::pair(span.rank.index(), span.op), span);
  return played;
}

bool near(Time a, Time b) { return std::abs((a - b).ps()) <= 1; }

// What differs by more than a picosecond, or nothing.
std::string difference(const Job& job, const RunOptions& options, const Fold& fold) {
  const Played whole = play(job, options, nullptr);
  const Played folded = play(job, options, &fold);
  if (whole.spans.size() != folded.spans.size()) return "another number of spans";
  if (whole.result.ops != folded.result.ops) return "another number of ops";
  for (const auto& [at, span] : whole.spans) {
    const auto twin = folded.spans.find(at);
    if (twin == folded.spans.end()) return "a span is missing";
    if (!near(span.ready, twin->second.ready) || !near(span.begin, twin->second.begin) ||
        !near(span.end, twin->second.end))
      return "rank " + std::to_string(at.first) + " op " + std::to_string(at.second) + " ends at " +
             std::to_string(span.end.ps()) + ", folded at " + std::to_string(twin->second.end.ps());
  }
  for (std::size_t r = 0; r < whole.result.resource_work.size(); ++r) {
    const double expected = whole.result.resource_work[r];
    if (std::abs(expected - folded.result.resource_work[r]) > 1e-9 * expected)
      return "resource " + std::to_string(r) + " did other work";
  }
  return "";
}

Fold fold_of(const Fabric& fabric, const Program& program, const RunOptions& options = bare()) {
  const Placement placement = in_order(program);
  const Job job{&fabric, &program, &placement};
  REQUIRE(fold_fault(job, options) == std::nullopt);
  return find_fold(job, options);
}

}  // namespace

TEST_CASE("ranks that do the same on a star are one class; one that has more to do stands apart") {
  const Program same = Writer({{"tp", 4}, {"dp", 2}})
                           .group("tensor", {0})
                           .group("data", {1})
                           .compute(100)
                           .collective(CollectiveKind::kAllReduce, 0, 4000)
                           .collective(CollectiveKind::kAllReduce, 1, 8000)
                           .program;
  const Fold fold = fold_of(star(8), same);
  CHECK(fold.counts().rank_classes == 1);
  CHECK(fold.counts().ranks == 8);
  CHECK(fold.counts().communicators == 6);
  CHECK(fold.counts().communicator_classes == 2);
  CHECK(fold.class_size(RankId(std::size_t{0})) == 8);
  CHECK(fold.representative(RankId(std::size_t{5})) == RankId(std::size_t{0}));

  Program uneven = same;
  uneven.roles.push_back(uneven.roles[0]);
  uneven.role_of_rank[5] = 1;  // tensor group 4…7, data group 1, 5
  const Fold split = fold_of(star(8), uneven);
  // Itself; its tensor partners; its data partner; and that one's tensor partners.
  CHECK(split.counts().rank_classes == 4);
}

TEST_CASE("a slow chip splits what it touches, no more") {
  const Program program = Writer({{"tp", 2}, {"dp", 4}})
                              .group("tensor", {0})
                              .compute(1000)
                              .collective(CollectiveKind::kAllReduce, 0, 4000)
                              .program;
  const Fabric fabric = star(8);
  RunOptions options = bare();
  options.changes.push_back({Time(), Resources(fabric).engine(ChipId(std::size_t{3})), 0.5});
  const Fold fold = fold_of(fabric, program, options);
  CHECK(fold.counts().rank_classes == 3);  // it, its partner, the others
  CHECK(fold.class_size(RankId(std::size_t{0})) == 6);
  const Placement placement = in_order(program);
  CHECK(difference({&fabric, &program, &placement}, options, fold) == "");
}

TEST_CASE("what a fold can't stand for is refused, with the reason") {
  const Program program = Writer({{"tp", 2}}).compute(10).program;
  const Fabric fabric = star(2);
  const Placement placement = in_order(program);
  const Job job{&fabric, &program, &placement};
  const auto fault = [&](const RunOptions& options) { return fold_fault(job, options).value_or("none"); };
  CHECK(fault(bare()) == "none");
  RunOptions stepwise = bare();
  stepwise.granularity = Granularity::kStepwise;
  CHECK(fault(stepwise) == "message by message the members of a communicator are not alike");
  RunOptions ideal = bare();
  ideal.network = "ideal";
  CHECK(fault(ideal) == "only the network model 'fluid' is folded");
  RunOptions noisy = bare();
  noisy.background.push_back({ChipId(std::size_t{0}), ChipId(std::size_t{1}), 1e9, 0, {}, Time::max()});
  CHECK(fault(noisy) == "background traffic is not folded");
  RunOptions adaptive = bare();
  adaptive.make_routing = read_routing(yaml::parse("adaptive", "t"), fabric).make;
  CHECK(fault(adaptive) == "the routes depend on what was asked before");
}

TEST_CASE("a folded run that stands still says of ranks who waits for whom") {
  const Program program = Writer({{"tp", 1}, {"pp", 4}}).recv(1, -1, 100).program;
  const Fabric fabric = star(4);
  const Fold fold = fold_of(fabric, program);
  RunOptions options = bare();
  const std::string plain = failure(fabric, program, options);
  options.fold = &fold;
  CHECK(failure(fabric, program, options) == plain);
  CHECK(plain.find("rank 3") != std::string::npos);
}

TEST_CASE("random programs on a star: folded and unfolded are alike, span by span") {
  CHECK(rc::check("star", [] {
    const Program program = any_program();
    RunOptions options = any_options();
    options.granularity = Granularity::kFluid;
    const Fabric fabric = star(program.grid.rank_count(), 5, 4);
    if (*rc::gen::inRange(0, 3) == 0) {
      const ResourceId resource(*rc::gen::inRange<std::size_t>(0, Resources(fabric).size()));
      const double capacity = Resources(fabric).capacities()[resource.index()];
      options.changes.push_back({Time::picoseconds(*rc::gen::inRange(0, 3000)), resource, capacity / 2});
    }
    const Placement placement = in_order(program);
    const Job job{&fabric, &program, &placement};
    RC_ASSERT(difference(job, options, find_fold(job, options)) == "");
  }));
}

TEST_CASE("communicators listed by member are those of the grid, and fold as exactly in any order of members") {
  CHECK(rc::check("listed", [] {
    const Program program = any_program();
    Program listed = program;
    const kernel::Communicators communicators(program);
    const bool in_order_of_rank = *rc::gen::arbitrary<bool>();
    for (std::size_t g = 0; g < program.groups.size(); ++g) {
      const std::size_t first = communicators.first(GroupSpecId(g)).index();
      for (std::size_t c = first; c < first + communicators.count(GroupSpecId(g)); ++c) {
        const auto members = communicators.members(kernel::CommunicatorId(c));
        listed.groups[g].listed.emplace_back(members.begin(), members.end());
        if (!in_order_of_rank)
          std::rotate(listed.groups[g].listed.back().begin(), listed.groups[g].listed.back().begin() + 1,
                      listed.groups[g].listed.back().end());
      }
      listed.groups[g].only.clear();
    }
    RunOptions options = any_options();
    options.granularity = Granularity::kFluid;
    const Fabric fabric = star(program.grid.rank_count(), 5, 4);
    const Placement placement = in_order(listed);
    const Job job{&fabric, &listed, &placement};
    if (in_order_of_rank) {
      const Job grid{&fabric, &program, &placement};
      RC_ASSERT(play(job, options, nullptr).result.step == play(grid, options, nullptr).result.step);
    }
    RC_ASSERT(difference(job, options, find_fold(job, options)) == "");
  }));
}

TEST_CASE("random shapes, routings and placements: folded and unfolded are alike, span by span") {
  CHECK(rc::check("shapes", [] {
    const auto spec = *rc::gen::elementOf(std::vector<std::string>{
        "{shape: ring, blocks: 12, link: {bandwidth: 100 GB/s, latency: 1 us}, block: chip}",
        "{shape: torus, size: [4, 3], link: {bandwidth: 100 GB/s, latency: 1 us}, block: chip}",
        "{shape: dragonfly, groups: 3, routers: 2, blocks_per_router: 2, global_links: 1, link: {bandwidth: 100 GB/s, "
        "latency: 1 us}, block: chip}",
    });
    const Cluster cluster = test::cluster_of(spec);
    const Fabric& fabric = cluster.fabric;
    const Program program = any_program();
    RunOptions options = any_options();
    options.granularity = Granularity::kFluid;
    const auto routing = *rc::gen::elementOf(std::vector<std::string>{"minimal", "{name: ecmp, seed: 3}", "spray"});
    options.make_routing = read_routing(yaml::parse(routing, "t"), fabric).make;
    // Any chips, each once.
    std::vector<std::size_t> chips(fabric.chip_count());
    for (std::size_t c = 0; c < chips.size(); ++c) chips[c] = c;
    Placement placement;
    for (std::size_t r = 0; r < program.grid.rank_count(); ++r) {
      const auto other = *rc::gen::inRange<std::size_t>(r, chips.size());
      if (*rc::gen::inRange(0, 2) == 0) std::swap(chips[r], chips[other]);
      placement.add(ChipId(chips[r]));
    }
    const Job job{&fabric, &program, &placement};
    RC_ASSERT(difference(job, options, find_fold(job, options)) == "");
  }));
}

}  // namespace orrery::play
