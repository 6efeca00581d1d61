// Finds the steady state of a service from a few simulated steps.
#include "sim/report/serving.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

namespace orrery {
namespace {

constexpr std::int64_t kQuantiles = 1024;  // by which lengths are averaged
constexpr double kUnasked = 0.8;           // of the capacity, where no load is given
constexpr int kHalvings = 24;

// Mean and mean square of lengths as they are drawn.
struct Moments {
  explicit Moments(const ResponseLengths& lengths) {
    for (std::int64_t k = 0; k < kQuantiles; ++k) {
      const auto tokens = static_cast<double>(lengths.length(k, kQuantiles));
      mean += tokens / kQuantiles;
      square += tokens * tokens / kQuantiles;
    }
  }
  [[nodiscard]] double variation() const { return std::max(0.0, square / (mean * mean) - 1); }

  double mean = 0;
  double square = 0;
};

std::int64_t whole(double tokens) { return std::max<std::int64_t>(1, std::llround(tokens)); }

// The least number from 1 to `most` at which `holds` does; `most` where it does nowhere.
template <class Holds>
std::int64_t least_that(std::int64_t most, const Holds& holds) {
  std::int64_t low = 1;
  while (low < most) {
    const std::int64_t middle = low + (most - low) / 2;
    if (holds(middle)) {
      most = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

// Requests under a rate of them, of one instance.
struct Load {
  double at_once = 0;
  double use = 0;
  double wait = 0;
  double ttft = 0;
  double tpot = 0;
  double power = 0;
  double dollars = 0;
};

class Service {
 public:
  Service(const ServeFile& file, const ServingSteps& steps)
      : file_(&file), steps_(&steps), prompts_(file.prompts), responses_(file.responses) {
    cached_ = whole(prompts_.mean + responses_.square / (2 * responses_.mean));
    made_ = std::max(1e-9, responses_.mean - 1);
  }

  ServingReport run() {
    ServingReport report;
    report.name = file_->name;
    report.apart = file_->apart;
    report.measured = file_->measured;
    report.prompt = prompts_.mean;
    report.response = responses_.mean;
    report.decode_instances = file_->decode.instances;
    report.prefill_instances = file_->apart ? file_->prefill.instances : 0;
    report.chips = decode_side().chips * static_cast<std::size_t>(file_->decode.instances) +
                   prefill_side().chips * static_cast<std::size_t>(report.prefill_instances);
    bound(report);
    if (file_->apart) {
      read_apart(report);
      apart_capacity(report);
    } else {
      together_capacity(report);
    }
    under_load(report);
    return report;
  }

 private:
  [[nodiscard]] const ServingSteps::Side& prefill_side() const { return steps_->prefill_side; }
  [[nodiscard]] const ServingSteps::Side& decode_side() const { return steps_->decode_side; }

  // Of `each` sequences an engine.
  const ServingStep& decoding(std::int64_t each, std::int64_t cached) {
    const auto [place, is_new] = decoded_.try_emplace({each, cached});
    if (is_new) place->second = steps_->decode(each * decode_side().engines, cached);
    return place->second;
  }
  const ServingStep& reading(std::int64_t prompts, std::int64_t tokens, std::int64_t cached) {
    const auto [place, is_new] = read_.try_emplace({prompts, tokens, cached});
    if (is_new) place->second = steps_->prefill(prompts, tokens, cached);
    return place->second;
  }

  // As many sequences as fit into memory, `batch` at most.
  void bound(ServingReport& report) {
    const std::int64_t most = std::max<std::int64_t>(1, decode_side().batch / decode_side().engines);
    most_each_ = most;
    if (!decoding(most, cached_).fits()) {
      most_each_ =
          std::max<std::int64_t>(1, least_that(most, [&](std::int64_t n) { return !decoding(n, cached_).fits(); }) - 1);
      report.memory_bounds = true;
    }
    report.fits = decoding(most_each_, cached_).fits();
    report.most_at_once = most_each_ * decode_side().engines;
  }

  void read_apart(ServingReport& report) {
    const ServingStep& read = reading(prefill_side().batch, whole(prompts_.mean), 0);
    report.fits = report.fits && read.fits();
    const std::int64_t prompts_each = std::max<std::int64_t>(1, prefill_side().batch / prefill_side().engines);
    const double sent = read.cache.as_double() / static_cast<double>(prompts_each);
    const std::int64_t before_last = whole(prompts_.mean) - 1;
    const double kept = decoding(most_each_, before_last).cache.as_double() / static_cast<double>(most_each_);
    report.cache_bytes = sent * static_cast<double>(prefill_side().ranks);
    report.transfer = steps_->latency + std::max(sent, kept) / steps_->bandwidth;
    report.over = steps_->over;
    const auto layers = static_cast<double>(prefill_side().layers);
    const double sending = sent * static_cast<double>(prompts_each) / steps_->bandwidth;
    const double all_there = read.seconds / layers + (layers - 1) / layers * std::max(read.seconds, sending) +
                             sending / layers + steps_->latency;
    report.exposed = all_there - read.seconds;
    busy_ = std::max(read.seconds, sending);
    receiving_ = static_cast<double>(decode_side().engines) * steps_->bandwidth / std::max(kept, 1e-9);
    report.prefill_rate =
        static_cast<double>(prefill_side().batch) * prompts_.mean / busy_ / static_cast<double>(prefill_side().chips);
    sends_longer_ = sending > read.seconds;
  }

  void apart_capacity(ServingReport& report) {
    const double reads = static_cast<double>(prefill_side().batch) / busy_;
    const double decodes = decoding_rate(most_each_);
    report.prefill_capacity = reads * static_cast<double>(file_->prefill.instances);
    report.decode_capacity = std::min(decodes, receiving_) * static_cast<double>(file_->decode.instances);
    report.capacity = std::min(report.prefill_capacity, report.decode_capacity);
    report.decode_rate = decodes * made_ / static_cast<double>(decode_side().chips);
    report.balance = std::min(decodes, receiving_) / reads;
    if (report.prefill_capacity < report.decode_capacity) {
      report.bottleneck = sends_longer_ ? "prefill: it sends caches for longer than it reads prompts" : "prefill";
    } else if (receiving_ < decodes) {
      report.bottleneck = "decode: it can't receive caches as fast as it could decode";
    } else {
      report.bottleneck =
          report.memory_bounds ? "decode: memory holds no more sequences" : "decode: its batch is no larger";
    }
  }

  [[nodiscard]] double decoding_rate(std::int64_t each) {
    return static_cast<double>(each * decode_side().engines) / (made_ * decoding(each, cached_).seconds);
  }

  // A step of an instance whose engines each make `each` tokens and read `chunk`.
  ServingStep mixed(std::int64_t each, double chunk) {
    ServingStep step = decoding(each, cached_);
    const std::int64_t tokens = std::llround(chunk);
    if (tokens == 0) return step;
    const std::int64_t rows = each + tokens;
    const std::int64_t met = std::llround(prompts_.mean / 2 * static_cast<double>(tokens) / static_cast<double>(rows));
    const ServingStep& linear = reading(decode_side().engines, rows, met);
    const ServingStep& without = decoding(each, 0);
    const auto with_caches = [](double whole_step, double plain, double rest) {
      return rest + std::max(0.0, whole_step - plain);
    };
    step.seconds = with_caches(step.seconds, without.seconds, linear.seconds);
    step.energy = Joules(with_caches(step.energy.value(), without.energy.value(), linear.energy.value()));
    step.standing = Joules(with_caches(step.standing.value(), without.standing.value(), linear.standing.value()));
    step.dollars = with_caches(step.dollars, without.dollars, linear.dollars);
    return step;
  }
  // Tokens of prompts that keep up with `each` sequences.
  [[nodiscard]] double chunk_for(std::int64_t each) const {
    return std::min(static_cast<double>(file_->chunk), static_cast<double>(each) * prompts_.mean / made_);
  }
  // Of an instance.
  double mixed_rate(std::int64_t each) {
    const double chunk = chunk_for(each);
    const double decodes = static_cast<double>(each) / made_;
    const double per_step = std::min(decodes, std::max(chunk, 0.5) / prompts_.mean);
    return per_step * static_cast<double>(decode_side().engines) / mixed(each, chunk).seconds;
  }

  void together_capacity(ServingReport& report) {
    // More sequences than prompts can be read for would only wait.
    const double fed = static_cast<double>(file_->chunk) * made_ / prompts_.mean;
    const std::int64_t useful = fed < static_cast<double>(most_each_) ? whole(std::ceil(fed)) : most_each_;
    const bool chunk_bounds = useful < most_each_;
    most_each_ = useful;
    report.most_at_once = most_each_ * decode_side().engines;
    report.capacity = mixed_rate(most_each_) * static_cast<double>(file_->decode.instances);
    report.decode_rate = report.capacity * made_ / static_cast<double>(report.chips);
    report.prefill_rate = report.capacity * prompts_.mean / static_cast<double>(report.chips);
    if (chunk_bounds) {
      report.memory_bounds = false;
      report.bottleneck = "chunks: more sequences would wait for their prompts";
    } else {
      report.bottleneck = report.memory_bounds ? "memory: it holds no more sequences" : "the batch is no larger";
    }
  }

  // Pollaczek and Khinchine's; `busy` is how long a prompt keeps its instance, `rate` how many come to it.
  [[nodiscard]] double wait_of(double use, double busy) const {
    const double seen = file_->concurrency ? 1 - 1 / static_cast<double>(*file_->concurrency) : 1;
    if (use >= 1) return std::numeric_limits<double>::infinity();
    return seen * use * busy * (1 + prompts_.variation()) / (2 * (1 - use));
  }

  // Whether it is for decoding that requests wait, not for prompts to be read nor caches to arrive.
  [[nodiscard]] bool decoding_limits(const ServingReport& report) {
    if (!file_->apart) return true;
    return report.decode_capacity <= report.prefill_capacity && decoding_rate(most_each_) <= receiving_;
  }

  // Of sequences of an engine, as many as a rate needs: all that there can be where more are always waiting for them.
  template <class Rate>
  [[nodiscard]] std::int64_t needed(double rate, const ServingReport& report, const Rate& rate_of) {
    if (rate >= report.capacity && decoding_limits(report)) return most_each_;
    return least_that(most_each_, [&](std::int64_t n) { return rate_of(n) >= rate * (1 - 1e-12); });
  }

  // All of them, at `rate` requests a second.
  Load at(double rate, const ServingReport& report) {
    const auto instances = static_cast<double>(file_->decode.instances);
    return with(needed(rate, report,
                       [&](std::int64_t n) { return (file_->apart ? decoding_rate(n) : mixed_rate(n)) * instances; }),
                rate, report);
  }
  // The same while each engine makes tokens of `each` sequences.
  Load with(std::int64_t each, double rate, const ServingReport& report) {
    return file_->apart ? apart_with(each, rate, report) : together_with(each, rate, report);
  }

  Load apart_with(std::int64_t each, double rate, const ServingReport& report) {
    const auto readers = static_cast<double>(file_->prefill.instances);
    const auto decoders = static_cast<double>(file_->decode.instances);
    const ServingStep& read = reading(prefill_side().batch, whole(prompts_.mean), 0);
    const ServingStep& decode = decoding(each, cached_);
    Load load;
    load.at_once = static_cast<double>(each * decode_side().engines);
    load.tpot = decode.seconds;
    load.use = rate / report.prefill_capacity;
    load.wait = wait_of(rate >= report.capacity ? 1 : load.use, busy_);
    load.ttft = load.wait + read.seconds;
    const double works = std::min(1.0, load.use);
    load.power = readers * (works * read.energy.value() + (1 - works) * read.standing.value()) / read.seconds +
                 decoders * decode.energy.value() / decode.seconds;
    load.dollars = readers * read.dollars / read.seconds + decoders * decode.dollars / decode.seconds;
    return load;
  }

  Load together_with(std::int64_t each, double rate, const ServingReport& report) {
    const auto instances = static_cast<double>(file_->decode.instances);
    const ServingStep step = mixed(each, chunk_for(each));
    Load load;
    load.at_once = static_cast<double>(each * decode_side().engines);
    load.tpot = step.seconds;
    // A prompt by itself: whole chunks as long as it lasts.
    const double chunk = std::min(static_cast<double>(file_->chunk), prompts_.mean);
    const double busy = std::ceil(prompts_.mean / chunk) * mixed(each, chunk).seconds;
    load.use = rate / instances / static_cast<double>(decode_side().engines) * busy;
    // Chunks are read as they come, so that prompts alone never keep an instance busy before all of it is.
    load.use = std::min(load.use, rate / report.capacity);
    load.wait = wait_of(rate >= report.capacity ? 1 : load.use, busy);
    load.ttft = load.wait + busy;
    load.power = instances * step.energy.value() / step.seconds;
    load.dollars = instances * step.dollars / step.seconds;
    return load;
  }

  // As many requests under way as asked: sets the load that makes it so.
  Load closed(ServingReport& report) {
    const auto wanted = static_cast<double>(*file_->concurrency);
    const auto under_way = [&](const Load& load, double rate) {
      return rate * (load.ttft + report.exposed + made_ * load.tpot);
    };
    double low = 0;
    double high = report.capacity;
    for (int i = 0; i < kHalvings; ++i) {
      const double middle = (low + high) / 2;
      (under_way(at(middle, report), middle) <= wanted ? low : high) = middle;
    }
    report.load = low;
    const Load load = at(low, report);
    if (high < report.capacity) return load;
    // Where more sequences make each step as much longer, the rate stays with all that are left of them.
    const std::int64_t many =
        least_that(most_each_, [&](std::int64_t n) { return under_way(with(n, low, report), low) > wanted; });
    const Load fuller = with(many, low, report);
    return fuller.at_once > load.at_once ? fuller : load;
  }

  void under_load(ServingReport& report) {
    report.load = report.capacity * (file_->saturated ? 1 : kUnasked);
    if (file_->rate) report.load = *file_->rate;
    if (file_->rate && report.load >= report.capacity) {
      report.overloaded = true;
      report.load = report.capacity;
    }
    const Load load = file_->concurrency ? closed(report) : at(report.load, report);
    report.at_once = load.at_once;
    report.prefill_use = load.use;
    report.wait = load.wait;
    report.ttft = load.ttft;
    report.tpot = load.tpot;
    report.power = load.power;
    if (load.dollars > 0) report.dollars_per_second = load.dollars;
  }

  const ServeFile* file_;
  const ServingSteps* steps_;
  Moments prompts_;
  Moments responses_;
  std::int64_t cached_ = 0;  // tokens that a sequence holds on average while it is decoded
  double made_ = 1;          // tokens of a response that decoding makes
  std::int64_t most_each_ = 1;
  double busy_ = 0;       // seconds that a batch of prompts keeps an instance
  double receiving_ = 0;  // requests/s that a decoding instance can receive
  bool sends_longer_ = false;
  std::map<std::pair<std::int64_t, std::int64_t>, ServingStep> decoded_;
  struct Read {
    std::int64_t prompts, tokens, cached;
    [[nodiscard]] auto operator<=>(const Read&) const = default;
  };
  std::map<Read, ServingStep> read_;
};

}  // namespace

ServingStep in_turns(const ServingStep& half, std::int64_t layers) {
  const double computes = half.seconds - half.exposed;
  ServingStep both;
  both.seconds = 2 * std::max(computes, half.exposed) +
                 std::min(computes, half.exposed) / static_cast<double>(std::max<std::int64_t>(1, layers));
  both.exposed = std::max(0.0, both.seconds - 2 * computes);
  // What stands around draws for as long as both take, work as much as twice one's.
  const double share = half.seconds > 0 ? both.seconds / half.seconds : 0;
  both.standing = half.standing * share;
  both.energy = (half.energy - half.standing) * 2.0 + both.standing;
  both.dollars = half.dollars * share;
  both.cache = half.cache * 2;
  both.spare = half.spare - half.cache;
  return both;
}

ServingReport serving_of(const ServeFile& file, const ServingSteps& steps) { return Service(file, steps).run(); }

}  // namespace orrery
