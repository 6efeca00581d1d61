// The shape `nvlink_domain`: trays of chips in racks on NVLink switches, one level in a rack, a second between racks.
//
//     shape: nvlink_domain
//     racks: 1                     # 1 when absent; more are joined by a second level of switches
//     trays: 18                    # compute trays a rack
//     chips_per_tray: 4
//     nvlink: {bandwidth: 900 GB/s, latency: 400 ns}     # each chip to the switches, all its ports together
//     switch_planes: 18            # switch chips of a rack that are vertices; 1 when absent
//     second: {oversubscription: 1, latency: 500 ns}     # rack to second level; required for racks > 1
//
// A chip has a port on every switch chip of its rack, and transfers are striped evenly over them. With one plane they
// therefore stand as one vertex, open to any pair at a chip's whole rate, as in `nvswitch_node`. With `switch_planes` P
// each is a vertex on 1/P of a chip's rate: for routes that spray, or to see one switch chip fail.
//
// GB200 NVL72: 18 trays of 4 chips and 9 trays of two switch chips, 18 links of 50 GB/s a chip, one to each switch chip
// of 72 ports (NVIDIA GB200 NVL72 and NVLink Switch data sheets, 2024). NVLink 5 goes to 576 chips in two levels
// (NVIDIA Blackwell architecture brief): eight such racks, whose switches of plane i are joined by the second level's
// of plane i. The chips of a domain are one node. Hosts and NICs come from `server` around it; ports: the chips, tray
// by tray.
#include <fmt/format.h>

#include "topology/link_spec.h"
#include "topology/shapes/shape.h"

namespace orrery {
namespace {

struct DomainPlan {
  std::uint64_t racks = 1;
  std::uint64_t trays = 1;
  std::uint64_t chips_per_tray = 1;
  std::uint64_t planes = 1;
  Link nvlink;  // chip to one plane
  Link second;  // a rack's switches of one plane to the second level's

  [[nodiscard]] std::uint64_t chips_per_rack() const { return trays * chips_per_tray; }
};

class NvlinkDomain : public Block {
 public:
  explicit NvlinkDomain(const DomainPlan& plan) : plan_(plan) {}

  [[nodiscard]] Counts counts() const override {
    const std::uint64_t planes = plan_.planes;
    Counts counts = Counts{1, 2, 2 + 2 * planes} * port_count() + Counts{0, planes, 0} * plan_.racks;
    if (plan_.racks > 1) counts = counts + Counts{0, planes, 2 * planes * plan_.racks};
    return counts;
  }
  [[nodiscard]] std::uint64_t port_count() const override {
    return saturating_product(plan_.racks, plan_.chips_per_rack());
  }

  Ports build(Builder& builder, const std::string& name) const override {
    builder.open_node();
    Ports chips;
    std::vector<Ports> switches;  // by rack and plane
    for (std::uint64_t rack = 0; rack < plan_.racks; ++rack) {
      const std::string place = plan_.racks == 1 ? name : join_names(name, "rack", rack);
      for (std::uint64_t i = 0; i < plan_.chips_per_rack(); ++i) {
        const std::string tray = join_names(place, "tray", i / plan_.chips_per_tray);
        chips.push_back(builder.fabric.engine(
            builder.fabric.add_chip(builder.node(), join_names(tray, "chip", i % plan_.chips_per_tray))));
      }
      switches.emplace_back();
      for (std::uint64_t plane = 0; plane < plan_.planes; ++plane) {
        switches.back().push_back(builder.add(VertexKind::kSwitch, join_names(place, "nvswitch", plane)));
        for (std::uint64_t i = rack * plan_.chips_per_rack(); i < chips.size(); ++i)
          builder.join(plan_.nvlink, chips[i], switches.back().back());
      }
    }
    if (plan_.racks == 1) return chips;
    for (std::uint64_t plane = 0; plane < plan_.planes; ++plane) {
      const VertexId top = builder.add(VertexKind::kSwitch, join_names(name, "second", plane));
      for (const Ports& rack : switches) builder.join(plan_.second, rack[plane], top);
    }
    return chips;
  }

 private:
  DomainPlan plan_;
};

// All the cables of a rack's plane to the second level, as one link.
Link read_second(const yaml::Node& node, const DomainPlan& plan) {
  constexpr double kThinnest = 1e4;
  yaml::Map map(node, "the second level");
  Link link = plan.nvlink;
  const auto oversubscription = map.optional("oversubscription");
  const double ratio = oversubscription ? oversubscription->number(1, kThinnest) : 1;
  const double rate = plan.nvlink.bandwidth.as_double() * static_cast<double>(plan.chips_per_rack()) / ratio;
  constexpr double kMostRate = 1e18;  // bytes/s
  if (rate > kMostRate) node.fail("the chips of a rack have more bandwidth together than can be counted");
  link.bandwidth = Bandwidth::bytes_per_second(static_cast<std::int64_t>(rate));
  if (const auto latency = map.optional("latency"))
    link.latency = latency->duration(Duration(), Duration::microseconds(1'000'000));
  if (const auto energy = map.optional("energy_per_byte")) link.joules_per_byte = energy->joules().value();
  if (const auto source = map.optional("source"); source && source->text().empty())
    source->fail("a source says where numbers come from, but this one is empty");
  map.finish();
  return link;
}

std::unique_ptr<Block> read_nvlink_domain(yaml::Map& map, std::uint64_t) {
  constexpr std::int64_t kMostInRack = 65'536;
  const auto read_count = [&](std::string_view key) {
    const auto node = map.optional(key);
    return node ? static_cast<std::uint64_t>(node->integer(1, kMostInRack)) : 1;
  };
  DomainPlan plan;
  plan.racks = read_count("racks");
  plan.trays = static_cast<std::uint64_t>(map.required("trays").integer(1, kMostInRack));
  plan.chips_per_tray = static_cast<std::uint64_t>(map.required("chips_per_tray").integer(1, kMostInRack));
  plan.planes = read_count("switch_planes");
  plan.nvlink = read_link(map.required("nvlink"), LinkKind::kNvlink, Tier::kScaleUp);
  const std::int64_t rate = plan.nvlink.bandwidth.bytes_per_second();
  const auto planes = static_cast<std::int64_t>(plan.planes);
  if (rate % planes != 0)
    map.required("switch_planes")
        .fail(fmt::format("{} planes can't share {} evenly", plan.planes, to_text(plan.nvlink.bandwidth)));
  plan.nvlink.bandwidth = Bandwidth::bytes_per_second(rate / planes);
  if (plan.racks > 1) plan.second = read_second(map.required("second"), plan);
  return std::make_unique<NvlinkDomain>(plan);
}

const Shapes::Entry kNvlinkDomain{{"nvlink_domain",
                                   "racks of chip trays on NVLink switches, a second level of them between racks",
                                   &read_nvlink_domain}};

}  // namespace
}  // namespace orrery
