// Reads a chip file: blocks of numbers, each with its source.
#include "topology/chip.h"

#include <fmt/format.h>

#include "topology/sources.h"

namespace orrery {
namespace {

constexpr std::array<std::string_view, kPrecisionCount> kNames = {"fp64", "fp32", "tf32", "bf16",
                                                                  "fp16", "fp8",  "int8", "fp4"};
constexpr std::array<int, kPrecisionCount> kBits = {64, 32, 32, 16, 16, 8, 8, 4};

constexpr std::int64_t kMostCores = 1'000'000;
constexpr std::int64_t kMostTileSide = 65'536;
constexpr Duration kLongest = Duration::microseconds(1'000'000);

// `{fp64: …, bf16: …}`: only the precisions that the chip has.
template <class T, class Read>
PerPrecision<T> per_precision(yaml::Map& map, Read read) {
  PerPrecision<T> values{};
  for (std::size_t i = 0; i < kPrecisionCount; ++i)
    if (const auto node = map.optional(kNames[i])) values[i] = read(*node);
  map.finish();
  return values;
}

PerPrecision<FlopRate> read_peaks(yaml::Map map) {
  return per_precision<FlopRate>(map, [](const yaml::Node& node) { return node.flop_rate(); });
}

int read_int(yaml::Map& map, std::string_view key, std::int64_t most) {
  return static_cast<int>(map.required(key).integer(1, most));
}

double read_fraction(const yaml::Node& node, std::string_view key) {
  const double value = node.ratio();
  if (value <= 0) node.fail(fmt::format("`{}` must be more than 0", key));
  return value;
}

double read_fraction(yaml::Map& map, std::string_view key) { return read_fraction(map.required(key), key); }

void read_tiles(yaml::Map map, Chip& chip) {
  chip.tile_depth = read_int(map, "depth", kMostTileSide);
  chip.tile_fill = map.required("fill").duration(Duration(), kLongest);
  const yaml::Node sizes = map.required("sizes");
  for (const yaml::Node& node : sizes.items()) {
    yaml::Map tile(node, "a tile");
    chip.tiles.push_back({read_int(tile, "rows", kMostTileSide), read_int(tile, "columns", kMostTileSide),
                          read_fraction(tile, "efficiency")});
    tile.finish();
  }
  if (chip.tiles.empty()) sizes.fail("a chip computes matrix products in tiles; list at least one");
  map.finish();
}

void read_hbm(yaml::Map map, Chip& chip) {
  chip.hbm.stacks = read_int(map, "stacks", 1024);
  chip.hbm.capacity = map.required("capacity").bytes(Bytes(1));
  chip.hbm.bandwidth = map.required("bandwidth").bandwidth();
  chip.hbm.efficiency = read_fraction(map, "efficiency");
  chip.hbm.latency = map.required("latency").duration(Duration(), kLongest);
  chip.hbm.in_flight_per_core = map.required("in_flight_per_core").bytes(Bytes(1));
  chip.power.joules_per_hbm_byte = map.required("energy_per_byte").joules().value();
  map.finish();
}

void read_power(yaml::Map map, Chip& chip) {
  const yaml::Node idle = map.required("idle");
  chip.power.idle = idle.watts();
  chip.power.limit = map.required("limit").watts();
  if (chip.power.idle > chip.power.limit) idle.fail("a chip can't draw more when idle than its limit");
  map.finish();
}

FlashPass read_pass(yaml::Map& passes, std::string_view key) {
  const yaml::Node node = passes.required(key);
  if (!node.is_map()) return {read_fraction(node, key), Duration(), Duration()};
  yaml::Map map(node, "a pass of fused attention");
  FlashPass pass;
  pass.share = read_fraction(map, "share");
  pass.score_block = map.required("score_block").duration(Duration::picoseconds(1), kLongest);
  pass.fill = map.required("fill").duration(Duration(), kLongest);
  map.finish();
  return pass;
}

// flash_attention: {second: {forward: 0.36, backward: 0.33}, third: {forward: {share: 0.55, score_block: 0.84 us, fill:
// 3 us}, …}, source: …}, either of them alone too.
void read_flash(yaml::Map map, Chip& chip) {
  const std::array<std::string_view, 2> generations = {"second", "third"};
  for (std::size_t g = 0; g < generations.size(); ++g) {
    const auto node = map.optional(generations[g]);
    if (!node) continue;
    yaml::Map passes(*node, "a generation of fused attention");
    chip.flash[g] = {read_pass(passes, "forward"), read_pass(passes, "backward")};
    passes.finish();
  }
  map.finish();
}

// An energy belongs to a path of the matrix engine; a path whose energy is missing would run for free.
void read_energy(const yaml::Node& node, Sources& sources, Chip& chip) {
  yaml::Map map = sources.open(node, "the energy per FLOP");
  chip.power.joules_per_flop = per_precision<double>(map, [](const yaml::Node& n) { return n.joules().value(); });
  for (std::size_t i = 0; i < kPrecisionCount; ++i) {
    const bool has_path = chip.matrix_peak[i] > FlopRate();
    const bool has_energy = chip.power.joules_per_flop[i] > 0;
    if (has_path && !has_energy)
      node.fail(fmt::format("no energy is given for {}, which has a matrix peak", kNames[i]));
    if (!has_path && has_energy)
      node.fail(fmt::format("an energy is given for {}, which has no matrix peak", kNames[i]));
  }
}

Host read_host(yaml::Map map) {
  Host host;
  host.link = map.required("link").bandwidth();
  host.latency = map.required("latency").duration(Duration(), kLongest);
  host.memory = map.required("memory").bytes(Bytes(1));
  host.memory_bandwidth = map.required("memory_bandwidth").bandwidth();
  map.finish();
  return host;
}

}  // namespace

std::string_view to_name(Precision precision) { return kNames[static_cast<std::size_t>(precision)]; }
int bits_of(Precision precision) { return kBits[static_cast<std::size_t>(precision)]; }
Bytes size_of(Precision precision) { return Bytes((bits_of(precision) + 7) / 8); }

Chip read_chip(const yaml::Node& node) {
  yaml::Map map(node, "a chip");
  Chip chip;
  chip.name = map.required("name").text();
  Sources sources(map);

  yaml::Map cores = sources.open(map.required("cores"), "the core count");
  chip.cores = read_int(cores, "count", kMostCores);
  cores.finish();

  const yaml::Node matrix = map.required("matrix_peak");
  chip.matrix_peak = read_peaks(sources.open(matrix, "the matrix peaks"));
  if (chip.matrix_peak == PerPrecision<FlopRate>{}) matrix.fail("a chip needs the peak of at least one precision");
  const yaml::Node vector = map.required("vector_peak");
  chip.vector_peak = read_peaks(sources.open(vector, "the vector peaks"));
  if (chip.vector_peak[static_cast<std::size_t>(Precision::kFp32)] == FlopRate())
    vector.fail("a chip needs its fp32 vector peak: element-wise work runs at it");

  yaml::Map clock = sources.open(map.required("clock"), "the clock");
  chip.sustained_clock = read_fraction(clock, "sustained");
  clock.finish();

  read_tiles(sources.open(map.required("tiles"), "the tiles"), chip);
  read_hbm(sources.open(map.required("hbm"), "the HBM"), chip);

  yaml::Map l2 = sources.open(map.required("l2"), "the L2");
  chip.l2 = l2.required("capacity").bytes();
  l2.finish();

  yaml::Map kernel = sources.open(map.required("kernel"), "the kernel gap");
  chip.kernel_gap = kernel.required("gap").duration(Duration(), kLongest);
  kernel.finish();

  read_power(sources.open(map.required("power"), "the power"), chip);
  read_energy(map.required("energy_per_flop"), sources, chip);

  if (const auto flash = map.optional("flash_attention")) read_flash(sources.open(*flash, "fused attention"), chip);
  if (const auto node_vector = map.optional("energy_per_vector_flop")) {
    yaml::Map energy = sources.open(*node_vector, "the energy per vector FLOP");
    chip.power.joules_per_vector_flop = energy.required("value").joules().value();
    energy.finish();
  }
  if (const auto host = map.optional("host")) chip.host = read_host(sources.open(*host, "the host"));
  if (const auto library = map.optional("library")) chip.library = library->text();
  if (const auto node_price = map.optional("price")) {
    yaml::Map price = sources.open(*node_price, "the price");
    chip.price = price.required("value").dollars();
    price.finish();
  }
  map.finish();
  sources.finish();
  return chip;
}

Chip load_chip(const Library& library, const yaml::Node& reference) {
  return read_chip(library.resolve(reference, "topology/chips", "chip"));
}

}  // namespace orrery
