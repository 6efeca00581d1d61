// The packet model under its name, with its parameters out of a file.
#include "sim/network/packet/options.h"
#include "sim/network/packet/packet_network.h"

namespace orrery::packet {

namespace {

// NOLINTNEXTLINE(performance-unnecessary-value-param): other models take what they are given
std::unique_ptr<Network> make_packet(Wires wires) { return std::make_unique<PacketNetwork>(wires, Options()); }

NetworkMaker read_packet(yaml::Map& map) {
  const Options options = read_options(map);
  return [options](const Wires& wires) { return std::make_unique<PacketNetwork>(wires, options); };
}

const Networks::Entry kPacket{
    {"packet", "messages as packets through output queues: ECN windows or credit, trimming or PFC; kernels stay fluid",
     &make_packet, &read_packet, true}};

}  // namespace

}  // namespace orrery::packet
