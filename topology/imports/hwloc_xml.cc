// The import format `hwloc`: one node, as `lstopo FILE.xml` writes it down.
//
//     <topology version="2.0">
//       <object type="Machine"> <object type="Package" os_index="0">
//         <object type="Bridge" bridge_type="0-1" …> <object type="Bridge" bridge_type="1-1" pci_link_speed="31.507692"
//         …>
//           <object type="PCIDev" pci_busid="0000:0f:00.0" pci_type="0302 [10de:20b0] …" pci_link_speed="31.507692">
//             <object type="OSDev" name="cuda0" osdev_type="5"/>
//
// (hwloc 2 documentation, "Importing and exporting topologies from/to XML files" and "I/O Devices".) PCI devices of
// class 0302, 0380 and 1200, and those of 0300 with a co-processor in them, are chips; those of class 02 are NICs;
// packages are hosts. A bridge under which several of them stand is a PCIe switch, and stands as a host, so that routes
// pass it only where nothing else leads on. NVLink is not among hwloc's objects.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "topology/imports/import.h"
#include "topology/imports/pcie.h"
#include "topology/imports/xml_file.h"

namespace orrery {
namespace {

bool has_type(pugi::xml_node object, std::string_view type) {
  return std::string_view(object.name()) == "object" && std::string_view(object.attribute("type").value()) == type;
}

bool is_os_device(pugi::xml_node object, std::string_view kind) {
  return has_type(object, "OSDev") && std::string_view(object.attribute("osdev_type").value()) == kind;
}

// The name that the operating system has for a device; its bus where there is none.
std::string device_name(pugi::xml_node device, std::string_view preferred_kind) {
  std::string name;
  for (const pugi::xml_node child : device.children("object"))
    if (has_type(child, "OSDev") && child.attribute("name") && (name.empty() || is_os_device(child, preferred_kind)))
      name = child.attribute("name").value();
  return name.empty() ? std::string("pci_") + device.attribute("pci_busid").value() : name;
}

class HwlocReader {
 public:
  explicit HwlocReader(const SourceText& text) : file_(text, "topology") {}

  Imported read() {
    machine_ = result_.add("machine", VertexKind::kHost);
    read_below(file_.root(), machine_);
    std::stable_sort(nics_.begin(), nics_.end());
    result_.ports = nics_;
    result_.assume("NVLink and its kin aren't in the file: `--scale-up RATE` joins the chips of a node on a switch");
    result_.assume("the processors are joined through the machine at 20.8 GB/s, one UPI link at 10.4 GT/s");
    result_.assume("each PCIe cable takes 300 ns");
    result_.assume("PCIe switches stand as hosts, so that routes prefer a scale-up switch");
    result_.assume("efficiencies are 1: what a transfer really gets of the printed rates isn't in the file");
    return std::move(result_);
  }

 private:
  static constexpr std::string_view kCoprocessor = "5";  // hwloc_obj_osdev_type_e
  static constexpr std::string_view kOpenFabrics = "3";

  // "0302 [10de:20b0] …" → "0302".
  static std::string_view pci_class(pugi::xml_node device) {
    return std::string_view(device.attribute("pci_type").value()).substr(0, 4);
  }
  static bool is_chip(pugi::xml_node object) {
    if (!has_type(object, "PCIDev")) return false;
    const std::string_view its = pci_class(object);
    if (its == "0302" || its == "0380" || its == "1200") return true;
    const auto computes = [](pugi::xml_node child) { return is_os_device(child, kCoprocessor); };
    return its == "0300" && std::any_of(object.begin(), object.end(), computes);
  }
  static bool is_nic(pugi::xml_node object) {
    return has_type(object, "PCIDev") && pci_class(object).substr(0, 2) == "02";
  }
  // Chips and NICs below, counted no further than two.
  static int devices_below(pugi::xml_node object) {
    int count = 0;
    for (const pugi::xml_node child : object.children("object")) {
      count += is_chip(child) || is_nic(child) ? 1 : devices_below(child);
      if (count >= 2) break;
    }
    return count;
  }

  // The depth is bounded by XmlFile.
  void read_below(pugi::xml_node parent, std::size_t above) {
    for (const pugi::xml_node object : parent.children("object")) {
      if (is_chip(object)) {
        const std::size_t chip = result_.add(device_name(object, kCoprocessor), VertexKind::kEngine);
        result_.join(chip, above, pcie_link(read_rate(object)));
      } else if (is_nic(object)) {
        nics_.push_back(result_.add(device_name(object, kOpenFabrics), VertexKind::kNic));
        result_.join(nics_.back(), above, pcie_link(read_rate(object)));
      } else if (has_type(object, "Package")) {
        const std::size_t package =
            result_.add(fmt::format("package{}", file_.integer(object, "os_index", 0, 1 << 20, 0)), VertexKind::kHost);
        constexpr std::int64_t kSocketRate = 20'800'000'000;
        result_.join(package, machine_, pcie_link(Bandwidth::bytes_per_second(kSocketRate)));
        read_below(object, package);
      } else if (has_type(object, "Bridge") && std::string_view(object.attribute("bridge_type").value()) == "1-1" &&
                 devices_below(object) >= 2) {
        const std::size_t bridge =
            result_.add(std::string("pci_") + object.attribute("pci_busid").value(), VertexKind::kHost);
        result_.join(bridge, above, pcie_link(read_rate(object)));
        read_below(object, bridge);
      } else {
        read_below(object, above);
      }
    }
  }

  Bandwidth read_rate(pugi::xml_node device) {
    constexpr double kMostRate = 1e6;  // GB/s
    const double speed = XmlFile::leading_number(device, "pci_link_speed");
    if (speed > kMostRate) file_.fail(device, "no PCIe link is faster than 1000000 GB/s");
    if (speed > 0)
      return Bandwidth::bytes_per_second(std::max<std::int64_t>(1, static_cast<std::int64_t>(speed * 1e9)));
    result_.assume("PCIe devices that print no speed have 16 lanes at 8 GT/s");
    return pcie_bandwidth(8, 16);
  }

  XmlFile file_;
  Imported result_;
  std::size_t machine_ = 0;
  std::vector<std::size_t> nics_;
};

bool looks_like_hwloc(std::string_view text) { return text.find("<topology") != std::string_view::npos; }
Imported read_hwloc(const SourceText& text) { return HwlocReader(text).read(); }

const ImportFormats::Entry kHwloc{
    {"hwloc", "a node, as lstopo writes it to an .xml file", &looks_like_hwloc, &read_hwloc}};

}  // namespace
}  // namespace orrery
