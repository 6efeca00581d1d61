// What packets add to rates: `packet` beside `fluid` on incast, permutations and all-to-all in a fat tree of 128 hosts.
//
// Links of 400 Gb/s and 1 µs, MTU 4,096 B, flows of 2 MiB: a case that packet simulators are measured on. For each
// case, times of completion under fluid, under fluid on links that are slower by the headers' part, and under packet
// with either control; then what it cost. A case by name runs alone: packet_vs_fluid [NAME].
//
// For comparison: htsim (UEC sender control, packets sprayed) takes 1.9 CPU s for a permutation of this size:
// mean 61.2, last 66.1 us, 35,000 packets and 775,000 events a CPU second; with NDP 3.2 CPU s, mean 56.5 us.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <ctime>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/scrambled.h"
#include "sim/network/packet/packet_network.h"

namespace orrery {
namespace {

constexpr double kRate = 50e9;  // bytes/s
constexpr Duration kLatency = Duration::microseconds(1);
constexpr std::int64_t kFlow = std::int64_t{2} << 20U;

// A folded Clos of switches with 8 ports: 8 pods of 4 edge and 4 aggregation switches, 16 cores, 128 hosts.
class FatTree {
 public:
  static constexpr std::uint32_t kHalf = 4;
  static constexpr std::uint32_t kHosts = 2 * kHalf * kHalf * kHalf;
  // Links: hosts up, hosts down, edge to aggregation up and down, aggregation to core up and down; kHosts of each.
  static constexpr std::uint32_t kLinks = 6 * kHosts;

  // The equally short ways from one host to another: 1, 4 or 16.
  static std::vector<std::vector<ResourceId>> ways(std::uint32_t from, std::uint32_t to) {
    const std::uint32_t out = from / kHalf;  // edge switches
    const std::uint32_t in = to / kHalf;
    if (out == in) return {{link(0, from), link(1, to)}};
    std::vector<std::vector<ResourceId>> all;
    for (std::uint32_t a = 0; a < kHalf; ++a) {
      const ResourceId up = link(2, out * kHalf + a);
      const ResourceId down = link(3, in * kHalf + a);
      if (out / kHalf == in / kHalf) {
        all.push_back({link(0, from), up, down, link(1, to)});
        continue;
      }
      for (std::uint32_t c = 0; c < kHalf; ++c)
        all.push_back({link(0, from), up, link(4, (out / kHalf * kHalf + a) * kHalf + c),
                       link(5, (in / kHalf * kHalf + a) * kHalf + c), down, link(1, to)});
    }
    return all;
  }

 private:
  static ResourceId link(std::uint32_t tier, std::uint32_t index) {
    return ResourceId(std::size_t{tier} * kHosts + index);
  }
};

Wires wires(double rate) {
  return {std::vector<double>(FatTree::kLinks, rate), std::vector<Duration>(FatTree::kLinks, kLatency),
          std::vector<WireKind>(FatTree::kLinks, WireKind::kInside)};
}

struct Message {
  std::uint32_t from = 0;
  std::uint32_t to = 0;
};
enum class Routing : std::uint8_t { kEcmp, kSpray };

struct Case {
  std::string_view name;
  std::string_view what;
  std::string_view why;
  std::vector<Message> messages;
  Routing routing = Routing::kEcmp;
};

struct Outcome {
  std::vector<double> seconds;  // of each message
  double cpu = 0;
  [[nodiscard]] double mean() const {
    return std::accumulate(seconds.begin(), seconds.end(), 0.0) / static_cast<double>(seconds.size());
  }
  [[nodiscard]] double last() const { return *std::max_element(seconds.begin(), seconds.end()); }
  [[nodiscard]] double first() const { return *std::min_element(seconds.begin(), seconds.end()); }
};

Outcome play(const Case& kase, Network& network) {
  for (std::uint32_t m = 0; m < kase.messages.size(); ++m) {
    const Message& message = kase.messages[m];
    auto ways = FatTree::ways(message.from, message.to);
    if (kase.routing == Routing::kEcmp) ways = {ways[scrambled(m) % ways.size()]};
    std::vector<Path> paths;
    std::vector<ResourceId> links;
    std::vector<Use> uses;
    const double share = 1 / static_cast<double>(ways.size());
    for (const auto& way : ways) {
      paths.push_back({static_cast<std::uint32_t>(way.size()), share});
      for (const ResourceId link : way) {
        links.push_back(link);
        uses.push_back({link, share});
      }
    }
    network.start({.uses = uses,
                   .amount = static_cast<double>(kFlow),
                   .latency = kLatency * static_cast<std::int64_t>(ways[0].size()),
                   .tag = m,
                   .paths = paths,
                   .links = links,
                   .bytes = Bytes(kFlow)},
                  Time());
  }
  Outcome outcome;
  outcome.seconds.resize(kase.messages.size());
  const std::clock_t begin = std::clock();
  std::vector<std::uint32_t> done;
  for (Time now = network.next_event(); now != Time::max(); now = network.next_event()) {
    done.clear();
    network.advance(now, done);
    for (const std::uint32_t m : done) outcome.seconds[m] = now.in_seconds();
  }
  outcome.cpu = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  return outcome;
}

void print(std::string_view name, const Outcome& outcome, const Outcome& fluid) {
  fmt::print("  {:<22} mean {:>9.1f} us  last {:>9.1f} us  first {:>9.1f} us  mean {:>+6.1f} %  last {:>+6.1f} %\n",
             name, outcome.mean() * 1e6, outcome.last() * 1e6, outcome.first() * 1e6,
             100 * (outcome.mean() / fluid.mean() - 1), 100 * (outcome.last() / fluid.last() - 1));
}

void compare(const Case& kase) {
  fmt::print("{}: {}, {} flows of 2 MiB\n", kase.name, kase.what, kase.messages.size());
  const packet::Options standard;
  const auto fluid_network = Networks::find("fluid")->make(wires(kRate));
  const Outcome fluid = play(kase, *fluid_network);
  print("fluid", fluid, fluid);
  const double payload = static_cast<double>(standard.mtu) / static_cast<double>(standard.mtu + standard.header);
  print("fluid less headers", play(kase, *Networks::find("fluid")->make(wires(kRate * payload))), fluid);
  struct Variant {
    std::string_view name;
    packet::Control control;
    bool pfc;
  };
  for (const Variant& variant : {Variant{"packet, dctcp", packet::Control::kDctcp, false},
                                 Variant{"packet, credit", packet::Control::kCredit, false},
                                 Variant{"packet, dctcp, pfc", packet::Control::kDctcp, true},
                                 Variant{"packet, credit, pfc", packet::Control::kCredit, true}}) {
    packet::Options options;
    options.control = variant.control;
    options.pfc = variant.pfc;
    packet::PacketNetwork network(wires(kRate), options);
    const Outcome outcome = play(kase, network);
    print(variant.name, outcome, fluid);
    const packet::Counts& counts = network.counts();
    const auto packets = static_cast<double>(counts.delivered);
    fmt::print("  {:<22} marked {:.1f} %  sent again {:.1f} %  longest wait {:.1f} us  pauses {}\n", "",
               100 * static_cast<double>(counts.marked) / packets, 100 * static_cast<double>(counts.trimmed) / packets,
               counts.longest_wait.in_seconds() * 1e6, counts.pauses);
    fmt::print(
        "  {:<22} {:.2f} CPU s: {:.2f} M packets/s, {:.2f} M packet-hops/s, {:.2f} M events/s ({:.1f} a packet)\n", "",
        outcome.cpu, packets / outcome.cpu / 1e6, static_cast<double>(counts.hops) / outcome.cpu / 1e6,
        static_cast<double>(counts.events) / outcome.cpu / 1e6, static_cast<double>(counts.events) / packets);
  }
}

// Every host sends to one and receives from one other.
std::vector<Message> permutation(std::uint64_t seed) {
  std::vector<std::uint32_t> to(FatTree::kHosts);
  std::iota(to.begin(), to.end(), 0U);
  for (std::uint32_t i = FatTree::kHosts - 1; i > 0; --i) std::swap(to[i], to[scrambled(seed * 1000 + i) % i]);
  std::vector<Message> messages;
  for (std::uint32_t from = 0; from < FatTree::kHosts; ++from) messages.push_back({from, to[from]});
  return messages;
}

std::vector<Message> incast(std::uint32_t senders) {
  std::vector<Message> messages;
  for (std::uint32_t k = 0; k < senders; ++k) messages.push_back({1 + k * (FatTree::kHosts - 1) / senders, 0});
  return messages;
}

std::vector<Message> all_to_all(std::uint32_t hosts) {
  std::vector<Message> messages;
  for (std::uint32_t shift = 1; shift < hosts; ++shift)
    for (std::uint32_t from = 0; from < hosts; ++from) messages.push_back({from, (from + shift) % hosts});
  return messages;
}

// Why they differ, as far as headers don't say it.
constexpr std::string_view kIncast =
    "All send a bandwidth-delay product at once, which no queue holds: trimmed, or held by pauses. Credit then keeps "
    "the\n"
    "receiver's link full, so the last ends as the fluid one does; the first ends earlier, for rates share to the end "
    "and\n"
    "packets don't. DCTCP halves every window at once, and gets back one packet a round trip: the link idles "
    "meanwhile.";
constexpr std::string_view kCollisions =
    "Flows whose hashes meet on a link share it, under fluid exactly. A flow of 2 MiB lasts four round trips: a DCTCP\n"
    "window that is halved in the first never recovers, at one packet of 147 a round trip. Credit doesn't see links "
    "inside\n"
    "the network: what is too much there is trimmed, asked for and sent again, at the link's full rate.";
constexpr std::string_view kSpray =
    "No link is asked for more than it has, yet packets meet by chance and wait up to a few microseconds. A window of "
    "one\n"
    "bandwidth-delay product of the idle path then no longer fills the path (under DCTCP half of the difference goes "
    "with\n"
    "window: 1.5); five further hops take 0.4 us besides.";
constexpr std::string_view kAllToAll =
    "63 flows share every port: windows of one packet already queue, marks are unfair among so many, and who falls "
    "behind\n"
    "finishes alone. Under fluid all that ends together ends at once.";

int compare_all(std::string_view only) {
  const std::vector<Case> cases{
      {"incast_8", "8 hosts to one", kIncast, incast(8), Routing::kEcmp},
      {"incast_64", "64 hosts to one", kIncast, incast(64), Routing::kEcmp},
      {"permutation_ecmp", "each host to another, one way a flow by hash", kCollisions, permutation(1), Routing::kEcmp},
      {"permutation_spray", "each host to another, packets over all ways", kSpray, permutation(1), Routing::kSpray},
      {"all_to_all_ecmp", "64 hosts, each to every other, one way a flow by hash", kAllToAll, all_to_all(64),
       Routing::kEcmp},
      {"all_to_all_spray", "64 hosts, each to every other, packets over all ways", kAllToAll, all_to_all(64),
       Routing::kSpray},
  };
  bool found = false;
  for (const Case& kase : cases) {
    if (!only.empty() && kase.name != only) continue;
    found = true;
    compare(kase);
  }
  return found ? 0 : 2;
}

}  // namespace
}  // namespace orrery

int main(int count, char** words) { return orrery::compare_all(count > 1 ? words[1] : ""); }
