// What can be chosen about the packet model, with its defaults, and how a file says it.
//
//     network: {name: packet, mtu: 4096 B, header: 64 B, control: dctcp, window: 1, ecn: 128 KiB, buffer: 1 MiB,
//               pfc: false, pause: 256 KiB}
#pragma once

#include <cstdint>
#include <limits>

#include "sim/base/yaml.h"

namespace orrery::packet {

enum class Control : std::uint8_t {
  kDctcp,   // a window for each flow, which marks make smaller
  kCredit,  // the receiver says who may send
};

inline constexpr std::int64_t kUnlimited = std::numeric_limits<std::int64_t>::max();

struct Options {
  std::int64_t mtu = 4096;  // the most payload of a packet, as InfiniBand and RoCE count it
  // On the wire beside each packet's payload. Estimate: htsim's 64; RoCEv2 on Ethernet has 82 with preamble and gap
  // (8 + 14 + 20 + 8 + 12 + 4 + 4 + 12), InfiniBand 26 (LRH 8, BTH 12, CRCs 6). 0 where a link's efficiency counts it.
  std::int64_t header = 64;
  Control control = Control::kDctcp;
  double window = 1;  // what a flow sends before it has heard anything, in bandwidth-delay products of its idle path
  // Of an output queue. Marked: what finds more than `ecn` waiting before it. DCTCP asks for a seventh of rate × round
  // trip at least (Alizadeh et al. 2010): 86 kB at 400 Gb/s and 12 µs.
  std::int64_t ecn = std::int64_t{128} << 10U;
  std::int64_t buffer = std::int64_t{1} << 20U;   // kUnlimited, or what doesn't fit is trimmed
  bool pfc = false;                               // pause instead of trimming; `buffer` then plays no part
  std::int64_t pause = std::int64_t{256} << 10U;  // bytes from one link that make a switch pause it
};

// Reads every key but `name`. InputError for what can't be.
[[nodiscard]] Options read_options(yaml::Map& map);

}  // namespace orrery::packet
