// JSON is YAML of one form, so the strict reader of YAML reads it and knows where what is wrong stands.
#include "workloads/chakra/process_groups.h"

#include <fmt/format.h>

#include "sim/base/yaml.h"

namespace orrery::chakra {
namespace {

std::vector<RankId> members_of(const yaml::Node& list, std::size_t ranks) {
  std::vector<RankId> members;
  std::vector<bool> seen(ranks, false);
  for (const yaml::Node& item : list.items()) {
    const auto rank = static_cast<std::size_t>(item.integer(0, static_cast<std::int64_t>(ranks) - 1));
    if (seen[rank]) item.fail(fmt::format("rank {} is listed twice", rank));
    seen[rank] = true;
    members.emplace_back(rank);
  }
  return members;
}

// Nothing where it isn't YAML at all.
std::optional<yaml::Node> parsed(std::string_view text, const std::string& where) {
  try {
    return yaml::parse(text, where);
  } catch (const InputError&) {
    return std::nullopt;
  }
}

}  // namespace

std::vector<RankId> everybody(std::size_t ranks) {
  std::vector<RankId> all;
  all.reserve(ranks);
  for (std::size_t r = 0; r < ranks; ++r) all.emplace_back(r);
  return all;
}

GroupLists read_groups_file(const std::filesystem::path& file, std::size_t ranks) {
  GroupLists groups;
  yaml::Map map(yaml::load(file), "a file of groups");
  for (const auto& [name, list] : map.rest()) {
    std::vector<RankId> members = members_of(list, ranks);
    if (members.empty()) list.fail("a group of nobody");
    groups.emplace(name.text(), std::move(members));
  }
  return groups;
}

std::optional<GroupLists> groups_of_metadata(std::string_view values, const std::string& where, std::size_t ranks) {
  constexpr std::string_view kSign = "pg_name";
  if (values.find(kSign) == std::string_view::npos) return std::nullopt;
  std::optional<yaml::Node> list = parsed(values, where);
  if (list && list->is_sequence() && list->items().size() == 1 && list->items().front().is_scalar())
    list = parsed(list->items().front().text(), where);
  if (list && list->is_scalar()) list = parsed(list->text(), where);
  if (!list || !list->is_sequence()) return std::nullopt;
  GroupLists groups;
  for (const yaml::Node& item : list->items()) {
    if (!item.is_map()) return std::nullopt;
    yaml::Map map(item, "a process group");
    const std::optional<yaml::Node> name = map.optional(kSign);
    const std::optional<yaml::Node> members = map.optional("ranks");
    if (!name || !members || !name->is_scalar() || !members->is_sequence()) return std::nullopt;
    std::vector<RankId> listed = members_of(*members, ranks);
    groups[name->text()] = listed.empty() ? everybody(ranks) : std::move(listed);
  }
  return groups;
}

}  // namespace orrery::chakra
