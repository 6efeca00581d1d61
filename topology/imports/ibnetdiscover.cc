// The import format `ibnetdiscover`: an InfiniBand fabric, as that program prints its switches and adapters.
//
//     switchguid=0xb8599f0300fc6de4(b8599f0300fc6de4)
//     Switch  41 "S-b8599f0300fc6de4"         # "leaf1" enhanced port 0 base lid 1 lmc 0
//     [1]     "H-0c42a10300605e88"[1](c42a10300605e88)        # "node1 mlx5_0" lid 4 4xHDR
//     …
//     Ca      1 "H-0c42a10300605e88"          # "node1 mlx5_0"
//     [1](c42a10300605e88)    "S-b8599f0300fc6de4"[1]         # lid 4 lmc 0 "leaf1" lid 1 4xHDR
//
// (ibnetdiscover(8), "Topology file format".) A line in brackets is a port of the node above it, and the port that it
// is cabled to; each cable stands at both of its ends. An adapter (Ca) is a NIC with one chip behind it, since the
// fabric sees no further; adapters called "HOST DEVICE" share the node HOST. The rate is lanes times the lane's data
// rate.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <set>

#include "topology/imports/import.h"
#include "topology/imports/pcie.h"

namespace orrery {
namespace {

struct LaneRate {
  std::string_view name;
  double gigabits;  // a second, of data: after the line code
};
// InfiniBand Architecture Specification, volume 2: 8b/10b to QDR, 64b/66b from FDR on.
constexpr std::array<LaneRate, 9> kLaneRates = {{{"SDR", 2},
                                                 {"DDR", 4},
                                                 {"QDR", 8},
                                                 {"FDR10", 10},
                                                 {"FDR", 13.6},
                                                 {"EDR", 25},
                                                 {"HDR", 50},
                                                 {"NDR", 100},
                                                 {"XDR", 200}}};

// One line, read from the left.
class LineReader {
 public:
  LineReader(const SourceText& text, std::size_t begin, std::size_t end) : text_(&text), at_(begin), end_(end) {}

  void skip_spaces() {
    while (at_ < end_ && (text_->text()[at_] == ' ' || text_->text()[at_] == '\t')) ++at_;
  }
  [[nodiscard]] bool take(char c) {
    if (at_ >= end_ || text_->text()[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c, std::string_view what) {
    if (!take(c)) fail(fmt::format("expected {}", what));
  }
  std::uint64_t number(std::string_view what) {
    std::uint64_t value = 0;
    const char* const first = text_->text().data() + at_;
    const auto [stop, failure] = std::from_chars(first, text_->text().data() + end_, value);
    if (failure != std::errc()) fail(fmt::format("expected {}", what));
    at_ += static_cast<std::size_t>(stop - first);
    return value;
  }
  // Up to the next `c`, which is taken too.
  std::string_view until(char c, std::string_view what) {
    const std::size_t stop = text_->text().substr(0, end_).find(c, at_);
    if (stop == std::string_view::npos) fail(fmt::format("expected {}", what));
    const std::string_view found = text_->text().substr(at_, stop - at_);
    at_ = stop + 1;
    return found;
  }
  [[nodiscard]] std::string_view rest() const { return text_->text().substr(at_, end_ - at_); }
  [[nodiscard]] std::size_t position() const { return at_; }
  [[noreturn]] void fail(std::string message) const { text_->fail(at_, end_, std::move(message)); }

 private:
  const SourceText* text_;
  std::size_t at_;
  std::size_t end_;
};

// The last word of a line that is a width and a speed: "4xHDR"; each way.
std::optional<Bandwidth> rate_in(std::string_view comment) {
  while (!comment.empty()) {
    const std::size_t space = comment.find_last_of(" \t");
    const std::string_view word = space == std::string_view::npos ? comment : comment.substr(space + 1);
    const std::size_t x = word.find('x');
    int lanes = 0;
    if (x != std::string_view::npos && std::from_chars(word.data(), word.data() + x, lanes).ptr == word.data() + x)
      for (const LaneRate& rate : kLaneRates)
        if (word.substr(x + 1) == rate.name && lanes >= 1 && lanes <= 12)
          return Bandwidth::bytes_per_second(static_cast<std::int64_t>(lanes * rate.gigabits * 1e9 / 8));
    comment = space == std::string_view::npos ? std::string_view() : comment.substr(0, space);
  }
  return std::nullopt;
}

// What stands between the first two quotes.
std::string description_in(std::string_view comment) {
  const std::size_t first = comment.find('"');
  const std::size_t last = first == std::string_view::npos ? first : comment.find('"', first + 1);
  return last == std::string_view::npos ? "" : std::string(comment.substr(first + 1, last - first - 1));
}

class FabricReader {
 public:
  explicit FabricReader(const SourceText& text) : text_(&text) {}

  Imported read() {
    const std::string_view bytes = text_->text();
    for (std::size_t begin = 0; begin < bytes.size();) {
      const std::size_t end = std::min(bytes.find('\n', begin), bytes.size());
      read_line(bytes.substr(begin, end - begin), begin, end);
      begin = end + 1;
    }
    add_vertices();
    for (const Cable& cable : cables_) add_cable(cable);
    result_.assume("each cable of the fabric takes 200 ns, forwarding included");
    result_.assume("each adapter is a NIC with one chip on 16 lanes of PCIe at 32 GT/s, 600 ns away");
    result_.assume("chips of one host meet in the fabric or in their host: how they are joined besides isn't printed");
    result_.assume("efficiencies are 1: what a transfer really gets of the printed rates isn't in the file");
    return std::move(result_);
  }

 private:
  struct Node {
    bool is_adapter = false;
    std::string name;
    std::size_t vertex = 0;
    bool is_left_out = false;
  };
  struct Cable {
    std::string from;
    std::string to;
    Bandwidth rate;
    std::size_t begin = 0;  // of the far end's id in the text
    std::size_t end = 0;
  };
  using Port = std::pair<std::string, std::uint64_t>;

  void read_line(std::string_view line, std::size_t begin, std::size_t end) {
    for (const std::string_view kind : {"Switch", "Ca", "Rt"})
      if (line.substr(0, kind.size()) == kind && line.size() > kind.size() &&
          (line[kind.size()] == '\t' || line[kind.size()] == ' '))
        return read_node(kind, LineReader(*text_, begin + kind.size(), end));
    if (line.substr(0, 1) == "[") read_port(LineReader(*text_, begin, end));
  }

  void read_node(std::string_view kind, LineReader line) {
    line.skip_spaces();
    static_cast<void>(line.number("how many ports the node has"));
    line.skip_spaces();
    line.expect('"', "the node's id in quotes");
    const std::size_t at = line.position();
    here_ = std::string(line.until('"', "the node's id in quotes"));
    Node node{.is_adapter = kind == "Ca", .name = description_in(line.rest())};
    if (node.name.empty()) node.name = here_;
    // A switch's own engine for reductions, which the fabric sees as an adapter.
    node.is_left_out = node.is_adapter && node.name.find("Aggregation Node") != std::string::npos;
    if (!nodes_.emplace(here_, std::move(node)).second)
      text_->fail(at, at + here_.size(), fmt::format("the node {} is already listed", in_quotes(here_)));
    order_.push_back(here_);
  }

  void read_port(LineReader line) {
    line.expect('[', "a port");
    if (here_.empty()) line.fail("a port stands under the node that it belongs to, but no node is listed yet");
    const std::uint64_t port = line.number("a port's number");
    line.expect(']', "']' after the port's number");
    // Its GUID, or the port of a chassis that it is.
    while (line.take('(')) static_cast<void>(line.until(')', "')' after the port's GUID"));
    while (line.take('[')) static_cast<void>(line.until(']', "']'"));
    line.skip_spaces();
    line.expect('"', "the id of the node at the cable's other end, in quotes");
    Cable cable{.from = here_, .to = "", .rate = {}, .begin = line.position(), .end = 0};
    cable.to = std::string(line.until('"', "the id of the node at the cable's other end, in quotes"));
    cable.end = line.position() - 1;
    line.expect('[', "the port at the cable's other end");
    const std::uint64_t far_port = line.number("a port's number");
    line.expect(']', "']' after the port's number");
    const auto rate = rate_in(line.rest());
    if (!rate) line.fail("the line doesn't say how fast the cable is, as in `4xHDR`");
    cable.rate = *rate;
    const Port near(cable.from, port);
    const Port far(cable.to, far_port);
    // Each cable stands at both of its ends.
    if (seen_.insert(std::minmax(near, far)).second) cables_.push_back(std::move(cable));
  }

  // "node1 mlx5_0" is a device of the host node1; any other name is a host of its own.
  static std::string host_of(const std::string& name) {
    const std::size_t space = name.find(' ');
    return space == std::string::npos || name.find(' ', space + 1) != std::string::npos ? name : name.substr(0, space);
  }

  void add_vertices() {
    std::map<std::string, std::pair<std::size_t, std::uint32_t>> hosts;  // vertex and number
    for (const std::string& id : order_) {
      Node& node = nodes_.at(id);
      if (node.is_left_out) {
        result_.assume("aggregation nodes (SHARP) are left out");
        continue;
      }
      if (!node.is_adapter) {
        node.vertex = result_.add(node.name, VertexKind::kSwitch);
        continue;
      }
      const std::string host = host_of(node.name);
      auto found = hosts.find(host);
      if (found == hosts.end()) {
        const auto number = static_cast<std::uint32_t>(hosts.size());
        found = hosts.emplace(host, std::pair(result_.add(host + "/host", VertexKind::kHost), number)).first;
      }
      const std::string device = host == node.name ? host + "/nic" : host + "/" + node.name.substr(host.size() + 1);
      node.vertex = result_.add(device, VertexKind::kNic);
      const std::size_t chip = result_.add(device + "/chip", VertexKind::kEngine, found->second.second);
      Link pcie = pcie_link(pcie_bandwidth(32, 16));
      pcie.latency = 2 * kPcieLatency;
      result_.join(chip, node.vertex, pcie);
      result_.join(chip, found->second.first, pcie);
    }
  }

  void add_cable(const Cable& cable) {
    const auto to = nodes_.find(cable.to);
    if (to == nodes_.end())
      text_->fail(cable.begin, cable.end, fmt::format("the node {} is listed nowhere", in_quotes(cable.to)));
    const Node& from = nodes_.at(cable.from);
    if (from.is_left_out || to->second.is_left_out || from.vertex == to->second.vertex) return;
    const bool touches_adapter = from.is_adapter || to->second.is_adapter;
    result_.join(from.vertex, to->second.vertex,
                 {.from = {},
                  .to = {},
                  .bandwidth = cable.rate,
                  .latency = Duration::nanoseconds(200),
                  .kind = LinkKind::kNetwork,
                  .tier = touches_adapter ? Tier::kRail : Tier::kSpine});
  }

  const SourceText* text_;
  Imported result_;
  std::string here_;  // the node whose ports are being read
  std::map<std::string, Node> nodes_;
  std::vector<std::string> order_;
  std::vector<Cable> cables_;
  std::set<std::pair<Port, Port>> seen_;
};

bool looks_like_ibnetdiscover(std::string_view text) {
  return text.find("\nSwitch\t") != std::string_view::npos || text.find("\nCa\t") != std::string_view::npos ||
         text.find("switchguid=") != std::string_view::npos;
}
Imported read_ibnetdiscover(const SourceText& text) { return FabricReader(text).read(); }

const ImportFormats::Entry kIbnetdiscover{{"ibnetdiscover", "an InfiniBand fabric, as ibnetdiscover prints it",
                                           &looks_like_ibnetdiscover, &read_ibnetdiscover}};

}  // namespace
}  // namespace orrery
