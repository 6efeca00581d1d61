// Prints a service's steady state, for a screen and as JSON.
#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "sim/report/digits.h"
#include "sim/report/serving.h"
#include "sim/report/text_page.h"

namespace orrery {
namespace {

constexpr double kMillion = 1e6;

std::string milliseconds(double seconds) {
  return std::isfinite(seconds) ? digits(seconds * 1e3) + " ms" : std::string("without end");
}

std::string balance_text(const ServingReport& report) {
  return report.balance >= 1 ? fmt::format("{} that read for each that decodes", digits(report.balance))
                             : fmt::format("{} that decode for each that reads", digits(1 / report.balance));
}

void add_measured(const ServingReport& report, TextPage& page) {
  const ServeFile::Measured& measured = *report.measured;
  std::string text;
  const auto compare = [&](const char* name, double here, std::optional<double> there, const char* unit,
                           double scale = 1) {
    if (there)
      text +=
          fmt::format("{} error {:+.1f} % ({} {}) · ", name, 100 * (here / *there - 1), digits(*there * scale), unit);
  };
  const auto seconds = [](const std::optional<Duration>& time) {
    return time ? std::optional(time->in_seconds()) : std::nullopt;
  };
  compare("prefill", report.prefill_rate, measured.prefill, "tokens/s a chip");
  compare("decode", report.decode_rate, measured.decode, "tokens/s a chip");
  compare("output", report.output(), measured.output, "tokens/s");
  compare("TTFT", report.ttft, seconds(measured.ttft), "ms", 1e3);
  compare("TPOT", report.tpot, seconds(measured.tpot), "ms", 1e3);
  page.item("measured", text + measured.source);
}

}  // namespace

std::string to_text(const ServingReport& report, bool colour) {
  TextPage page(colour);
  page.line(fmt::format("{}: at most {} requests/s on {} chips{}", report.name, digits(report.capacity), report.chips,
                        report.fits ? "" : ", but it does NOT fit in memory"),
            Colour::kBold);
  page.item("instances",
            report.apart ? fmt::format("{} read prompts, {} decode", report.prefill_instances, report.decode_instances)
                         : fmt::format("{}, each reads prompts in chunks between tokens", report.decode_instances));
  page.item("requests", fmt::format("{} tokens in, {} out on average", digits(report.prompt), digits(report.response)));
  page.line();
  page.item("at most", fmt::format("{} tokens/s out · {} tokens/s in · {} tokens/s out a chip",
                                   digits(report.capacity * report.response), digits(report.capacity * report.prompt),
                                   digits(report.capacity * report.response / static_cast<double>(report.chips))));
  if (report.apart) {
    page.item("prefill", fmt::format("{} requests/s · {} tokens/s a chip", digits(report.prefill_capacity),
                                     digits(report.prefill_rate)));
    page.item("decode", fmt::format("{} requests/s · {} tokens/s a chip · {} sequences at once in each{}",
                                    digits(report.decode_capacity), digits(report.decode_rate),
                                    grouped(report.most_at_once), report.memory_bounds ? ", as memory lets" : ""));
    page.item("balance", balance_text(report));
    page.item("cache", fmt::format("{} GB of a prompt, {} over {}: {} not hidden", digits(report.cache_bytes / 1e9),
                                   milliseconds(report.transfer), report.over, milliseconds(report.exposed)));
  } else {
    page.item("decode", fmt::format("{} sequences at once in each{}", grouped(report.most_at_once),
                                    report.memory_bounds ? ", as memory lets" : ""));
  }
  page.item("bottleneck", report.bottleneck);
  page.line();
  page.item("load", report.overloaded
                        ? "more than it can serve: requests queue up without end; below, what it does at its most"
                        : fmt::format("{} requests/s · {} tokens/s out · {:.0f} % of the most", digits(report.load),
                                      digits(report.output()), 100 * report.load / report.capacity));
  page.item("TTFT", fmt::format("{}, of it {} waiting", milliseconds(report.ttft), milliseconds(report.wait)));
  page.item("TPOT",
            fmt::format("{} · {} sequences at once in each", milliseconds(report.tpot), digits(report.at_once)));
  page.item("a request", std::isfinite(report.latency()) ? digits(report.latency()) + " s" : "without end");
  page.item("energy", fmt::format("{} kW · {} J a token · {} MJ for 10⁶ tokens out", digits(report.power / 1e3),
                                  digits(report.joules_per_token()), digits(report.joules_per_token())));
  if (report.dollars_per_second && report.output() > 0)
    page.item("cost",
              fmt::format("${} for 10⁶ tokens out", digits(*report.dollars_per_second / report.output() * kMillion)));
  if (report.measured) add_measured(report, page);
  return page.text();
}

std::string to_json(const ServingReport& report) {
  nlohmann::ordered_json json = {{"schema_version", 1},
                                 {"name", report.name},
                                 {"mode", report.apart ? "apart" : "together"},
                                 {"chips", report.chips},
                                 {"prefill_instances", report.prefill_instances},
                                 {"decode_instances", report.decode_instances},
                                 {"prompt_tokens", report.prompt},
                                 {"response_tokens", report.response},
                                 {"fits_in_memory", report.fits},
                                 {"bottleneck", report.bottleneck},
                                 {"most_at_once", report.most_at_once}};
  nlohmann::ordered_json most = {{"requests_per_second", report.capacity},
                                 {"output_tokens_per_second", report.capacity * report.response},
                                 {"prefill_tokens_per_second_per_chip", report.prefill_rate},
                                 {"decode_tokens_per_second_per_chip", report.decode_rate}};
  if (report.apart) {
    most["prefill_requests_per_second"] = report.prefill_capacity;
    most["decode_requests_per_second"] = report.decode_capacity;
    most["prefill_instances_per_decode_instance"] = report.balance;
    json["cache"] = {{"bytes", report.cache_bytes},
                     {"transfer_s", report.transfer},
                     {"exposed_s", report.exposed},
                     {"over", report.over}};
  }
  json["most"] = std::move(most);
  const auto finite = [](double value) {
    return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json(nullptr);
  };
  json["load"] = {{"overloaded", report.overloaded},
                  {"requests_per_second", report.load},
                  {"output_tokens_per_second", report.output()},
                  {"at_once", report.at_once},
                  {"prefill_use", report.prefill_use},
                  {"wait_s", finite(report.wait)},
                  {"ttft_s", finite(report.ttft)},
                  {"tpot_s", report.tpot},
                  {"request_s", finite(report.latency())},
                  {"power_w", report.power},
                  {"joules_per_output_token", report.joules_per_token()}};
  if (report.dollars_per_second && report.output() > 0)
    json["load"]["dollars_per_million_output_tokens"] = *report.dollars_per_second / report.output() * kMillion;
  if (report.measured) {
    nlohmann::ordered_json errors = nlohmann::ordered_json::object();
    const auto compare = [&](const char* name, double here, const std::optional<double>& there) {
      if (there) errors[name] = finite(here / *there - 1);
    };
    const ServeFile::Measured& measured = *report.measured;
    compare("prefill", report.prefill_rate, measured.prefill);
    compare("decode", report.decode_rate, measured.decode);
    compare("output", report.output(), measured.output);
    if (measured.ttft) compare("ttft", report.ttft, measured.ttft->in_seconds());
    if (measured.tpot) compare("tpot", report.tpot, measured.tpot->in_seconds());
    json["errors"] = std::move(errors);
  }
  return json.dump(2) + "\n";
}

}  // namespace orrery
