// SimGrid's side: its network model driven as its kernel drives it, without actors, which is its fastest way.
//
// The package ships the headers of Model and Action, not those of NetworkModel and EngineImpl. What is used of them is
// declared here as it stands in 3.32; CMakeLists.txt asks for just that version, and the known simulated times of the
// collectives (peers.cc) would not come out were a slot of the table wrong.
#include <simgrid/kernel/resource/Action.hpp>
#include <simgrid/kernel/resource/Model.hpp>
#include <simgrid/kernel/resource/NetworkModelIntf.hpp>
#include <simgrid/s4u.hpp>
#include <string>
#include <unordered_map>

#include "tools/bench/peers/simulator.h"

namespace simgrid::kernel {

class EngineImpl {
 public:
  double solve(double most) const;
};

namespace resource {
class StandardLinkImpl;
class NetworkModel : public Model, public NetworkModelIntf {
 public:
  virtual StandardLinkImpl* create_link(const std::string&, const std::vector<double>&) = 0;
  virtual StandardLinkImpl* create_wifi_link(const std::string&, const std::vector<double>&) = 0;
  virtual Action* communicate(s4u::Host* from, s4u::Host* to, double bytes, double most) = 0;
};
}  // namespace resource

}  // namespace simgrid::kernel

namespace orrery::peers {

namespace {

namespace s4u = simgrid::s4u;
namespace resource = simgrid::kernel::resource;

s4u::Engine& start_engine() {
  static int count = 4;
  static std::string words[] = {"peers", "--cfg=network/model:CM02", "--cfg=network/crosstraffic:0",
                                "--log=root.thres:critical"};
  static char* arguments[] = {words[0].data(), words[1].data(), words[2].data(), words[3].data(), nullptr};
  return *new s4u::Engine(&count, arguments);  // for the life of the process: it is torn down by nobody
}

}  // namespace

Outcome run_simgrid(const Workload& work) {
  s4u::Engine& engine = start_engine();
  const FatTree tree = fat_tree_of(work.hosts);
  const s4u::FatTreeParams shape(3, {tree.children[0], tree.children[1], tree.children[2]},
                                 {tree.parents[0], tree.parents[1], tree.parents[2]}, {1, 1, 1});
  std::vector<s4u::Host*> hosts(work.hosts);
  const s4u::ClusterCallbacks callbacks(
      [&hosts](
          s4u::NetZone* zone, const std::vector<unsigned long>&,
          unsigned long id) -> std::pair<simgrid::kernel::routing::NetPoint*, simgrid::kernel::routing::NetPoint*> {
        hosts[id] = zone->create_host("host-" + std::to_string(id), 1e9);
        return {hosts[id]->get_netpoint(), nullptr};
      });
  s4u::create_fatTree_zone("tree", nullptr, shape, callbacks, kBandwidth, 1e-12 * static_cast<double>(kLatency),
                           s4u::Link::SharingPolicy::SPLITDUPLEX)
      ->seal();
  engine.seal_platform();
  resource::NetworkModel* model = nullptr;
  for (resource::Model* each : engine.get_all_models())
    if (auto* network = dynamic_cast<resource::NetworkModel*>(each)) model = network;
  const simgrid::kernel::EngineImpl& kernel = *engine.get_impl();

  Outcome outcome;
  outcome.ends.resize(work.round.size());
  std::unordered_map<const resource::Action*, std::size_t> flow_of;
  flow_of.reserve(work.round.size());
  const double before = cpu_seconds();
  double now = 0;
  for (std::uint32_t round = 0; round < work.rounds; ++round) {
    const double base = now;
    std::size_t next = 0;
    std::size_t left = work.round.size();
    while (left > 0) {
      for (; next < work.round.size() && base + 1e-12 * static_cast<double>(work.round[next].start) <= now + 1e-15;
           ++next) {
        const Flow& flow = work.round[next];
        flow_of[model->communicate(hosts[flow.from], hosts[flow.to], flow.bytes, -1)] = next;
      }
      const double until = next < work.round.size() ? base + 1e-12 * static_cast<double>(work.round[next].start) : -1.0;
      kernel.solve(until);
      now = s4u::Engine::get_clock();
      while (resource::Action* action = model->extract_done_action()) {
        const auto found = flow_of.find(action);
        outcome.ends[found->second] = now;
        flow_of.erase(found);
        action->unref();
        --left;
      }
    }
  }
  outcome.cpu = cpu_seconds() - before;
  outcome.end = now;
  return outcome;
}

}  // namespace orrery::peers
