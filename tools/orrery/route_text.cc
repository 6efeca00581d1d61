// Finds the two chips, and writes a line a link.
#include "tools/orrery/route_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

#include "tools/orrery/option_word.h"

namespace orrery {
namespace {

const std::string& chip_name(const Fabric& fabric, ChipId chip) { return fabric.vertices()[fabric.engine(chip)].name; }

std::optional<ChipId> chip_called(std::string_view word, const Fabric& fabric) {
  std::size_t number = 0;
  const auto [stop, failure] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (failure == std::errc() && stop == word.data() + word.size() && number < fabric.chip_count())
    return ChipId(number);
  for (std::size_t i = 0; i < fabric.chip_count(); ++i)
    if (chip_name(fabric, ChipId(i)) == word) return ChipId(i);
  return std::nullopt;
}

std::string vertex_name(const Fabric& fabric, VertexId vertex) { return fabric.vertices()[vertex].name; }

}  // namespace

ChipsOfRoute read_chips_of_route(const std::string& text, std::string_view option, const Fabric& fabric) {
  const auto fail = [&](std::size_t at, std::size_t length, std::string message) {
    refuse_word(option, text, std::string_view(text).substr(at, length), std::move(message));
  };
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) fail(0, text.size(), "two chips are wanted, with ':' between them");
  // Names of imported devices hold colons of their own: any of these may be the one between.
  for (std::size_t at = colon; at != std::string::npos; at = text.find(':', at + 1)) {
    const auto from = chip_called(std::string_view(text).substr(0, at), fabric);
    const auto to = chip_called(std::string_view(text).substr(at + 1), fabric);
    if (from && to && *from == *to) fail(0, text.size(), "these are one chip: it reaches itself without a link");
    if (from && to) return {*from, *to};
  }
  std::vector<std::string> names;
  for (std::size_t i = 0; i < fabric.chip_count(); ++i) names.push_back(chip_name(fabric, ChipId(i)));
  const bool first_is_one = chip_called(std::string_view(text).substr(0, colon), fabric).has_value();
  const std::string word = first_is_one ? text.substr(colon + 1) : text.substr(0, colon);
  fail(first_is_one ? colon + 1 : 0, word.size(),
       unknown_name("chip", word, names) +
           fmt::format(" (chips 0 to {}, or by name, such as '{}')", names.size() - 1, names.front()));
  return {};
}

std::string route_to_text(Routes& routes, ChipsOfRoute chips, std::string_view routing) {
  const Fabric& fabric = routes.fabric();
  const PathBundle& paths = routes.paths(chips.from, chips.to);
  std::string text = fmt::format("{} to {}: {} routes, {} path{}\n", chip_name(fabric, chips.from),
                                 chip_name(fabric, chips.to), routing, paths.size(), paths.size() == 1 ? "" : "s");
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const SharedPath path = paths[i];
    std::size_t width = 0;
    double rate = std::numeric_limits<double>::infinity();
    for (const LinkId id : path.links) {
      const Link& link = fabric.links()[id];
      width = std::max(width, vertex_name(fabric, link.from).size() + vertex_name(fabric, link.to).size() + 3);
      rate = std::min(rate, link.bandwidth.as_double() * link.efficiency);
    }
    text += fmt::format("\npath {} of {}: share {:.4g} %, {} links, {}, {} at its narrowest\n", i + 1, paths.size(),
                        100 * path.share, path.links.size(), to_text(routes.latency(path.links)),
                        to_text(Bandwidth::bytes_per_second(static_cast<std::int64_t>(rate))));
    text += fmt::format("  {:<{}}  {:<8} {:<8} {:>12} {:>9} {:>9}\n", "link", width, "kind", "tier", "printed",
                        "achieved", "latency");
    for (const LinkId id : path.links) {
      const Link& link = fabric.links()[id];
      text +=
          fmt::format("  {:<{}}  {:<8} {:<8} {:>12} {:>7.1f} % {:>9}\n",
                      vertex_name(fabric, link.from) + " > " + vertex_name(fabric, link.to), width, to_name(link.kind),
                      to_name(link.tier), to_text(link.bandwidth), 100 * link.efficiency, to_text(link.latency));
    }
  }
  return text;
}

std::string route_to_json(Routes& routes, ChipsOfRoute chips, std::string_view routing) {
  const Fabric& fabric = routes.fabric();
  const PathBundle& paths = routes.paths(chips.from, chips.to);
  nlohmann::ordered_json json;
  json["from"] = chip_name(fabric, chips.from);
  json["to"] = chip_name(fabric, chips.to);
  json["routing"] = routing;
  json["paths"] = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < paths.size(); ++i) {
    nlohmann::ordered_json links = nlohmann::ordered_json::array();
    for (const LinkId id : paths[i].links) {
      const Link& link = fabric.links()[id];
      links.push_back({{"from", vertex_name(fabric, link.from)},
                       {"to", vertex_name(fabric, link.to)},
                       {"kind", to_name(link.kind)},
                       {"tier", to_name(link.tier)},
                       {"bandwidth_bytes_per_s", link.bandwidth.as_double()},
                       {"efficiency", link.efficiency},
                       {"latency_s", link.latency.in_seconds()}});
    }
    json["paths"].push_back({{"share", paths[i].share},
                             {"latency_s", routes.latency(paths[i].links).in_seconds()},
                             {"links", std::move(links)}});
  }
  return json.dump(2) + "\n";
}

}  // namespace orrery
