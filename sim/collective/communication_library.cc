// Reads a communication library's file, and turns a method into the costs of one collective.
#include "sim/collective/communication_library.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "topology/sources.h"

namespace orrery {

namespace {

constexpr Duration kLongestCost = Duration::microseconds(1'000'000);
constexpr std::int64_t kMostOpenChannels = 1024;
constexpr std::int64_t kMostNodes = 1024;
constexpr double kMostWire = 64;
constexpr std::int64_t kMostLatencies = 16;
constexpr double kLeastShare = 0.01;

Duration read_cost(yaml::Map& map, std::string_view key) {
  return map.required(key).duration(Duration(), kLongestCost);
}

Bandwidth read_limit(yaml::Map& map, std::string_view key) {
  const auto node = map.optional(key);
  return node ? node->bandwidth() : Bandwidth();
}

ByNodes read_by_nodes(const yaml::Node& node) {
  ByNodes limits;
  const auto items = node.items();
  if (items.size() != limits.size()) node.fail("three are wanted: within one node, over two, over more");
  for (std::size_t k = 0; k < items.size(); ++k) limits[k] = items[k].bandwidth();
  return limits;
}

Bandwidth on_nodes(const ByNodes& limits, std::size_t nodes) {
  return limits[std::min<std::size_t>(nodes, limits.size()) - 1];
}

std::vector<CollectiveKind> read_kinds(const yaml::Node& node, const CollectiveAlgorithm& algorithm) {
  std::vector<CollectiveKind> can;
  std::vector<std::string> names;
  for (std::size_t k = 0; k < kCollectiveKindCount; ++k) {
    const auto kind = static_cast<CollectiveKind>(k);
    if (!algorithm.supports(kind)) continue;
    can.push_back(kind);
    names.emplace_back(to_name(kind));
  }
  std::vector<CollectiveKind> kinds;
  for (const yaml::Node& item : node.items()) kinds.push_back(can[item.choice("collective of this algorithm", names)]);
  if (kinds.empty()) node.fail("a method without a kind of collective would never be used; leave `kinds` out for all");
  return kinds;
}

Method::Belief read_belief(const yaml::Node& node) {
  yaml::Map map(node, "what the tuner believes");
  Method::Belief belief;
  belief.base = read_cost(map, "base");
  belief.step = read_cost(map, "step");
  belief.network_step = read_cost(map, "network_step");
  if (const auto wire = map.optional("wire")) belief.wire = wire->number(1, kMostWire);
  if (const auto wire = map.optional("pair_wire")) belief.pair_wire = wire->number(1, kMostWire);
  if (const auto times = map.optional("plugin_latencies")) belief.plugin_latencies = times->integer(0, kMostLatencies);
  if (const auto ceilings = map.optional("ceilings")) belief.ceilings = read_by_nodes(*ceilings);
  if (const auto shares = map.optional("shares"))
    for (const yaml::Node& share : shares->items()) belief.shares.push_back(share.number(kLeastShare, 1));
  map.finish();
  return belief;
}

double believed_share(const Method::Belief& belief, Bytes bytes) {
  const auto doublings = static_cast<std::size_t>(std::bit_width(static_cast<std::uint64_t>(bytes.count()) / 64));
  return doublings == 0 || doublings > belief.shares.size() ? 1 : belief.shares[doublings - 1];
}

Method read_method(yaml::Map map) {
  Method method;
  const std::vector<std::string> algorithms = CollectiveAlgorithms::names();
  method.algorithm =
      CollectiveAlgorithms::find(algorithms[map.required("algorithm").choice("collective algorithm", algorithms)]);
  method.protocol = map.required("protocol").text();
  if (const auto kinds = map.optional("kinds")) method.kinds = read_kinds(*kinds, *method.algorithm);
  if (const auto nodes = map.optional("least_nodes"))
    method.least_nodes = static_cast<std::size_t>(nodes->integer(1, kMostNodes));
  if (const auto nodes = map.optional("most_nodes"))
    method.most_nodes =
        static_cast<std::size_t>(nodes->integer(static_cast<std::int64_t>(method.least_nodes), kMostNodes));
  method.wire = map.required("wire").number(1, kMostWire);
  if (const auto network_wire = map.optional("network_wire")) method.network_wire = network_wire->number(1, kMostWire);
  method.drain = map.required("drain").ratio();
  method.base = read_cost(map, "base");
  method.step = read_cost(map, "step");
  method.network_step = read_cost(map, "network_step");
  method.ceiling = read_limit(map, "ceiling");
  if (const auto message = map.optional("message")) {
    if (message->is_sequence()) {
      method.message = read_by_nodes(*message);
    } else {
      method.message.fill(message->bandwidth());
    }
  }
  method.channel = read_limit(map, "channel");
  if (method.channel > Bandwidth()) method.bytes_per_channel = map.required("bytes_per_channel").bytes(Bytes(1));
  if (const auto chunks = map.optional("chunks")) {
    method.chunks = static_cast<Cutting>(chunks->choice("chunk rule", cutting_names()));
    if (!cuts(*method.chunks, method.algorithm->name))
      chunks->fail(fmt::format("the algorithm '{}' isn't cut so", method.algorithm->name));
  }
  if (const auto tuner = map.optional("tuner")) {
    method.has_belief = true;
    method.belief = read_belief(*tuner);
  }
  map.finish();
  return method;
}

}  // namespace

std::vector<const Method*> CommunicationLibrary::methods_for(CollectiveKind kind, std::string_view algorithm,
                                                             std::string_view protocol) const {
  std::vector<const Method*> found;
  for (const Method& method : methods) {
    const bool has_kind =
        method.kinds.empty() || std::find(method.kinds.begin(), method.kinds.end(), kind) != method.kinds.end();
    if (!has_kind || !method.algorithm->supports(kind)) continue;
    if (!algorithm.empty() && method.algorithm->name != algorithm) continue;
    if (!protocol.empty() && method.protocol != protocol) continue;
    found.push_back(&method);
  }
  return found;
}

CommunicationLibrary read_communication_library(const yaml::Node& node) {
  yaml::Map map(node, "a communication library");
  CommunicationLibrary library;
  library.name = map.required("name").text();
  library.source = map.required("source").text();
  Sources sources(map);
  yaml::Map channels = sources.open(map.required("channels"), "the number of channels");
  library.channels = static_cast<int>(channels.required("count").integer(1, kMostOpenChannels));
  if (const auto nvls = channels.optional("nvls"))
    library.nvls_channels = static_cast<int>(nvls->integer(1, kMostOpenChannels));
  channels.finish();
  if (const auto proxy = map.optional("proxy")) {
    yaml::Map work = sources.open(*proxy, "the host's work");
    library.message_work = read_cost(work, "message");
    work.finish();
  }
  const yaml::Node methods = map.required("methods");
  for (const yaml::Node& method : methods.items())
    library.methods.push_back(read_method(sources.open(method, "a method")));
  if (library.methods.empty()) methods.fail("a communication library needs at least one method");
  map.finish();
  sources.finish();
  return library;
}

CommunicationLibrary load_communication_library(const Library& library, const yaml::Node& reference,
                                                const std::optional<yaml::Node>& plugin) {
  CommunicationLibrary loaded =
      read_communication_library(library.resolve(reference, kCommunicationLibraryShelf, "communication library"));
  if (plugin) loaded.plugin = read_network_plugin(*plugin);
  return loaded;
}

CommunicationCosts costs_of(const CommunicationLibrary& library, const Method& method, const Spread& collective,
                            const CommunicationCosts& others) {
  CommunicationCosts costs = others;
  costs.launch = method.base;
  costs.step = method.step;
  costs.network_step = method.network_step;
  costs.wire = method.wire;
  costs.network_wire = method.network_wire;
  costs.drain = method.drain;
  costs.message_work =
      library.plugin && library.plugin->message_work ? *library.plugin->message_work : library.message_work;
  if (method.ceiling > Bandwidth()) costs.ceiling = method.ceiling.as_double();
  const Bandwidth message = on_nodes(method.message, collective.nodes);
  if (message > Bandwidth()) costs.message_ceiling = message.as_double();
  if (method.channel > Bandwidth()) {
    const std::int64_t for_each = method.bytes_per_channel.count() * static_cast<std::int64_t>(collective.members);
    const std::int64_t channels = std::clamp<std::int64_t>(collective.bytes.count() / for_each, 1, library.channels);
    costs.ceiling = std::min(costs.ceiling, static_cast<double>(channels) * method.channel.as_double());
  }
  costs.chunk = Bytes();
  costs.slots = method.chunks ? kBufferSlots : 0;
  if (method.chunks) {
    Buffers buffers{.nvls_channels = library.nvls_channels};
    if (library.plugin) {
      buffers.buffer = library.plugin->buffer;
      buffers.nvls_chunk = library.plugin->nvls_chunk;
    }
    costs.chunk = chunk_of(*method.chunks, collective, buffers);
    costs.message_work = Duration::picoseconds(
        std::llround(static_cast<double>(costs.message_work.ps()) * open_share(*method.chunks, collective)));
  }
  return costs;
}

CommunicationCosts believed_costs(const CommunicationLibrary& library, const Method& method, const Spread& collective,
                                  const CommunicationCosts& others) {
  CommunicationCosts costs = others;
  costs.launch = method.belief.base;
  costs.step = method.belief.step;
  costs.network_step = method.belief.network_step;
  if (library.plugin)
    costs.network_step =
        saturating_sum(method.belief.network_step, library.plugin->latency * method.belief.plugin_latencies);
  costs.knows_routes = false;
  costs.message_work = Duration();
  costs.wire = method.belief.wire.value_or(method.wire);
  costs.network_wire = method.network_wire;
  constexpr std::size_t kPair = 2;
  if (collective.nodes == kPair && method.belief.pair_wire) costs.network_wire = method.belief.pair_wire;
  const Bandwidth ceiling = on_nodes(method.belief.ceilings, collective.nodes);
  if (ceiling > Bandwidth()) costs.ceiling = ceiling.as_double();
  const double share = believed_share(method.belief, collective.bytes);
  costs.wire /= share;
  if (costs.network_wire) *costs.network_wire /= share;
  costs.ceiling *= share;
  return costs;
}

}  // namespace orrery
