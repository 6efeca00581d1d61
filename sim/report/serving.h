// Steady state of a service: what it can do, what a request waits for under a load, which side holds it back.
//
// Law, of an instance; P and R are the mean tokens of a prompt and a response, D = R − 1 of which decoding makes (the
// first comes of the prompt).
//
// Apart. Reading: a step of `batch` prompts takes t_p; the cache that it makes is sent layer by layer, in x = bytes of
// a chip ÷ its bandwidth, each layer as soon as it is read: with L layers all is there after t_p/L + (L − 1)/L·max(t_p,
// x)
// + x/L + latency, what is beyond t_p is exposed. So batch/max(t_p, x) requests a second. Decoding: n sequences take
// t_d(n) a token, with P + E[R²]/2E[R] tokens in the cache (longer responses are met longer): n/(D·t_d(n)) requests a
// second, as far as memory and `batch` let n grow; no more than its chips can receive caches.
//
// Together. A step makes a token of each of n sequences of an engine and reads c = n·P/D tokens of prompts on average,
// at most `chunk`: its linear parts have n + c rows, those of a prefill of as many tokens that meet c·P/2 others
// together, and its caches are read beside, t_d(n) less the same without a cache.
//
// In halves (`halves`): each half of a batch computes for C and exposes exchanges of X; while one computes the other
// exchanges, so that both take 2·max(C, X), and min(C, X)/L before the first turn. That exchanges take a part of the
// engines as well is not in it.
//
// A load of λ requests a second needs the least n whose rate is λ. Requests come at random and are dealt out evenly: a
// prompt waits ρS(1 + v)/2(1 − ρ) (Pollaczek, Khinchine), S being how long one keeps its instance busy, ρ = λS, v the
// squared variation of prompts' lengths. Time to the first token (TTFT) is that and the reading; TPOT a step of
// decoding. Where so many requests are under way at once (`concurrency`) λ is what makes λ·(TTFT + exposed + D·TPOT)
// that many, and of a wait as long as above a request meets all but its own share.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "sim/base/units.h"
#include "sim/scenario/serve_file.h"

namespace orrery {

// A step of an instance.
struct ServingStep {
  double seconds = 0;
  double exposed = 0;  // of them, exchanges
  Joules energy;
  Joules standing;     // of it, what is drawn without work too
  double dollars = 0;  // 0: not known
  Bytes cache;         // of the rank that holds most
  Bytes spare;         // of its memory; less than nothing: it doesn't fit

  [[nodiscard]] bool fits() const { return spare >= Bytes(0); }
};

// Two steps of half a batch each that take turns.
[[nodiscard]] ServingStep in_turns(const ServingStep& half, std::int64_t layers);

// Who simulates, and what the scenarios say.
struct ServingSteps {
  std::function<ServingStep(std::int64_t prompts, std::int64_t tokens, std::int64_t cached)> prefill;
  std::function<ServingStep(std::int64_t sequences, std::int64_t cached)> decode;
  struct Side {
    std::size_t chips = 0;
    std::int64_t engines = 1;  // that share the batch
    std::int64_t ranks = 1;    // of an engine, which share a cache
    std::int64_t batch = 1;
    std::int64_t layers = 1;
  };
  Side prefill_side;
  Side decode_side;
  double bandwidth = 0;  // of a chip's transfers, bytes/s
  double latency = 0;    // seconds
  std::string over;      // what the transfer's narrowest link is
};

struct ServingReport {
  std::string name;
  bool apart = true;
  std::int64_t prefill_instances = 0;  // 0: together
  std::int64_t decode_instances = 0;
  std::size_t chips = 0;
  double prompt = 0;  // tokens, mean
  double response = 0;

  // What it can do.
  double capacity = 0;          // requests/s
  double prefill_capacity = 0;  // of all instances; apart only, as is the next
  double decode_capacity = 0;
  double prefill_rate = 0;        // tokens/s a chip that reads, at most
  double decode_rate = 0;         // tokens/s a chip that decodes, at most
  std::int64_t most_at_once = 0;  // sequences that an instance decodes
  bool memory_bounds = false;     // it is memory that lets no more
  double balance = 0;             // instances that read for each that decodes, so that neither waits
  std::string bottleneck;

  // Under the load.
  double load = 0;          // requests/s
  bool overloaded = false;  // no steady state: below, what holds at capacity
  double at_once = 0;       // sequences that an instance decodes
  double prefill_use = 0;   // ρ
  double wait = 0;          // seconds, as are all below
  double ttft = 0;
  double tpot = 0;
  double cache_bytes = 0;  // of a prompt
  double transfer = 0;     // of it
  double exposed = 0;      // not hidden behind reading
  std::string over;
  double power = 0;  // W, at the meter
  std::optional<double> dollars_per_second;
  bool fits = true;

  std::optional<ServeFile::Measured> measured;

  [[nodiscard]] double output() const { return load * response; }  // tokens/s
  [[nodiscard]] double latency() const { return ttft + exposed + (response - 1) * tpot; }
  [[nodiscard]] double joules_per_token() const { return output() > 0 ? power / output() : 0; }
};

[[nodiscard]] ServingReport serving_of(const ServeFile& file, const ServingSteps& steps);

[[nodiscard]] std::string to_text(const ServingReport& report, bool colour);
[[nodiscard]] std::string to_json(const ServingReport& report);  // schema: docs/serve.schema.json

}  // namespace orrery
