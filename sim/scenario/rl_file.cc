// Reads an iteration's file, and cuts its rollout where responses end.
#include "sim/scenario/rl_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/scenario/scenario_path.h"

namespace orrery {
namespace {

constexpr std::int64_t kMostResponses = std::int64_t{1} << 24U;
constexpr std::int64_t kMostResponseTokens = std::int64_t{1} << 22U;
constexpr std::int64_t kMostRepeats = 1'000'000;
constexpr double kWidestSpread = 5;
constexpr std::int64_t kStretches = 16;

// Of the standard normal distribution: Newton's steps on its integral from a start that is right to a few hundredths.
double normal_quantile(double p) {
  double x = 0;
  for (int i = 0; i < 60; ++i) {
    const double below = 0.5 * std::erfc(-x / std::sqrt(2.0));
    const double density = std::exp(-x * x / 2) / std::sqrt(2 * std::acos(-1.0));
    const double step = std::clamp((below - p) / std::max(density, 1e-300), -0.5, 0.5);
    x -= step;
    if (std::abs(step) < 1e-12) break;
  }
  return x;
}

}  // namespace

std::int64_t ResponseLengths::length(std::int64_t k, std::int64_t count) const {
  const double at = (static_cast<double>(k) + 0.5) / static_cast<double>(count);
  const double tokens = mean * std::exp(spread * normal_quantile(at) - spread * spread / 2);
  return std::clamp<std::int64_t>(static_cast<std::int64_t>(std::llround(tokens)), 1, longest);
}

std::vector<RolloutStretch> stretches_of(const ResponseLengths& lengths, std::int64_t count) {
  // How many have ended at each cut: sixteenths of all, then ever half of those that are left.
  std::vector<std::int64_t> ended;
  for (std::int64_t i = 1; i < kStretches; ++i) ended.push_back(count * i / kStretches);
  for (std::int64_t left = count - count * (kStretches - 1) / kStretches; left > 1; left /= 2)
    ended.push_back(count - left / 2);
  ended.push_back(count);

  std::vector<RolloutStretch> stretches;
  std::int64_t done = 0;
  std::int64_t begun = 0;
  for (const std::int64_t after : ended) {
    if (after <= done) continue;
    const std::int64_t end = lengths.length(after - 1, count);
    if (end > begun) {
      double tokens = 0;  // made in the stretch by those that end in it, and by those that go on
      for (std::int64_t k = done; k < after; ++k)
        tokens += static_cast<double>(std::max<std::int64_t>(0, lengths.length(k, count) - begun));
      tokens += static_cast<double>(count - after) * static_cast<double>(end - begun);
      const double active = std::ceil(tokens / static_cast<double>(end - begun));
      stretches.push_back({begun, end - begun, std::max<std::int64_t>(1, static_cast<std::int64_t>(active))});
      begun = end;
    }
    done = after;
  }
  return stretches;
}

RlFile read_rl(const Library& library, const yaml::Node& root, const std::filesystem::path& file) {
  yaml::Map map(root, "an iteration");
  RlFile rl;
  rl.name = map.required("name").text();
  if (const auto node = map.optional("description")) rl.description = node->text();
  rl.disaggregated = map.required("mode").choice("mode", {"colocated", "disaggregated"}) == 1;
  {
    yaml::Map rollout(map.required("rollout"), "a rollout");
    rl.rollout = scenario_beside(library, file, rollout.required("scenario"));
    rl.prompts = rollout.required("prompts").integer(1, kMostResponses);
    rl.prompt = rollout.required("prompt").integer(1, kMostResponseTokens);
    yaml::Map responses(rollout.required("responses"), "responses");
    rl.responses.longest = responses.required("longest").integer(1, kMostResponseTokens);
    rl.responses.mean = responses.required("mean").number(1, static_cast<double>(rl.responses.longest));
    if (const auto spread = responses.optional("spread")) rl.responses.spread = spread->number(0, kWidestSpread);
    responses.finish();
    rollout.finish();
  }
  for (const yaml::Node& node : map.required("parts").items()) {
    yaml::Map part(node, "a part");
    RlFile::Part& read = rl.parts.emplace_back();
    read.name = part.required("name").text();
    read.scenario = scenario_beside(library, file, part.required("scenario"));
    if (const auto times = part.optional("times")) read.times = times->integer(1, kMostRepeats);
    part.finish();
  }
  if (const auto node = map.optional("resharding")) rl.resharding = node->duration();
  if (const auto node = map.optional("measured")) {
    yaml::Map measured(*node, "a measurement");
    rl.measured = measured.required("iteration").duration(Duration::picoseconds(1));
    rl.measured_source = measured.required("source").text();
    measured.finish();
  }
  map.finish();
  return rl;
}

RlFile load_rl(const Library& library, const std::filesystem::path& file) {
  return read_rl(library, yaml::load(file), file);
}

}  // namespace orrery
