// Reads word by word; a Program's collectives then name another of its algorithms.
#include "tools/orrery/algorithm_option.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "sim/base/error.h"
#include "sim/collective/tuner.h"
#include "tools/orrery/option_word.h"

namespace orrery {
namespace {

// That groups do.
std::vector<std::string> kinds_of_groups() {
  std::vector<std::string> kinds = collective_kinds();
  std::erase(kinds, to_name(CollectiveKind::kSendRecv));
  return kinds;
}

}  // namespace

AlgorithmsByKind read_algorithms(std::string_view text, const std::string& option) {
  const std::vector<std::string> all = collective_kinds();
  const std::vector<std::string> kinds = kinds_of_groups();
  AlgorithmsByKind algorithms;
  for (std::size_t at = 0; at <= text.size() && !text.empty();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    const std::string_view word = text.substr(at, comma - at);
    const std::size_t sign = word.find('=');
    if (sign == std::string_view::npos)
      refuse_word(option, text, word, "expected KIND=NAME, such as all_reduce=tree", {name_list("kind", kinds)});
    const std::string_view kind_name = word.substr(0, sign);
    const std::string_view name = word.substr(sign + 1);
    if (std::find(kinds.begin(), kinds.end(), kind_name) == kinds.end())
      refuse_word(option, text, kind_name, unknown_name("kind of collective", kind_name, kinds),
                  {name_list("kind", kinds)});
    const auto index = static_cast<std::size_t>(std::find(all.begin(), all.end(), kind_name) - all.begin());
    const std::vector<std::string> names = algorithm_names(static_cast<CollectiveKind>(index));
    if (std::find(names.begin(), names.end(), name) == names.end())
      refuse_word(option, text, name, unknown_name(fmt::format("{} algorithm", kind_name), name, names),
                  {name_list(fmt::format("{} algorithm", kind_name), names)});
    if (!algorithms[index].empty())
      refuse_word(option, text, word, fmt::format("says the algorithm for {} twice", kind_name));
    algorithms[index] = std::string(name);
    at = comma + 1;
  }
  return algorithms;
}

void take_algorithms(const AlgorithmsByKind& algorithms, Scenario& scenario) {
  if (std::all_of(algorithms.begin(), algorithms.end(), [](const std::string& name) { return name.empty(); })) return;
  Program program = *scenario.traced;
  AlgorithmsByKind unused = algorithms;
  std::map<std::string, std::uint32_t> known;
  for (CollectiveOp& collective : program.collectives) {
    const std::string& name = algorithms[static_cast<std::size_t>(collective.kind)];
    if (name.empty()) continue;
    unused[static_cast<std::size_t>(collective.kind)].clear();
    const auto [entry, is_new] = known.try_emplace(name, static_cast<std::uint32_t>(program.algorithms.size()));
    if (is_new) program.algorithms.push_back(name == kTunersChoice ? name : for_tuner(name));
    collective.algorithm = entry->second;
  }
  const std::vector<std::string> kinds = collective_kinds();
  for (std::size_t k = 0; k < kinds.size(); ++k) {
    const std::string& name = algorithms[k];
    if (name.empty()) continue;
    if (!unused[k].empty())
      scenario.warnings.push_back(fmt::format("{}={} changes nothing: there is no {}", kinds[k], name, kinds[k]));
    else if (name != kTunersChoice && scenario.library &&
             scenario.library->methods_for(static_cast<CollectiveKind>(k), name).empty())
      scenario.warnings.push_back(
          fmt::format("{} knows no {} by {}: it costs what the software stack says beside the wire",
                      scenario.library->name, kinds[k], name));
  }
  scenario.traced = std::make_shared<const Program>(std::move(program));
}

std::string text_of(const AlgorithmsByKind& algorithms) {
  const std::vector<std::string> kinds = collective_kinds();
  std::string text;
  for (std::size_t k = 0; k < kinds.size(); ++k)
    if (!algorithms[k].empty()) text += fmt::format("{}{}={}", text.empty() ? "" : ",", kinds[k], algorithms[k]);
  return text;
}

}  // namespace orrery
