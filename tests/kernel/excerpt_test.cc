// An excerpt of a job shows what the whole does; what would not is refused.
#include "sim/kernel/excerpt.h"

#include <fmt/format.h>
#include <rapidcheck.h>

#include <cstdlib>
#include <map>
#include <numeric>

#include "sim/kernel/fold.h"
#include "tests/kernel/play.h"
#include "tests/kernel/random_program.h"
#include "tests/topology/fixture.h"

namespace orrery::play {
namespace {

using Moments = std::map<std::pair<std::uint32_t, std::uint32_t>, std::pair<Time, Time>>;  // (rank, op): begin, end

Moments moments(const Fabric& fabric, const Program& program, RunOptions options, const Fold* fold) {
  Collector collector;
  const Placement placement = in_order(program);
  std::vector<RankId> all;
  for (std::size_t r = 0; r < placement.size(); ++r) all.emplace_back(r);
  std::optional<MemberSpans> members;
  options.fold = fold;
  options.sinks.push_back(fold != nullptr ? &members.emplace(*fold, all, collector)
                                          : static_cast<SpanSink*>(&collector));
  static_cast<void>(run({&fabric, &program, &placement}, options));
  Moments found;
  for (const Span& span : collector.spans)
    found.emplace(std::pair(span.rank.index(), span.op), std::pair(span.begin, span.end));
  return found;
}

// Three tiers, or two where a job fills one pod; nodes of one chip. `pod` = units × leaf.
struct Tree {
  std::uint32_t leaf = 1;
  std::uint32_t units = 1;
  std::uint32_t spines = 1;  // divides leaf
  std::uint32_t cores = 1;   // per spine, divides units × leaf ÷ spines; 0: pods are all there is
  std::string routing = "minimal";
  double oversubscription = 2;  // of the pods

  [[nodiscard]] Cluster of(std::size_t chips, std::size_t whole) const {
    std::string text = fmt::format(
        "{{shape: fat_tree, nodes: {}, nodes_per_leaf: {}, link: {{bandwidth: 100 GB/s, latency: 1 us}}, spine: "
        "{{switches: {}, link: {{bandwidth: 100 GB/s, latency: 2 us}}, oversubscription: 2}}",
        whole, leaf, spines);
    if (cores > 0)
      text += fmt::format(
          ", units_per_pod: {}, core: {{switches: {}, link: {{bandwidth: 100 GB/s, latency: 3 us}}, oversubscription: "
          "{}}}",
          units, spines * cores, oversubscription);
    return test::cluster_of(text + "}", chips);
  }
};

// A chip of a rank in the first shares, or the link of a name, loses half of its capacity at a time.
struct Trouble {
  std::optional<RankId> rank;
  std::string link_from;
  Time at;

  void add_to(RunOptions& options, const Fabric& fabric) const {
    const Resources resources(fabric);
    if (rank) options.changes.push_back({at, resources.engine(ChipId(rank->index())), 0.5});
    for (std::size_t l = 0; l < fabric.links().size() && !link_from.empty(); ++l) {
      const ResourceId link = resources.link(LinkId(l));
      if (fabric.vertices()[fabric.links()[LinkId(l)].from].name == link_from)
        options.changes.push_back({at, link, resources.capacities()[link.index()] / 2});
    }
  }
};

// What differs between shares of the whole and of the excerpt by more than a picosecond, or nothing.
std::string difference(const Tree& tree, const Program& whole, std::uint32_t share, const RunOptions& plain,
                       const std::vector<Trouble>& troubles = {}, std::uint32_t kept = 2) {
  const Program few = excerpt_of(whole, share, kept, !troubles.empty());
  const std::size_t ranks = whole.grid.rank_count();
  const Cluster all = tree.of(ranks, ranks);
  const Cluster part = tree.of(few.grid.rank_count(), ranks);
  const auto with_routing = [&](const Fabric& fabric) {
    RunOptions options = plain;
    options.make_routing = read_routing(yaml::parse(tree.routing, "t"), fabric).make;
    for (const Trouble& trouble : troubles) trouble.add_to(options, fabric);
    return options;
  };
  const Placement placement = in_order(few);
  const Fold fold = find_fold({&part.fabric, &few, &placement}, with_routing(part.fabric));
  const Moments expected = moments(all.fabric, whole, with_routing(all.fabric), nullptr);
  const Moments found = moments(part.fabric, few, with_routing(part.fabric), &fold);
  for (const auto& [at, times] : expected) {
    // Each of the first shares by itself, all others by the last one.
    const std::size_t per_share = whole.grid.stride(few.excerpt->dimension) * std::size_t{share};
    const std::size_t its = std::min<std::size_t>(at.first / per_share, kept - 1);
    const auto twin = found.find({static_cast<std::uint32_t>(its * per_share + at.first % per_share), at.second});
    if (twin == found.end()) return fmt::format("rank {} has no twin", at.first);
    if (std::abs((times.first - twin->second.first).ps()) > 1 ||
        std::abs((times.second - twin->second.second).ps()) > 1)
      return fmt::format("rank {} op {} ends at {}, in the excerpt at {}", at.first, at.second, times.second.ps(),
                         twin->second.second.ps());
  }
  return found.size() * ranks == expected.size() * few.grid.rank_count() ? "" : "another number of spans";
}

Program reduce_over_data(std::uint32_t data) {
  return Writer({{"tp", 2}, {"dp", data}})
      .group("tensor", {0})
      .group("data", {1})
      .compute(100)
      .collective(CollectiveKind::kAllReduce, 0, 4000)
      .collective(CollectiveKind::kAllReduce, 1, 80000)
      .program;
}

// Why a fold of two shares of `share` coordinates isn't one of the whole.
std::string refusal(const Tree& tree, const Program& whole, std::uint32_t share) {
  try {
    return difference(tree, whole, share, bare());
  } catch (const NotAlike& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("two pods of a hundred show what all do, and the fold counts all") {
  const Program whole = reduce_over_data(200);  // pods of four chips, two coordinates
  const Tree tree{.leaf = 2, .units = 2, .spines = 1, .cores = 1};
  CHECK(excerpt_fault(whole, 2) == std::nullopt);
  CHECK(difference(tree, whole, 2, bare()) == "");
  const Program few = excerpt_of(whole, 2, 2);
  CHECK(few.grid.rank_count() == 8);
  CHECK(ranks_per_rank(few) == 50);
  const Cluster part = tree.of(8, 400);
  const Placement placement = in_order(few);
  const Fold fold = find_fold({&part.fabric, &few, &placement}, bare());
  CHECK(fold.counts().ranks == 400);
  CHECK(fold.counts().ranks_built == 8);
  CHECK(fold.counts().communicators == 200 + 2);  // tensor groups, and those that span all
  CHECK(fold.representative(RankId(std::size_t{399})) == fold.representative(RankId(std::size_t{7})));
  std::uint32_t all = 0;
  for (const RankClass& one : rank_classes(fold, few)) all += one.size;
  CHECK(all == 400);
}

TEST_CASE("random programs and trees: an excerpt's spans are those of every share") {
  CHECK(rc::check("excerpts", [] {
    const auto shares = *rc::gen::inRange<std::uint32_t>(3, 7);
    const auto size = *rc::gen::element<std::uint32_t>(2, 4);  // coordinates
    const Program whole = any_program(shares * size);
    Tree tree;
    const std::uint32_t share = whole.grid.stride(2) * size;
    tree.routing = *rc::gen::elementOf(std::vector<std::string>{"minimal", "spray"});
    // A share is a part or two: uplinks are half as many cables as a leaf has chips.
    const std::uint32_t parts = share % 4 == 0 && *rc::gen::inRange(0, 2) == 0 ? 2 : 1;
    const std::uint32_t part = share / parts;
    tree.leaf = part % 4 == 0 && *rc::gen::inRange(0, 2) == 0 ? part / 2 : part;
    tree.units = part / tree.leaf;
    tree.spines = *rc::gen::inRange<std::uint32_t>(0, 2) == 0 ? 1 : tree.leaf / 2;
    const std::uint32_t down = tree.units * (tree.leaf / 2 / tree.spines);
    tree.cores = down % 2 == 0 ? (*rc::gen::inRange(0, 2) == 0 ? 1 : down / 2) : 0;
    if (tree.cores == 0) tree.leaf = part;
    RunOptions options = any_options();
    options.granularity = Granularity::kFluid;
    std::vector<Trouble> troubles;
    const auto kept = *rc::gen::inRange<std::uint32_t>(2, 4);
    const auto count = *rc::gen::inRange(0, 3);
    for (int i = 0; i < count; ++i) {
      Trouble& trouble = troubles.emplace_back();
      trouble.at = Time::picoseconds(*rc::gen::inRange(0, 3000));
      if (*rc::gen::inRange(0, 2) == 0)
        trouble.rank = RankId(*rc::gen::inRange<std::size_t>(0, std::size_t{share} * (kept - 1)));
      else
        trouble.link_from = *rc::gen::elementOf(
            std::vector<std::string>{"unit0/leaf0", "node0", tree.cores > 0 ? "pod0/spine0" : "unit0/leaf0"});
    }
    RC_ASSERT(excerpt_fault(whole, size) == std::nullopt);
    try {
      RC_ASSERT(difference(tree, whole, size, options, troubles, kept) == "");
    } catch (const NotAlike&) {
      if (tree.routing == "minimal") throw;
      RC_DISCARD("more paths than spray takes: a hash picks among them");
    }
  }));
}

TEST_CASE("what tells one share from another is refused, with the reason") {
  const Program whole = reduce_over_data(12);
  CHECK(excerpt_fault(whole, 5).value_or("") == "12 coordinates of 'dp' are no whole number of shares of 5");
  Program uneven = whole;
  uneven.roles.push_back(uneven.roles[0]);
  uneven.role_of_rank[9] = 1;
  CHECK(excerpt_fault(uneven, 2).value_or("") == "rank 9 has another role than rank 5");
  const Program chain = Writer({{"tp", 2}, {"dp", 12}}).send(1, 1, 10).recv(1, -1, 10, {}, kMore).program;
  CHECK(excerpt_fault(chain, 2).value_or("") == "messages travel along 'dp'");
  const Program some = Writer({{"tp", 2}, {"dp", 12}}).group("first and last", {1}, {0, 11}).compute(1).program;
  CHECK(excerpt_fault(some, 2).value_or("") == "group 'first and last' leaves some of 'dp' out");
  Program chosen = whole;
  chosen.algorithms[0] = "auto";
  CHECK(excerpt_fault(chosen, 2).value_or("") ==
        "the algorithm of collectives along 'dp' is chosen for the members that there are");
}

TEST_CASE("a slow chip stands in a share of its own; in the one that stands for others it is refused") {
  const Program whole = reduce_over_data(24);
  const Tree tree{.leaf = 2, .units = 2, .spines = 1, .cores = 1};
  CHECK(difference(tree, whole, 2, bare(), {{RankId(std::size_t{1}), "", {}}}) == "");
  CHECK_THROWS_AS(static_cast<void>(difference(tree, whole, 2, bare(), {{RankId(std::size_t{6}), "", {}}})), NotAlike);
  CHECK(difference(tree, whole, 2, bare(), {{RankId(std::size_t{6}), "", {}}}, 3) == "");
  CHECK_THROWS_AS(static_cast<void>(difference(tree, whole, 2, bare(), {{{}, "core0", {}}})), NotAlike);
  // The classes of the share that has it and of the others are counted in the whole.
  const Program few = excerpt_of(whole, 2, 2, true);
  const Cluster part = tree.of(8, 48);
  RunOptions options = bare();
  Trouble{RankId(std::size_t{1}), "", {}}.add_to(options, part.fabric);
  const Placement placement = in_order(few);
  const Fold fold = find_fold({&part.fabric, &few, &placement}, options);
  const std::vector<RankClass> classes = rank_classes(fold, few);
  // Rank 17 stands in the fifth share where rank 1 does in the first; that one's slow chip is none of its business.
  CHECK(fold.representative(RankId(std::size_t{17})) == fold.representative(RankId(std::size_t{5})));
  CHECK(fold.representative(RankId(std::size_t{17})) != fold.representative(RankId(std::size_t{1})));
  CHECK(std::all_of(classes.begin(), classes.end(),
                    [](const RankClass& one) { return one.size < 4 || one.size % 11 == 0; }));
  CHECK(std::accumulate(classes.begin(), classes.end(), 0U,
                        [](unsigned sum, const RankClass& one) { return sum + one.size; }) == 48);
  CHECK(std::any_of(classes.begin(), classes.end(), [](const RankClass& one) { return one.size == 1; }));
}

TEST_CASE("algorithms in which positions differ are refused, and so is all-to-all") {
  const Tree tree{.leaf = 2, .units = 2, .spines = 1, .cores = 1};
  Program whole = reduce_over_data(12);
  CHECK(refusal(tree, whole, 2) == "");
  whole.algorithms[0] = "double_binary_tree";
  CHECK(refusal(tree, whole, 2).find("not all do alike") != std::string::npos);
  whole.algorithms[0] = "direct";
  CHECK(refusal(tree, whole, 2).find("not all do alike") != std::string::npos);
  whole.algorithms[0] = "sharp";
  CHECK(refusal(tree, whole, 2).find("goes through switches that an excerpt hasn't all of") != std::string::npos);
}

TEST_CASE("routes that a hash of the pair decides are refused, and so are parts that the spreading doesn't divide") {
  Tree tree{.leaf = 4, .units = 2, .spines = 1, .cores = 1};
  const Program whole = reduce_over_data(12);
  CHECK(refusal(tree, whole, 4) == "");
  tree.routing = "{name: ecmp, seed: 1}";
  CHECK(refusal(tree, whole, 4).find("routes spread traffic") != std::string::npos);
  // Three cores and eight chips a pod: the destinations of one pod begin where those of the one before left off.
  const Tree uneven{.leaf = 4, .units = 2, .spines = 1, .cores = 3, .oversubscription = 1.3333333};
  CHECK(refusal(uneven, whole, 4).find("routes spread traffic") != std::string::npos);
}

}  // namespace orrery::play
