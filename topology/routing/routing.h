// How paths are chosen, by name: `routing: ecmp`, or `routing: {name: ecmp, seed: 7}`.
//
// A routing is one .cc file here that registers a RoutingKind. Every one is deterministic: equal fabrics, parameters
// and seeds give equal paths. All but `adaptive` give a pair the same paths whatever else was asked before. None keeps
// anything for each pair (`adaptive` for the latest million): paths are found on demand from distances, and what is
// kept of those is bounded (topology/minimal_paths.h).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "sim/base/registry.h"
#include "sim/base/yaml.h"
#include "topology/fabric.h"
#include "topology/path_bundle.h"

namespace orrery {

class Routing {
 public:
  virtual ~Routing() = default;
  // Adds the paths from one chip to another (not the same) to an empty bundle, from engine to engine; no path passes a
  // vertex twice. RunError("no path from … to …") when there is none.
  virtual void find(ChipId from, ChipId to, PathBundle& bundle) = 0;
  // Forgets what it was asked, where its answers depend on that.
  virtual void forget() {}
  // Whether the paths of a pair depend on what was asked before.
  [[nodiscard]] virtual bool depends_on_order() const { return false; }
  // Of all paths found so far: they depend on which chip of its kind the destination is only by its number in
  // spreading_order() (topology/attachment.h) modulo this. 1: not at all. 0: nothing of the kind holds.
  [[nodiscard]] virtual std::uint64_t period() const { return 0; }
};

// The fabric must outlive the routing and stay where it is.
using RoutingMaker = std::function<std::unique_ptr<Routing>(const Fabric& fabric)>;

// What a file says of a routing: its name, and the keys beside it where it is a mapping.
struct RoutingText {
  yaml::Node name;
  yaml::Map* keys = nullptr;

  [[nodiscard]] std::optional<yaml::Node> optional(std::string_view key) const;
  [[nodiscard]] std::uint64_t seed() const;   // 0 where there is none
  [[nodiscard]] std::uint64_t flows() const;  // of a pair, hashed each by itself; 1 where nothing is said
};

struct RoutingKind {
  std::string_view name;
  std::string_view sentence;
  // Its parameters. The fabric, on which the routing will be used, is what names and dimensions are checked against: an
  // InputError where the routing makes no sense on it.
  RoutingMaker (*read)(const RoutingText& text, const Fabric& fabric);
};
using Routings = Registry<RoutingKind>;

struct RoutingChoice {
  const RoutingKind* kind = nullptr;
  RoutingMaker make;
};
// InputError for a name that isn't registered, for keys that the routing doesn't have, and for what read() refuses.
[[nodiscard]] RoutingChoice read_routing(const yaml::Node& node, const Fabric& fabric);

// The routing where nothing is said: `minimal`.
[[nodiscard]] std::unique_ptr<Routing> make_minimal_routing(const Fabric& fabric);

}  // namespace orrery
