// Hangs blocks on routers.
#include "topology/shapes/routers.h"

#include "topology/link_spec.h"

namespace orrery {

Counts Routers::counts() const { return blocks.counts() + Counts{0, count, saturating_product(port_count(), 2)}; }

Routers::Built Routers::build(Builder& builder, const std::string& name,
                              const std::function<std::string(std::uint64_t)>& name_of) const {
  const std::vector<Ports> built = blocks.build(builder, name);
  Built result;
  for (std::uint64_t r = 0; r < count; ++r) result.routers.push_back(builder.add(VertexKind::kSwitch, name_of(r)));
  for (std::size_t i = 0; i < built.size(); ++i)
    for (const VertexId port : built[i]) {
      builder.join(link, port, result.routers[i / per_router]);
      result.ports.push_back(port);
    }
  return result;
}

Routers read_routers(yaml::Map& map, std::uint64_t count, std::string_view per_router_key, std::uint64_t otherwise) {
  Routers routers;
  routers.count = count;
  routers.per_router = otherwise;
  if (otherwise == 0)
    routers.per_router = static_cast<std::uint64_t>(map.required(per_router_key).integer(1, kMostBlocks));
  else if (const auto node = map.optional(per_router_key))
    routers.per_router = static_cast<std::uint64_t>(node->integer(1, kMostBlocks));
  routers.blocks = read_blocks(map, saturating_product(count, routers.per_router), ChipsShare::kNothing);
  routers.link = read_link(map.required("link"), LinkKind::kNetwork, Tier::kRail);
  return routers;
}

}  // namespace orrery
