// A service's steady state by hand: steps of known length, so that rates, waits and what is exposed can be written
// down.
#include "sim/report/serving.h"

#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <limits>

#include "tests/report/schema_check.h"

using namespace orrery;

namespace {

ServeFile service(bool apart) {
  ServeFile file;
  file.name = "by hand";
  file.apart = apart;
  file.prompts = {.mean = 1000, .spread = 0, .longest = 1000};
  file.responses = {.mean = 101, .spread = 0, .longest = 101};
  file.prefill.instances = 2;
  file.decode.instances = 1;
  file.chunk = apart ? 0 : 500;
  return file;
}

// A prompt's token takes 100 us to read, a decoding step 10 ms and 100 us for each sequence (20 us of it to read its
// cache); a token's cache is 1 MB. Memory holds 80 sequences.
ServingSteps steps(double bandwidth = 1e12) {
  ServingSteps made;
  made.prefill_side = {.chips = 4, .engines = 1, .ranks = 4, .batch = 1, .layers = 10};
  made.decode_side = {.chips = 8, .engines = 2, .ranks = 4, .batch = 200, .layers = 10};
  made.prefill = [](std::int64_t prompts, std::int64_t tokens, std::int64_t) {
    ServingStep step;
    step.seconds = 1e-4 * static_cast<double>(prompts * tokens);
    step.energy = Joules(100);
    step.standing = Joules(40);
    step.dollars = 1e-3;
    step.cache = Bytes(1'000'000 * prompts * tokens);
    return step;
  };
  made.decode = [](std::int64_t sequences, std::int64_t cached) {
    ServingStep step;
    step.seconds = 0.010 + (cached > 0 ? 1e-4 : 8e-5) * static_cast<double>(sequences);
    step.energy = Joules(50);
    step.standing = Joules(20);
    step.dollars = 1e-3;
    step.cache = Bytes(1'000'000 * (sequences / 2) * (cached + 1));
    step.spare = Bytes(80 - sequences);
    return step;
  };
  made.bandwidth = bandwidth;
  made.over = "wires";
  return made;
}

}  // namespace

TEST_CASE("apart, each side has its own rate, and the slower one is the service's") {
  ServeFile file = service(true);
  file.rate = 8;
  const ServingReport report = serving_of(file, steps());
  CHECK(report.most_at_once == 80);
  CHECK(report.memory_bounds);
  CHECK(report.prefill_capacity == doctest::Approx(2 / 0.1));  // two instances, a prompt in 100 ms
  CHECK(report.decode_capacity == doctest::Approx(80 / (100 * 0.018)));
  CHECK(report.capacity == doctest::Approx(20));
  CHECK(report.bottleneck == "prefill");
  CHECK(report.balance == doctest::Approx(80 / 1.8 / 10));
  CHECK(report.prefill_rate == doctest::Approx(1000 / 0.1 / 4));
  CHECK(report.decode_rate == doctest::Approx(80 / 0.018 / 8));
  CHECK(report.chips == 16);
  // Eight a second keep a reader busy for 0.4 of its time; decoding needs n with n/(100·(10 ms + 0.1 ms·n)) ≥ 8, n
  // ≥ 8.7, and an even one.
  CHECK(report.prefill_use == doctest::Approx(0.4));
  CHECK(report.wait == doctest::Approx(0.4 * 0.1 / (2 * 0.6)));
  CHECK(report.ttft == doctest::Approx(report.wait + 0.1));
  CHECK(report.at_once == 10);
  CHECK(report.tpot == doctest::Approx(0.011));
  CHECK(report.power == doctest::Approx(2 * (0.4 * 100 + 0.6 * 40) / 0.1 + 50 / 0.011));
}

TEST_CASE("a cache goes layer by layer: of one sent faster than it is read, the last layer shows") {
  const ServingReport fast = serving_of(service(true), steps(2e10));  // 1 GB a chip in 50 ms, read in 100 ms
  CHECK(fast.exposed == doctest::Approx(0.05 / 10));
  CHECK(fast.cache_bytes == doctest::Approx(4e9));
  CHECK(fast.capacity == doctest::Approx(20));
  ServeFile file = service(true);
  file.decode.instances = 4;
  const ServingReport slow = serving_of(file, steps(5e9));  // in 200 ms
  CHECK(slow.exposed == doctest::Approx(0.1 / 10 + 0.9 * 0.2 + 0.2 / 10 - 0.1));
  CHECK(slow.prefill_capacity == doctest::Approx(2 / 0.2));
  CHECK(slow.bottleneck.find("sends caches") != std::string::npos);
}

TEST_CASE("decoding goes no faster than caches can be received") {
  ServeFile file = service(true);
  file.prefill.instances = 100;
  const ServingReport report = serving_of(file, steps(1e10));  // two engines, a cache of 1 GB each in 100 ms
  CHECK(report.decode_capacity == doctest::Approx(20).epsilon(0.001));
  CHECK(report.bottleneck.find("receive") != std::string::npos);
}

TEST_CASE("together, a step reads as many tokens of prompts as its sequences need") {
  ServeFile file = service(false);
  file.saturated = true;
  ServingSteps by_hand = steps();
  by_hand.prefill_side = by_hand.decode_side;
  const ServingReport report = serving_of(file, by_hand);
  // 40 sequences an engine need 400 tokens of prompts a step: 2 · 440 rows, and what 80 caches take to read.
  CHECK(report.most_at_once == 80);
  const double step = 880e-4 + 80 * 2e-5;
  CHECK(report.tpot == doctest::Approx(step));
  CHECK(report.capacity == doctest::Approx(80 / (100 * step)));
  CHECK(std::isinf(report.ttft));
  CHECK(report.load == report.capacity);
  file.chunk = 100;  // feeds ten sequences an engine
  CHECK(serving_of(file, by_hand).most_at_once == 20);
  CHECK(serving_of(file, by_hand).bottleneck.find("chunks") != std::string::npos);
}

TEST_CASE("as many requests at once as asked are under way, and one alone waits for none") {
  for (const bool apart : {true, false}) {
    CAPTURE(apart);
    ServeFile file = service(apart);
    file.concurrency = 40;
    ServingSteps by_hand = steps();
    if (!apart) by_hand.prefill_side = by_hand.decode_side;
    const ServingReport many = serving_of(file, by_hand);
    CHECK(many.load * many.latency() == doctest::Approx(40).epsilon(0.05));
    file.concurrency = 1;
    const ServingReport one = serving_of(file, by_hand);
    CHECK(one.wait == 0);
    CHECK(one.load < many.load);
  }
}

TEST_CASE("a rate beyond what can be served is said") {
  ServeFile file = service(true);
  file.rate = 21;
  const ServingReport report = serving_of(file, steps());
  CHECK(report.overloaded);
  CHECK(report.load == report.capacity);
  CHECK(to_text(report, false).find("queue up without end") != std::string::npos);
}

TEST_CASE("lengths that vary make prompts wait longer and caches longer") {
  ServeFile file = service(true);
  file.rate = 8;
  const double alike = serving_of(file, steps()).wait;
  file.prompts = {.mean = 1000, .spread = 1, .longest = 1'000'000};
  const ServingReport report = serving_of(file, steps());
  // The squared variation of a log-normal distribution is e^(σ²) − 1: waits grow e-fold at the same load.
  CHECK(report.wait / report.prefill_use * (1 - report.prefill_use) / (alike / 0.4 * 0.6) ==
        doctest::Approx(std::exp(1.0)).epsilon(0.1));
}

TEST_CASE("halves of a batch hide what they exchange behind each other") {
  ServingStep half;
  half.seconds = 10;
  half.exposed = 4;
  half.energy = Joules(100);
  half.standing = Joules(20);
  half.cache = Bytes(30);
  half.spare = Bytes(50);
  const ServingStep both = in_turns(half, 8);
  CHECK(both.seconds == doctest::Approx(2 * 6 + 4.0 / 8));
  CHECK(both.standing.value() == doctest::Approx(20 * 1.25));
  CHECK(both.energy.value() == doctest::Approx(2 * 80 + 25));
  CHECK(both.cache == Bytes(60));
  CHECK(both.spare == Bytes(20));
  half.exposed = 7;
  CHECK(in_turns(half, 8).seconds == doctest::Approx(2 * 7 + 3.0 / 8));
}

TEST_CASE("the JSON of a service keeps to its schema") {
  std::ifstream stream(std::string(ORRERY_SOURCE_DIR) + "/docs/serve.schema.json");
  const schema_check::Json schema = schema_check::Json::parse(stream);
  CHECK(schema_check::gap(schema) == "");
  ServeFile file = service(true);
  file.rate = 8;
  file.measured = ServeFile::Measured{.prefill = 1000,
                                      .decode = 500,
                                      .output = 100,
                                      .ttft = Duration::microseconds(1000),
                                      .tpot = {},
                                      .source = "here"};
  const schema_check::Json apart = schema_check::Json::parse(to_json(serving_of(file, steps())));
  CHECK(schema_check::breach(apart, schema) == "");
  CHECK(apart["errors"]["prefill"].get<double>() == doctest::Approx(1.5));
  CHECK(apart["load"].contains("dollars_per_million_output_tokens"));
  ServeFile together = service(false);
  together.saturated = true;
  ServingSteps by_hand = steps();
  by_hand.prefill_side = by_hand.decode_side;
  const schema_check::Json json = schema_check::Json::parse(to_json(serving_of(together, by_hand)));
  CHECK(schema_check::breach(json, schema) == "");
  CHECK(json["load"]["ttft_s"].is_null());
}
