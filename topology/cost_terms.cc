// Reads a `cost:` block, and charges a run by its law.
#include "topology/cost_terms.h"

#include <fmt/format.h>

namespace orrery {
namespace {

constexpr double kJoulesPerKwh = 3.6e6;
constexpr double kSecondsPerHour = 3600;
constexpr double kLongestLife = 100;  // years

void read_dollars(yaml::Map& map, std::string_view key, Dollars& dollars) {
  if (const auto node = map.optional(key)) dollars = node->dollars();
}

void read_life(yaml::Map& map, std::string_view key, double& years) {
  const auto node = map.optional(key);
  if (!node) return;
  years = node->years();
  if (years > kLongestLife) node->fail(fmt::format("must be at most {} years, not {}", kLongestLife, node->text()));
}

// What the charge rests on has to be there.
void check_complete(const CostTerms& terms, const yaml::Node& at) {
  const auto missing = [&](std::string_view key, std::string_view example) {
    at.fail(fmt::format("charge: {} needs `{}`, such as `{}`", to_name(terms.charge), key, example));
  };
  if (terms.charge == CostTerms::Charge::kRent) {
    if (!terms.rent) missing("rent", "rent: 2.5 USD/h");
    return;
  }
  if (terms.chip == Dollars()) missing("chip", "chip: 30000 USD");
  if (terms.charge == CostTerms::Charge::kAmortise && terms.life == 0) missing("life", "life: 4 years");
  if (!terms.dollars_per_kwh) missing("electricity", "electricity: 0.12 USD/kWh");
}

}  // namespace

std::string_view to_name(CostTerms::Charge charge) {
  switch (charge) {
    case CostTerms::Charge::kAmortise:
      return "amortise";
    case CostTerms::Charge::kOwn:
      return "own";
    case CostTerms::Charge::kRent:
      return "rent";
  }
  return "";
}

CostTerms read_cost(const yaml::Node& node, const Chip& chip, const std::optional<CostTerms>& below,
                    bool needs_source) {
  yaml::Map map(node, "a cost");
  CostTerms terms = below.value_or(CostTerms());
  if (!below) terms.chip = chip.price;
  if (const auto charge = map.optional("charge")) {
    terms.charge = static_cast<CostTerms::Charge>(charge->choice("way to charge", {"amortise", "own", "rent"}));
    terms.charge_given = true;
  }
  read_dollars(map, "chip", terms.chip);
  read_dollars(map, "node", terms.node);
  read_dollars(map, "network", terms.network);
  read_dollars(map, "facility", terms.facility);
  read_life(map, "life", terms.life);
  read_life(map, "facility_life", terms.facility_life);
  if (const auto share = map.optional("utilisation")) {
    terms.utilisation = share->ratio();
    if (terms.utilisation <= 0) share->fail("a machine that never runs can't be paid for: must be more than 0");
  }
  if (const auto share = map.optional("maintenance")) terms.maintenance = share->ratio();
  if (const auto price = map.optional("electricity")) terms.dollars_per_kwh = price->dollars_per_kwh();
  if (const auto price = map.optional("rent")) terms.rent = price->dollars_per_hour();
  if (needs_source) {
    const yaml::Node source = map.required("source");
    terms.source = source.text();
    if (terms.source.empty()) source.fail("a source says where numbers come from, but this one is empty");
  } else if (const auto source = map.optional("source")) {
    terms.source = source->text();
  }
  map.finish();
  check_complete(terms, node);
  return terms;
}

Cost cost_of(const CostTerms& terms, double chips, double seconds, Joules energy) {
  Cost cost;
  if (terms.charge == CostTerms::Charge::kRent) {
    cost.rent = Dollars(chips * seconds / kSecondsPerHour * terms.rent.value_or(0));
    return cost;
  }
  const double years = seconds / kSecondsPerYear / terms.utilisation;
  const Dollars machine = terms.chip + terms.node + terms.network;
  if (terms.charge == CostTerms::Charge::kOwn) {
    cost.capital = terms.capital() * chips;
  } else {
    const double facility_life = terms.facility_life > 0 ? terms.facility_life : terms.life;
    cost.capital = (machine * (1 / terms.life) + terms.facility * (1 / facility_life)) * (chips * years);
  }
  cost.maintenance = terms.capital() * (terms.maintenance * chips * years);
  cost.electricity = Dollars(energy.value() / kJoulesPerKwh * terms.dollars_per_kwh.value_or(0));
  return cost;
}

}  // namespace orrery
