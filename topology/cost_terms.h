// What a machine costs: its capital, how long it lasts, electricity and upkeep, or rent; and how a run is charged.
//
// A block `cost:` of a cluster file, each number a chip where nothing else is said:
//
//     cost:
//       charge: amortise          # amortise | own | rent: how a run is charged; amortise when absent
//       chip: 30000 USD           # capital; the chip file's price when absent
//       node: 12000 USD           # the share of its server: processors, memory, NICs, chassis; 0 when absent, as is
//       network: 6000 USD         # the share of switches, cables and optics
//       facility: 11000 USD       # the share of building, power and cooling
//       life: 4 years             # of chips, servers and network
//       facility_life: 15 years   # of the facility; `life` when absent
//       utilisation: 80 %         # of its life in which a machine runs jobs: they pay for the rest too; 100 % when
//       absent maintenance: 5 %          # of the capital, a year; 0 when absent electricity: 0.12 USD/kWh # with
//       charge: rent it is part of the rent, as is maintenance rent: 2.5 USD/h           # with charge: rent source:
//       where the numbers come from
//
// A scenario may have such a block too: what it says replaces what the cluster's says, key by key, and it needs no
// source. A year has 365 days.
//
// Law, of a run of t on n chips with energy E at the facility's meter:
//     amortise   n·t·((chip + node + network) ÷ life + facility ÷ facility_life) ÷ utilisation
//                + n·t·maintenance·(chip + node + network + facility) ÷ utilisation + E·electricity
//     own        n·(chip + node + network + facility), however short the run, + maintenance of t + E·electricity
//     rent       n·t·rent
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/base/units.h"
#include "sim/base/yaml.h"
#include "topology/chip.h"

namespace orrery {

inline constexpr double kSecondsPerYear = 365 * 86'400.0;

struct CostTerms {
  enum class Charge : std::uint8_t { kAmortise, kOwn, kRent };

  Charge charge = Charge::kAmortise;
  bool charge_given = false;  // else it is the default
  Dollars chip, node, network, facility;
  double life = 0;           // years; 0: not known
  double facility_life = 0;  // the same
  double utilisation = 1;
  double maintenance = 0;                 // of the capital, a year
  std::optional<double> dollars_per_kwh;  // electricity
  std::optional<double> rent;             // dollars a chip and hour
  std::string source;                     // empty: a scenario's own

  [[nodiscard]] Dollars capital() const { return chip + node + network + facility; }  // a chip
};
[[nodiscard]] std::string_view to_name(CostTerms::Charge charge);  // "amortise"

// InputError at what is wrong, or where the charge needs a number that isn't there. `below`: what holds where the block
// says nothing, of a scenario's.
[[nodiscard]] CostTerms read_cost(const yaml::Node& node, const Chip& chip,
                                  const std::optional<CostTerms>& below = std::nullopt, bool needs_source = true);

// Dollars, by what they are paid for.
struct Cost {
  Dollars capital;
  Dollars electricity;
  Dollars maintenance;
  Dollars rent;

  [[nodiscard]] Dollars total() const { return capital + electricity + maintenance + rent; }
};
// By the law above; `seconds` of all `chips`.
[[nodiscard]] Cost cost_of(const CostTerms& terms, double chips, double seconds, Joules energy);

}  // namespace orrery
