// The shape `nvswitch_node`: chips on a scale-up switch, with NICs and a host on PCIe.
//
//     shape: nvswitch_node
//     chips: 8
//     nvlink: {bandwidth: 300 GB/s, latency: 700 ns}   # each chip to the switch
//     nics: 8                                          # 0 when absent
//     pcie: {bandwidth: 32 GB/s, latency: 300 ns}      # chip to NIC, chip to host; required with NICs
//
// The node's switch chips stand as one vertex: every transfer is striped evenly over all of them, so that a chip's
// whole NVLink rate is open to any peer. The PCIe switch is not a vertex: a chip's way to its NIC and its way to the
// host are cables of their own. With fewer NICs than chips, neighbouring chips share one; with more, a chip has
// several. Ports: the NICs, NIC i being rail i; the chips themselves where there are none.
#include <fmt/format.h>

#include <algorithm>

#include "topology/link_spec.h"
#include "topology/shapes/shape.h"

namespace orrery {
namespace {

class NvswitchNode : public Block {
 public:
  NvswitchNode(std::uint64_t chips, std::uint64_t nics, Link nvlink, const Link* pcie)
      : chips_(chips), nics_(nics), nvlink_(nvlink), has_host_(pcie != nullptr), pcie_(has_host_ ? *pcie : Link()) {}

  [[nodiscard]] Counts counts() const override {
    Counts counts = Counts{1, 2, 2} * chips_ + Counts{0, 1, 2 * chips_};  // chips; the switch and its cables
    if (has_host_) counts = counts + Counts{0, 1, 2 * chips_};
    return counts + Counts{0, nics_, nics_ == 0 ? 0 : 2 * std::max(chips_, nics_)};
  }
  [[nodiscard]] std::uint64_t port_count() const override { return nics_ == 0 ? chips_ : nics_; }

  Ports build(Builder& builder, const std::string& name) const override {
    builder.open_node();
    Ports engines;
    for (std::uint64_t i = 0; i < chips_; ++i)
      engines.push_back(builder.fabric.engine(builder.fabric.add_chip(builder.node(), join_names(name, "chip", i))));
    const VertexId nvswitch = builder.add(VertexKind::kSwitch, join_names(name, "nvswitch", 0));
    for (const VertexId engine : engines) builder.join(nvlink_, engine, nvswitch);
    if (has_host_) {
      const VertexId host = builder.add(VertexKind::kHost, join_names(name, "host", 0));
      for (const VertexId engine : engines) builder.join(pcie_, engine, host);
    }
    if (nics_ == 0) return engines;
    Ports nics;
    for (std::uint64_t i = 0; i < nics_; ++i) nics.push_back(builder.add(VertexKind::kNic, join_names(name, "nic", i)));
    // One of the two counts divides the other.
    const std::uint64_t pairs = std::max(chips_, nics_);
    for (std::uint64_t i = 0; i < pairs; ++i) builder.join(pcie_, engines[i * chips_ / pairs], nics[i * nics_ / pairs]);
    return nics;
  }

 private:
  std::uint64_t chips_;
  std::uint64_t nics_;
  Link nvlink_;
  bool has_host_;
  Link pcie_;
};

std::unique_ptr<Block> read_nvswitch_node(yaml::Map& map, std::uint64_t) {
  constexpr std::int64_t kMostInNode = 65'536;
  const auto chips = static_cast<std::uint64_t>(map.required("chips").integer(1, kMostInNode));
  const Link nvlink = read_link(map.required("nvlink"), LinkKind::kNvlink, Tier::kScaleUp);
  const auto nics_node = map.optional("nics");
  const auto nics = nics_node ? static_cast<std::uint64_t>(nics_node->integer(0, kMostInNode)) : 0;
  if (nics != 0 && chips % nics != 0 && nics % chips != 0)
    nics_node->fail(fmt::format("{} chips can't share {} NICs evenly: one number must divide the other", chips, nics));
  if (nics == 0 && !map.optional("pcie")) return std::make_unique<NvswitchNode>(chips, 0, nvlink, nullptr);
  const Link pcie = read_link(map.required("pcie"), LinkKind::kPcie, Tier::kHost);
  return std::make_unique<NvswitchNode>(chips, nics, nvlink, &pcie);
}

const Shapes::Entry kNvswitchNode{
    {"nvswitch_node", "chips on one scale-up switch, with NICs and a host on PCIe", &read_nvswitch_node}};

}  // namespace
}  // namespace orrery
