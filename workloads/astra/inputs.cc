// JSON is YAML of one form, so one strict reader takes all three files and knows where what is wrong stands.
#include "workloads/astra/inputs.h"

#include <fmt/format.h>

#include <charconv>

namespace orrery::astra {
namespace {

constexpr double kNetworkGigabyte = 1073741824.0;  // ASTRA-sim's, of the network file alone
constexpr double kGiga = 1e9;
constexpr double kTera = 1e12;
constexpr std::int64_t kMostNpus = std::int64_t{1} << 20;
constexpr std::int64_t kMostNanoseconds = std::int64_t{1} << 40;
constexpr double kMostRate = 1e12;

// "system.json:3:5: 'boost-mode'"
std::string place_of(const yaml::Node& node, std::string_view key) {
  const SourceSpan span = node.span();
  return fmt::format("{}:{}:{}: '{}'", span.file, span.line, span.column, key);
}

void note_rest(yaml::Map& map, std::vector<std::string>& unheeded) {
  for (const auto& [key, value] : map.rest()) unheeded.push_back(place_of(key, key.text()) + " changes nothing");
}

double positive(const yaml::Node& node) {
  const double value = node.number(0, kMostRate);
  if (value <= 0) node.fail("must be greater than 0");
  return value;
}

// Flags are 0 and 1 in the files that ship with ASTRA-sim, true and false in some others.
bool flag_of(const yaml::Node& node) {
  const std::string text = node.text();
  return text == "true" || text == "false" ? node.boolean() : node.integer(0, 1) == 1;
}

Implementation implementation_of(const yaml::Node& node) {
  const std::string text = node.text();
  std::string_view name = text;
  Implementation implementation;
  constexpr std::string_view kFlat = "one";
  if (name.starts_with(kFlat)) {
    implementation.flat = true;
    name.remove_prefix(kFlat.size());
  }
  const auto is = [&](std::string_view small, std::string_view large) {
    return name == (implementation.flat ? large : small);
  };
  const std::string_view direct = implementation.flat ? "Direct" : "direct";  // and perhaps a window: "direct4"
  if (is("ring", "Ring")) {
    implementation.algorithm = Algorithm::kRing;
  } else if (is("halvingDoubling", "HalvingDoubling")) {
    implementation.algorithm = Algorithm::kHalvingDoubling;
  } else if (name == "doubleBinaryTree" && !implementation.flat) {
    implementation.algorithm = Algorithm::kDoubleBinaryTree;
  } else if (name.starts_with(direct)) {
    implementation.algorithm = Algorithm::kDirect;
    const std::string_view window = name.substr(direct.size());
    const auto [end, error] = std::from_chars(window.data(), window.data() + window.size(), implementation.window);
    if (!window.empty() && (error != std::errc() || end != window.data() + window.size() || implementation.window < 1))
      node.fail(fmt::format("{} is no window of {}", in_quotes(window), in_quotes(direct)));
  } else {
    const std::vector<std::string> known = {"ring",    "direct",    "halvingDoubling",   "doubleBinaryTree",
                                            "oneRing", "oneDirect", "oneHalvingDoubling"};
    node.fail(unknown_name("algorithm", text, known), {name_list("algorithm", known)});
  }
  return implementation;
}

std::vector<Implementation> implementations_of(const yaml::Node& list, const NetworkInput& network) {
  const std::vector<yaml::Node> items = list.items();
  if (items.empty()) list.fail("names no algorithm");
  if (items.size() > network.dimensions.size())
    list.fail(
        fmt::format("names {} algorithms for a network of {} dimensions", items.size(), network.dimensions.size()));
  std::vector<Implementation> all;
  for (const yaml::Node& item : items) {
    const Implementation one = implementation_of(item);
    const std::uint32_t members = one.flat ? network.npus() : network.dimensions[all.size()].npus;
    // There, such a run ends with no rank finished.
    const bool in_halves =
        one.algorithm == Algorithm::kHalvingDoubling || one.algorithm == Algorithm::kDoubleBinaryTree;
    if (in_halves && (members & (members - 1)) != 0)
      item.fail(fmt::format("{} needs a power of two of NPUs, not {}", in_quotes(item.text()), members));
    all.push_back(one);
    if (one.flat) break;  // the rest of the list says nothing
  }
  return all;
}

// ASTRA-sim takes these paths from where it is started, mostly its own root folder; here also from the folders that the
// system file lies in.
std::filesystem::path find_beside(const yaml::Node& node, std::string_view suffix, const std::string& otherwise) {
  std::filesystem::path named = node.text();
  const auto is_there = [&](std::filesystem::path file) {
    std::error_code unreadable;
    return std::filesystem::is_regular_file(file += suffix, unreadable);
  };
  if (is_there(named)) return named;
  for (std::filesystem::path folder = std::filesystem::absolute(node.directory());; folder = folder.parent_path()) {
    if (is_there(folder / named)) return folder / named;
    if (folder == folder.parent_path()) break;
  }
  node.fail(otherwise);
}

std::filesystem::path find_custom(const yaml::Node& node) {
  return find_beside(node, ".0.et",
                     "no traces of that name: PREFIX.0.et, PREFIX.1.et, … here or in a folder around the system file");
}

void read_custom(const yaml::Node& list, Kind kind, SystemInput& system) {
  const std::vector<yaml::Node> items = list.items();
  if (items.size() != 1) list.fail("one trace plays a collective over all dimensions");
  system.implementations[static_cast<std::size_t>(kind)] = {
      {.algorithm = Algorithm::kCustom, .flat = true, .custom = static_cast<std::uint32_t>(system.customs.size())}};
  system.customs.push_back(find_custom(items.front()));
}

// A file {7: PREFIX, …}: which nodes of the workload are collectives by traces of their own.
void read_nodes_customs(const yaml::Node& named, SystemInput& system) {
  const std::filesystem::path path = find_beside(named, "", "no such file, here or in a folder around the system file");
  const yaml::Node file = yaml::load(path);
  constexpr std::int64_t kMostId = 0x7fffffff;  // an int there
  yaml::Map map(file, "collectives by node");
  std::map<std::string, std::uint32_t> known;
  for (const auto& [key, value] : map.rest()) {
    const auto id = static_cast<std::uint64_t>(key.integer(0, kMostId));
    const std::filesystem::path prefix = find_custom(value);
    const auto [entry, is_new] = known.try_emplace(prefix.string(), static_cast<std::uint32_t>(system.customs.size()));
    if (is_new) system.customs.push_back(prefix);
    system.custom_of_node.emplace(id, entry->second);
  }
}

}  // namespace

std::uint32_t NetworkInput::npus() const {
  std::uint32_t all = 1;
  for (const Dimension& dimension : dimensions) all *= dimension.npus;
  return all;
}

NetworkInput read_network_input(const yaml::Node& file, std::vector<std::string>& unheeded) {
  yaml::Map map(file, "an ASTRA-sim network");
  const yaml::Node topology = map.required("topology");
  const std::size_t count = topology.items().size();
  if (count == 0) topology.fail("a network without dimensions");
  const auto column = [&](std::string_view key) {
    const yaml::Node list = map.required(key);
    if (list.items().size() != count)
      list.fail(fmt::format("has {} entries; 'topology' has {}", list.items().size(), count));
    return list.items();
  };
  const std::vector<yaml::Node> npus = column("npus_count");
  const std::vector<yaml::Node> bandwidth = column("bandwidth");
  const std::vector<yaml::Node> latency = column("latency");
  static const std::vector<std::string> kShapes = {"Ring", "Switch", "FullyConnected"};
  NetworkInput network;
  std::int64_t all = 1;
  for (std::size_t d = 0; d < count; ++d) {
    const std::int64_t here = npus[d].integer(2, kMostNpus);
    all *= here;
    if (all > kMostNpus) npus[d].fail(fmt::format("more than {} NPUs", kMostNpus));
    network.dimensions.push_back({.shape = static_cast<Shape>(topology.items()[d].choice("topology", kShapes)),
                                  .npus = static_cast<std::uint32_t>(here),
                                  .bytes_per_ns = positive(bandwidth[d]) * kNetworkGigabyte / kGiga,
                                  .latency = latency[d].number(0, static_cast<double>(kMostNanoseconds))});
  }
  note_rest(map, unheeded);
  return network;
}

SystemInput read_system_input(const yaml::Node& file, const NetworkInput& network, std::vector<std::string>& unheeded) {
  yaml::Map map(file, "an ASTRA-sim system");
  SystemInput system;
  static const std::vector<std::string> kPolicies = {"LIFO", "FIFO", "EXPLICIT"};
  if (const auto node = map.optional("scheduling-policy"))
    system.policy = static_cast<Policy>(node->choice("scheduling policy", kPolicies));
  static const std::vector<std::string> kOptimizations = {"baseline", "localBWAware"};
  if (const auto node = map.optional("collective-optimization"))
    system.local_bandwidth_aware = node->choice("collective optimization", kOptimizations) == 1;
  if (const auto node = map.optional("preferred-dataset-splits")) system.splits = node->integer(1, 1 << 20);
  if (const auto node = map.optional("active-chunks-per-dimension")) system.active_chunks = node->integer(1, 1 << 20);
  if (const auto node = map.optional("endpoint-delay"))
    system.endpoint_delay = static_cast<Nanoseconds>(node->integer(0, kMostNanoseconds));
  if (const auto node = map.optional("local-mem-bw")) system.memory_bytes_per_s = positive(*node) * kGiga;
  if (const auto node = map.optional("peak-perf")) system.peak_flops = positive(*node) * kTera;
  if (const auto node = map.optional("roofline-enabled")) {
    system.roofline = flag_of(*node);
    if (system.roofline && (system.peak_flops == 0 || system.memory_bytes_per_s == 0))
      node->fail("the roofline needs 'peak-perf' and 'local-mem-bw'");
  }
  if (const auto node = map.optional("replay-only")) system.replay_only = flag_of(*node);
  constexpr std::array<std::string_view, kKinds> kLists = {"all-reduce-implementation", "all-gather-implementation",
                                                           "reduce-scatter-implementation",
                                                           "all-to-all-implementation"};
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    if (const auto custom = map.optional(std::string(kLists[kind]) + "-custom"))
      read_custom(*custom, static_cast<Kind>(kind), system);
    const auto list = map.optional(kLists[kind]);
    if (!list) continue;
    if (!system.implementations[kind].empty())
      list->fail(fmt::format("'{0}' and '{0}-custom' can't both be", kLists[kind]));
    system.implementations[kind] = implementations_of(*list, network);
    const std::vector<Implementation>& all = system.implementations[kind];
    for (const Implementation& one : all)
      if (one.algorithm == Algorithm::kDoubleBinaryTree &&
          (static_cast<Kind>(kind) != Kind::kAllReduce || all.size() > 1))
        list->fail("doubleBinaryTree is an all-reduce, over one dimension alone");
    if (all.size() < network.dimensions.size() && !all.back().flat)
      unheeded.push_back(fmt::format("{}: {} of the network's {} dimensions: the rest takes no part", kLists[kind],
                                     all.size(), network.dimensions.size()));
  }
  if (const auto node = map.optional("per-node-custom-implementation")) read_nodes_customs(*node, system);
  if (const auto node = map.optional("model-shared-bus"); node && flag_of(*node))
    node->fail("the LogGP bus between NPU and memory isn't modelled; 0 is");
  for (const std::string_view key : {"L", "o", "g", "G", "local-reduction-delay"})
    if (const auto node = map.optional(key))
      unheeded.push_back(place_of(*node, key) + " changes nothing without a shared bus");
  for (const std::string_view key : {"trace-enabled", "track-local-mem", "local-mem-trace-filename"})
    if (const auto node = map.optional(key))
      unheeded.push_back(place_of(*node, key) + " asks for output that there isn't");
  note_rest(map, unheeded);
  return system;
}

MemoryInput read_memory_input(const yaml::Node& file, std::vector<std::string>& unheeded) {
  yaml::Map map(file, "an ASTRA-sim remote memory");
  static const std::vector<std::string> kTypes = {"NO_MEMORY_EXPANSION", "PER_NODE_MEMORY_EXPANSION",
                                                  "PER_NPU_MEMORY_EXPANSION", "MEMORY_POOL"};
  MemoryInput memory;
  memory.where = static_cast<MemoryInput::Where>(map.required("memory-type").choice("memory type", kTypes));
  if (memory.where != MemoryInput::Where::kNone) {
    memory.latency = map.required("remote-mem-latency").number(0, static_cast<double>(kMostNanoseconds));
    memory.bytes_per_ns = positive(map.required("remote-mem-bw"));
  }
  if (memory.where == MemoryInput::Where::kPerNode) {
    memory.npus_per_node = static_cast<std::uint32_t>(map.required("num-npus-per-node").integer(1, kMostNpus));
    (void)map.optional("num-nodes");
  }
  note_rest(map, unheeded);
  return memory;
}

}  // namespace orrery::astra
