// Patterns, numbers of chips, and what to say of names that aren't there.
#include "sim/scenario/machine_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace orrery {
namespace {

constexpr std::size_t kMostSaid = 12;  // names in a note

std::optional<std::uint32_t> number_in(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// "3" or "8-15".
std::optional<std::pair<std::uint32_t, std::uint32_t>> range_in(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto first = number_in(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : number_in(text.substr(dash + 1));
  if (!first || !last) return std::nullopt;
  return std::pair(*first, *last);
}

}  // namespace

bool matches(std::string_view pattern, std::string_view text) {
  // Where the last star stood and what it stands for: on a mismatch it takes one letter more.
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t taken = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      taken = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++taken;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

std::size_t chips_named(const yaml::Node& node) {
  if (node.is_sequence()) {
    std::size_t most = 0;
    for (const yaml::Node& item : node.items()) most = std::max(most, chips_named(item));
    return most;
  }
  if (!node.is_scalar()) return 0;
  const auto range = range_in(node.text());
  return range ? std::size_t{std::max(range->first, range->second)} + 1 : 0;
}

std::vector<ChipId> MachineNames::chips(const yaml::Node& node) const {
  std::vector<ChipId> found;
  if (node.is_sequence()) {
    for (const yaml::Node& item : node.items()) add_chips(item, found);
  } else {
    add_chips(node, found);
  }
  if (found.empty()) node.fail("no chip is named here");
  std::vector<bool> seen(fabric_->chip_count(), false);
  std::erase_if(found, [&](ChipId chip) {
    const bool again = seen[chip.index()];
    seen[chip.index()] = true;
    return again;
  });
  return found;
}

void MachineNames::add_chips(const yaml::Node& node, std::vector<ChipId>& chips) const {
  const std::string text = node.text();
  const std::size_t count = fabric_->chip_count();
  if (const auto range = range_in(text)) {
    const auto [first, last] = *range;
    if (last < first) node.fail(fmt::format("a range goes up: {}-{}", last, first));
    if (last >= count)
      node.fail(fmt::format("there is no chip {}: {} chips are built here, 0 to {}", last, count, count - 1));
    for (std::size_t chip = first; chip <= last; ++chip) chips.emplace_back(chip);
    return;
  }
  const std::size_t before = chips.size();
  const std::string_view pattern = text == "all" ? std::string_view("*") : std::string_view(text);
  for (std::size_t chip = 0; chip < count; ++chip)
    if (matches(pattern, fabric_->vertices()[fabric_->engine(ChipId(chip))].name)) chips.emplace_back(chip);
  if (chips.size() == before) fail_unknown(node, "chip", true);
}

std::vector<bool> MachineNames::vertices(const yaml::Node& node) const {
  const std::string pattern = node.text();
  std::vector<bool> found(fabric_->vertices().size(), false);
  bool any = false;
  for (std::size_t v = 0; v < found.size(); ++v) {
    const Vertex& vertex = fabric_->vertices()[VertexId(v)];
    found[v] = vertex.kind != VertexKind::kHbm && matches(pattern, vertex.name);
    any = any || found[v];
  }
  if (!any) fail_unknown(node, "vertex", false);
  return found;
}

std::vector<LinkId> MachineNames::links(const yaml::Node& node, bool one_way) const {
  std::vector<bool> from;
  std::vector<bool> to(fabric_->vertices().size(), true);
  if (node.is_sequence()) {
    const std::vector<yaml::Node> ends = node.items();
    if (ends.size() != 2) node.fail(fmt::format("a link has two ends, not {}", ends.size()));
    from = vertices(ends[0]);
    to = vertices(ends[1]);
  } else {
    from = vertices(node);
  }
  std::vector<LinkId> found;
  for (std::size_t i = 0; i < fabric_->links().size(); ++i) {
    const Link& link = fabric_->links()[LinkId(i)];
    if (link.kind == LinkKind::kOnPackage) continue;
    const bool forth = from[link.from.index()] && to[link.to.index()];
    const bool back = from[link.to.index()] && to[link.from.index()];
    if (forth || (back && !one_way)) found.emplace_back(i);
  }
  if (found.empty()) fail_apart(node, from);
  return found;
}

void MachineNames::fail_unknown(const yaml::Node& node, std::string_view kind, bool chips_only) const {
  std::vector<std::string> names;
  for (const Vertex& vertex : fabric_->vertices())
    if (vertex.kind == VertexKind::kEngine || (!chips_only && vertex.kind != VertexKind::kHbm))
      names.push_back(vertex.name);
  const std::string text = node.text();
  std::vector<std::string> notes = {fmt::format(
      "{} chips are built here, as many as are used; `orrery topology --dot` shows all names", fabric_->chip_count())};
  if (text.find('*') != std::string::npos)
    node.fail(fmt::format("no {} has a name like {}", kind, in_quotes(text)), notes);
  node.fail(unknown_name(kind, text, names), notes);
}

void MachineNames::fail_apart(const yaml::Node& node, const std::vector<bool>& from) const {
  std::vector<std::string> others;
  for (const Link& link : fabric_->links()) {
    if (!from[link.from.index()] || link.kind == LinkKind::kOnPackage) continue;
    const std::string& name = fabric_->vertices()[link.to].name;
    if (std::find(others.begin(), others.end(), name) != others.end()) continue;
    if (others.size() == kMostSaid) {
      others.emplace_back("…");
      break;
    }
    others.push_back(name);
  }
  std::string note = "the first of them has links to: ";
  for (const std::string& name : others) note += (name == others.front() ? "" : ", ") + name;
  node.fail(node.is_sequence() ? "no link joins these two" : "no link leads there",
            others.empty() ? std::vector<std::string>{} : std::vector<std::string>{note});
}

}  // namespace orrery
