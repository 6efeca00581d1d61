// The loop over instants. What happens within one, and in which order, stands in engine.cc.
#include "sim/kernel/ensemble.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/base/error.h"

namespace orrery::kernel {
namespace {

// Beyond it sums of times might not fit: 53 days.
constexpr Time kLatest = Time::picoseconds(std::int64_t{1} << 62);

constexpr std::uint64_t kProgressEvery = std::uint64_t{1} << 16;

std::vector<CapacityChange> all_changes(const RunOptions& options, const Interference& interference) {
  std::vector<CapacityChange> changes = options.changes;
  interference.add_changes(changes);
  return changes;
}

}  // namespace

Ensemble::Ensemble(std::span<const Tenant> tenants, const RunOptions& options)
    : options_(options),
      resources_(*tenants.front().job.fabric),
      interference_(options, *tenants.front().job.fabric, resources_),
      disturbances_(interference_.wires(resources_.wires()).capacities, all_changes(options, interference_)),
      network_(options.make_network ? options.make_network(interference_.wires(resources_.wires()))
                                    : Networks::find(options.network)->make(interference_.wires(resources_.wires()))),
      counters_(options) {
  for (const Tenant& tenant : tenants) {
    Player& player = players_.emplace_back();
    player.tenant = &tenant;
    player.start = tenant.start;
    if (tenants.size() > 1 || tenant.start > Duration())
      player.door = std::make_unique<SharedNetwork>(*network_, tags_, static_cast<std::uint32_t>(players_.size() - 1),
                                                    tenant.start);
    player.clockwork = std::make_unique<Clockwork>(tenant, options, player.door ? *player.door : *network_);
  }
}

std::vector<RunResult> Ensemble::play() {
  disturbances_.apply(*network_, now_);
  interference_.start(*network_);
  for (Player& player : players_)
    if (player.begun(now_)) player.clockwork->begin();
  for (;;) {
    for (Player& player : players_) player.clockwork->settle();
    const Time next = next_event();
    if (next > now_) counters_.sample(*network_, now_);
    if (next == Time::max() || finished()) break;
    if (next > kLatest) throw RunError("the step lasts longer than 53 days");
    const Time before = now_;
    now_ = next;
    over_.clear();
    network_->advance(now_, over_);
    disturbances_.apply(*network_, now_);
    hand_out();
    begin_players(before);
    report_progress();
  }
  if (!finished()) fail();
  std::vector<RunResult> results;
  results.reserve(players_.size());
  for (const Player& player : players_) results.push_back(player.clockwork->result());
  return results;
}

Time Ensemble::next_event() {
  Time next = std::min(network_->next_event(), disturbances_.next());
  for (const Player& player : players_)
    next = std::min(next, player.begun(now_) ? player.next() : Time() + player.start);
  return next;
}

// What is over, to whom it belongs.
void Ensemble::hand_out() {
  for (Player& player : players_)
    if (player.begun(now_)) player.clockwork->move_to(player.local(now_));
  for (const std::uint32_t tag : over_) {
    if (!players_.front().door) {
      players_.front().clockwork->activity_over(tag);
    } else {
      const SharedTags::Owner owner = tags_.take(tag);
      players_[owner.player].clockwork->activity_over(owner.tag);
    }
  }
  for (Player& player : players_)
    if (player.begun(now_)) player.clockwork->timers_over();
}

void Ensemble::begin_players(Time before) {
  for (Player& player : players_)
    if (player.begun(now_) && !player.begun(before)) player.clockwork->begin();
}

bool Ensemble::finished() const {
  return std::all_of(players_.begin(), players_.end(), [](const Player& p) { return p.clockwork->finished(); });
}

void Ensemble::report_progress() {
  if (!options_.progress) return;
  std::uint64_t events = 0;
  std::uint64_t done = 0;
  std::uint64_t ops = 0;
  for (const Player& player : players_) {
    events += player.clockwork->events();
    done += player.clockwork->done();
    ops += player.clockwork->ops();
  }
  if (events - reported_ < kProgressEvery) return;
  reported_ = events;
  options_.progress(now_, static_cast<double>(done) / static_cast<double>(ops));
}

void Ensemble::fail() const {
  if (options_.fold != nullptr) throw RunError("a folded run stands still");  // run() says more
  std::string text;
  for (const Player& player : players_) {
    if (player.clockwork->finished()) continue;
    if (!text.empty()) text += '\n';
    if (players_.size() > 1) text += fmt::format("job '{}': ", player.tenant->name);
    text += player.clockwork->standstill(now_, disturbances_);
  }
  throw RunError(text);
}

}  // namespace orrery::kernel
