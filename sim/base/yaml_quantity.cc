// Reads quantities with their units: `450 GB/s`, `500 ns`, `80 GiB`.
#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "sim/base/decimal.h"
#include "sim/base/unit_names.h"
#include "sim/base/yaml_tree.h"

namespace orrery::yaml {
namespace {

struct Amount {
  Decimal decimal;
  Unit unit;
};

// A stretch of a scalar's text as it stands in the source; the whole value when it stands there otherwise (escapes).
[[noreturn]] void fail_part(const NodeData& node, std::string_view part, std::string message,
                            const std::vector<std::string>& notes) {
  const std::string_view source = node.source->text.text();
  const auto begin = static_cast<std::size_t>(node.text.data() - source.data());
  const bool in_source =
      std::less_equal<>()(source.data(), node.text.data()) && begin + node.text.size() <= source.size();
  if (!in_source) node.fail(std::move(message), notes);
  const auto first = static_cast<std::size_t>(part.data() - source.data());
  node.source->text.fail(first, first + part.size(), std::move(message), notes);
}

// The words of a scalar: its number and its unit.
Amount read_amount(const NodeData& node, Dimension dimension) {
  const DimensionWords& words = words_of(dimension);
  const std::string expected = fmt::format("{} such as '{}'", words.kind, words.example);
  const std::vector<std::string> units = {fmt::format("units of {}: {}", words.name, words.units)};
  if (!node.is_scalar()) fail_expected(node, expected, units);

  const std::string_view text = node.text;
  const std::size_t length = number_length(text);
  if (length == 0) node.fail(fmt::format("expected {}, not {}", expected, in_quotes(text)), units);
  const std::string_view number = text.substr(0, length);
  std::string_view unit_text = text.substr(length);
  while (unit_text.starts_with(' ')) unit_text.remove_prefix(1);

  std::optional<Unit> unit = find_unit(unit_text);
  if (unit_text.empty() && dimension == Dimension::kRatio) unit = Unit{Dimension::kRatio, 1, 0, 1};
  if (unit_text.empty() && !unit)
    node.fail(fmt::format("expected {}: {} has no unit", expected, in_quotes(text)), units);
  if (!unit) {
    std::string message = fmt::format("no unit of {} is called {}", words.name, in_quotes(unit_text));
    const std::vector<std::string> meant = units_meant(unit_text, dimension);
    if (!meant.empty()) message += fmt::format("; did you mean '{}'?", fmt::join(meant, "' or '"));
    fail_part(node, unit_text, std::move(message), units);
  }
  if (unit->dimension != dimension)
    node.fail(fmt::format("expected {}, not {} ({})", expected, in_quotes(text), words_of(unit->dimension).name),
              units);
  const std::optional<Decimal> decimal = read_decimal(number);
  if (!decimal) fail_part(node, number, fmt::format("more than {} digits in a number", Decimal::kMostDigits), {});
  return {*decimal, *unit};
}

// In whole grains, the nearest to what is written.
Int128 read_whole(const NodeData& node, Dimension dimension) {
  const Amount amount = read_amount(node, dimension);
  return amount.decimal.scaled(amount.unit.times, amount.unit.tens, amount.unit.divisor);
}

std::int64_t read_whole_above_zero(const NodeData& node, Dimension dimension) {
  const Int128 value = read_whole(node, dimension);
  if (value <= 0) node.fail(fmt::format("must be more than 0, not {}", node.text));
  if (value > std::numeric_limits<std::int64_t>::max())
    node.fail(fmt::format("{} is more than can be counted", node.text));
  return static_cast<std::int64_t>(value);
}

double read_double(const NodeData& node, Dimension dimension) {
  const Amount amount = read_amount(node, dimension);
  const double value = amount.decimal.scaled_double(amount.unit.times, amount.unit.tens);
  if (value < 0) node.fail(fmt::format("must be at least 0, not {}", node.text));
  if (std::isinf(value)) node.fail(fmt::format("{} is more than can be counted", node.text));
  return value;
}

template <class Whole>
void check_range(const NodeData& node, Int128 value, Int128 least, Int128 most, Whole least_shown, Whole most_shown) {
  if (value >= least && value <= most) return;
  if (most == std::numeric_limits<std::int64_t>::max() && value < least)
    node.fail(fmt::format("must be at least {}, not {}", to_text(least_shown), node.text));
  node.fail(fmt::format("must be between {} and {}, not {}", to_text(least_shown), to_text(most_shown), node.text));
}

}  // namespace

Duration Node::duration(Duration least, Duration most) const {
  const Int128 ps = read_whole(*data_, Dimension::kTime);
  check_range(*data_, ps, least.ps(), most.ps(), least, most);
  return Duration::picoseconds(static_cast<std::int64_t>(ps));
}

Bytes Node::bytes(Bytes least, Bytes most) const {
  const Int128 count = read_whole(*data_, Dimension::kBytes);
  check_range(*data_, count, least.count(), most.count(), least, most);
  return Bytes(static_cast<std::int64_t>(count));
}

Bandwidth Node::bandwidth() const {
  return Bandwidth::bytes_per_second(read_whole_above_zero(*data_, Dimension::kBandwidth));
}

FlopRate Node::flop_rate() const {
  const double rate = read_double(*data_, Dimension::kFlopRate);
  if (rate <= 0) fail(fmt::format("must be more than 0, not {}", data_->text));
  return FlopRate::flops_per_second(rate);
}

Watts Node::watts() const { return Watts(read_double(*data_, Dimension::kPower)); }
Dollars Node::dollars() const { return Dollars(read_double(*data_, Dimension::kCost)); }
Joules Node::joules() const { return Joules(read_double(*data_, Dimension::kEnergy)); }
double Node::meters() const { return read_double(*data_, Dimension::kLength); }

double Node::dollars_per_kwh() const { return read_double(*data_, Dimension::kEnergyPrice); }
double Node::dollars_per_hour() const { return read_double(*data_, Dimension::kHourlyPrice); }

double Node::years() const {
  const double value = read_double(*data_, Dimension::kYears);
  if (value <= 0) fail(fmt::format("must be more than 0, not {}", data_->text));
  return value;
}

double Node::ratio() const {
  const double value = read_double(*data_, Dimension::kRatio);
  if (value > 1) fail(fmt::format("must be between 0 and 1 (100 %), not {}", data_->text));
  return value;
}

}  // namespace orrery::yaml
