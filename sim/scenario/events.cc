// Reads events, and lays those of each resource over one another.
#include "sim/scenario/events.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <queue>
#include <tuple>

#include "sim/network/resources.h"
#include "sim/scenario/machine_names.h"

namespace orrery {
namespace {

constexpr std::int64_t kMostTimes = 100'000;
constexpr std::size_t kMostChanges = std::size_t{1} << 22U;
constexpr double kLeastShare = 1e-6;  // below that a link is as good as down, and the solver loses its digits
constexpr Duration kLatest = Duration::picoseconds(std::int64_t{1} << 61);

// A share of a capacity, or a rate in its place.
struct Level {
  double share = 1;
  std::optional<Bandwidth> rate;
  std::string text;
};

Level read_share(const yaml::Node& node) {
  const double share = node.ratio();
  if (share > 0 && share < kLeastShare) node.fail("less than a millionth is as good as nothing: say 0 %");
  return {share, std::nullopt, fmt::format("at {:.4g} %", 100 * share)};
}

Level read_bandwidth(const yaml::Node& node) {
  const std::string text = node.text();
  if (text == "down") return {0, std::nullopt, "down"};
  if (text == "up") return {1, std::nullopt, "up"};
  if (text.ends_with('%')) return read_share(node);
  const bool is_word = !text.empty() && (text.front() < '0' || text.front() > '9');
  if (is_word) node.fail("a link's bandwidth is a rate (10 GB/s), a share of its own (25 %), `down` or `up`");
  const Bandwidth rate = node.bandwidth();
  return {1, rate, "at " + to_text(rate)};
}

void read_times(yaml::Map& map, Disturbance& told) {
  const auto at = map.optional("at");
  if (at) told.at = Time() + at->duration(Duration(), kLatest);
  const auto until = map.optional("until");
  if (until) {
    told.until = Time() + until->duration(Duration(), kLatest);
    if (told.until <= told.at) until->fail("an event ends after it begins");
  }
  const auto every = map.optional("every");
  const auto times = map.optional("times");
  if (every.has_value() != times.has_value())
    (every ? *every : *times).fail("an event that comes again says both how often (`times`) and how soon (`every`)");
  if (!every) return;
  if (!until) every->fail("an event that comes again must end before: give `until`");
  told.every = every->duration(Duration::picoseconds(1), kLatest);
  if (told.every < told.until - told.at) every->fail("it would come again before it is over");
  told.times = times->integer(1, kMostTimes);
  if (told.times > 1 && told.every.ps() > kLatest.ps() / told.times) every->fail("its last time is too far away");
}

std::string link_words(const yaml::Node& node, const std::vector<LinkId>& links, const Fabric& fabric, bool one_way) {
  const char* arrow = one_way ? " → " : " ↔ ";
  if (links.size() <= (one_way ? 1U : 2U)) {
    const Link& link = fabric.links()[links.front()];
    return fabric.vertices()[link.from].name + arrow + fabric.vertices()[link.to].name;
  }
  const std::size_t cables = one_way ? links.size() : links.size() / 2;
  const std::string count = fmt::format(" ({} {})", cables, one_way ? "links" : "cables");
  if (node.is_scalar()) return (one_way ? "all links out of " : "all links of ") + node.text() + count;
  const std::vector<yaml::Node> ends = node.items();
  return ends[0].text() + arrow + ends[1].text() + count;
}

void read_link_event(yaml::Map& map, const yaml::Node& link_node, const Fabric& fabric, Event& event) {
  const Resources resources(fabric);
  const auto way = map.optional("one_way");
  const bool one_way = way && way->boolean();
  const Level level = read_bandwidth(map.required("bandwidth"));
  const std::vector<LinkId> links = MachineNames(fabric).links(link_node, one_way);
  for (const LinkId id : links) {
    const ResourceId resource = resources.link(id);
    const double own = resources.capacities()[resource.index()];
    const double capacity = level.rate ? level.rate->as_double() * fabric.links()[id].efficiency : level.share * own;
    event.changes.push_back({resource, capacity, own});
  }
  event.told.kind = "link";
  event.told.what = link_words(link_node, links, fabric, one_way) + " " + level.text;
}

void read_chip_event(yaml::Map& map, const yaml::Node& chip_node, const Fabric& fabric, Event& event) {
  const Resources resources(fabric);
  const auto speed = map.optional("speed");
  const auto hbm = map.optional("hbm");
  if (speed.has_value() == hbm.has_value())
    map.node().fail("an event on a chip changes its `speed` or its `hbm`, one of the two");
  const Level level = read_share(speed ? *speed : *hbm);
  const std::vector<ChipId> chips = MachineNames(fabric).chips(chip_node);
  for (const ChipId chip : chips) {
    const ResourceId resource = speed ? resources.engine(chip) : resources.hbm(chip);
    const double own = resources.capacities()[resource.index()];
    event.changes.push_back({resource, level.share * own, own});
  }
  const std::string who =
      chips.size() == 1 ? fabric.vertices()[fabric.engine(chips.front())].name : fmt::format("{} chips", chips.size());
  event.told.kind = speed ? "chip" : "memory";
  event.told.what = (speed ? who : "HBM of " + who) + " " + level.text;
}

Event read_event(const yaml::Node& node, const Fabric& fabric) {
  yaml::Map map(node, "an event");
  Event event;
  const SourceSpan where = node.span();
  event.told.where = fmt::format("{}:{}", where.file, where.line);
  read_times(map, event.told);
  const auto link = map.optional("link");
  const auto chip = map.optional("chip");
  if (link.has_value() == chip.has_value()) node.fail("an event happens to a `link` or to a `chip`, one of the two");
  if (link) {
    read_link_event(map, *link, fabric, event);
  } else {
    read_chip_event(map, *chip, fabric, event);
  }
  map.finish();
  return event;
}

// A time in which an event holds for a resource.
struct Window {
  Time at;
  Time until;
  std::size_t event = 0;
  double capacity = 0;

  [[nodiscard]] std::tuple<Time, std::size_t> begun() const { return {at, event}; }
};

// What the windows of one resource come to. The one that began last holds, the later in the file of two at once.
void lay_over(std::vector<Window>& windows, ResourceId resource, double own, std::vector<CapacityChange>& changes) {
  std::sort(windows.begin(), windows.end(), [](const Window& a, const Window& b) { return a.begun() < b.begun(); });
  std::vector<Time> turns;
  for (const Window& window : windows) {
    turns.push_back(window.at);
    if (window.until < Time::max()) turns.push_back(window.until);
  }
  std::sort(turns.begin(), turns.end());
  turns.erase(std::unique(turns.begin(), turns.end()), turns.end());
  const auto before = [](const Window& a, const Window& b) { return a.begun() < b.begun(); };
  std::priority_queue<Window, std::vector<Window>, decltype(before)> holding(before);
  std::size_t next = 0;
  for (const Time now : turns) {
    for (; next < windows.size() && windows[next].at <= now; ++next) holding.push(windows[next]);
    while (!holding.empty() && holding.top().until <= now) holding.pop();
    changes.push_back({now, resource, holding.empty() ? own : holding.top().capacity});
  }
}

}  // namespace

std::vector<Event> read_events(const yaml::Node& node, const Fabric& fabric) {
  if (!node.is_sequence()) node.fail("events are a list");
  std::vector<Event> events;
  std::size_t changes = 0;
  for (const yaml::Node& item : node.items()) {
    events.push_back(read_event(item, fabric));
    changes += events.back().changes.size() * static_cast<std::size_t>(events.back().told.times);
    if (changes > kMostChanges) item.fail(fmt::format("more than {} changes are asked for", kMostChanges));
  }
  return events;
}

bool names_many(const yaml::Node& events) {
  const std::string text = yaml::resolved_text(events);
  return text.find('*') != std::string::npos || text.find("all") != std::string::npos;
}

std::vector<CapacityChange> changes_of(const std::vector<Event>& events) {
  std::map<ResourceId, std::vector<Window>> windows;
  std::map<ResourceId, double> own;
  for (std::size_t e = 0; e < events.size(); ++e) {
    const Disturbance& told = events[e].told;
    for (const Event::Change& change : events[e].changes) {
      own[change.resource] = change.own;
      for (std::int64_t k = 0; k < told.times; ++k) {
        const Duration later = told.every * k;
        windows[change.resource].push_back({told.at + later, saturating_sum(told.until, later), e, change.capacity});
      }
    }
  }
  std::vector<CapacityChange> changes;
  for (auto& [resource, list] : windows) lay_over(list, resource, own[resource], changes);
  return changes;
}

std::vector<std::string> idle_events(const std::vector<Event>& events, Time end, const std::vector<double>& work) {
  std::vector<std::string> said;
  for (const Event& event : events) {
    const auto say = [&](const std::string& why) {
      said.push_back(fmt::format("{}: the event '{}' changes nothing: {}", event.told.where, event.told.what, why));
    };
    const auto all = [&](const auto& test) { return std::all_of(event.changes.begin(), event.changes.end(), test); };
    if (event.told.at >= end) {
      say(fmt::format("the step is over after {}", to_text(end - Time())));
    } else if (all([&](const Event::Change& change) { return work[change.resource.index()] <= 0; })) {
      say(event.told.kind == "link"   ? "nothing crosses there"
          : event.told.kind == "chip" ? "nothing is computed there"
                                      : "nothing is read or written there");
    } else if (events.size() == 1 && all([](const Event::Change& change) { return change.capacity == change.own; })) {
      say("it is so already");
    }
  }
  return said;
}

}  // namespace orrery
