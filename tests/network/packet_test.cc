// The packet model against closed forms, and what has to hold whatever is sent.
//
// Links of 50 GB/s (20 ps a byte): a full packet of 4,096 + 64 bytes takes 83,200 ps.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "sim/network/packet/packet_network.h"
#include "tests/network/wires.h"

using orrery::Duration;
using orrery::ResourceId;
using orrery::Time;
using orrery::WireKind;
using orrery::packet::Control;
using orrery::packet::kUnlimited;
using orrery::packet::Options;
using orrery::packet::PacketNetwork;
using wires::Ends;
using wires::Link;
using wires::Message;

namespace {

constexpr std::int64_t kService = 83'200;
constexpr std::int64_t kMicrosecond = 1'000'000;

Options with(Control control, bool pfc = false) {
  Options options;
  options.control = control;
  options.pfc = pfc;
  return options;
}
const Options kAll[] = {with(Control::kDctcp), with(Control::kCredit), with(Control::kDctcp, true),
                        with(Control::kCredit, true)};

// `senders` links into a switch, and one from there to the receiver: link `senders`.
PacketNetwork incast_of(std::size_t senders, const Options& options) {
  return {wires::of(std::vector<Link>(senders + 1)), options};
}
void send_all(PacketNetwork& network, std::size_t senders, std::int64_t bytes) {
  for (std::size_t k = 0; k < senders; ++k)
    wires::start(network, {{{{k, senders}}}, bytes, 2 * kMicrosecond, static_cast<std::uint32_t>(k), {}});
}
std::int64_t first(const Ends& ends) {
  return std::min_element(ends.begin(), ends.end(), [](auto& a, auto& b) { return a.second < b.second; })->second;
}
std::int64_t last(const Ends& ends) {
  return std::max_element(ends.begin(), ends.end(), [](auto& a, auto& b) { return a.second < b.second; })->second;
}

}  // namespace

TEST_CASE("packet: one packet takes the service and the latency of every link, one after another") {
  for (const Options& options : kAll) {
    PacketNetwork network(wires::of({{50e9, 1000}, {25e9, 2000}, {100e9, 3000}}), options);
    // 1,000 + 64 bytes at 20, 40 and 10 ps a byte, and 6,000 ps; 500 ps of software before.
    wires::start(network, {{{{0, 1, 2}}}, 1000, 6500, 7, {}});
    const std::int64_t end = 500 + 1064 * (20 + 40 + 10) + 6000;
    CHECK(wires::play(network, end).empty());
    CHECK(network.next_event() == Time::picoseconds(end));
    CHECK(wires::play(network) == Ends{{7, end}});
    CHECK(network.counts().delivered == 1);
    CHECK(network.counts().hops == 3);
  }
}

TEST_CASE("packet: a long message gets the whole link less headers, and pays each further hop once") {
  const std::int64_t packets = 10'000;
  for (const Options& options : kAll) {
    CAPTURE(static_cast<int>(options.control));
    CAPTURE(options.pfc);
    PacketNetwork network(wires::of(std::vector<Link>(3)), options);
    wires::start(network, {{{{0, 1, 2}}}, packets * 4096, 3 * kMicrosecond, 1, {}});
    CHECK(wires::play(network) == Ends{{1, 3 * kMicrosecond + (packets + 2) * kService}});
    CHECK(network.counts().marked == 0);
    CHECK(network.counts().sent == 10'000);
  }
}

TEST_CASE("packet: the narrowest link sets the pace, wherever it stands") {
  for (const Options& options : kAll) {
    for (std::size_t narrow = 0; narrow < 3; ++narrow) {
      CAPTURE(narrow);
      std::vector<Link> links(3);
      links[narrow].capacity = 10e9;
      PacketNetwork network(wires::of(links), options);
      wires::start(network, {{{{0, 1, 2}}}, 5000 * 4096, 3 * kMicrosecond, 1, {}});
      const std::int64_t end = 3 * kMicrosecond + 5000 * 5 * kService + 2 * kService;
      const std::int64_t took = wires::play(network).at(1);
      CHECK(took >= end);
      // What goes out at once at five times the rate is too much; dctcp then needs a while to find its window.
      CHECK(static_cast<double>(took) <= 1.03 * static_cast<double>(end));
    }
  }
}

TEST_CASE("packet: two messages share a link fairly under either control") {
  for (const Options& options : kAll) {
    CAPTURE(static_cast<int>(options.control));
    CAPTURE(options.pfc);
    PacketNetwork network = incast_of(2, options);
    send_all(network, 2, 20'000 * 4096);
    const Ends ends = wires::play(network);
    const double whole = 40'000.0 * kService;
    CHECK(static_cast<double>(last(ends)) >= whole);
    CHECK(static_cast<double>(last(ends)) <= 1.03 * whole);
    // At equal shares both end together.
    CHECK(static_cast<double>(first(ends)) >= 0.93 * static_cast<double>(last(ends)));
  }
}

TEST_CASE("packet: a latecomer gets its share") {
  for (const Options& options : kAll) {
    CAPTURE(static_cast<int>(options.control));
    PacketNetwork network = incast_of(2, options);
    wires::start(network, {{{{0, 2}}}, 30'000 * 4096, 2 * kMicrosecond, 0, {}});
    CHECK(wires::play(network, 10'000 * kService).empty());
    wires::start(network, {{{{1, 2}}}, 10'000 * 4096, 2 * kMicrosecond, 1, {}}, 10'000 * kService);
    const Ends ends = wires::play(network);
    // Fair: 10,000 alone, 20,000 by halves, 10,000 alone. A DCTCP window that has just been halved needs a while.
    const double slack = options.control == Control::kDctcp ? 0.2 : 0.01;
    CHECK(static_cast<double>(ends.at(1)) == doctest::Approx(30'000.0 * kService).epsilon(slack));
    CHECK(static_cast<double>(ends.at(0)) == doctest::Approx(40'000.0 * kService).epsilon(0.03));
  }
}

TEST_CASE("packet: incast under PFC loses nothing, and holds what thresholds and headroom allow") {
  for (const Control control : {Control::kDctcp, Control::kCredit}) {
    const std::size_t senders = 16;
    Options options = with(control, true);
    options.pause = 64 << 10;  // a third of what each sends at once
    PacketNetwork network = incast_of(senders, options);
    send_all(network, senders, 512 * 4096);
    const Ends ends = wires::play(network);
    CHECK(ends.size() == senders);
    CHECK(network.counts().trimmed == 0);
    CHECK(network.counts().pauses > 0);
    CHECK(network.counts().sent == senders * 512);
    // Each link: the threshold, and what comes while the pause is on its way, 2 × latency and two packets.
    const std::int64_t bytes = options.pause + 2 * 50'000 + 2 * 4160;
    CHECK(network.counts().longest_wait.ps() <= static_cast<std::int64_t>(senders) * bytes * 20);
    CHECK(network.counts().longest_wait.ps() > options.pause * 20);
    CHECK(static_cast<double>(last(ends)) <= 1.1 * static_cast<double>(senders) * 512 * kService);
  }
}

TEST_CASE("packet: with credit for everything a queue stays below a bandwidth-delay product, however many send") {
  for (const std::size_t senders : {4U, 64U}) {
    Options options = with(Control::kCredit);
    options.window = 0;
    options.buffer = kUnlimited;
    PacketNetwork network = incast_of(senders, options);
    send_all(network, senders, 512 * 4096);
    const Ends ends = wires::play(network);
    CHECK(ends.size() == senders);
    // Round trip 4 µs and two services.
    CHECK(network.counts().longest_wait.ps() <= 4 * kMicrosecond + 4 * kService);
    CHECK(network.counts().trimmed == 0);
    // The link is never idle once the first credit has come: the request, the credit and a packet on their way, then
    // everything.
    const auto count = static_cast<std::int64_t>(senders);
    CHECK(last(ends) == 6 * kMicrosecond + kService + count * 512 * kService);
    // By turns; but whoever asks first gets credit for a round trip at once (50 packets), and is so many turns ahead.
    CHECK(last(ends) - first(ends) <= count * 54 * kService);
  }
}

TEST_CASE("packet: what doesn't fit is trimmed and comes again, and the link stays full") {
  for (const Control control : {Control::kDctcp, Control::kCredit}) {
    CAPTURE(static_cast<int>(control));
    Options options = with(control);
    options.buffer = 16 * 4160;
    options.ecn = 8 * 4160;
    PacketNetwork network = incast_of(8, options);
    send_all(network, 8, 1000 * 4096 + 17);
    const Ends ends = wires::play(network);
    CHECK(ends.size() == 8);
    CHECK(network.counts().trimmed > 0);
    CHECK(network.counts().sent == network.counts().delivered + network.counts().trimmed);
    CHECK(network.counts().delivered == 8 * 1001);
    CHECK(network.counts().longest_wait.ps() <= 15 * kService);
    CHECK(static_cast<double>(last(ends)) <= (control == Control::kDctcp ? 1.15 : 1.01) * 8 * 1001 * kService + 4e6);
  }
}

TEST_CASE("packet: marks keep a standing queue near the threshold") {
  PacketNetwork network = incast_of(4, with(Control::kDctcp));
  send_all(network, 4, 40'000 * 4096);
  (void)wires::play(network, 20'000 * kService);
  CHECK(network.counts().marked > 0);
  const std::uint64_t trimmed = network.counts().trimmed;
  (void)wires::play(network);
  CHECK(network.counts().trimmed == trimmed);  // only at the very beginning, if ever
}

TEST_CASE("packet: over several paths packets are spread by their shares") {
  for (const Options& options : kAll) {
    CAPTURE(static_cast<int>(options.control));
    // Links 1 and 2 in the middle, of 30 and 10 GB/s, behind and before links of 50: together 40.
    PacketNetwork network(wires::of({{50e9, kMicrosecond}, {30e9, kMicrosecond}, {10e9, kMicrosecond}, {}}), options);
    wires::start(network, {{{{0, 1, 3}, 0.75}, {{0, 2, 3}, 0.25}}, 8000 * 4096, 3 * kMicrosecond, 1, {}});
    const double whole = 8000 * 4160 / 40e9 * 1e12;
    const auto took = static_cast<double>(wires::play(network).at(1));
    CHECK(took >= whole);
    CHECK(took <= 1.03 * whole + 4e6);
  }
  // Even shares from two ports into two ports: twice the rate of one.
  for (const Options& options : kAll) {
    PacketNetwork network(wires::of(std::vector<Link>(4)), options);
    wires::start(network, {{{{0, 2}, 0.5}, {{1, 3}, 0.5}}, 8000 * 4096, 2 * kMicrosecond, 1, {}});
    const auto took = static_cast<double>(wires::play(network).at(1));
    CHECK(took >= 4000.0 * kService);
    CHECK(took <= 1.03 * 4000 * kService + 4e6);
  }
}

TEST_CASE("packet: messages from one chip take turns, packet by packet") {
  for (const Options& options : kAll) {
    PacketNetwork network(wires::of(std::vector<Link>(5)), options);
    for (std::uint32_t k = 0; k < 4; ++k) wires::start(network, {{{{0, 1 + k}}}, 100 * 4096, 2 * kMicrosecond, k, {}});
    // The first is alone as it starts and so is one packet ahead: 0 0 1 2 3 0 1 2 3 … 0 1 2 3 1 2 3.
    const auto at = [](std::int64_t place) { return place * kService + 2 * kMicrosecond + kService; };
    CHECK(wires::play(network) == Ends{{0, at(394)}, {1, at(398)}, {2, at(399)}, {3, at(400)}});
  }
}

TEST_CASE("packet: a message leaves no faster than the memory behind it would allow it alone") {
  for (const Options& options : kAll) {
    PacketNetwork network(wires::of({{}, {}, {10e9, 0, WireKind::kNone}}), options);
    wires::start(network, {{{{0, 1}}}, 1000 * 4096, 2 * kMicrosecond, 1, {{ResourceId(std::size_t{2}), 1}}});
    // 4,096 bytes at 100 ps: the last packet leaves after 999 of them.
    CHECK(wires::play(network) == Ends{{1, 999 * 409'600 + 2 * (kService + kMicrosecond)}});
  }
}

TEST_CASE("packet: what a message uses of its links is what it sends, flags and all") {
  PacketNetwork network(wires::of(std::vector<Link>(1)), {});
  const orrery::Use uses[] = {{ResourceId(std::size_t{0}), 1.5}};
  const orrery::Path paths[] = {{1, 1}};
  const ResourceId links[] = {ResourceId(std::size_t{0})};
  network.start({.uses = uses,
                 .amount = 8192,
                 .latency = Duration::microseconds(1),
                 .tag = 1,
                 .paths = paths,
                 .links = links,
                 .bytes = orrery::Bytes(8192)},
                Time());
  CHECK(wires::play(network) == Ends{{1, 3 * kService + kMicrosecond}});
  CHECK(network.counts().bytes_delivered == 12'288);
}

TEST_CASE("packet: a link that goes down halfway delays what crosses it by as long as it is down") {
  Options options = with(Control::kDctcp);
  options.ecn = 1 << 30;  // so that the queue which builds up before it changes no window
  options.buffer = kUnlimited;
  for (const bool pfc : {false, true}) {
    options.pfc = pfc;
    options.pause = 1 << 30;
    for (std::size_t down = 0; down < 3; ++down) {
      CAPTURE(down);
      PacketNetwork network(wires::of(std::vector<Link>(3)), options);
      wires::start(network, {{{{0, 1, 2}}}, 1000 * 4096, 3 * kMicrosecond, 1, {}});
      const std::int64_t fails = 40'000'000;
      const std::int64_t back = 90'000'000;
      CHECK(wires::play(network, fails).empty());
      network.set_capacity(ResourceId(down), 0, Time::picoseconds(fails));
      CHECK(wires::play(network).empty());
      CHECK(network.next_event() == Time::max());  // stands still: no event
      CHECK(network.load(ResourceId(down)) == 0);
      network.set_capacity(ResourceId(down), 50e9, Time::picoseconds(back));
      CHECK(wires::play(network) == Ends{{1, 3 * kMicrosecond + 1002 * kService + back - fails}});
    }
  }
}

TEST_CASE("packet: a link that loses half its rate halfway goes on at half") {
  Options options = with(Control::kDctcp);
  options.ecn = 1 << 30;
  options.buffer = kUnlimited;
  PacketNetwork network(wires::of(std::vector<Link>(1)), options);
  wires::start(network, {{{{0}}}, 1000 * 4096, kMicrosecond, 1, {}});
  const std::int64_t half = 500 * kService + kService / 2;  // in the middle of a packet
  CHECK(wires::play(network, half).empty());
  network.set_capacity(ResourceId(std::size_t{0}), 25e9, Time::picoseconds(half));
  CHECK(network.load(ResourceId(std::size_t{0})) == 25e9);
  CHECK(wires::play(network) == Ends{{1, half + 2 * (1000 * kService - half) + kMicrosecond}});
}

TEST_CASE("packet: kernels beside messages run as under fluid, and all that is done comes in order of start") {
  for (const Options& options : kAll) {
    PacketNetwork network(wires::of({{50e9, 1000}, {50e9, 1000}, {1e12, 0, WireKind::kNone}}), options);
    const orrery::Use kernel[] = {{ResourceId(std::size_t{2}), 1}};
    const std::int64_t end = 1064 * 20 + 1000;
    network.start({kernel, static_cast<double>(end), 1, {}, 5}, Time());
    wires::start(network, {{{{1}}}, 1000, 1000, 9, {}});
    wires::start(network, {{{{0}}}, 1000, 1000, 4, {}});
    network.start({{}, 0, 1, Duration::picoseconds(end), 3}, Time());
    CHECK(network.load(ResourceId(std::size_t{2})) == 0);
    while (network.next_event() < Time::picoseconds(end)) {
      std::vector<std::uint32_t> none;
      network.advance(network.next_event(), none);
      CHECK(none.empty());
    }
    CHECK(network.load(ResourceId(std::size_t{2})) == 1e12);
    std::vector<std::uint32_t> done;
    network.advance(Time::picoseconds(end), done);
    CHECK(done == std::vector<std::uint32_t>{5, 9, 4, 3});
    CHECK(network.next_event() == Time::max());  // acknowledgements on their way are nobody's event
    wires::start(network, {{{{0}}}, 1000, 1000, 8, {}}, 5 * end);
    CHECK(wires::play(network) == Ends{{8, 6 * end}});
  }
}

TEST_CASE("packet: a message without bytes or links is done after its latency") {
  PacketNetwork network(wires::of({{}}), {});
  wires::start(network, {{{{0}}}, 0, 700, 1, {}});
  wires::start(network, {{}, 0, 800, 2, {}});
  CHECK(wires::play(network) == Ends{{1, 700}, {2, 800}});
}

TEST_CASE("on an idle path the ladder agrees: packet takes headers and store-and-forward more, the others nothing") {
  CHECK(rc::check("idle", [] {
    std::vector<Link> links;
    std::vector<std::size_t> way;
    const auto hops = *rc::gen::inRange<std::size_t>(1, 7);
    for (std::size_t k = 0; k < hops; ++k) {
      links.push_back({static_cast<double>(*rc::gen::inRange<std::int64_t>(1, 200)) * 1e9,
                       *rc::gen::inRange<std::int64_t>(0, 3'000'000),
                       k == 0 || k + 1 == hops ? WireKind::kPort : WireKind::kInside});
      way.push_back(k);
    }
    Message message{{{way}}, *rc::gen::inRange<std::int64_t>(1, 3'000'000), 0, 1, {}};
    double first_packet = 0;
    double narrowest = 1e12;
    for (const Link& link : links) {
      message.latency += link.latency;
      first_packet += (4096 + 64) / link.capacity * 1e12;
      narrowest = std::min(narrowest, link.capacity);
    }
    message.latency += *rc::gen::inRange<std::int64_t>(0, 1'000'000);
    const auto time = [&](std::string_view model) {
      const auto network = orrery::Networks::find(model)->make(wires::of(links));
      wires::start(*network, message);
      return wires::play(*network).at(1);
    };
    const std::int64_t fluid = time("fluid");
    RC_ASSERT(time("ideal") == fluid);
    RC_ASSERT(std::abs(time("alpha-beta") - fluid) <= 1);
    for (Options options : kAll) {
      options.ecn = options.pause = 1 << 30;  // what goes out at once may be too fast for what follows
      options.buffer = kUnlimited;
      PacketNetwork network(wires::of(links), options);
      wires::start(network, message);
      const std::int64_t packet = wires::play(network).at(1);
      const std::int64_t packets = (message.bytes + 4095) / 4096;
      const double headers = static_cast<double>(packets * 64) / narrowest * 1e12;
      RC_ASSERT(packet >= fluid - packets - 6);  // service is rounded to the nearest picosecond
      RC_ASSERT(static_cast<double>(packet - fluid) <= headers + first_packet + static_cast<double>(packets + 6));
    }
  }));
}

TEST_CASE("packet: whatever is sent arrives, once, no sooner than it could, and the same way again") {
  CHECK(rc::check("random traffic", [] {
    Options options = *rc::gen::elementOf(std::vector<Options>(std::begin(kAll), std::end(kAll)));
    options.mtu = *rc::gen::inRange<std::int64_t>(1, 5000);
    options.header = *rc::gen::inRange<std::int64_t>(0, 100);
    options.window = *rc::gen::elementOf(std::vector<double>{0, 0.1, 1, 3});
    options.ecn = *rc::gen::inRange<std::int64_t>(0, 100'000);
    options.buffer = *rc::gen::inRange<std::int64_t>(1, 30) * (options.mtu + options.header);
    options.pause = *rc::gen::inRange<std::int64_t>(1, 100'000);
    // Three layers of links, crossed in order: no cycle of buffers for pfc to lock up in.
    const std::size_t width = 4;
    std::vector<Link> links;
    for (std::size_t k = 0; k < 3 * width; ++k)
      links.push_back({static_cast<double>(*rc::gen::inRange<std::int64_t>(1, 100)) * 1e9,
                       *rc::gen::inRange<std::int64_t>(0, 2'000'000)});
    struct Sent {
      Message message;
      std::int64_t at;
    };
    std::vector<Sent> sent;
    const auto count = *rc::gen::inRange<std::uint32_t>(1, 12);
    for (std::uint32_t k = 0; k < count; ++k) {
      Sent one{{{}, *rc::gen::inRange<std::int64_t>(1, 300'000), 0, k, {}},
               *rc::gen::inRange<std::int64_t>(0, 20'000'000)};
      const auto ways = *rc::gen::inRange<std::size_t>(1, 4);
      const bool even = *rc::gen::arbitrary<bool>();
      for (std::size_t w = 0; w < ways; ++w) {
        wires::Way way{{},
                       even || ways == 1 ? 1.0 / static_cast<double>(ways)
                       : w == 0          ? 0.5
                                         : 0.5 / static_cast<double>(ways - 1)};
        for (std::size_t layer = 0; layer < 3; ++layer)
          way.links.push_back(layer * width + *rc::gen::inRange<std::size_t>(0, width));
        std::int64_t latency = 0;
        for (const std::size_t link : way.links) latency += links[link].latency;
        one.message.latency = std::max(one.message.latency, latency);
        one.message.ways.push_back(way);
      }
      sent.push_back(one);
    }
    std::sort(sent.begin(), sent.end(), [](const Sent& a, const Sent& b) { return a.at < b.at; });
    const auto run = [&] {
      PacketNetwork network(wires::of(links), options);
      Ends ends;
      for (const Sent& one : sent) {
        ends.merge(wires::play(network, one.at));
        wires::start(network, one.message, one.at);
      }
      ends.merge(wires::play(network));
      const auto& counts = network.counts();
      RC_ASSERT(counts.sent == counts.delivered + counts.trimmed);
      RC_ASSERT(!options.pfc || counts.trimmed == 0);
      RC_ASSERT(counts.bytes_delivered ==
                std::accumulate(sent.begin(), sent.end(), std::int64_t{0},
                                [](std::int64_t sum, const Sent& one) { return sum + one.message.bytes; }));
      return ends;
    };
    const Ends ends = run();
    RC_ASSERT(ends.size() == sent.size());
    for (const Sent& one : sent) {
      double ports = 0;  // the rate at which it could leave
      std::vector<std::size_t> firsts;
      for (const wires::Way& way : one.message.ways) firsts.push_back(way.links[0]);
      std::sort(firsts.begin(), firsts.end());
      firsts.erase(std::unique(firsts.begin(), firsts.end()), firsts.end());
      for (const std::size_t link : firsts) ports += links[link].capacity;
      const double least = static_cast<double>(one.message.bytes) / ports * 1e12;
      RC_ASSERT(static_cast<double>(ends.at(one.message.tag) - one.at) >= least * (1 - 1e-6) - 1e3);
    }
    RC_ASSERT(run() == ends);
  }));
}
