// The import format `nccl`: one node, as NCCL (and RCCL) writes it down where NCCL_TOPO_DUMP_FILE is set.
//
//     <system version="1">
//       <cpu numaid="0" …>
//         <pci busid="0000:0c:00.0" class="0x060400" link_speed="16.0 GT/s PCIe" link_width="16">    a PCIe switch
//           <pci busid="0000:0f:00.0" class="0x030200" …>
//             <gpu dev="0" sm="80" …> <nvlink target="0000:c9:00.0" count="12" tclass="0x068000"/> </gpu>
//           </pci>
//           <pci busid="0000:12:00.0" class="0x020700" …> <nic> <net name="mlx5_0" dev="0" speed="200000" …/> </nic>
//           </pci>
//         </pci>
//       </cpu>
//     </system>
//
// (NCCL user guide, environment variables; NCCL's src/graph/xml.cc and topo.cc, read for the meaning of each element.)
// A <gpu> is a chip, a <net> a NIC, a <cpu> a host. All NVSwitches are one vertex, since transfers are striped over
// them. A PCIe switch stands as a host: routes pass hosts only where nothing else leads on, and so prefer NVLink to
// PCIe.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "topology/imports/import.h"
#include "topology/imports/pcie.h"
#include "topology/imports/xml_file.h"

namespace orrery {
namespace {

constexpr std::int64_t kMostLinksOfGpu = 1024;
constexpr std::size_t kMostProcessors = 256;  // each is joined to all others
constexpr Duration kNvlinkLatency = Duration::nanoseconds(350);

// One link's printed rate each way, by compute capability (NVIDIA's data sheets of P100 to B200).
std::int64_t nvlink_rate(std::int64_t sm) {
  constexpr std::int64_t kGigabyte = 1'000'000'000;
  if (sm >= 100) return 50 * kGigabyte;
  if (sm == 86) return 14 * kGigabyte;  // RTX A6000: four links, 112.5 GB/s both directions
  return (sm >= 70 ? 25 : 20) * kGigabyte;
}

class NcclReader {
 public:
  explicit NcclReader(const SourceText& text) : file_(text, "system") {}

  Imported read() {
    for (const pugi::xml_node cpu : file_.root().children("cpu")) read_cpu(cpu);
    join_hosts();
    join_chips();
    for (const auto& [dev, net] : nets_) result_.ports.push_back(net);
    result_.assume("efficiencies are 1: what a transfer really gets of the printed rates isn't in the file");
    return std::move(result_);
  }

 private:
  struct Gpu {
    std::size_t vertex = 0;
    pugi::xml_node element;
    std::int64_t rate = 0;  // of one NVLink
  };

  void read_cpu(pugi::xml_node cpu) {
    const std::int64_t numa = file_.integer(cpu, "numaid", -1, 1 << 20);
    // Dumps of a domain over several hosts give each a hash.
    const std::string host = cpu.attribute("host_hash").value();
    const auto [found, is_new] = nodes_.try_emplace(host, static_cast<std::uint32_t>(nodes_.size()));
    node_ = found->second;
    if (hosts_[node_].size() == kMostProcessors)
      file_.fail(cpu, fmt::format("one host has more than {} processors", kMostProcessors));
    const std::size_t vertex = result_.add(name("cpu", numa), VertexKind::kHost);
    hosts_[node_].push_back(vertex);
    read_devices(cpu, vertex);
  }

  void read_devices(pugi::xml_node parent, std::size_t above) {
    for (const pugi::xml_node child : parent.children()) {
      if (std::string_view(child.name()) == "pci") read_pci(child, above);
      if (std::string_view(child.name()) == "nic")
        read_nic(child, above, std::nullopt);  // on no PCIe device of its own
    }
  }

  // A device, or a PCIe switch with devices below.
  void read_pci(pugi::xml_node pci, std::size_t above) {
    const std::string bus(file_.required(pci, "busid"));
    const Link link = pcie_link(read_rate(pci));
    if (const pugi::xml_node gpu = pci.child("gpu")) {
      const std::int64_t dev = file_.integer(gpu, "dev", -1, 1 << 20);
      const std::size_t chip = result_.add(name("gpu", dev), VertexKind::kEngine, node_);
      result_.join(chip, above, link);
      gpus_.push_back({chip, gpu, nvlink_rate(file_.integer(gpu, "sm", 0, 10'000, 0))});
      by_bus_[bus] = gpus_.size() - 1;
    } else if (const pugi::xml_node nic = pci.child("nic")) {
      read_nic(nic, above, link);
    } else if (pci.child("pci")) {
      const std::size_t bridge = result_.add("pci_" + bus, VertexKind::kHost);
      result_.assume("PCIe switches stand as hosts, so that routes prefer NVLink");
      result_.join(bridge, above, link);
      read_devices(pci, bridge);
    }
  }

  Bandwidth read_rate(pugi::xml_node pci) {
    double lanes = XmlFile::leading_number(pci, "link_width");
    double speed = XmlFile::leading_number(pci, "link_speed");
    if (lanes == 0) {
      lanes = 16;
      result_.assume("PCIe devices that print no width have 16 lanes, as NCCL takes them to have");
    }
    if (speed == 0) {
      speed = 8;
      result_.assume("PCIe devices that print no speed run at 8 GT/s, as NCCL takes them to do");
    }
    return pcie_bandwidth(speed, lanes);
  }

  void read_nic(pugi::xml_node nic, std::size_t above, const std::optional<Link>& link) {
    for (const pugi::xml_node net : nic.children("net")) {
      const std::int64_t dev = file_.integer(net, "dev", -1, 1 << 20);
      const std::size_t vertex = result_.add(name(std::string(file_.required(net, "name"))), VertexKind::kNic);
      const auto speed = static_cast<std::int64_t>(XmlFile::leading_number(net, "speed"));
      if (speed > 0) result_.assume(fmt::format("NICs lead nowhere here; the file gives them up to {} Mb/s", speed));
      if (!link) result_.assume("NICs without a PCIe device of their own have 16 lanes at 8 GT/s");
      result_.join(vertex, above, link ? *link : pcie_link(pcie_bandwidth(8, 16)));
      nets_.emplace_back(dev, vertex);
    }
    std::stable_sort(nets_.begin(), nets_.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  }

  // Sockets of one host reach each other; the file doesn't say how fast.
  void join_hosts() {
    constexpr std::int64_t kSocketRate = 20'800'000'000;
    for (const auto& [node, hosts] : hosts_)
      for (std::size_t i = 0; i < hosts.size(); ++i)
        for (std::size_t j = i + 1; j < hosts.size(); ++j) {
          result_.join(hosts[i], hosts[j], pcie_link(Bandwidth::bytes_per_second(kSocketRate)));
          result_.assume("processors of one host are joined two by two at 20.8 GB/s, one UPI link at 10.4 GT/s");
        }
    if (!hosts_.empty()) result_.assume("each PCIe cable takes 300 ns");
  }

  void join_chips() {
    std::map<std::pair<std::size_t, std::size_t>, std::int64_t> direct;  // one cable between two GPUs: links
    std::optional<std::size_t> nvswitch;
    for (std::size_t i = 0; i < gpus_.size(); ++i) {
      std::int64_t to_switch = 0;
      for (const pugi::xml_node link : gpus_[i].element.children()) {
        const bool is_xgmi = std::string_view(link.name()) == "xgmi";
        if (!is_xgmi && std::string_view(link.name()) != "nvlink") continue;
        const std::int64_t count = file_.integer(link, "count", 0, kMostLinksOfGpu);
        if (is_xgmi) gpus_[i].rate = kXgmiRate;
        const std::string target(file_.required(link, "target"));
        if (std::string_view(link.attribute("tclass").value()).substr(0, 6) == "0x0680") {
          to_switch += count;
          if (to_switch > kMostLinksOfGpu)
            file_.fail(link, fmt::format("one GPU has more than {} links", kMostLinksOfGpu));
        } else if (const auto found = by_bus_.find(target); found != by_bus_.end() && found->second != i) {
          // Both ends list the cable.
          std::int64_t& links = direct[std::minmax(i, found->second)];
          links = std::max(links, count);
        } else {
          result_.assume("links to devices that the file doesn't describe are left out");
        }
      }
      if (to_switch == 0) continue;
      if (!nvswitch) nvswitch = result_.add("nvswitch", VertexKind::kSwitch);
      result_.join(gpus_[i].vertex, *nvswitch, scale_up(to_switch * gpus_[i].rate));
    }
    for (const auto& [pair, links] : direct)
      if (links > 0)
        result_.join(gpus_[pair.first].vertex, gpus_[pair.second].vertex, scale_up(links * gpus_[pair.first].rate));
  }

  Link scale_up(std::int64_t rate) {
    result_.assume(
        "an NVLink carries each way what its GPU's data sheet says (20 GB/s before sm 70, 25 from there, 50 from sm "
        "100), "
        "an xGMI link 64 GB/s; each takes 350 ns");
    return {.from = {},
            .to = {},
            .bandwidth = Bandwidth::bytes_per_second(rate),
            .latency = kNvlinkLatency,
            .kind = LinkKind::kNvlink,
            .tier = Tier::kScaleUp};
  }

  [[nodiscard]] std::string name(const std::string& word) const {
    return node_ == 0 ? word : fmt::format("host{}/{}", node_, word);
  }
  [[nodiscard]] std::string name(std::string_view word, std::int64_t number) const {
    return name(fmt::format("{}{}", word, number));
  }

  static constexpr std::int64_t kXgmiRate = 64'000'000'000;  // MI300X: seven links, 128 GB/s both directions each

  XmlFile file_;
  Imported result_;
  std::map<std::string, std::uint32_t> nodes_;               // by hash of the host
  std::uint32_t node_ = 0;                                   // that is being read
  std::map<std::uint32_t, std::vector<std::size_t>> hosts_;  // processors of each node
  std::vector<Gpu> gpus_;
  std::map<std::string, std::size_t> by_bus_;               // a GPU's place in gpus_
  std::vector<std::pair<std::int64_t, std::size_t>> nets_;  // by device number
};

bool looks_like_nccl(std::string_view text) { return text.find("<system") != std::string_view::npos; }
Imported read_nccl(const SourceText& text) { return NcclReader(text).read(); }

const ImportFormats::Entry kNccl{
    {"nccl", "a node, as NCCL or RCCL writes it where NCCL_TOPO_DUMP_FILE is set", &looks_like_nccl, &read_nccl}};

}  // namespace
}  // namespace orrery
