// What a change to the fluid system costs: alone on private resources, as a collective, in random contention.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <vector>

#include "sim/fluid/max_min.h"
#include "sim/network/network.h"

namespace {

using orrery::ActivityId;
using orrery::MaxMin;
using orrery::ResourceId;
using orrery::Use;

ResourceId resource(std::size_t index) { return ResourceId(index); }

// A fixed sequence of numbers (xorshift64): every run measures the same systems.
class Dice {
 public:
  std::size_t below(std::size_t bound) {
    state_ ^= state_ << 13U;
    state_ ^= state_ >> 7U;
    state_ ^= state_ << 17U;
    return state_ % bound;
  }

 private:
  std::uint64_t state_ = 88172645463325252U;
};

// Kernels on `chips` chips, each alone on its engine and HBM; one ends and the next starts, chip after chip.
void alone(benchmark::State& state) {
  const auto chips = static_cast<std::size_t>(state.range(0));
  MaxMin system(std::vector<double>(2 * chips, 1.0));
  std::vector<ActivityId> kernels;
  for (std::size_t c = 0; c < chips; ++c) {
    const Use uses[] = {{resource(c), 1}, {resource(chips + c), 0.5}};
    kernels.push_back(system.add(uses, 1));
  }
  (void)system.solve();
  std::size_t c = 0;
  for (auto _ : state) {
    system.remove(kernels[c]);
    const Use uses[] = {{resource(c), 1}, {resource(chips + c), 0.5}};
    kernels[c] = system.add(uses, 1);
    benchmark::DoNotOptimize(system.solve().size());
    c = c + 1 == chips ? 0 : c + 1;
  }
}
BENCHMARK(alone)->Arg(1024)->Arg(4096);

// The same through the fluid network: start, next_event, advance. Each kernel has a time of its own.
void alone_network(benchmark::State& state) {
  const auto chips = static_cast<std::size_t>(state.range(0));
  const auto network = orrery::Networks::find("fluid")->make({std::vector<double>(2 * chips, 1.0)});
  orrery::Time now;
  Dice dice;
  const auto start = [&](std::size_t c) {
    const Use uses[] = {{resource(c), 1}, {resource(chips + c), 0.5}};
    network->start({uses, 1e-6 * static_cast<double>(1000 + dice.below(1000)), 1, {}, static_cast<std::uint32_t>(c)},
                   now);
  };
  for (std::size_t c = 0; c < chips; ++c) start(c);
  std::vector<std::uint32_t> done;
  std::size_t ended = 0;
  for (auto _ : state) {
    now = network->next_event();
    done.clear();
    network->advance(now, done);
    for (const std::uint32_t c : done) start(c);
    ended += done.size();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(ended));
}
BENCHMARK(alone_network)->Arg(1024)->Arg(4096);

// Collectives of 8 chips (8 links in, 8 out, 8 HBMs: 24 uses) that have their links for themselves.
void collective(benchmark::State& state) {
  const auto groups = static_cast<std::size_t>(state.range(0));
  MaxMin system(std::vector<double>(24 * groups, 1e9));
  std::vector<ActivityId> running;
  std::vector<Use> uses(24);
  const auto start = [&](std::size_t group) {
    for (std::size_t k = 0; k < uses.size(); ++k) uses[k] = {resource(24 * group + k), 1e6};
    return system.add(uses, 1);
  };
  for (std::size_t g = 0; g < groups; ++g) running.push_back(start(g));
  (void)system.solve();
  std::size_t g = 0;
  for (auto _ : state) {
    system.remove(running[g]);
    running[g] = start(g);
    benchmark::DoNotOptimize(system.solve().size());
    g = g + 1 == groups ? 0 : g + 1;
  }
}
BENCHMARK(collective)->Arg(128)->Arg(512);

// A kernel on each of 8 chips that overlaps with a collective over them: one component of 9 activities.
void overlap(benchmark::State& state) {
  const auto groups = static_cast<std::size_t>(state.range(0));
  MaxMin system(std::vector<double>(32 * groups, 1.0));
  std::vector<Use> uses(24);
  for (std::size_t g = 0; g < groups; ++g) {
    for (std::size_t k = 0; k < 8; ++k) {
      const Use kernel[] = {{resource(32 * g + k), 1}, {resource(32 * g + 8 + k), 0.5}};
      (void)system.add(kernel, 1);
    }
  }
  const auto start = [&](std::size_t group) {
    for (std::size_t k = 0; k < 8; ++k) uses[k] = {resource(32 * group + k), 0.1};
    for (std::size_t k = 8; k < 24; ++k) uses[k] = {resource(32 * group + 8 + k), 0.7};
    return system.add(uses, 1);
  };
  (void)system.solve();
  std::size_t g = 0;
  for (auto _ : state) {
    const ActivityId id = start(g);
    benchmark::DoNotOptimize(system.solve().size());
    system.remove(id);
    benchmark::DoNotOptimize(system.solve().size());
    g = g + 1 == groups ? 0 : g + 1;
  }
}
BENCHMARK(overlap)->Arg(128);

// `flows` flows over 4 links each out of as many links: one component of them all, solved anew at every change.
void contention(benchmark::State& state) {
  const auto flows = static_cast<std::size_t>(state.range(0));
  MaxMin system(std::vector<double>(flows, 1e9));
  Dice dice;
  std::vector<ActivityId> running;
  const auto start = [&] {
    const Use uses[] = {{resource(dice.below(flows)), 1},
                        {resource(dice.below(flows)), 1},
                        {resource(dice.below(flows)), 1},
                        {resource(dice.below(flows)), 1}};
    return system.add(uses, 1);
  };
  for (std::size_t f = 0; f < flows; ++f) running.push_back(start());
  (void)system.solve();
  std::size_t f = 0;
  for (auto _ : state) {
    system.remove(running[f]);
    running[f] = start();
    benchmark::DoNotOptimize(system.solve().size());
    f = f + 1 == flows ? 0 : f + 1;
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(contention)->Arg(64)->Arg(1024);

}  // namespace

BENCHMARK_MAIN();
