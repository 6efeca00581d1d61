// `orrery fold FILE`: which ranks of a scenario behave alike, and what a run saves by that.
#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "sim/base/error.h"
#include "sim/report/text_page.h"
#include "tools/orrery/fold_option.h"
#include "tools/orrery/scenario_file.h"
#include "tools/orrery/simulate.h"
#include "tools/orrery/terminal.h"

namespace orrery {
namespace {

struct FoldRequest {
  ScenarioRequest scenario;
  std::int64_t most = 32;
  std::optional<std::int64_t> rank;
  bool json = false;
  bool no_color = false;
};

const std::string& role_of(const Program& program, RankId rank) {
  return program.roles[program.role_of_rank[rank.index()]].name;
}

std::string text_of(const FoldRequest& request, const Prepared& prepared, const Fold& fold) {
  const Program& program = prepared.program;
  const Fold::Counts& counts = fold.counts();
  TextPage page(stdout_takes_colour() && !request.no_color);
  page.line(prepared.scenario->name, Colour::kBold);
  page.line(fold_line(counts));
  const double factor = static_cast<double>(counts.ranks) / static_cast<double>(counts.rank_classes);
  page.line(factor < 1000 ? fmt::format("{:.4g} times fewer ranks to play", factor)
                          : fmt::format("{:.0f} times fewer ranks to play", factor));
  page.line();
  std::size_t width = 4;
  for (const Role& role : program.roles) width = std::max(width, role.name.size());
  std::string head = fmt::format("{:>6} {:>9} {:>10}  {:{}}", "class", "ranks", "first", "role", width);
  for (const GroupSpec& group : program.groups)
    head += fmt::format(" {:>{}}", group.name, std::max<std::size_t>(8, group.name.size()));
  page.line(head, Colour::kDim);
  const std::vector<RankClass> classes = rank_classes(fold, program);
  const std::size_t shown = std::min(classes.size(), static_cast<std::size_t>(request.most));
  for (std::size_t c = 0; c < shown; ++c) {
    const RankClass& one = classes[c];
    std::string row =
        fmt::format("{:>6} {:>9} {:>10}  {:{}}", c, one.size, one.first.index(), role_of(program, one.first), width);
    for (std::size_t g = 0; g < program.groups.size(); ++g) {
      const std::size_t column = std::max<std::size_t>(8, program.groups[g].name.size());
      row += fmt::format(" {:>{}}", one.communicators[g] ? std::to_string(*one.communicators[g]) : "-", column);
    }
    page.line(row);
  }
  if (shown < classes.size())
    page.line(fmt::format("… and {} more: --most shows them", classes.size() - shown), Colour::kDim);
  page.line();
  page.line(
      "Under a group: which class of its communicators. Classes of one role that agree in all differ in what lies");
  page.line("behind: the links that a communicator draws on, a pipeline peer, a slower chip.");
  return page.text();
}

std::string json_of(const Prepared& prepared, const Fold& fold) {
  const Program& program = prepared.program;
  const Fold::Counts& counts = fold.counts();
  nlohmann::ordered_json json{{"scenario", prepared.scenario->name},
                              {"ranks", counts.ranks},
                              {"rank_classes", counts.rank_classes},
                              {"communicators", counts.communicators},
                              {"communicator_classes", counts.communicator_classes},
                              {"resources", counts.resources},
                              {"resource_classes", counts.resource_classes},
                              {"classes", nlohmann::ordered_json::array()}};
  for (const RankClass& one : rank_classes(fold, program)) {
    nlohmann::ordered_json entry{
        {"ranks", one.size}, {"first_rank", one.first.index()}, {"role", role_of(program, one.first)}};
    for (std::size_t g = 0; g < program.groups.size(); ++g)
      if (one.communicators[g]) entry["communicator_classes"][program.groups[g].name] = *one.communicators[g];
    json["classes"].push_back(std::move(entry));
  }
  return json.dump(2) + "\n";
}

// Which class plays for a rank, be it one that isn't built.
std::string text_of(std::int64_t rank, const Prepared& prepared, const Fold& fold) {
  if (static_cast<std::size_t>(rank) >= fold.counts().ranks)
    throw RunError(fmt::format("there is no rank {}: they are 0 to {}", rank, fold.counts().ranks - 1));
  const RankId player = fold.representative(RankId(static_cast<std::size_t>(rank)));
  const std::vector<RankClass> classes = rank_classes(fold, prepared.program);
  const auto its =
      std::find_if(classes.begin(), classes.end(), [&](const RankClass& one) { return one.first == player; });
  return fmt::format("rank {} behaves as class {}: {}, {} ranks, played by rank {}\n", rank, its - classes.begin(),
                     role_of(prepared.program, player), its->size, player.index());
}

int print_fold(const FoldRequest& request) {
  const std::unique_ptr<const Readied> readied =
      ready([&](Extent extent) { return request.scenario.read(extent); }, Folding::kOn);
  say_warnings(readied->scenario);
  if (request.rank) {
    std::cout << text_of(*request.rank, readied->prepared, *readied->fold);
    return kDone;
  }
  std::cout << (request.json ? json_of(readied->prepared, *readied->fold)
                             : text_of(request, readied->prepared, *readied->fold));
  return kDone;
}

std::function<int()> declare_fold_verb(CLI::App& command) {
  const auto request = std::make_shared<FoldRequest>();
  request->scenario.declare(command);
  command.add_option("--most", request->most, "how many classes are shown (default: 32)")
      ->check(CLI::Range(1, 1 << 20))
      ->type_name("N");
  command.add_option("--rank", request->rank, "say which class a rank belongs to, instead")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{1} << 32U))
      ->type_name("RANK");
  command.add_flag("--json", request->json, "print JSON instead: all classes");
  command.add_flag("--no-color", request->no_color, "no colour on a terminal either");
  return [request] { return print_fold(*request); };
}

const Verbs::Entry kFold{
    {"fold", "Show which ranks behave alike, so that one is played for all of them", &declare_fold_verb}};

}  // namespace
}  // namespace orrery
