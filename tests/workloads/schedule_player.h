// Plays a pipeline schedule where messages are free and nothing blocks: each pass ends at max(the pass before it on its
// stage, what it needs) + its length.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <tuple>
#include <vector>

#include "workloads/schedules/schedule.h"

namespace orrery::test {

using Passes = std::vector<Pass>;

inline std::vector<Passes> all_stages(std::string_view name, std::int32_t p, std::int32_t m, std::int32_t v = 1) {
  std::vector<Passes> stages;
  for (std::int32_t stage = 0; stage < p; ++stage)
    stages.push_back(PipelineSchedules::find(name)->passes(stage, p, m, v));
  return stages;
}

// Of one chunk; a whole backward pass lasts as long as both of its halves.
struct PassTimes {
  std::int64_t forward = 1;
  std::int64_t input = 1;
  std::int64_t weights = 1;
  [[nodiscard]] std::int64_t of(PassKind kind) const {
    switch (kind) {
      case PassKind::kForward:
        return forward;
      case PassKind::kBackward:
        return input + weights;
      case PassKind::kInputGradient:
        return input;
      case PassKind::kWeightGradient:
        return weights;
    }
    return 0;
  }
};

struct PlayedStage {
  std::int64_t begin = 0;  // of its first pass
  std::int64_t end = 0;
  std::int64_t busy = 0;
  [[nodiscard]] std::int64_t bubble() const { return end - begin - busy; }
};

inline std::int64_t makespan(const std::vector<PlayedStage>& stages) {
  std::int64_t end = 0;
  for (const PlayedStage& stage : stages) end = std::max(end, stage.end);
  return end;
}
// As Qi et al. count it: of the stage that takes longest from its first pass to its last.
inline std::int64_t worst_bubble(const std::vector<PlayedStage>& stages) {
  std::int64_t worst = 0;
  for (const PlayedStage& stage : stages) worst = std::max(worst, stage.bubble());
  return worst;
}

// `at_once`: two passes without an exchange between them begin together and end together, after the sum of their
// lengths, as DualPipe's table counts F&B. No value: some passes wait for each other.
inline std::optional<std::vector<PlayedStage>> play_schedule(std::string_view name, const std::vector<Passes>& stages,
                                                             std::int32_t v, PassTimes times, bool at_once = false) {
  const Way way = PipelineSchedules::find(name)->way;
  const auto p = static_cast<std::int32_t>(stages.size());
  enum Made : std::uint8_t { kOutput, kGradient };
  std::map<std::tuple<Made, std::int32_t, std::int64_t, std::int32_t>, std::int64_t> end;  // copy, position, microbatch
  std::vector<std::size_t> next(stages.size(), 0);
  std::vector<PlayedStage> played(stages.size());
  // When what a pass needs is there; no value: not yet.
  const auto ready = [&](const Pass& pass, std::int32_t stage) -> std::optional<std::int64_t> {
    const ChunkPlace at = chunk_place(way, stage, p, pass.chunk, v);
    std::int64_t time = 0;
    const auto have = [&](Made made, std::int64_t position) {
      const auto found = end.find({made, at.copy, position, pass.microbatch});
      if (found != end.end()) time = std::max(time, found->second);
      return found != end.end();
    };
    bool can = true;
    if (pass.is_forward()) {
      can = at.first() || have(kOutput, at.position - 1);
    } else if (pass.returns()) {
      can = have(kOutput, at.position) && (at.last() || have(kGradient, at.position + 1));
    } else {
      can = have(kGradient, at.position);
    }
    return can ? std::optional(time) : std::nullopt;
  };
  for (bool moved = true; moved;) {
    moved = false;
    for (std::int32_t i = 0; i < p; ++i) {
      const auto s = static_cast<std::size_t>(i);
      while (next[s] < stages[s].size()) {
        std::size_t until = next[s] + 1;
        while (at_once && until < stages[s].size() && !stages[s][until - 1].exchange) ++until;
        std::optional<std::int64_t> begin = played[s].end;
        std::int64_t length = 0;
        for (std::size_t k = next[s]; k < until && begin; ++k) {
          const auto time = ready(stages[s][k], i);
          begin = time ? std::optional(std::max(*begin, *time)) : std::nullopt;
          length += times.of(stages[s][k].kind);
        }
        if (!begin) break;
        if (next[s] == 0) played[s].begin = *begin;
        played[s].busy += length;
        played[s].end = *begin + length;
        for (; next[s] < until; ++next[s]) {
          const Pass& pass = stages[s][next[s]];
          if (!pass.is_forward() && !pass.returns()) continue;
          const ChunkPlace at = chunk_place(way, i, p, pass.chunk, v);
          end[{pass.is_forward() ? kOutput : kGradient, at.copy, at.position, pass.microbatch}] = played[s].end;
        }
        moved = true;
      }
    }
  }
  for (std::size_t s = 0; s < stages.size(); ++s)
    if (next[s] < stages[s].size()) return std::nullopt;
  return played;
}

// Most chunk passes that stand between their forward pass and their last one at once.
inline std::int32_t in_flight(const Passes& passes) {
  std::int32_t now = 0;
  std::int32_t most = 0;
  for (const Pass& pass : passes) {
    if (pass.is_forward()) most = std::max(most, ++now);
    if (pass.ends()) --now;
  }
  return most;
}

}  // namespace orrery::test
