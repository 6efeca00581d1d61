// The key `run`: whole steps from tokens, epochs or steps, and what isn't a length.
#include "sim/scenario/run_key.h"

#include <doctest/doctest.h>

#include "sim/base/error.h"
#include "tests/scenario/small_scenario.h"

using namespace small_scenario;

namespace {

RunKey run_of(const std::string& text) { return read_run(yaml::parse(text, "t.yaml"), 1000); }

std::string run_refusal(const std::string& text) {
  try {
    (void)run_of(text);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("tokens and epochs come in whole steps, the last one over the mark") {
  CHECK(run_of("{tokens: 300e9}").steps == 300'000'000);
  CHECK(run_of("{tokens: 3001}").steps == 4);
  CHECK(run_of("{tokens: 1}").steps == 1);
  CHECK(run_of("{steps: 7}").steps == 7);
  const RunKey epochs = run_of("{epochs: 1.5, dataset_tokens: 1e6}");
  CHECK(epochs.steps == 1500);
  CHECK(epochs.epochs == 1.5);
  CHECK(!run_of("{steps: 7}").epochs);
}

TEST_CASE("one length, and all of it") {
  CHECK(run_refusal("{}").find("how long is this run?") != std::string::npos);
  CHECK(run_refusal("{tokens: 1e9, steps: 3}").find("more than one length") != std::string::npos);
  CHECK(run_refusal("{epochs: 3}").find("t.yaml:1:10: error: how many tokens has an epoch?") != std::string::npos);
  CHECK(run_refusal("{steps: 3, dataset_tokens: 1e9}").find("goes with `epochs`") != std::string::npos);
  CHECK(run_refusal("{tokens: 0}") != "");
  CHECK(run_refusal("{steps: 1.5}") != "");
  CHECK(run_refusal("{tokens: 1e17}").find("at most 1000000000000 are reckoned with") != std::string::npos);
}
