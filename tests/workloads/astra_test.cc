// ASTRA-sim's setups give ASTRA-sim's finish times.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/base/temporary_folder.h"
#include "tests/workloads/traced.h"
#include "workloads/astra/replay.h"
#include "workloads/chakra/writer.h"

namespace {

using namespace orrery;
using astra::Congestion;

struct Setup {
  std::string shape = "Ring";  // of every dimension
  std::uint32_t npus = 4;      // in every dimension
  std::uint32_t dimensions = 1;
  std::string algorithm = "ring";
  chakra::CollectiveCommType kind = chakra::ALL_REDUCE;
  std::int64_t bytes = 1 << 20;
  double memory = 1600;
  Congestion congestion = Congestion::kUnaware;
  bool fold = true;
  double bandwidth = 50;
  double latency = 500;
  int active = 1;
  int splits = 4;
  int collectives = 1;  // that don't wait for each other

  [[nodiscard]] std::uint32_t ranks() const {
    std::uint32_t all = 1;
    for (std::uint32_t d = 0; d < dimensions; ++d) all *= npus;
    return all;
  }
};

std::string list_of(std::uint32_t count, std::string_view entry) {
  std::string list;
  for (std::uint32_t k = 0; k < count; ++k) list += (k > 0 ? ", " : "") + std::string(entry);
  return list;
}

void write_inputs(const TemporaryFolder& folder, const Setup& setup) {
  const auto column = [&](auto value) { return list_of(setup.dimensions, fmt::format("{}", value)); };
  folder.write("network.yml",
               fmt::format("topology: [ {} ]\nnpus_count: [ {} ]\nbandwidth: [ {} ]\nlatency: [ {} ]\n",
                           column(setup.shape), column(setup.npus), column(setup.bandwidth), column(setup.latency)));
  std::string lists;
  for (const std::string kind : {"all-reduce", "all-gather", "reduce-scatter", "all-to-all"}) {
    const bool tree = setup.algorithm == "doubleBinaryTree" && kind != "all-reduce";  // it knows nothing else
    lists += fmt::format(", \"{}-implementation\": [{}]", kind,
                         list_of(setup.dimensions, '"' + (tree ? "ring" : setup.algorithm) + '"'));
  }
  folder.write("system.json", fmt::format("{{\"scheduling-policy\": \"LIFO\", \"endpoint-delay\": 10, "
                                          "\"active-chunks-per-dimension\": {}, \"preferred-dataset-splits\": {}, "
                                          "\"collective-optimization\": \"localBWAware\", \"local-mem-bw\": {}{}}}",
                                          setup.active, setup.splits, setup.memory, lists));
}

// Every rank's nodes, from its number.
void write_traces(const TemporaryFolder& folder, std::uint32_t ranks,
                  const std::function<std::vector<chakra::Node>(std::uint32_t rank)>& nodes) {
  for (std::uint32_t rank = 0; rank < ranks; ++rank) {
    std::string text;
    chakra::GlobalMetadata metadata;
    metadata.set_version("0.0.4");
    chakra::Writer writer(
        "trace", [&](std::string_view bytes) { text += bytes; }, metadata);
    for (const chakra::Node& node : nodes(rank)) writer.write(node);
    writer.finish();
    folder.write(fmt::format("trace.{}.et", rank), text);
  }
}

astra::ReplayResult replay(const TemporaryFolder& folder, const Setup& setup,
                           const std::optional<std::filesystem::path>& groups = std::nullopt) {
  return astra::replay({.workload = folder.path("trace"),
                        .system = folder.path("system.json"),
                        .network = folder.path("network.yml"),
                        .memory = {},
                        .groups = groups,
                        .congestion = setup.congestion,
                        .fold = setup.fold});
}

chakra::Node collective(std::uint64_t id, const Setup& setup) {
  chakra::Node node;
  node.set_id(id);
  node.set_type(chakra::COMM_COLL_NODE);
  chakra::add_flag(node, "is_cpu_op", false);
  chakra::add_int64(node, "comm_type", setup.kind);
  chakra::add_int64(node, "comm_size", setup.bytes);
  return node;
}

// Collectives over everybody; ids differ from rank to rank, as in the traces that ship with ASTRA-sim.
astra::ReplayResult play(const Setup& setup) {
  const TemporaryFolder folder;
  write_inputs(folder, setup);
  write_traces(folder, setup.ranks(), [&](std::uint32_t rank) {
    std::vector<chakra::Node> nodes;
    for (int k = 0; k < setup.collectives; ++k)
      nodes.push_back(collective(rank + static_cast<std::uint32_t>(k), setup));
    return nodes;
  });
  return replay(folder, setup);
}

std::uint64_t end_of(const Setup& setup) {
  const astra::ReplayResult result = play(setup);
  for (const astra::Finish& finish : result.finishes) CHECK(finish.end == result.finishes.front().end);
  return result.finishes.front().end;
}

constexpr std::int64_t kGibibyte = std::int64_t{1} << 30;

TEST_CASE("the shipped microbenchmarks end as ASTRA-sim ends them") {
  struct Row {
    chakra::CollectiveCommType kind;
    std::uint64_t ends[3];  // 4, 8 and 16 NPUs
  };
  for (const Row& row :
       {Row{chakra::ALL_REDUCE, {43'000, 64'440, 99'640}}, Row{chakra::ALL_GATHER, {64'744, 151'016, 323'560}},
        Row{chakra::REDUCE_SCATTER, {22'240, 33'080, 50'740}}, Row{chakra::ALL_TO_ALL, {41'560, 125'480, 391'240}}}) {
    for (int k = 0; k < 3; ++k) {
      CAPTURE(row.kind);
      CAPTURE(k);
      CHECK(end_of({.npus = 4U << static_cast<unsigned>(k), .kind = row.kind}) == row.ends[k]);
      CHECK(end_of({.npus = 4U << static_cast<unsigned>(k), .kind = row.kind, .fold = false}) == row.ends[k]);
    }
  }
}

TEST_CASE("rings of up to 1,024 end as measured, with queues on links and without") {
  CHECK(end_of({.npus = 64, .bytes = kGibibyte}) == 41'613'556);
  CHECK(end_of({.npus = 256, .bytes = kGibibyte}) == 42'887'980);
  CHECK(end_of({.npus = 1024, .bytes = kGibibyte}) == 46'129'156);
  CHECK(end_of({.shape = "Switch", .npus = 1024, .bytes = kGibibyte}) == 50'221'156);
  CHECK(end_of({.shape = "Switch", .npus = 1024, .bytes = kGibibyte, .congestion = Congestion::kAware}) == 90'175'444);
  CHECK(end_of({.npus = 64, .bytes = kGibibyte, .congestion = Congestion::kAware}) == 41'613'556);
}

TEST_CASE("halving and doubling over 1,024 ends as measured") {
  CHECK(end_of({.shape = "Switch", .npus = 1024, .algorithm = "halvingDoubling", .bytes = kGibibyte}) == 41'046'364);
  CHECK(end_of({.shape = "Switch",
                .npus = 1024,
                .algorithm = "halvingDoubling",
                .bytes = kGibibyte,
                .congestion = Congestion::kAware}) == 81'007'284);
}

TEST_CASE("several dimensions share the work as measured") {
  CHECK(end_of({.npus = 32, .dimensions = 2, .bytes = kGibibyte, .bandwidth = 200}) == 11'763'960);
  CHECK(end_of({.shape = "Switch", .npus = 32, .dimensions = 2, .bytes = kGibibyte, .bandwidth = 200}) == 11'887'960);
}

TEST_CASE("chunks share a dimension, and collectives follow each other") {
  Setup hgx{.shape = "Switch", .npus = 8, .memory = 3350, .bandwidth = 400, .latency = 936.25, .active = 2};
  const auto ends = [&](Congestion congestion) {
    std::vector<std::uint64_t> all;
    hgx.congestion = congestion;
    for (const auto kind : {chakra::ALL_REDUCE, chakra::ALL_GATHER, chakra::REDUCE_SCATTER, chakra::ALL_TO_ALL}) {
      hgx.kind = kind;
      all.push_back(end_of(hgx));
    }
    return all;
  };
  CHECK(ends(Congestion::kUnaware) == std::vector<std::uint64_t>{55'222, 34'908, 27'810, 109'668});
  CHECK(ends(Congestion::kAware) == std::vector<std::uint64_t>{57'426, 44'058, 28'950, 114'000});
  CHECK(end_of({.npus = 8, .collectives = 2}) == 128'880);
  CHECK(end_of({.npus = 8, .memory = 50}) == 117'780);  // its shipped test of itself
}

TEST_CASE("files of the same bytes are one trace, unless it matters whose they are") {
  const TemporaryFolder folder;
  const Setup setup;
  write_inputs(folder, setup);
  const auto write_all = [&](const chakra::Node& node) {
    write_traces(folder, setup.ranks(), [&](std::uint32_t) { return std::vector<chakra::Node>{node}; });
  };
  write_all(collective(1, setup));
  const astra::ReplayResult alike = replay(folder, setup);
  CHECK(alike.players == 1);
  CHECK(alike.finishes.back().end == end_of(setup));
  chakra::Node message;
  message.set_id(1);
  message.set_type(chakra::COMM_SEND_NODE);
  chakra::add_int64(message, "comm_size", 1 << 20);
  chakra::add_int32(message, "comm_src", 0);
  chakra::add_int32(message, "comm_dst", 3);
  write_all(message);
  CHECK(message_of([&] { (void)replay(folder, setup); }).find("node 1 of rank 1 sends for rank 0") !=
        std::string::npos);
}

TEST_CASE("messages of many to one queue only where links do") {
  const auto end = [](Congestion congestion) {
    const TemporaryFolder folder;
    const Setup setup{.shape = "Switch", .npus = 8, .congestion = congestion};
    write_inputs(folder, setup);
    write_traces(folder, setup.ranks(), [](std::uint32_t rank) {
      std::vector<chakra::Node> nodes;
      for (std::uint32_t other = 1; other < 8; ++other) {
        if (rank != 0 && other != rank) continue;
        chakra::Node& node = nodes.emplace_back();
        node.set_id(other);
        node.set_type(rank == 0 ? chakra::COMM_RECV_NODE : chakra::COMM_SEND_NODE);
        chakra::add_int64(node, "comm_size", 1 << 20);
        chakra::add_int32(node, "comm_src", static_cast<std::int32_t>(rank == 0 ? other : rank));
        chakra::add_int32(node, "comm_dst", 0);
        chakra::add_int32(node, "comm_tag", 1);
      }
      return nodes;
    });
    return replay(folder, setup).finishes.front().end;
  };
  CHECK(end(Congestion::kUnaware) == 20'531);
  CHECK(end(Congestion::kAware) == 157'248);
}

TEST_CASE("a tree's chunk goes up to the root and down again") {
  Setup setup{.shape = "Switch", .npus = 8, .algorithm = "doubleBinaryTree", .splits = 1};
  const std::uint64_t hop = 1000 + 19531;        // both latencies, and 1 MiB at 50 · 2³⁰ B/s
  const std::uint64_t reduction = 10 + 3 * 655;  // through the endpoint, and three times through the memory
  const astra::ReplayResult result = play(setup);
  std::uint64_t last = 0;
  for (const astra::Finish& finish : result.finishes) last = std::max(last, finish.end);
  // A leaf, two levels above it and the root; the root answers, and each level hands on what it has reduced once more.
  CHECK(last == 10 + 3 * hop + 3 * reduction + 2 * (hop + reduction) + hop + 10);
  CHECK(result.finishes.back().end == 10 + 3 * hop + 3 * reduction);  // the root of the first tree
}

TEST_CASE("one rank playing for all ends as all do") {
  for (const char* algorithm : {"ring", "direct", "direct2", "halvingDoubling"}) {
    for (const char* shape : {"Ring", "Switch", "FullyConnected"}) {
      for (const Congestion congestion : {Congestion::kUnaware, Congestion::kAware}) {
        for (const auto kind : {chakra::ALL_REDUCE, chakra::ALL_GATHER, chakra::REDUCE_SCATTER, chakra::ALL_TO_ALL}) {
          if (kind == chakra::ALL_TO_ALL && algorithm == std::string("halvingDoubling")) continue;
          Setup setup{.shape = shape, .npus = 8, .algorithm = algorithm, .kind = kind, .congestion = congestion};
          CAPTURE(algorithm);
          CAPTURE(shape);
          CAPTURE(kind);
          CAPTURE(congestion == Congestion::kAware);
          const std::uint64_t folded = end_of(setup);
          setup.fold = false;
          CHECK(folded == end_of(setup));
        }
      }
    }
  }
}

chakra::Node in_group(chakra::Node node, std::string_view group) {
  chakra::add_text(node, "pg_name", group);
  return node;
}

TEST_CASE("groups are rings of their own, alike or not") {
  for (const Congestion congestion : {Congestion::kUnaware, Congestion::kAware}) {
    for (const char* lists :
         {R"({"1": [0, 1, 2, 3], "2": [4, 5, 6, 7]})", R"({"1": [0, 2, 4, 6], "2": [1, 3, 5, 7]})",
          R"({"1": [0, 1, 6, 7], "2": [2, 3, 4, 5]})", R"({"1": [0, 1], "2": [2, 3, 4, 5, 6, 7]})"}) {
      const TemporaryFolder folder;
      Setup setup{.npus = 8, .congestion = congestion};
      write_inputs(folder, setup);
      folder.write("groups.json", lists);
      const std::string text = lists;
      const auto first_group = text.substr(0, text.find('}') + 1).substr(0, text.find(']'));
      write_traces(folder, setup.ranks(), [&](std::uint32_t rank) {
        const bool first = first_group.find(std::to_string(rank), first_group.find('[')) != std::string::npos;
        chakra::Node after = collective(2, setup);
        after.add_data_deps(1);
        return std::vector<chakra::Node>{in_group(collective(1, setup), first ? "1" : "2"), after};
      });
      const astra::ReplayResult folded = replay(folder, setup, folder.path("groups.json"));
      setup.fold = false;
      const astra::ReplayResult whole = replay(folder, setup, folder.path("groups.json"));
      CAPTURE(lists);
      CHECK(whole.players == 8);
      for (std::uint32_t rank = 0; rank < 8; ++rank) CHECK(folded.finishes[rank].end == whole.finishes[rank].end);
    }
  }
}

TEST_CASE("ranks that are alike are played once, others each by itself") {
  CHECK(play({.npus = 8}).players == 1);
  CHECK(play({.npus = 8, .fold = false}).players == 8);
  CHECK(play({.npus = 8, .algorithm = "doubleBinaryTree"}).players == 8);
  CHECK(play({.npus = 4, .dimensions = 2, .algorithm = "oneRing"}).players == 16);
}

// Four ranks with two all-reduces, one behind the other, whose ids are 1 and 2; an all-reduce of the user's own, in
// which each rank sends a little to the next. `keys`: of the system file, beside the usual ones.
astra::ReplayResult play_with(const std::string& keys, const std::string& by_node = "", bool spans = false) {
  const TemporaryFolder folder;
  const Setup setup;
  write_inputs(folder, setup);
  folder.write("system.json", "{\"local-mem-bw\": 1600, \"endpoint-delay\": 10" + keys + "}");
  if (!by_node.empty()) folder.write("nodes.yml", by_node);
  for (std::uint32_t rank = 0; rank < 4; ++rank) {
    std::string text;
    chakra::GlobalMetadata metadata;
    metadata.set_version("0.0.4");
    chakra::Writer writer(
        "mine", [&](std::string_view bytes) { text += bytes; }, metadata);
    for (const bool sends : {true, false}) {
      chakra::Node node;
      node.set_id(sends ? 1 : 2);
      node.set_type(sends ? chakra::COMM_SEND_NODE : chakra::COMM_RECV_NODE);
      chakra::add_int64(node, "comm_size", 1 << 10);
      chakra::add_int32(node, sends ? "comm_dst" : "comm_src", static_cast<std::int32_t>((rank + (sends ? 1 : 3)) % 4));
      chakra::add_int32(node, "comm_tag", 1);
      writer.write(node);
    }
    writer.finish();
    folder.write(fmt::format("mine.{}.et", rank), text);
  }
  write_traces(folder, 4, [&](std::uint32_t) {
    std::vector<chakra::Node> nodes = {collective(1, setup), collective(2, setup)};
    nodes[0].set_name("first");
    nodes[1].set_name("second");
    nodes[1].add_data_deps(1);
    return nodes;
  });
  return astra::replay({.workload = folder.path("trace"),
                        .system = folder.path("system.json"),
                        .network = folder.path("network.yml"),
                        .memory = {},
                        .groups = {},
                        .congestion = setup.congestion,
                        .spans = spans});
}

TEST_CASE("single nodes may be collectives that are traces by themselves, before what the kind says") {
  const std::string ring = R"(, "all-reduce-implementation": ["ring"])";
  const std::string mine = R"(, "all-reduce-implementation-custom": ["mine"])";
  const std::string nodes = R"(, "per-node-custom-implementation": "nodes.yml")";
  const auto end = [](const astra::ReplayResult& result) { return result.finishes.front().end; };
  const std::uint64_t rings = end(play_with(ring));
  const std::uint64_t mines = end(play_with(mine));
  CHECK(mines == 2 * 519);  // a hop, and 1 KiB at 50 · 2³⁰ B/s
  CHECK(end(play_with(nodes, "{1: mine, 2: mine}")) == mines);
  CHECK(end(play_with(ring + nodes, "{2: mine}")) == (rings + mines) / 2);
  const astra::ReplayResult unused = play_with(ring + nodes, "{7: mine}");
  CHECK(end(unused) == rings);
  REQUIRE(unused.warnings.size() == 1);
  CHECK(unused.warnings[0].find("node 7 is no collective of any rank") == 0);
  const auto says = [](const std::string& keys, const std::string& by_node, std::string_view words) {
    const std::string message = message_of([&] { (void)play_with(keys, by_node); });
    CAPTURE(message);
    CHECK(message.find(words) != std::string::npos);
  };
  says(nodes, "{2: mine}", "lacks 'all-reduce-implementation', and the traces have an all-reduce");
  says(nodes, "", "no such file");
  says(nodes, "{2: yours}", "nodes.yml:1:5: error: no traces of that name");
  says(nodes, "{two: mine}", "nodes.yml:1:2: error: expected a whole number");
}

TEST_CASE("spans say what each node of those who play took") {
  const astra::ReplayResult result = play_with(R"(, "all-reduce-implementation": ["ring"])", "", true);
  REQUIRE(result.spans.size() == 2);
  CHECK(result.players == 1);
  CHECK(result.traces[result.trace_of[3]].names == std::vector<std::string>{"first", "second"});
  CHECK(result.spans[0].begin == 0);
  CHECK(result.spans[1].ready == result.spans[0].end);
  CHECK(result.spans[1].begin == result.spans[1].ready);
  CHECK(result.spans[1].end == result.finishes[0].end);
  CHECK(play_with(R"(, "all-reduce-implementation": ["ring"])").spans.empty());
}

TEST_CASE("what can't be played is said, and nothing ends with ranks unfinished") {
  const auto says = [](const std::function<void()>& what, std::string_view words) {
    const std::string message = message_of(what);
    CAPTURE(message);
    CHECK(message.find(words) != std::string::npos);
  };
  says([] { (void)play({.npus = 12, .algorithm = "halvingDoubling"}); },
       "'halvingDoubling' needs a power of two of NPUs, not 12");
  says([] { (void)play({.algorithm = "rings"}); }, "did you mean 'ring'?");
  says([] { (void)play({.npus = 4, .dimensions = 2, .congestion = Congestion::kAware}); },
       "knows one dimension, not 2");
  says([] { (void)play({.kind = chakra::REDUCE}); }, "a collective that ASTRA-sim can't play");
  const TemporaryFolder folder;
  const Setup setup;
  write_inputs(folder, setup);
  write_traces(folder, setup.ranks(), [&](std::uint32_t rank) {
    Setup own = setup;
    if (rank == 2) own.bytes = 1 << 10;
    if (rank == 3) return std::vector<chakra::Node>{};
    return std::vector<chakra::Node>{collective(1, own)};
  });
  says([&] { (void)replay(folder, setup); }, "rank 0 can't finish: 1 of its 1 nodes are not over");
  write_traces(folder, 2,
               [&](std::uint32_t) { return std::vector<chakra::Node>{in_group(collective(1, setup), "7")}; });
  says([&] { (void)replay(folder, setup); }, "uses the group '7', and nobody says who is in it");
}

}  // namespace
