// Pipeline schedules: each pass once and after what it needs, the warm-ups and bubbles of the literature, no deadlock.
#include "workloads/schedules/schedule.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <optional>

#include "tests/workloads/schedule_player.h"

using namespace orrery;

using test::all_stages;
using test::in_flight;
using test::Passes;

namespace {

// A stage of the whole model, counted through chunks: chunk c of stage i is virtual stage c·p + i.
std::int32_t virtual_stage(const Pass& pass, std::int32_t stage, std::int32_t p) { return pass.chunk * p + stage; }

// Forward takes `f` and backward `b` a chunk. No value: some passes wait for each other.
std::optional<std::int64_t> makespan(std::string_view name, const std::vector<Passes>& stages, std::int32_t v,
                                     std::int64_t f, std::int64_t b) {
  const auto played = test::play_schedule(name, stages, v, {.forward = f, .input = b, .weights = 0});
  return played ? std::optional(test::makespan(*played)) : std::nullopt;
}

}  // namespace

TEST_CASE("every microbatch goes through every chunk once each way, forward first") {
  CHECK(rc::check([] {
    const auto name = *rc::gen::element<std::string>("gpipe", "1f1b", "interleaved", "combined_1f1b");
    const std::int32_t p = *rc::gen::inRange(1, 9);
    const bool interleaves = PipelineSchedules::find(name)->interleaves;
    const std::int32_t v = interleaves ? *rc::gen::inRange(1, 5) : 1;
    const std::int32_t m = interleaves ? p * *rc::gen::inRange(1, 5) : *rc::gen::inRange(1, 20);
    for (const Passes& passes : all_stages(name, p, m, v)) {
      RC_ASSERT(static_cast<std::int32_t>(passes.size()) == 2 * m * v);
      std::map<std::pair<std::int32_t, std::int32_t>, int> seen;  // 1: forward done, 2: both
      for (const Pass& pass : passes) {
        RC_ASSERT(pass.microbatch >= 0 && pass.microbatch < m);
        RC_ASSERT(pass.chunk >= 0 && pass.chunk < v);
        int& state = seen[{pass.microbatch, pass.chunk}];
        RC_ASSERT(state == (pass.is_forward() ? 0 : 1));
        ++state;
      }
      RC_ASSERT(passes.back().exchange);
    }
    RC_ASSERT(makespan(name, all_stages(name, p, m, v), v, 1, 2).has_value());
  }));
}

TEST_CASE("sends and receives of neighbours come in one order") {
  // What stage i sends forward is what stage i + 1 receives, number by number; so is what comes back.
  CHECK(rc::check([] {
    const auto name = *rc::gen::element<std::string>("gpipe", "1f1b", "interleaved", "combined_1f1b");
    const std::int32_t p = *rc::gen::inRange(2, 9);
    const bool interleaves = PipelineSchedules::find(name)->interleaves;
    const std::int32_t v = interleaves ? *rc::gen::inRange(1, 5) : 1;
    const std::int32_t m = interleaves ? p * *rc::gen::inRange(1, 5) : *rc::gen::inRange(1, 20);
    const std::vector<Passes> stages = all_stages(name, p, m, v);
    // Each message as (microbatch, virtual stage that made it), by sender and direction.
    const auto messages = [&](std::int32_t stage, bool backward, bool receives) {
      std::vector<std::pair<std::int32_t, std::int32_t>> list;
      for (const Pass& pass : stages[static_cast<std::size_t>(stage)]) {
        if (pass.is_forward() == backward) continue;
        const std::int32_t at = virtual_stage(pass, stage, p);
        const std::int32_t maker = receives ? at + (backward ? 1 : -1) : at;
        const std::int32_t taker = backward ? maker - 1 : maker + 1;
        if (maker < 0 || maker >= p * v || taker < 0 || taker >= p * v) continue;
        list.emplace_back(pass.microbatch, maker);
      }
      return list;
    };
    for (std::int32_t stage = 0; stage < p; ++stage) {
      RC_ASSERT(messages(stage, false, false) == messages((stage + 1) % p, false, true));
      RC_ASSERT(messages((stage + 1) % p, true, false) == messages(stage, true, true));
    }
  }));
}

TEST_CASE("bubbles of the literature") {
  // With messages that cost nothing and equal stages a step lasts (m + p − 1)(f + b); interleaving v chunks of 1/v the
  // size shortens the bubble to (p − 1)(f + b)/v.
  for (const std::int32_t p : {1, 2, 4, 8}) {
    for (const std::int32_t m : {8, 16, 40}) {
      CAPTURE(p);
      CAPTURE(m);
      CHECK(makespan("gpipe", all_stages("gpipe", p, m, 1), 1, 30, 60) == (m + p - 1) * 90);
      CHECK(makespan("1f1b", all_stages("1f1b", p, m, 1), 1, 30, 60) == (m + p - 1) * 90);
      for (const std::int32_t v : {2, 3, 5}) {
        CAPTURE(v);
        if (m == p) continue;  // all forward passes come first then; see below
        CHECK(makespan("interleaved", all_stages("interleaved", p, m, v), v, 30, 60) == m * v * 90 + (p - 1) * 90);
      }
      for (const std::int32_t v : {1, 2, 3, 5}) {
        CAPTURE(v);
        CHECK(makespan("combined_1f1b", all_stages("combined_1f1b", p, m, v), v, 30, 60) == m * v * 90 + (p - 1) * 90);
      }
    }
  }
}

TEST_CASE("as many microbatches as stages: Megatron-LM's interleaved schedule runs all forward passes first") {
  const std::vector<Passes> stages = all_stages("interleaved", 4, 4, 2);
  for (const Passes& passes : stages)
    for (std::size_t i = 0; i < passes.size(); ++i) CHECK(passes[i].is_forward() == (i < passes.size() / 2));
  CHECK(makespan("interleaved", stages, 2, 30, 60) == 4 * 2 * 90 + 3 * 90);
}

TEST_CASE("warm-ups and microbatches in flight") {
  const auto warm_up = [](const Passes& passes) {
    return std::find_if(passes.begin(), passes.end(), [](const Pass& pass) { return !pass.is_forward(); }) -
           passes.begin();
  };
  const std::int32_t p = 8;
  for (std::int32_t stage = 0; stage < p; ++stage) {
    CAPTURE(stage);
    CHECK(warm_up(all_stages("gpipe", p, 32, 1)[static_cast<std::size_t>(stage)]) == 32);
    CHECK(warm_up(all_stages("1f1b", p, 32, 1)[static_cast<std::size_t>(stage)]) == p - stage);
    CHECK(warm_up(all_stages("1f1b", p, 3, 1)[static_cast<std::size_t>(stage)]) == std::min(3, p - stage));
    CHECK(warm_up(all_stages("interleaved", p, 32, 3)[static_cast<std::size_t>(stage)]) ==
          2 * (p - stage - 1) + 2 * p + 1);
    CHECK(warm_up(all_stages("combined_1f1b", p, 32, 3)[static_cast<std::size_t>(stage)]) ==
          2 * (p - stage - 1) + 2 * p + 2);
    CHECK(in_flight(all_stages("1f1b", p, 32, 1)[static_cast<std::size_t>(stage)]) == p - stage);
    CHECK(in_flight(all_stages("1f1b", p, 4, 1)[static_cast<std::size_t>(stage)]) == std::min(4, p - stage));
    CHECK(in_flight(all_stages("gpipe", p, 32, 1)[static_cast<std::size_t>(stage)]) == 32);
  }
  // The first stage holds 1 + (p − 1)/(p·v) of what 1F1B's first stage holds, in chunks: p·v + p − 1.
  CHECK(in_flight(all_stages("interleaved", p, 32, 3)[0]) == p * 3 + p - 1);
}

TEST_CASE("interleaved order of Megatron-LM, written out") {
  // Figure 4 of arXiv 2104.04473, lower half, device 1 of 4: chunks 0 and 1, eight microbatches.
  const Passes passes = all_stages("interleaved", 4, 8, 2)[0];
  std::string order;
  for (const Pass& pass : passes)
    order += (pass.is_forward() ? "f" : "b") + std::to_string(pass.microbatch) + (pass.chunk == 0 ? "" : "'") + " ";
  CHECK(order ==
        "f0 f1 f2 f3 f0' f1' f2' f3' f4 f5 f6 b0' f7 b1' f4' b2' f5' b3' f6' b0 f7' b1 b2 b3 b4' b5' b6' b7' b4 b5 b6 "
        "b7 ");
}
