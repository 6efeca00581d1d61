// Reads the keys of a folded Clos tree and checks that its cables come out whole.
#include <fmt/format.h>

#include <cmath>

#include "topology/link_spec.h"
#include "topology/shapes/clos.h"

namespace orrery {
namespace {

constexpr std::int64_t kMostSwitches = 1 << 20;
constexpr std::int64_t kMostPlanes = 1024;
constexpr double kMostOversubscription = 1e4;

// Cables up from a switch with `down` cables below it: down·bandwidth_down = oversubscription·up·bandwidth_up.
std::uint64_t read_uplinks(yaml::Map& map, std::uint64_t down, const Link& below, const Link& above,
                           std::string_view kind) {
  const auto node = map.optional("oversubscription");
  const double oversubscription = node ? node->number(1 / kMostOversubscription, kMostOversubscription) : 1;
  const double up =
      static_cast<double>(down) * below.bandwidth.as_double() / (oversubscription * above.bandwidth.as_double());
  const double whole = std::nearbyint(up);
  constexpr double kSlack =
      1e-6;  // an oversubscription such as 1.3333333 is meant as the nearest whole number of cables
  if (whole < 1 || whole > static_cast<double>(kMostBlocks) || std::abs(up - whole) > kSlack * whole)
    (node ? *node : map.node())
        .fail(fmt::format("an oversubscription of {:g} leaves each {} switch {:g} cables up for its {} down; "
                          "that must be a whole number",
                          oversubscription, kind, up, down));
  return static_cast<std::uint64_t>(whole);
}

void read_spine(yaml::Node node, ClosPlan& plan, bool rail_optimised) {
  yaml::Map map(std::move(node), "the spine");
  ClosPlan::Spine spine;
  spine.link = read_link_above(map, "link", plan.leaf_link, Tier::kSpine);
  const yaml::Node switches = map.required("switches");
  spine.switches = static_cast<std::uint64_t>(switches.integer(1, kMostSwitches));
  if (rail_optimised) {
    const auto scope = map.optional("scope");
    spine.by_rail = scope && scope->choice("scope", {"pod", "rail"}) == 1;
  }
  spine.uplinks = read_uplinks(map, plan.leaf_down(), plan.leaf_link, spine.link, "leaf");
  if (spine.uplinks % spine.switches != 0)
    switches.fail(fmt::format("a leaf switch has {} cables up, which {} spine switches can't share evenly",
                              spine.uplinks, spine.switches),
                  {"`switches` counts the spine switches that one leaf reaches"});
  map.finish();
  plan.spine = spine;
}

void read_core(yaml::Node node, ClosPlan& plan) {
  yaml::Map map(std::move(node), "the core");
  ClosPlan::Core core;
  core.link = read_link_above(map, "link", plan.spine->link, Tier::kCore);
  const yaml::Node switches = map.required("switches");
  core.switches = static_cast<std::uint64_t>(switches.integer(1, kMostSwitches));
  if (core.switches % plan.spine->switches != 0)
    switches.fail(fmt::format("{} core switches can't be shared evenly by the {} spine switches of a group",
                              core.switches, plan.spine->switches),
                  {"spine switch i of every group is joined to the i-th share of the core switches"});
  core.uplinks = read_uplinks(map, plan.spine_down(), plan.spine->link, core.link, "spine");
  const std::uint64_t per_share = core.switches / plan.spine->switches;
  if (core.uplinks % per_share != 0)
    switches.fail(
        fmt::format("a spine switch has {} cables up, which the {} core switches of its share can't share evenly",
                    core.uplinks, per_share));
  map.finish();
  plan.core = core;
}

void check_radix(const yaml::Node& node, const ClosPlan& plan) {
  const auto radix = static_cast<std::uint64_t>(node.integer(1, kMostBlocks));
  const auto check = [&](std::string_view kind, std::uint64_t down, std::uint64_t up) {
    if (saturating_sum(down, up) > radix)
      node.fail(fmt::format("a {} switch needs {} ports ({} down, {} up), but the radix is {}", kind,
                            saturating_sum(down, up), down, up, radix));
  };
  check("leaf", plan.leaf_down(), plan.spine ? plan.spine->uplinks : 0);
  if (plan.spine) check("spine", plan.spine_down(), plan.core ? plan.core->uplinks : 0);
  if (plan.core) check("core", plan.core_down(), 0);
}

// Port i of a block is on rail i modulo the number of rails: as many as it has ports, unless the file says fewer.
std::uint64_t read_rail_count(yaml::Map& map, const Block& block) {
  const std::uint64_t ports = block.port_count();
  const auto node = map.optional("rails");
  if (!node) return ports;
  const auto rails = static_cast<std::uint64_t>(node->integer(1, kMostBlocks));
  if (ports % rails != 0)
    node->fail(fmt::format("a block has {} ports, which {} rails can't share evenly", ports, rails));
  return rails;
}

}  // namespace

std::unique_ptr<Block> read_clos(yaml::Map& map, std::string_view unit_key, bool rail_optimised,
                                 std::uint64_t chips_wanted) {
  ClosPlan plan;
  plan.blocks = read_blocks(map, "nodes", chips_wanted, ChipsShare::kNothing);
  plan.blocks_per_unit = static_cast<std::uint64_t>(map.required(unit_key).integer(1, kMostBlocks));
  if (rail_optimised) plan.rails = read_rail_count(map, *plan.blocks.block);
  if (const auto planes = map.optional("planes"))
    plan.planes = static_cast<std::uint64_t>(planes->integer(1, kMostPlanes));
  plan.leaf_link = read_link(map.required("link"), LinkKind::kNetwork, Tier::kRail);
  plan.units_per_pod = plan.units(plan.blocks.count_in_file);
  const auto pods = map.optional("units_per_pod");
  if (pods) plan.units_per_pod = static_cast<std::uint64_t>(pods->integer(1, kMostBlocks));
  if (const auto spine = map.optional("spine")) read_spine(*spine, plan, rail_optimised);
  if (pods && !plan.spine) pods->fail("units form pods under spine switches, but there is no `spine`");
  if (const auto core = map.optional("core")) {
    if (!plan.spine) core->fail("core switches stand above spine switches, but there is no `spine`");
    read_core(*core, plan);
  }
  if (const auto radix = map.optional("radix")) check_radix(*radix, plan);
  return std::make_unique<Clos>(std::move(plan));
}

std::unique_ptr<Block> read_rails(yaml::Map& map, std::uint64_t chips_wanted) {
  ClosPlan plan;
  plan.blocks = read_blocks(map, "nodes", chips_wanted, ChipsShare::kNothing);
  plan.blocks_per_unit = plan.blocks.count_in_file;
  plan.rails = read_rail_count(map, *plan.blocks.block);
  plan.leaf_link = read_link(map.required("link"), LinkKind::kNetwork, Tier::kRail);
  if (const auto radix = map.optional("radix")) check_radix(*radix, plan);
  return std::make_unique<Clos>(std::move(plan));
}

}  // namespace orrery
