// Twisted tori and tori of cubes against the lattices that they are.
#include <fmt/format.h>

#include <array>
#include <cstdlib>

#include "tests/topology/shape_check.h"
#include "topology/routes.h"

namespace orrery::test {
namespace {

using Vector = std::array<int, 3>;

// The shortest of all vectors that differ from `apart` by a sum of multiples of `periods`, by trying them.
int lattice_distance(Vector apart, const std::array<Vector, 3>& periods) {
  int best = kFar;
  for (int i = -3; i <= 3; ++i)
    for (int j = -3; j <= 3; ++j)
      for (int k = -3; k <= 3; ++k) {
        int length = 0;
        for (std::size_t d = 0; d < 3; ++d)
          length += std::abs(apart[d] + i * periods[0][d] + j * periods[1][d] + k * periods[2][d]);
        best = std::min(best, length);
      }
  return best;
}

// Sum of the lengths of all routes from chip 0.
int check_distances(const Cluster& cluster, const Vector& size, const std::array<Vector, 3>& periods) {
  Routes routes(cluster.fabric);
  int sum = 0;
  for (int chip = 1; chip < size[0] * size[1] * size[2]; ++chip) {
    const Vector apart = {chip / size[2] / size[1], chip / size[2] % size[1], chip % size[2]};
    const auto found = routes.route(ChipId(0), ChipId(static_cast<std::size_t>(chip)));
    CHECK(static_cast<int>(found.size()) == lattice_distance(apart, periods));
    sum += static_cast<int>(found.size());
  }
  return sum;
}

TEST_CASE("twisted, n x 2n: diameter n instead of 3n/2, twice the bisection") {
  for (const int n : {2, 4, 6}) {
    CAPTURE(n);
    const std::string size = fmt::format("{{shape: torus, size: [{}, {}], {}", 2 * n, n, kLink);
    const Cluster regular = cluster_of(size + "}");
    const Cluster twisted = cluster_of(size + ", twist: true}");
    CHECK(diameter(regular.fabric).hops == static_cast<std::uint32_t>(3 * n / 2));
    CHECK(diameter(twisted.fabric).hops == static_cast<std::uint32_t>(n));
    if (n == 2) continue;  // a regular line of two has one cable
    CHECK(twisted.fabric.links().size() == regular.fabric.links().size());
    CHECK(bisection(regular.fabric)->bandwidth == 2 * n * kRate);
    CHECK(bisection(twisted.fabric)->bandwidth == 4 * n * kRate);
  }
}

TEST_CASE("twisted, n x n x 2n: both short dimensions shift the long one") {
  const std::string size = "{shape: torus, size: [4, 4, 8], " + kLink;
  const int regular = check_distances(cluster_of(size + "}"), {4, 4, 8}, {{{4, 0, 0}, {0, 4, 0}, {0, 0, 8}}});
  const Cluster cluster = cluster_of(size + ", twist: true}");
  const int twisted = check_distances(cluster, {4, 4, 8}, {{{4, 0, 4}, {0, 4, 4}, {0, 0, 8}}});
  CHECK(regular == 128 * (1 + 1 + 2));  // means of 1, 1 and 2 hops a dimension
  CHECK(twisted < regular);
  check_shape(cluster.fabric, 128, 0, 2 * 3 * 128, diameter(cluster.fabric).hops, 64 * kRate);
}

TEST_CASE("twisted, n x 2n x 2n: the short dimension shifts both long ones") {
  const Cluster cluster = cluster_of("{shape: torus, size: [2, 4, 4], twist: true, " + kLink + "}");
  check_distances(cluster, {2, 4, 4}, {{{2, 2, 2}, {0, 4, 0}, {0, 0, 4}}});
  CHECK(cluster.fabric.links().size() == 32 * 2 + 2 * 3 * 32);
}

TEST_CASE("cube_torus: a cube has 96 optical links, 16 on each face") {
  const std::string optical = ", optical: {bandwidth: 100 GB/s, latency: 900 ns}";
  for (const char* size : {"[4, 4, 4]", "[4, 4, 8]", "[8, 8, 8]"}) {
    const Cluster cluster = cluster_of(std::string("{shape: cube_torus, size: ") + size + ", " + kLink + optical + "}");
    const std::size_t chips = cluster.fabric.chip_count();
    std::size_t optics = 0;
    for (const Link& link : cluster.fabric.links()) {
      if (link.kind != LinkKind::kOptics) continue;
      ++optics;
      CHECK(link.latency == Duration::nanoseconds(900));
    }
    CHECK(optics == chips / 64 * 96);
    CHECK(count(cluster.fabric, Tier::kScaleUp) == 2 * 3 * chips);
    CHECK(cluster.fabric.node_count() == 1);
  }
  // All of its wraparound is optical: a chip's straight neighbours inside the cube are not.
  const Cluster one = cluster_of("{shape: cube_torus, size: [4], " + kLink + optical + "}");
  Routes routes(one.fabric);
  CHECK(routes.latency(routes.route(ChipId(0), ChipId(1))) == Duration::nanoseconds(500));
  CHECK(routes.latency(routes.route(ChipId(0), ChipId(3))) == Duration::nanoseconds(900));
}

TEST_CASE("cube_torus: the same torus as `torus`, twisted too, of any dimension and cube") {
  const Cluster flat = cluster_of("{shape: cube_torus, size: [6, 3], cube: 3, twist: true, " + kLink + "}");
  check_shape(flat.fabric, 18, 0, 2 * 2 * 18, 3, 12 * kRate);
  const Cluster cubes = cluster_of("{shape: cube_torus, size: [4, 4, 8], twist: true, " + kLink + "}");
  check_distances(cubes, {4, 4, 8}, {{{4, 0, 4}, {0, 4, 4}, {0, 0, 8}}});
}

TEST_CASE("a cable's length adds the time of light in fibre: 4.897 us/km") {
  const Cluster cluster =
      cluster_of("{shape: ring, blocks: 2, link: {bandwidth: 100 GB/s, latency: 1 us, length: 40 km}}");
  Routes routes(cluster.fabric);
  // 40 km · 1.468 ÷ 299,792,458 m/s = 195.8688 us, and 1 us of devices.
  const Duration latency = routes.latency(routes.route(ChipId(0), ChipId(1)));
  CHECK(latency.in_seconds() == doctest::Approx(196.8688e-6).epsilon(1e-6));
}

}  // namespace
}  // namespace orrery::test
