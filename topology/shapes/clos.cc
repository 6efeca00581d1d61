// Counts and wires a folded Clos tree.
#include "topology/shapes/clos.h"

namespace orrery {
namespace {

std::uint64_t divide_up(std::uint64_t a, std::uint64_t b) { return a == 0 ? 0 : (a - 1) / b + 1; }

}  // namespace

std::uint64_t ClosPlan::units(std::uint64_t block_count) const { return divide_up(block_count, blocks_per_unit); }
std::uint64_t ClosPlan::pods(std::uint64_t block_count) const { return divide_up(units(block_count), units_per_pod); }

std::uint64_t ClosPlan::leaf_down() const {
  return saturating_product(blocks_per_unit, blocks.block->port_count() / rails);
}

std::uint64_t ClosPlan::spine_down() const {
  const std::uint64_t leaves = saturating_product(units_per_pod, spine->by_rail ? 1 : rails);
  return saturating_product(leaves, spine->uplinks / spine->switches);
}

std::uint64_t ClosPlan::core_down() const {
  const std::uint64_t groups = saturating_product(pods(blocks.count_in_file), groups_per_pod());
  return saturating_product(groups, core->uplinks / (core->switches / spine->switches));
}

std::uint64_t Clos::leaf_count() const { return saturating_product(plan_.units(plan_.blocks.count), plan_.rails); }

std::uint64_t Clos::spine_count() const {
  if (!plan_.spine) return 0;
  return saturating_product(saturating_product(plan_.pods(plan_.blocks.count), plan_.groups_per_pod()),
                            plan_.spine->switches);
}

std::uint64_t Clos::port_count() const {
  const std::uint64_t of_plane = plan_.core ? plan_.core->switches : plan_.spine ? spine_count() : leaf_count();
  return saturating_product(of_plane, plan_.planes);
}

std::uint64_t Clos::part_chips(std::uint64_t used) const {
  const std::uint64_t block = plan_.blocks.block->counts().chips;
  const std::uint64_t unit = saturating_product(block, plan_.blocks_per_unit);
  const std::uint64_t pod = saturating_product(unit, plan_.units_per_pod);
  if (used > pod) return pod;
  return used > unit ? unit : block;
}

Counts Clos::counts() const {
  const std::uint64_t ports = saturating_product(plan_.blocks.count, plan_.blocks.block->port_count());
  Counts counts = Counts{0, leaf_count(), saturating_product(ports, 2)};
  if (plan_.spine)
    counts = counts + Counts{0, spine_count(), saturating_product(leaf_count(), 2 * plan_.spine->uplinks)};
  if (plan_.core)
    counts = counts + Counts{0, plan_.core->switches, saturating_product(spine_count(), 2 * plan_.core->uplinks)};
  return plan_.blocks.counts() + counts * plan_.planes;
}

Ports Clos::build(Builder& builder, const std::string& name) const {
  const std::vector<Ports> blocks = plan_.blocks.build(builder, name);
  if (plan_.planes == 1) return build_plane(builder, name, blocks);
  Ports ports;
  for (std::uint64_t plane = 0; plane < plan_.planes; ++plane) {
    const Ports top = build_plane(builder, join_names(name, "plane", plane), blocks);
    ports.insert(ports.end(), top.begin(), top.end());
  }
  return ports;
}

Ports Clos::build_plane(Builder& builder, const std::string& name, const std::vector<Ports>& blocks) const {
  Ports leaves = build_leaves(builder, name, blocks);
  if (!plan_.spine) return leaves;
  Ports spines = build_spines(builder, name, leaves);
  if (!plan_.core) return spines;
  return build_cores(builder, name, spines);
}

// Rail by rail, unit by unit: routes number their destinations in this order, and the leaves of a rail, which share
// spines, must follow each other.
Ports Clos::build_leaves(Builder& builder, const std::string& name, const std::vector<Ports>& blocks) const {
  Ports leaves;
  const std::uint64_t units = plan_.units(blocks.size());
  for (std::uint64_t rail = 0; rail < plan_.rails; ++rail)
    for (std::uint64_t unit = 0; unit < units; ++unit)
      leaves.push_back(builder.add(VertexKind::kSwitch, join_names(join_names(name, "unit", unit), "leaf", rail)));
  for (std::uint64_t i = 0; i < blocks.size(); ++i)
    for (std::uint64_t port = 0; port < blocks[i].size(); ++port) {
      const std::uint64_t rail = port % plan_.rails;
      builder.join(plan_.leaf_link, blocks[i][port], leaves[rail * units + i / plan_.blocks_per_unit]);
    }
  return leaves;
}

// Pod by pod, group by group.
Ports Clos::build_spines(Builder& builder, const std::string& name, const Ports& leaves) const {
  const ClosPlan::Spine& spine = *plan_.spine;
  Ports spines;
  const std::uint64_t pods = plan_.pods(plan_.blocks.count);
  const std::uint64_t groups = plan_.groups_per_pod();
  for (std::uint64_t pod = 0; pod < pods; ++pod)
    for (std::uint64_t group = 0; group < groups; ++group)
      for (std::uint64_t i = 0; i < spine.switches; ++i) {
        std::string place = join_names(name, "pod", pod);
        if (spine.by_rail) place = join_names(place, "rail", group);
        spines.push_back(builder.add(VertexKind::kSwitch, join_names(place, "spine", i)));
      }
  const std::uint64_t units = leaves.size() / plan_.rails;
  for (std::uint64_t leaf = 0; leaf < leaves.size(); ++leaf) {
    const std::uint64_t pod = leaf % units / plan_.units_per_pod;
    const std::uint64_t group = pod * groups + (spine.by_rail ? leaf / units : 0);
    for (std::uint64_t j = 0; j < spine.uplinks; ++j)
      builder.join(spine.link, leaves[leaf], spines[group * spine.switches + j % spine.switches]);
  }
  return spines;
}

Ports Clos::build_cores(Builder& builder, const std::string& name, const Ports& spines) const {
  const ClosPlan::Core& core = *plan_.core;
  Ports cores;
  for (std::uint64_t i = 0; i < core.switches; ++i)
    cores.push_back(builder.add(VertexKind::kSwitch, join_names(name, "core", i)));
  const std::uint64_t per_share = core.switches / plan_.spine->switches;
  for (std::uint64_t i = 0; i < spines.size(); ++i) {
    const std::uint64_t share = i % plan_.spine->switches;
    for (std::uint64_t j = 0; j < core.uplinks; ++j)
      builder.join(core.link, spines[i], cores[share * per_share + j % per_share]);
  }
  return cores;
}

}  // namespace orrery
