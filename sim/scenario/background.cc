// Turns rows of a traffic matrix and patterns into flows.
#include "sim/scenario/background.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/base/scrambled.h"
#include "sim/network/resources.h"
#include "sim/scenario/machine_names.h"
#include "topology/routes.h"

namespace orrery {
namespace {

constexpr std::size_t kMostFlows = std::size_t{1} << 20U;
constexpr Duration kLatestStart = Duration::picoseconds(std::int64_t{1} << 61);

enum class TrafficPattern : std::uint8_t { kUniform, kPermutation, kIncast };

// What a sender offers: `most` bytes a second, or a share.
struct Rate {
  double most = 0;
  double share = 0;
  std::string text;
};

Rate read_rate(const yaml::Node& node) {
  if (!node.text().ends_with('%')) {
    const Bandwidth rate = node.bandwidth();
    return {rate.as_double(), 0, to_text(rate)};
  }
  const double share = node.ratio();
  if (share <= 0) node.fail("background without a rate is none");
  return {0, share, fmt::format("{:.4g} % of a flow's own", 100 * share)};
}

// One circle through all chips, each of them equally likely (Sattolo 1986): nobody sends to itself.
std::vector<std::size_t> random_circle(std::size_t size, std::uint64_t seed) {
  std::vector<std::size_t> next(size);
  for (std::size_t i = 0; i < size; ++i) next[i] = i;
  for (std::size_t i = size - 1; i > 0; --i) {
    seed = scrambled(seed + i);
    std::swap(next[i], next[seed % i]);
  }
  return next;
}

class BackgroundReader {
 public:
  BackgroundReader(const yaml::Node& node, const Fabric& fabric)
      : map_(node, "background"), fabric_(&fabric), names_(fabric) {}

  Background read() {
    const SourceSpan where = map_.node().span();
    Background background;
    Disturbance& told = background.told;
    told.kind = "background";
    told.where = fmt::format("{}:{}", where.file, where.line);
    TrafficPattern pattern = TrafficPattern::kUniform;
    if (const auto node = map_.optional("pattern"))
      pattern = static_cast<TrafficPattern>(node->choice("pattern", {"uniform", "permutation", "incast"}));
    rate_ = read_rate(map_.required("rate"));
    if (const auto start = map_.optional("start")) told.at = Time() + start->duration(Duration(), kLatestStart);
    if (const auto stop = map_.optional("stop")) {
      told.until = Time() + stop->duration(Duration(), kLatestStart);
      if (told.until <= told.at) stop->fail("background stops after it starts");
    }
    from_ = names_.chips(map_.required("from"));
    const std::string shape =
        pattern == TrafficPattern::kPermutation ? permutation(background) : matrix(background, pattern);
    map_.finish();
    if (background.flows.empty()) map_.node().fail("no chip sends to another here");
    const std::size_t flows = background.flows.size();
    told.what = fmt::format("{}: {} flow{}, {} a sender", shape, flows, flows == 1 ? "" : "s", rate_.text);
    return background;
  }

 private:
  void add(Background& background, ChipId from, ChipId to, std::size_t destinations) const {
    if (background.flows.size() >= kMostFlows) map_.node().fail(fmt::format("that is more than {} flows", kMostFlows));
    const auto parts = static_cast<double>(destinations);
    background.flows.push_back(
        {from, to, rate_.most / parts, rate_.share / parts, background.told.at, background.told.until});
  }

  std::string matrix(Background& background, TrafficPattern pattern) {
    const auto to_node = map_.optional("to");
    const std::vector<ChipId> to = to_node ? names_.chips(*to_node) : from_;
    if (pattern == TrafficPattern::kIncast && (!to_node || to.size() != 1))
      (to_node ? *to_node : map_.node()).fail("an incast leads to one chip: name it under `to`");
    std::vector<bool> receives(fabric_->chip_count(), false);
    for (const ChipId chip : to) receives[chip.index()] = true;
    for (const ChipId sender : from_) {
      const std::size_t others = to.size() - (receives[sender.index()] ? 1 : 0);
      for (const ChipId receiver : to)
        if (receiver != sender) add(background, sender, receiver, others);
    }
    const std::string name = pattern == TrafficPattern::kIncast ? "incast" : to_node ? "traffic" : "all to all";
    if (!to_node) return fmt::format("{} among {}", name, words(from_));
    return fmt::format("{} from {} to {}", name, words(from_), words(to));
  }

  std::string permutation(Background& background) {
    if (const auto to = map_.optional("to")) to->fail("a permutation is among the chips of `from`");
    std::uint64_t seed = 1;
    if (const auto node = map_.optional("seed")) seed = static_cast<std::uint64_t>(node->integer(0, INT64_MAX));
    if (from_.size() < 2) map_.node().fail("a permutation needs two chips at least");
    const std::vector<std::size_t> next = random_circle(from_.size(), seed);
    for (std::size_t i = 0; i < from_.size(); ++i) add(background, from_[i], from_[next[i]], 1);
    return fmt::format("permutation of {}", words(from_));
  }

  [[nodiscard]] std::string words(const std::vector<ChipId>& chips) const {
    if (chips.size() > 1) return fmt::format("{} chips", chips.size());
    return fabric_->vertices()[fabric_->engine(chips.front())].name;
  }

  yaml::Map map_;
  const Fabric* fabric_;
  MachineNames names_;
  Rate rate_;
  std::vector<ChipId> from_;
};

}  // namespace

std::vector<Background> read_background(const yaml::Node& node, const Fabric& fabric) {
  if (!node.is_sequence()) node.fail("background is a list");
  std::vector<Background> background;
  std::size_t flows = 0;
  for (const yaml::Node& item : node.items()) {
    background.push_back(BackgroundReader(item, fabric).read());
    flows += background.back().flows.size();
    if (flows > kMostFlows) item.fail(fmt::format("that makes more than {} flows", kMostFlows));
  }
  return background;
}

std::size_t chips_for_background(const yaml::Node& node, std::uint64_t held) {
  std::size_t most = 0;
  if (!node.is_sequence()) return most;  // read_background says what is wrong
  for (const yaml::Node& item : node.items()) {
    if (!item.is_map()) continue;
    yaml::Map map(item, "background");
    for (const std::string_view key : {"from", "to"}) {
      const auto chips = map.optional(key);
      if (!chips) continue;
      const std::size_t wanted = chips_named(*chips);
      if (wanted > held) chips->fail(fmt::format("there is no chip {}: the cluster has {}", wanted - 1, held));
      most = std::max(most, wanted);
    }
  }
  return most;
}

std::vector<BackgroundFlow> flows_of(const std::vector<Background>& background) {
  std::vector<BackgroundFlow> flows;
  for (const Background& one : background) flows.insert(flows.end(), one.flows.begin(), one.flows.end());
  return flows;
}

std::vector<std::string> idle_background(const std::vector<Background>& background, const Fabric& fabric,
                                         const RoutingMaker& routing, std::string_view network, Time end,
                                         const std::vector<double>& work) {
  std::vector<std::string> said;
  if (background.empty()) return said;  // a large fabric's routes take their time
  const Resources resources(fabric);
  Routes routes(fabric, routing);
  const auto meets = [&](const BackgroundFlow& flow) {
    const PathBundle& paths = routes.paths(flow.from, flow.to);
    for (std::size_t i = 0; i < paths.size(); ++i)
      for (const LinkId link : paths[i].links)
        if (work[resources.link(link).index()] > 0) return true;
    return false;
  };
  for (const Background& one : background) {
    const auto say = [&](const std::string& why) {
      said.push_back(fmt::format("{}: the background '{}' changes nothing: {}", one.told.where, one.told.what, why));
    };
    if (network == "ideal") {
      say("on the ideal network everything is as if alone");
    } else if (one.told.at >= end) {
      say(fmt::format("the step is over after {}", to_text(end - Time())));
    } else if (std::none_of(one.flows.begin(), one.flows.end(), meets)) {
      say("it meets the job on no link");
    }
  }
  return said;
}

}  // namespace orrery
