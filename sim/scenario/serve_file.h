// How a model is served: requests, the scenarios in which prompts are read and tokens made, and how many of each.
//
//     name: Llama 3 70B, prompts read apart
//     description: one line    # optional
//     mode: apart              # or together: the same instances do both, prompts in chunks between tokens
//     requests:
//       # Tokens: log-normal, spread is the deviation in ln; or a number where all are alike. Two at least.
//       prompts: {mean: 5000, spread: 0.5, longest: 16384}
//       responses: 500
//       # A second, over all instances; `most`: there are always more waiting; or concurrency: 100, as many at once,
//       # each followed by the next. Without either, four fifths of the rate that can be served.
//       rate: 12
//     # A decoder's `phase: prefill`: its batch is the prompts that are read at once, its prompt follows the requests.
//     prefill: {scenario: prefill.yaml, instances: 4}
//     # `phase: decode`: its batch is the most at once, `cached` follows. Of both sides, apart, `halves: true` lets
//     # two halves of a batch take turns, so that one exchanges rows while the other computes.
//     decode: {scenario: decode.yaml, instances: 8}
//     chunk: 512    # together: tokens of prompts that a step of an engine reads at most
//     # Apart: of one chip's share of a cache. Without it by the way from the first to the last chip of the prefill.
//     transfer: {bandwidth: 50 GB/s, latency: 20 us}
//     # Optional, each of it: tokens/s a chip of either kind at most, of all together; times under the load.
//     measured: {prefill: 7839, decode: 2324, output: 3082, ttft: 407 ms, tpot: 18.6 ms, source: …}
//
// An instance is a scenario's chips: all engines along its `data`. Together, both scenarios stand on the same chips,
// and only `decode` says how many instances there are.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "sim/base/error.h"
#include "sim/base/library.h"
#include "sim/base/units.h"
#include "sim/base/yaml.h"
#include "sim/scenario/rl_file.h"

namespace orrery {

struct ServeFile {
  struct Side {
    std::filesystem::path scenario;
    std::int64_t instances = 1;
    bool halves = false;
    SourceSpan where;  // the scenario is named
  };
  struct Transfer {
    Bandwidth bandwidth;
    Duration latency;
  };
  struct Measured {
    std::optional<double> prefill;  // tokens/s a chip
    std::optional<double> decode;
    std::optional<double> output;  // tokens/s
    std::optional<Duration> ttft;
    std::optional<Duration> tpot;
    std::string source;
  };
  std::string name;
  std::string description;
  bool apart = true;
  ResponseLengths prompts;
  ResponseLengths responses;
  std::optional<double> rate;
  bool saturated = false;  // rate: most
  std::optional<std::int64_t> concurrency;
  Side prefill;
  Side decode;
  std::int64_t chunk = 0;
  std::optional<Transfer> transfer;
  std::optional<Measured> measured;
};

// InputError at whatever is wrong in it; the scenarios are read later. `file`: beside which they are looked for.
[[nodiscard]] ServeFile read_serve(const Library& library, const yaml::Node& root, const std::filesystem::path& file);
[[nodiscard]] ServeFile load_serve(const Library& library, const std::filesystem::path& file);

}  // namespace orrery
