// What a machine costs: the law of each charge in round numbers, and blocks that say too little or too much.
#include "topology/cost_terms.h"

#include "tests/topology/fixture.h"

namespace orrery::test {
namespace {

Chip priced() {
  Chip chip;
  chip.price = Dollars(30'000);
  return chip;
}

CostTerms terms(const std::string& text, const std::optional<CostTerms>& below = std::nullopt) {
  return read_cost(yaml::parse(text, "t.yaml"), priced(), below, !below);
}

std::string refusal(const std::string& text) {
  try {
    (void)terms(text);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

const std::string kWhole =
    "{node: 8000 USD, network: 2000 USD, facility: 15000 USD, life: 4 years, facility_life: 15 years, utilisation: 50 "
    "%, "
    "maintenance: 5 %, electricity: 100 USD/MWh, rent: 2 USD/h, source: a book}";

}  // namespace

TEST_CASE("amortised: capital by its life, and the time in which nothing runs") {
  const CostTerms all = terms(kWhole);
  CHECK(all.charge == CostTerms::Charge::kAmortise);
  CHECK(!all.charge_given);
  CHECK(all.capital() == Dollars(55'000));
  // A tenth of a year on ten chips is a fifth of a chip's year twice over, as half the time they stand idle.
  const Cost cost = cost_of(all, 10, 0.1 * kSecondsPerYear, Joules(3.6e9));
  CHECK(cost.capital.value() == doctest::Approx(10 * 0.1 / 0.5 * (40'000.0 / 4 + 15'000.0 / 15)));
  CHECK(cost.maintenance.value() == doctest::Approx(10 * 0.1 / 0.5 * 0.05 * 55'000));
  CHECK(cost.electricity.value() == doctest::Approx(1000 * 0.1));
  CHECK(cost.rent == Dollars());
  CHECK(cost.total().value() ==
        doctest::Approx(cost.capital.value() + cost.maintenance.value() + cost.electricity.value()));
  // Four years of all that it has.
  CHECK(cost_of(terms("{life: 4 years, electricity: 0.1 USD/kWh, source: a}"), 1, 4 * kSecondsPerYear, Joules())
            .capital.value() == doctest::Approx(30'000));
}

TEST_CASE("owned: all capital, however short; rented: hours and nothing else") {
  const CostTerms owned = terms("{charge: own}", terms(kWhole));
  CHECK(owned.charge_given);
  CHECK(cost_of(owned, 10, 1, Joules()).capital.value() == doctest::Approx(550'000));
  CHECK(cost_of(owned, 10, 0.1 * kSecondsPerYear, Joules()).maintenance.value() ==
        doctest::Approx(10 * 0.1 / 0.5 * 0.05 * 55'000));
  const CostTerms rented = terms("{charge: rent}", terms(kWhole));
  const Cost cost = cost_of(rented, 10, 7200, Joules(1e12));
  CHECK(cost.total().value() == doctest::Approx(10 * 2 * 2));
  CHECK(cost.total() == cost.rent);
}

TEST_CASE("a scenario's terms stand over the cluster's, key by key") {
  const CostTerms over = terms("{life: 2 years, chip: 10000 USD}", terms(kWhole));
  CHECK(over.life == 2);
  CHECK(over.chip == Dollars(10'000));
  CHECK(over.network == Dollars(2'000));
  CHECK(over.source == "a book");
}

TEST_CASE("terms that don't suffice, or don't mean anything") {
  CHECK(refusal("{life: 4 years, electricity: 0.1 USD/kWh}").find("a cost needs the key 'source'") !=
        std::string::npos);
  CHECK(
      refusal("{electricity: 0.1 USD/kWh, source: a}").find("charge: amortise needs `life`, such as `life: 4 years`") !=
      std::string::npos);
  CHECK(refusal("{life: 4 years, source: a}").find("needs `electricity`") != std::string::npos);
  CHECK(refusal("{charge: rent, source: a}").find("charge: rent needs `rent`, such as `rent: 2.5 USD/h`") !=
        std::string::npos);
  CHECK(refusal("{charge: lease, source: a}").find("no way to charge is called 'lease'") != std::string::npos);
  CHECK(refusal("{life: 4, source: a}").find("expected a life such as '4 years': '4' has no unit") !=
        std::string::npos);
  CHECK(refusal("{life: 400 years, source: a}").find("at most 100 years") != std::string::npos);
  CHECK(refusal("{electricity: 0.1 USD, source: a}")
            .find("expected a price of energy such as '0.12 USD/kWh', not '0.1 USD' (cost)") != std::string::npos);
  CHECK(refusal("{utilisation: 0 %, source: a}").find("more than 0") != std::string::npos);
  Chip unpriced;
  CHECK_THROWS_AS(
      (void)read_cost(yaml::parse("{life: 4 years, electricity: 0.1 USD/kWh, source: a}", "t.yaml"), unpriced),
      InputError);
}

TEST_CASE("what network devices draw when idle, each with its source") {
  const std::string head =
      "name: t\nsource: test\nchip: a100_sxm_80gb\nfabric: {shape: single_switch, blocks: 2, link: "
      "{bandwidth: 1 GB/s, latency: 1 us}}\n";
  const Cluster cluster = read_cluster(
      library(),
      yaml::parse(head + "switch_port: {power: 12 W, source: a}\ntransceiver: {power: 8 W, source: b}\n", "t"));
  CHECK(cluster.switch_port == Watts(12));
  CHECK(cluster.transceiver == Watts(8));
  CHECK(!cluster.cost);
  CHECK_THROWS_AS((void)read_cluster(library(), yaml::parse(head + "switch_port: {power: 12 W}\n", "t")), InputError);
}

}  // namespace orrery::test
