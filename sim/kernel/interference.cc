// Lowers each flow as the message that it resembles.
#include "sim/kernel/interference.h"

#include <algorithm>
#include <array>
#include <limits>

#include "sim/collective/lower.h"

namespace orrery::kernel {
namespace {

constexpr std::int64_t kSampleBytes = std::int64_t{1} << 20U;  // a power of 2: uses per byte come out exact
constexpr double kWithoutEnd = 1e300;                          // bytes: no rate gets through them in 106 days

}  // namespace

Interference::Interference(const RunOptions& options, const Fabric& fabric, const Resources& resources)
    : first_valve_(resources.size()), sends_messages_(Networks::find(options.network)->is_stepwise) {
  if (options.background.empty()) return;  // a large fabric's routes take their time
  CommunicationCosts bare;
  bare.hbm_per_byte = 0;
  const Schedule message{{Step{{Transfer{.from = 0, .to = 1}}, Bytes(kSampleBytes), 1}}};
  Routes routes(fabric, options.make_routing);
  for (const BackgroundFlow& flow : options.background) {
    const std::array<ChipId, 2> ends = {flow.from, flow.to};
    Flow& own = flows_.emplace_back();
    const auto size = [](const auto& rows) { return static_cast<std::uint32_t>(rows.size()); };
    own.first_use = size(uses_);
    own.first_path = size(paths_);
    own.first_link = size(links_);
    double alone = std::numeric_limits<double>::infinity();
    for (const FluidPhase& phase : lower_fluid(message, ends, bare, routes, resources)) {
      for (Use use : phase.uses) {
        use.amount /= static_cast<double>(kSampleBytes);
        alone = std::min(alone, resources.capacities()[use.resource.index()] / use.amount);
        uses_.push_back(use);
      }
      paths_.insert(paths_.end(), phase.paths.begin(), phase.paths.end());
      links_.insert(links_.end(), phase.links.begin(), phase.links.end());
    }
    own.path_count = size(paths_) - own.first_path;
    own.link_count = size(links_) - own.first_link;
    uses_.push_back({ResourceId(first_valve_ + flows_.size() - 1), 1});
    own.use_count = size(uses_) - own.first_use;
    own.rate = flow.share > 0 ? flow.share * alone : flow.most;
    own.start = flow.start;
    own.stop = flow.stop;
  }
}

Wires Interference::wires(Wires fabric) const {
  const std::size_t size = first_valve_ + flows_.size();
  fabric.capacities.resize(size, 0);
  fabric.latencies.resize(size);
  fabric.kinds.resize(size, WireKind::kNone);
  return fabric;
}

void Interference::add_changes(std::vector<CapacityChange>& changes) const {
  for (std::size_t i = 0; i < flows_.size(); ++i) {
    const ResourceId valve(first_valve_ + i);
    changes.push_back({flows_[i].start, valve, flows_[i].rate});
    if (flows_[i].stop < Time::max()) changes.push_back({flows_[i].stop, valve, 0});
  }
}

void Interference::start(Network& network) const {
  for (const Flow& flow : flows_) {
    Activity endless;
    endless.uses = {uses_.data() + flow.first_use, flow.use_count};
    endless.amount = kWithoutEnd;
    if (sends_messages_) {
      endless.amount = kEndless.as_double();
      endless.paths = {paths_.data() + flow.first_path, flow.path_count};
      endless.links = {links_.data() + flow.first_link, flow.link_count};
      endless.bytes = kEndless;
    }
    network.start(endless, Time());
  }
}

}  // namespace orrery::kernel
