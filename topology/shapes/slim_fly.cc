// The shape `slim_fly`: routers two hops apart at most, nearly as many as there can be.
//
//     shape: slim_fly
//     q: 5                         # a power of a prime, not 2 or 3: 2q² routers of (3q − δ)/2 links each
//     blocks_per_router: 4         # half a router's links, rounded up, when absent: the balanced choice
//     link: {bandwidth: 200 Gb/s, latency: 300 ns}       # block to router
//     switch_link: {…}             # router to router; as `link` when absent
//     block: chip                  # or a nested shape: every port of a block hangs on its router
//
// Besta and Hoefler, "Slim Fly: A Cost Effective Low-Diameter Network Topology" (SC 2014), on the graphs of McKay,
// Miller and Širáň (1998) as built by Hafner (2004). With q = 4w + δ, δ in {−1, 0, 1}, and a primitive element ξ of the
// field of q elements, routers are (0, x, y) and (1, m, c), and
//
//     (0, x, y) – (0, x, y′)  where y − y′ is in X         (1, m, c) – (1, m, c′)  where c − c′ is in X′
//     (0, x, y) – (1, m, c)   where y = m·x + c
//
// X: the even powers of ξ, X′: the odd ones; for δ = −1 the first w and, so that X = −X, the powers 2w − 1 further on.
// q = 5 is the graph of Hoffman and Singleton: 50 routers of 7 links, all pairs within two hops, which is optimal.
#include <fmt/format.h>

#include "topology/link_spec.h"
#include "topology/shapes/galois_field.h"
#include "topology/shapes/routers.h"

namespace orrery {
namespace {

// X or X′, which start at exponent 0 or 1; [e]: whether element e belongs to it.
std::vector<bool> generators(const GaloisField& field, std::uint32_t start) {
  const std::uint32_t q = field.order();
  std::vector<bool> in(q, false);
  const auto take = [&](std::uint32_t exponent) { in[field.powers()[exponent % (q - 1)]] = true; };
  if (q % 4 != 3) {
    for (std::uint32_t e = start; e < q; e += 2)
      if (start == 1 || e + 1 < q) take(e);
    return in;
  }
  const std::uint32_t w = (q + 1) / 4;
  for (std::uint32_t i = 0; i < w; ++i) {
    take(start + 2 * i);
    take(start + 2 * i + 2 * w - 1);
  }
  return in;
}

class SlimFly : public Block {
 public:
  SlimFly(GaloisField field, Routers routers, Link link)
      : field_(std::move(field)), routers_(std::move(routers)), link_(link) {}

  // A router's links to others.
  static std::uint64_t degree(std::uint64_t q) {
    const std::uint64_t twice_more = q % 4 == 1 ? 3 * q - 1 : q % 4 == 3 ? 3 * q + 1 : 3 * q;
    return twice_more / 2;
  }

  [[nodiscard]] Counts counts() const override {
    return routers_.counts() + Counts{0, 0, routers_.count * degree(field_.order())};
  }
  [[nodiscard]] std::uint64_t port_count() const override { return routers_.port_count(); }

  Ports build(Builder& builder, const std::string& name) const override {
    const std::uint32_t q = field_.order();
    // Router (s, x, y) is number (s·q + x)·q + y.
    Routers::Built built =
        routers_.build(builder, name, [&](std::uint64_t r) { return join_names(name, "router", r); });
    for (const std::uint32_t half : {0U, 1U}) {
      const std::vector<bool> in = generators(field_, half);
      for (std::uint32_t x = 0; x < q; ++x)
        for (std::uint32_t a = 0; a < q; ++a)
          for (std::uint32_t b = a + 1; b < q; ++b)
            if (in[field_.subtract(a, b)])
              builder.join(link_, built.routers[(half * q + x) * q + a], built.routers[(half * q + x) * q + b]);
    }
    for (std::uint32_t x = 0; x < q; ++x)
      for (std::uint32_t m = 0; m < q; ++m)
        for (std::uint32_t c = 0; c < q; ++c)
          builder.join(link_, built.routers[x * q + field_.add(field_.multiply(m, x), c)],
                       built.routers[(q + m) * q + c]);
    return std::move(built.ports);
  }

 private:
  GaloisField field_;
  Routers routers_;
  Link link_;
};

std::unique_ptr<Block> read_slim_fly(yaml::Map& map, std::uint64_t) {
  const yaml::Node node = map.required("q");
  constexpr std::int64_t kMostQ = 128;
  const auto q = static_cast<std::uint32_t>(node.integer(4, kMostQ));
  std::optional<GaloisField> field = q % 4 == 2 ? std::nullopt : GaloisField::of_order(q);
  if (!field) node.fail(fmt::format("{} isn't a power of a prime, which a Slim Fly needs", q));
  Routers routers = read_routers(map, std::uint64_t{2} * q * q, "blocks_per_router", (SlimFly::degree(q) + 1) / 2);
  const Link link = read_link_above(map, "switch_link", routers.link, Tier::kSpine);
  return std::make_unique<SlimFly>(*std::move(field), std::move(routers), link);
}

const Shapes::Entry kSlimFly{
    {"slim_fly", "routers two hops apart at most, nearly as many as there can be (MMS graphs)", &read_slim_fly}};

}  // namespace
}  // namespace orrery
