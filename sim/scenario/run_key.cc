// Reads the key, and counts whole steps.
#include "sim/scenario/run_key.h"

#include <fmt/format.h>

#include <cmath>

namespace orrery {
namespace {

constexpr double kMostTokens = 1e18;
constexpr double kMostEpochs = 1e6;
constexpr std::int64_t kMostSteps = 1'000'000'000'000;

double read_tokens(const yaml::Node& node) { return node.number(1, kMostTokens); }

std::int64_t whole_steps(const yaml::Node& node, double tokens, std::int64_t tokens_per_step) {
  const double steps = std::ceil(tokens / static_cast<double>(tokens_per_step));
  if (steps > static_cast<double>(kMostSteps))
    node.fail(fmt::format("these are {:.3g} steps of {} tokens; at most {} are reckoned with", steps, tokens_per_step,
                          kMostSteps));
  return static_cast<std::int64_t>(steps);
}

}  // namespace

RunKey read_run(const yaml::Node& node, std::int64_t tokens_per_step) {
  yaml::Map map(node, "a run");
  const auto tokens = map.optional("tokens");
  const auto epochs = map.optional("epochs");
  const auto dataset = map.optional("dataset_tokens");
  const auto steps = map.optional("steps");
  map.finish();
  const int lengths = (tokens ? 1 : 0) + (epochs ? 1 : 0) + (steps ? 1 : 0);
  if (lengths != 1)
    node.fail(lengths == 0 ? "how long is this run?" : "this run has more than one length",
              {"one of: tokens: 300e9, or epochs: 3 with dataset_tokens: 1e12, or steps: 100000"});
  if (dataset && !epochs) dataset->fail("`dataset_tokens` goes with `epochs`");
  RunKey run;
  if (steps) {
    run.steps = steps->integer(1, kMostSteps);
  } else if (tokens) {
    run.steps = whole_steps(*tokens, read_tokens(*tokens), tokens_per_step);
  } else {
    if (!dataset) epochs->fail("how many tokens has an epoch? Give `dataset_tokens` too");
    run.epochs = epochs->number(0, kMostEpochs);
    if (*run.epochs <= 0) epochs->fail(fmt::format("must be more than 0, not {}", epochs->text()));
    run.steps = whole_steps(*epochs, *run.epochs * read_tokens(*dataset), tokens_per_step);
  }
  return run;
}

}  // namespace orrery
