// Reads the packet model's parameters and refuses those that contradict each other.
#include "sim/network/packet/options.h"

#include <fmt/format.h>

namespace orrery::packet {

namespace {

constexpr Bytes kMostMtu{1 << 16};
constexpr Bytes kMostHeader{4096};
constexpr Bytes kMostQueue{std::int64_t{1} << 40U};
constexpr double kMostWindow = 1024;

std::int64_t read_queue(const yaml::Node& node) {
  if (node.is_scalar() && node.text() == "unlimited") return kUnlimited;
  return node.bytes(Bytes(1), kMostQueue).count();
}

}  // namespace

Options read_options(yaml::Map& map) {
  Options options;
  if (const auto node = map.optional("mtu")) options.mtu = node->bytes(Bytes(1), kMostMtu).count();
  if (const auto node = map.optional("header")) options.header = node->bytes(Bytes(0), kMostHeader).count();
  if (const auto node = map.optional("control"))
    options.control = node->choice("control", {"dctcp", "credit"}) == 0 ? Control::kDctcp : Control::kCredit;
  if (const auto node = map.optional("window")) options.window = node->number(0, kMostWindow);
  if (const auto node = map.optional("ecn")) options.ecn = node->bytes(Bytes(0), kMostQueue).count();
  const auto buffer = map.optional("buffer");
  if (buffer) options.buffer = read_queue(*buffer);
  if (const auto node = map.optional("pfc")) options.pfc = node->boolean();
  const auto pause = map.optional("pause");
  if (pause) options.pause = pause->bytes(Bytes(1), kMostQueue).count();

  const std::int64_t packet = options.mtu + options.header;
  if (options.buffer < packet)
    (buffer ? *buffer : map.node())
        .fail(fmt::format("a queue of {} B never holds a packet of {} B (mtu + header)", options.buffer, packet));
  if (pause && !options.pfc) pause->fail("'pause' changes nothing without pfc: true");
  if (buffer && options.pfc) buffer->fail("'buffer' changes nothing with pfc: true, which pauses instead of trimming");
  return options;
}

}  // namespace orrery::packet
