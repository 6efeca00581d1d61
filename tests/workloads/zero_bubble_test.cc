// Schedules of split backward passes: order, bubbles and passes in flight as their papers state them.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <map>
#include <string>

#include "tests/workloads/schedule_player.h"

using namespace orrery;
using test::all_stages;
using test::in_flight;
using test::Passes;
using test::PassTimes;
using test::play_schedule;

namespace {

const std::vector<std::string> kSplit = {"zb_h1", "zb_2p", "zb_v", "dualpipe", "dualpipe_v"};

std::int32_t chunks_of(std::string_view name) { return PipelineSchedules::find(name)->way == Way::kRound ? 1 : 2; }

std::vector<test::PlayedStage> played(std::string_view name, std::int32_t p, std::int32_t m, PassTimes times,
                                      bool at_once = false) {
  const auto stages = play_schedule(name, all_stages(name, p, m), chunks_of(name), times, at_once);
  REQUIRE(stages.has_value());
  return *stages;
}

}  // namespace

TEST_CASE("neighbours along each way agree on who stands next to whom") {
  for (const Way way : {Way::kRound, Way::kVee, Way::kBothWays}) {
    for (const std::int64_t p : {2, 4, 6}) {
      for (std::int64_t stage = 0; stage < p; ++stage) {
        for (std::int64_t chunk = 0; chunk < 2; ++chunk) {
          const ChunkPlace here = chunk_place(way, stage, p, chunk, 2);
          if (here.last()) continue;
          const std::int64_t other = (stage + here.ahead + p) % p;
          int found = 0;
          for (std::int64_t c = 0; c < 2; ++c) {
            const ChunkPlace there = chunk_place(way, other, p, c, 2);
            if (there.position != here.position + 1 || there.copy != here.copy) continue;
            CHECK(there.behind == -here.ahead);
            ++found;
          }
          CHECK(found == 1);
        }
      }
    }
  }
}

TEST_CASE(
    "each microbatch passes each chunk forward, then back, then for its weights, and no stages wait in a circle") {
  CHECK(rc::check([] {
    const auto name = *rc::gen::elementOf(kSplit);
    const PipelineSchedule& schedule = *PipelineSchedules::find(name);
    const std::int32_t p = schedule.multiple * *rc::gen::inRange(1, 8);
    const std::int32_t least = std::max(1, schedule.least * p / schedule.multiple);
    const std::int32_t m = schedule.multiple * *rc::gen::inRange(least, least + 20);
    const std::int32_t chunks = chunks_of(name);
    const std::vector<Passes> stages = all_stages(name, p, m);
    for (const Passes& passes : stages) {
      std::map<std::pair<std::int32_t, std::int32_t>, int> seen;  // 1: forward done, 2: input gradient, 3: all
      for (const Pass& pass : passes) {
        RC_ASSERT(pass.microbatch >= 0 && pass.microbatch < m);
        RC_ASSERT(pass.chunk >= 0 && pass.chunk < chunks);
        int& state = seen[{pass.microbatch, pass.chunk}];
        RC_ASSERT(state == (pass.is_forward() ? 0 : pass.returns() ? 1 : 2));
        state = pass.is_forward() ? 1 : pass.ends() ? 3 : 2;
      }
      // Of two copies of a model, each takes half of the microbatches.
      RC_ASSERT(seen.size() == static_cast<std::size_t>(m) * (schedule.way == Way::kVee ? 2 : 1));
      for (const auto& [pass, state] : seen) RC_ASSERT(state == 3);
    }
    RC_ASSERT(play_schedule(name, stages, chunks, {2, 2, 1}).has_value());
  }));
}

TEST_CASE("messages along each way come in the order of microbatches") {
  // So that the k-th message that a stage sends from a chunk is the k-th that its neighbour takes.
  CHECK(rc::check([] {
    const auto name = *rc::gen::elementOf(kSplit);
    const PipelineSchedule& schedule = *PipelineSchedules::find(name);
    const std::int32_t p = schedule.multiple * *rc::gen::inRange(1, 6);
    const std::int32_t m = schedule.least * p + schedule.multiple * *rc::gen::inRange(1, 12);
    for (const Passes& passes : all_stages(name, p, m)) {
      std::map<std::pair<std::int32_t, bool>, std::int32_t> last;
      for (const Pass& pass : passes) {
        if (!pass.is_forward() && !pass.returns()) continue;
        const auto [found, fresh] = last.try_emplace({pass.chunk, pass.is_forward()}, pass.microbatch);
        RC_ASSERT(fresh || found->second < pass.microbatch);
        found->second = pass.microbatch;
      }
    }
  }));
}

TEST_CASE("bubbles of zero-bubble schedules, as Qi et al. count them") {
  // arXiv 2401.10241, table 1: from the first pass of a stage to its last, of the stage that takes longest; 1F1B has
  // (p − 1)(F + B + W), H1 (p − 1)(F + B − W), H2 (p − 1)(F + B − 2W).
  const PassTimes equal{10, 10, 10};
  for (const std::int32_t p : {2, 3, 4, 8, 13}) {
    for (const std::int32_t m : {2 * p, 2 * p + 1, 5 * p}) {
      CAPTURE(p);
      CAPTURE(m);
      CHECK(test::worst_bubble(played("1f1b", p, m, equal)) == (p - 1) * 30);
      CHECK(test::worst_bubble(played("zb_h1", p, m, equal)) == (p - 1) * 10);
      CHECK(test::worst_bubble(played("zb_2p", p, m, equal)) == 0);
      CHECK(test::worst_bubble(played("zb_v", p, m, equal)) == 0);
      // With one update for all stages at once H1 still has just a third of 1F1B's bubble; the two others would have as
      // much as H1: the first stages' early end and the last stages' late beginning.
      CHECK(test::makespan(played("1f1b", p, m, equal)) == 30 * m + (p - 1) * 30);
      CHECK(test::makespan(played("zb_h1", p, m, equal)) == 30 * m + (p - 1) * 10);
      CHECK(test::makespan(played("zb_2p", p, m, equal)) == 30 * m + (p - 1) * 10);
      CHECK(test::makespan(played("zb_v", p, m, {5, 5, 5})) == 30 * m + (p - 1) * 5);
    }
  }
}

TEST_CASE("H1's and H2's bubbles with unequal times of the three passes") {
  for (const PassTimes times : {PassTimes{10, 11, 10}, PassTimes{10, 12, 8}, PassTimes{12, 12, 10}}) {
    const std::int64_t sum = times.forward + times.input;
    CAPTURE(times.input);
    for (const std::int32_t p : {2, 4, 8}) {
      CAPTURE(p);
      CHECK(test::worst_bubble(played("zb_h1", p, 4 * p, times)) == (p - 1) * (sum - times.weights));
      CHECK(test::worst_bubble(played("zb_2p", p, 4 * p, times)) == (p - 1) * (sum - 2 * times.weights));
    }
  }
}

TEST_CASE("DualPipe's bubble is that of its table") {
  // github.com/deepseek-ai/DualPipe: (p/2 − 1)(F&B + B − 3W), B whole. Passes of a pair run at once there; one after
  // the other, with a forward pass's output sent on at its end, the bubble is (p/2 − 1)(F + B − 2W).
  for (const PassTimes times : {PassTimes{10, 10, 10}, PassTimes{10, 10, 8}}) {
    const std::int64_t f = times.forward;
    const std::int64_t b = times.input + times.weights;
    const std::int64_t w = times.weights;
    for (const std::int32_t p : {2, 4, 6, 8, 16}) {
      for (const std::int32_t m : {2 * p, 2 * p + 2, 6 * p}) {
        CAPTURE(p);
        CAPTURE(m);
        CHECK(test::makespan(played("dualpipe", p, m, times, true)) - m * (f + b) == (p / 2 - 1) * (f + b + b - 3 * w));
        CHECK(test::makespan(played("dualpipe", p, m, times)) - m * (f + b) == (p / 2 - 1) * (f + b - 2 * w));
        // Folded: p stages of two chunks each take as long as 2p stages of DualPipe.
        CHECK(test::makespan(played("dualpipe_v", p, m, times, true)) - 2 * m * (f + b) ==
              (p - 1) * (f + b + b - 3 * w));
      }
    }
  }
}

TEST_CASE("passes in flight: until their weights' gradients are made") {
  for (const std::int32_t p : {2, 4, 8}) {
    const std::int32_t m = 4 * p;
    CAPTURE(p);
    for (std::size_t stage = 0; stage < static_cast<std::size_t>(p); ++stage) {
      CAPTURE(stage);
      CHECK(in_flight(all_stages("zb_h1", p, m)[stage]) == p);          // 1F1B's first stage
      CHECK(in_flight(all_stages("zb_2p", p, m)[stage]) == 2 * p - 1);  // (2p − 1)·m_B
      CHECK(in_flight(all_stages("zb_v", p, m)[stage]) == 2 * p);       // chunks of half the size: p·m_B
      CHECK(in_flight(all_stages("dualpipe", p, m)[stage]) == p + 1);
      CHECK(in_flight(all_stages("dualpipe_v", p, m)[stage]) == 2 * p + 1);
    }
  }
}

TEST_CASE("ZB-H1 of four stages, written out") {
  // Figure 3 of arXiv 2401.10241, upper half.
  const auto text = [](const Passes& passes) {
    std::string order;
    for (const Pass& pass : passes)
      order += (pass.is_forward() ? "f" : pass.returns() ? "b" : "w") + std::to_string(pass.microbatch) + " ";
    return order;
  };
  const std::vector<Passes> stages = all_stages("zb_h1", 4, 6);
  CHECK(text(stages[0]) == "f0 f1 f2 f3 b0 w0 f4 b1 w1 f5 b2 w2 b3 w3 b4 w4 b5 w5 ");
  CHECK(text(stages[3]) == "f0 b0 f1 b1 f2 b2 f3 b3 w0 f4 b4 w1 f5 b5 w2 w3 w4 w5 ");
}
