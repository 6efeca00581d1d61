// The shape `server`: any block of chips with hosts and NICs on PCIe.
//
//     shape: server
//     block: {shape: fully_connected, blocks: 8, …}      # how its chips are joined
//     nics: 8                      # 0 when absent; shared out evenly, in order of chip
//     hosts: 2                     # processors; 1 when absent; shared out evenly, in order of chip
//     pcie: {bandwidth: 63 GB/s, latency: 600 ns}        # chip to NIC, chip to host
//     host_link: {…}               # chip to host where that isn't PCIe; as `pcie` when absent
//     ports: nics                  # what an outer shape connects: the NICs, or the ports of the `block`
//
// A chip's way to a NIC and its way to its host are cables of their own, as in `nvswitch_node`. With fewer NICs than
// chips, neighbouring chips share one; with more, a chip has several. Ports: the NICs, NIC i being rail i; those of the
// block where there are none.
#include <fmt/format.h>

#include <algorithm>

#include "topology/link_spec.h"
#include "topology/shapes/shape.h"

namespace orrery {
namespace {

class Server : public Block {
 public:
  struct Plan {
    std::unique_ptr<Block> block;
    std::uint64_t chips = 0;
    std::uint64_t nics = 0;
    std::uint64_t hosts = 1;
    Link pcie;
    Link host_link;
    bool offers_nics = true;
  };
  explicit Server(Plan plan) : plan_(std::move(plan)) {}

  [[nodiscard]] Counts counts() const override {
    const std::uint64_t pairs = plan_.nics == 0 ? 0 : std::max(plan_.chips, plan_.nics);
    return plan_.block->counts() + Counts{0, plan_.hosts + plan_.nics, saturating_product(plan_.chips, 2)} +
           Counts{0, 0, saturating_product(pairs, 2)};
  }
  [[nodiscard]] std::uint64_t port_count() const override {
    return plan_.offers_nics ? plan_.nics : plan_.block->port_count();
  }

  Ports build(Builder& builder, const std::string& name) const override {
    const std::size_t first = builder.fabric.chip_count();
    Ports ports = plan_.block->build(builder, plan_.block->is_chip() ? join_names(name, "chip", 0) : name);
    const auto engine = [&](std::uint64_t chip) { return builder.fabric.engine(ChipId(first + chip)); };
    Ports hosts;
    for (std::uint64_t i = 0; i < plan_.hosts; ++i)
      hosts.push_back(builder.add(VertexKind::kHost, join_names(name, "host", i)));
    for (std::uint64_t i = 0; i < plan_.chips; ++i)
      builder.join(plan_.host_link, engine(i), hosts[i * plan_.hosts / plan_.chips]);
    Ports nics;
    for (std::uint64_t i = 0; i < plan_.nics; ++i)
      nics.push_back(builder.add(VertexKind::kNic, join_names(name, "nic", i)));
    // One of the two counts divides the other.
    const std::uint64_t pairs = plan_.nics == 0 ? 0 : std::max(plan_.chips, plan_.nics);
    for (std::uint64_t i = 0; i < pairs; ++i)
      builder.join(plan_.pcie, engine(i * plan_.chips / pairs), nics[i * plan_.nics / pairs]);
    return plan_.offers_nics ? nics : ports;
  }

 private:
  Plan plan_;
};

std::unique_ptr<Block> read_server(yaml::Map& map, std::uint64_t) {
  Server::Plan plan;
  plan.block = read_block(map.required("block"));
  plan.chips = plan.block->counts().chips;
  const auto nics = map.optional("nics");
  if (nics) plan.nics = static_cast<std::uint64_t>(nics->integer(0, kMostBlocks));
  if (plan.nics != 0 && plan.chips % plan.nics != 0 && plan.nics % plan.chips != 0)
    nics->fail(
        fmt::format("{} chips can't share {} NICs evenly: one number must divide the other", plan.chips, plan.nics));
  const auto hosts = map.optional("hosts");
  if (hosts) plan.hosts = static_cast<std::uint64_t>(hosts->integer(1, kMostBlocks));
  if (plan.chips % plan.hosts != 0)
    hosts->fail(fmt::format("{} chips can't share {} hosts evenly", plan.chips, plan.hosts));
  plan.pcie = read_link(map.required("pcie"), LinkKind::kPcie, Tier::kHost);
  plan.host_link = plan.pcie;
  if (const auto link = map.optional("host_link")) plan.host_link = read_link(*link, LinkKind::kPcie, Tier::kHost);
  plan.offers_nics = plan.nics != 0;
  if (const auto ports = map.optional("ports")) {
    plan.offers_nics = ports->choice("kind of port", {"nics", "block"}) == 0;
    if (plan.offers_nics && plan.nics == 0) ports->fail("there are no NICs to connect: `nics` is 0");
  }
  return std::make_unique<Server>(std::move(plan));
}

const Shapes::Entry kServer{{"server", "any block of chips with hosts and NICs on PCIe", &read_server}};

}  // namespace
}  // namespace orrery
