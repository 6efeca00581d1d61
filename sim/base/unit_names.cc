// The table of units, and what people write when they mean one of them.
#include "sim/base/unit_names.h"

#include <algorithm>
#include <array>

#include "sim/base/error.h"

namespace orrery {
namespace {

struct Prefix {
  std::string_view name;
  std::uint64_t times;
  int tens;
};
constexpr std::array<Prefix, 19> kPrefixes = {{{"f", 1, -15},
                                               {"p", 1, -12},
                                               {"n", 1, -9},
                                               {"u", 1, -6},
                                               {"m", 1, -3},
                                               {"c", 1, -2},
                                               {"k", 1, 3},
                                               {"M", 1, 6},
                                               {"G", 1, 9},
                                               {"T", 1, 12},
                                               {"P", 1, 15},
                                               {"E", 1, 18},
                                               {"Z", 1, 21},
                                               {"Ki", std::uint64_t{1} << 10U, 0},
                                               {"Mi", std::uint64_t{1} << 20U, 0},
                                               {"Gi", std::uint64_t{1} << 30U, 0},
                                               {"Ti", std::uint64_t{1} << 40U, 0},
                                               {"Pi", std::uint64_t{1} << 50U, 0},
                                               {"Ei", std::uint64_t{1} << 60U, 0}}};

// A unit with the prefixes that it takes, "-" for none.
struct Base {
  std::string_view name;
  Unit unit;
  std::string_view prefixes;
};
constexpr std::string_view kBinaryToo = "- k M G T P E Ki Mi Gi Ti Pi Ei";
constexpr std::array<Base, 25> kBases = {{
    {"s", {Dimension::kTime, 1, 12, 1}, "p n u m -"},
    {"min", {Dimension::kTime, 60, 12, 1}, "-"},
    {"h", {Dimension::kTime, 3600, 12, 1}, "-"},
    {"day", {Dimension::kTime, 86400, 12, 1}, "-"},
    {"days", {Dimension::kTime, 86400, 12, 1}, "-"},
    {"B", {Dimension::kBytes, 1, 0, 1}, kBinaryToo},
    {"B/s", {Dimension::kBandwidth, 1, 0, 1}, kBinaryToo},
    {"b/s", {Dimension::kBandwidth, 1, 0, 8}, "- k M G T P"},
    {"FLOP/s", {Dimension::kFlopRate, 1, 0, 1}, "- k M G T P E Z"},
    {"W", {Dimension::kPower, 1, 0, 1}, "u m - k M G"},
    {"J", {Dimension::kEnergy, 1, 0, 1}, "f p n u m - k M G T P"},
    {"Wh", {Dimension::kEnergy, 36, 2, 1}, "- k M G T"},
    {"USD", {Dimension::kCost, 1, 0, 1}, "- k M"},
    {"m", {Dimension::kLength, 1, 0, 1}, "u m c - k"},
    {"%", {Dimension::kRatio, 1, -2, 1}, "-"},
    {"USD/kWh", {Dimension::kEnergyPrice, 1, 0, 1}, "-"},
    {"USD/MWh", {Dimension::kEnergyPrice, 1, -3, 1}, "-"},
    {"USD/h", {Dimension::kHourlyPrice, 1, 0, 1}, "-"},
    {"USD/hour", {Dimension::kHourlyPrice, 1, 0, 1}, "-"},
    {"year", {Dimension::kYears, 1, 0, 1}, "-"},
    {"years", {Dimension::kYears, 1, 0, 1}, "-"},
    {"FLOP", {Dimension::kFlops, 1, 0, 1}, "- k M G T P E Z"},
    {"b", {Dimension::kBits, 1, 0, 1}, "- k M G T P"},
    {"bit", {Dimension::kBits, 1, 0, 1}, "- k M G T P"},
    {"Hz", {Dimension::kFrequency, 1, 0, 1}, "- k M G T"},
}};

// What else people call a unit; `theirs` in small letters.
struct Alias {
  std::string_view theirs;
  std::string_view ours;
};
constexpr std::array<Alias, 33> kAliases = {
    {{"sec", "s"},       {"secs", "s"},       {"second", "s"},     {"seconds", "s"},  {"msec", "ms"},
     {"usec", "us"},     {"nsec", "ns"},      {"psec", "ps"},      {"mins", "min"},   {"minute", "min"},
     {"minutes", "min"}, {"hr", "h"},         {"hrs", "h"},        {"hour", "h"},     {"hours", "h"},
     {"d", "days"},      {"byte", "B"},       {"bytes", "B"},      {"watt", "W"},     {"watts", "W"},
     {"joule", "J"},     {"joules", "J"},     {"$", "USD"},        {"dollar", "USD"}, {"dollars", "USD"},
     {"meter", "m"},     {"meters", "m"},     {"metre", "m"},      {"metres", "m"},   {"percent", "%"},
     {"pct", "%"},       {"flops", "FLOP/s"}, {"kilometers", "km"}}};

constexpr std::array<DimensionWords, 15> kWords = {{
    {"time", "a time", "500 ns", "ps, ns, us, ms, s, min, h, days"},
    {"bytes", "a number of bytes", "80 GiB", "B, kB, MB, GB, TB (powers of 10), KiB, MiB, GiB, TiB (powers of 2)"},
    {"bandwidth", "a bandwidth", "450 GB/s", "B/s, MB/s, GB/s, TB/s (bytes), Mb/s, Gb/s, Tb/s (bits)"},
    {"FLOP rate", "a FLOP rate", "989 TFLOP/s", "GFLOP/s, TFLOP/s, PFLOP/s, EFLOP/s"},
    {"power", "a power", "700 W", "mW, W, kW, MW, GW"},
    {"energy", "an energy", "0.7 pJ", "fJ, pJ, nJ, uJ, mJ, J, kJ, MJ, GJ, Wh, kWh, MWh"},
    {"cost", "a cost", "30000 USD", "USD, kUSD, MUSD"},
    {"length", "a length", "30 m", "um, mm, cm, m, km"},
    {"ratio", "a ratio", "0.85", "none, or %"},
    {"an energy's price", "a price of energy", "0.12 USD/kWh", "USD/kWh, USD/MWh"},
    {"an hour's price", "a price of an hour", "2.5 USD/h", "USD/h"},
    {"life", "a life", "4 years", "years"},
    {"operations", "a number of operations", "3 TFLOP", "GFLOP, TFLOP, PFLOP"},
    {"bits", "a number of bits", "8 b", "b, kb, Mb, Gb"},
    {"frequency", "a frequency", "1.4 GHz", "MHz, GHz"},
}};

// µ has two code points; both read as u.
std::string with_plain_micro(std::string_view name) {
  for (const std::string_view micro : {"\xC2\xB5", "\xCE\xBC"})
    if (name.starts_with(micro)) return "u" + std::string(name.substr(micro.size()));
  return std::string(name);
}

// Whether `list` ("- k M") holds `word`.
bool lists(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(' '), list.size());
    if (list.substr(0, end) == word) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

std::string in_small_letters(std::string_view text) {
  std::string small(text);
  for (char& c : small)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return small;
}

std::vector<std::string> all_names(Dimension dimension) {
  std::vector<std::string> names;
  for (const Base& base : kBases) {
    if (base.unit.dimension != dimension) continue;
    if (lists(base.prefixes, "-")) names.emplace_back(base.name);
    for (const Prefix& prefix : kPrefixes)
      if (lists(base.prefixes, prefix.name)) names.push_back(std::string(prefix.name) + std::string(base.name));
  }
  return names;
}

// `name` with `from` at its end replaced.
std::string with_end(std::string_view name, std::string_view from, std::string_view to) {
  return std::string(name.substr(0, name.size() - from.size())) + std::string(to);
}

// GBps and Gbit/s as GB/s and Gb/s, TFLOPS as TFLOP/s.
std::string with_plain_rate(std::string_view name) {
  for (const std::string_view end : {"FLOPS", "FLOPs", "FLOPs/s", "FLOPS/s", "flops", "Flops", "Flop/s", "flop/s"})
    if (name.ends_with(end)) return with_end(name, end, "FLOP/s");
  for (const std::string_view end : {"bit/s", "bits/s", "bitps", "bps", "b/sec"})
    if (name.ends_with(end)) return with_end(name, end, "b/s");
  for (const std::string_view end : {"Bps", "Bytes/s", "bytes/s", "B/sec"})
    if (name.ends_with(end)) return with_end(name, end, "B/s");
  return std::string(name);
}

}  // namespace

const DimensionWords& words_of(Dimension dimension) { return kWords[static_cast<std::size_t>(dimension)]; }

std::optional<Unit> find_unit(std::string_view name) {
  const std::string plain = with_plain_micro(name);
  for (const Base& base : kBases) {
    if (!std::string_view(plain).ends_with(base.name)) continue;
    const std::string_view before = std::string_view(plain).substr(0, plain.size() - base.name.size());
    if (before.empty() && lists(base.prefixes, "-")) return base.unit;
    for (const Prefix& prefix : kPrefixes) {
      if (prefix.name != before || !lists(base.prefixes, prefix.name)) continue;
      Unit unit = base.unit;
      unit.times *= prefix.times;
      unit.tens += prefix.tens;
      return unit;
    }
  }
  return std::nullopt;
}

std::vector<std::string> units_meant(std::string_view name, Dimension dimension) {
  const std::vector<std::string> names = all_names(dimension);
  const auto is_name = [&](const std::string& word) {
    return std::find(names.begin(), names.end(), word) != names.end();
  };
  const std::string small = in_small_letters(name);
  for (const Alias& alias : kAliases)
    if (alias.theirs == small && is_name(std::string(alias.ours))) return {std::string(alias.ours)};
  const bool rate = dimension == Dimension::kBandwidth || dimension == Dimension::kFlopRate;
  const std::string plain = rate ? with_plain_rate(name) : std::string(name);
  if (is_name(plain)) return {plain};

  std::vector<std::string> meant;
  const std::string small_plain = in_small_letters(plain);
  for (const std::string& candidate : names)
    if (in_small_letters(candidate) == small_plain) meant.push_back(candidate);
  if (meant.empty())
    if (const std::string_view near = nearest(plain, names); !near.empty()) meant.emplace_back(near);
  return meant;
}

}  // namespace orrery
