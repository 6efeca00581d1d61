// Reads what a plan trains of a model.
#include "workloads/adapters.h"

#include "workloads/named_flags.h"

namespace orrery {
namespace {

constexpr std::int64_t kHighestRank = 65'536;
constexpr FlagNames<Adapters, 6> kMatrices = {{
    {"query", &Adapters::query},
    {"key", &Adapters::key},
    {"value", &Adapters::value},
    {"output", &Adapters::output},
    {"mlp_in", &Adapters::mlp_in},
    {"mlp_out", &Adapters::mlp_out},
}};
constexpr std::size_t kOfAttention = 4;  // the first of them

void read_matrices(const yaml::Node& list, Adapters& adapters) {
  std::vector<std::string> names = all_names(kMatrices);
  names.insert(names.end(), {"attention", "mlp"});
  for (const yaml::Node& item : list.items()) {
    const std::size_t index = item.choice("linear layer", names);
    const bool one = index < kMatrices.size();
    const bool mlp = names[index] == "mlp";
    const std::size_t first = one ? index : mlp ? kOfAttention : 0;
    const std::size_t end = one ? index + 1 : mlp ? kMatrices.size() : kOfAttention;
    for (std::size_t m = first; m < end; ++m) {
      bool& chosen = adapters.*kMatrices[m].second;
      if (chosen) item.fail("'" + names[m] + "' is named twice");
      chosen = true;
    }
  }
  if (!adapters.on_attention() && !adapters.on_mlp())
    list.fail("adapters stand beside some matrix", {"on: [attention] stands beside all four of attention's"});
}

}  // namespace

std::vector<std::string> Adapters::names() const { return names_set(*this, kMatrices); }

Adapters read_adapters(const yaml::Node& train) {
  yaml::Map map(train, "what is trained");
  yaml::Map lora(map.required("lora"), "adapters");
  map.finish();
  Adapters adapters;
  adapters.rank = lora.required("rank").integer(1, kHighestRank);
  if (const auto on = lora.optional("on")) {
    read_matrices(*on, adapters);
  } else {
    for (std::size_t m = 0; m < kOfAttention; ++m) adapters.*kMatrices[m].second = true;
  }
  if (const auto frozen = lora.optional("frozen")) adapters.nf4 = frozen->choice("format", {"bf16", "nf4"}) == 1;
  lora.finish();
  return adapters;
}

}  // namespace orrery
