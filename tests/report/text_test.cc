// Checks the report on the terminal: the whole page, what stays within it, and what does not belong there.
#include <doctest/doctest.h>

#include "sim/report/text_page.h"
#include "tests/report/sample_report.h"

using namespace sample;

namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    REQUIRE(end != std::string::npos);
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

std::string without_colour(std::string text) {
  for (std::size_t at = text.find('\x1b'); at != std::string::npos; at = text.find('\x1b', at))
    text.erase(at, text.find('m', at) + 1 - at);
  return text;
}

}  // namespace

TEST_CASE("the whole page") {
  CHECK(to_text(report(), false) == R"(Sixteen chips: fits, 250 ms per step
job                 Llama · 16 × H100 · Two nodes · Megatron · fluid network
plan                tensor 4 · pipeline 2 · data 2 · 32 × 2048 tokens · 16 microbatches of 1 ·
                    1f1b · selective recompute · ZeRO-1

step time (ms)      250.0 · 262,144 tokens/s
TFLOP/s per chip    400.0 model (MFU 40.0 %) · 440.0 hardware (HFU 44.0 %)

where the step went    time (ms)     share (%)
  compute                200.000          80.0  █████████████████████████████████████████▋
  exposed tensor          25.000          10.0  █████▎
  exposed data             1.000           0.4  ▎
  bubble                  20.000           8.0  ████▏
  skew                     2.000           0.8  ▍
  host                     2.000           0.8  ▍

use              mean (%)  most (%)        ρ  W (FLOP/B)  M (FLOP/B)  busiest
  matrix engine      44.0      46.0                                   node0/gpu1
  hbm                25.0      30.0        2       512.0       256.0  node0/gpu1
  scale-up           12.5      25.0     1.25       2,048       1,638  node0/gpu0 → node0/switch
  rail                1.0       2.0       50   1,000,000      20,000  node1/nic0 → leaf0
  nothing crossed spine
  least ρ 1.25 (scale-up), χ 10.4 %: ρ = W ÷ M, ideal compute ÷ ideal transfer; χ = exposed ÷ step

memory (GiB)        weights 8.00 + activations 16.00 = 24.00 of 80.00 on stage 1
energy              3.20 kJ per step · 48.8 mJ per token · 800 W per chip: idle 25.0 %,
                    arithmetic bf16 50.0 %, node overhead 25.0 %
power               10.2 kW of IT · 12.8 kW at the meter · a chip 480 W, at most 620 W of 700 W ·
                    over 50 ms 8.95 kW to 11.0 kW, at most 40.0 kW/s
cost                $0.004 per step · $0.061 per 10⁶ tokens · amortised over 4 years by default:
                    capital 50 %, electricity 12 %, maintenance 38 %
run                 1,000,000 steps · 65.54 B tokens · 2 epochs · 2.894 days without a failure ·
                    1.60e21 model FLOPs (6·N·D: 1.50e21) · 0.8889 MWh · $4.00 k
top bottleneck      exposed tensor communication, 10.0 % of the step: a scale-up link twice as fast
                    would save at most 5.0 % of the step
measured            error +4.2 % · step 240 ms (simulated 250 ms) ·
                    model 410 TFLOP/s (simulated 400 TFLOP/s) · Doe et al. 2024, Table 1
warnings            1
)");
}

TEST_CASE("colour changes nothing but colour") {
  const std::string coloured = to_text(report(), true);
  CHECK(coloured.find('\x1b') != std::string::npos);
  CHECK(without_colour(coloured) == to_text(report(), false));
  CHECK(to_text(report(), false).find('\x1b') == std::string::npos);
}

TEST_CASE("a plan that does not fit says so first") {
  Report r = report();
  r.memory_advice = "needs 93.1 GiB of 80 GiB; largest: activations 41.2 GiB; recompute: selective would fit";
  r.measured.reset();
  r.bottleneck.reset();
  r.least.reset();
  r.warnings.clear();
  const std::vector<std::string> lines = lines_of(to_text(r, false));
  CHECK(lines[0] == "Sixteen chips: does NOT fit: needs 93.1 GiB of 80 GiB; largest: activations 41.2 GiB; recompute:");
  CHECK(lines[1] == "                    selective would fit; with memory enough, 250 ms per step");
}

TEST_CASE("it fits a screen, without trailing spaces, whatever the names") {
  Report r = report();
  for (const char* name : {"embedding", "model", "context", "expert"})
    r.breakdown.exposed.push_back({name, r.breakdown.skew});
  r.utilization.push_back({"host", 0.1, 0.2, "node0/gpu0 → node0/nic0"});
  r.utilization.push_back({"core", 0.1, 0.2, "spine0 → core0"});
  r.utilization.push_back({"wan", 0.1, 0.2, "a → b"});
  for (const char* part : {"hbm", "nvlink", "pcie", "network", "optics", "facility"})
    r.energy_parts.push_back({part, Joules(10)});
  for (const char* category : {"gradients", "optimizer", "buffers"})
    r.memory.categories.push_back({category, Bytes(std::int64_t{100} << 30)});
  r.measured->hardware_flops_per_chip = FlopRate::flops_per_second(440e12);
  const std::vector<std::string> lines = lines_of(to_text(r, false));
  CHECK(lines.size() <= 48);
  for (const std::string& line : lines) {
    CHECK(columns(line) <= 100);
    CHECK((line.empty() || line.back() != ' '));
  }
}

TEST_CASE("what else counts as a layer stands in the plan") {
  Report r = report();
  const auto plan = [&] {
    const std::string text = to_text(r, false);
    const std::size_t at = text.find("1f1b");
    return text.substr(at, text.find('\n', at) - at);
  };
  r.plan.loss_as_layer = true;
  CHECK(plan() == "1f1b · selective recompute · loss as a layer · ZeRO-1");
  r.plan.embedding_as_layer = true;
  CHECK(plan() == "1f1b · selective recompute · embedding and loss each as a layer · ZeRO-1");
  r.plan.loss_as_layer = false;
  CHECK(plan() == "1f1b · selective recompute · embedding as a layer · ZeRO-1");
}

TEST_CASE("what is formed again, compressed and trained stands in the plan") {
  Report r = report();
  const auto plan = [&] {
    const std::string text = to_text(r, false);
    const std::size_t at = text.find("1f1b");
    return text.substr(at, text.find('\n', at) - at);
  };
  r.plan.again = {.norms = true, .mlp = true};
  CHECK(plan() == "1f1b · norms, mlp recomputed · ZeRO-1");
  r.plan.again = {.core_attention = true, .norms = true, .latent_up = true, .experts = true};
  r.plan.adapters = {.rank = 16, .query = true, .value = true, .nf4 = true};
  r.plan.compression.kind = "one_bit";
  r.plan.zero = 0;
  const std::string text = to_text(r, false);
  CHECK(text.find("4 modules recomputed") != std::string::npos);
  CHECK(text.find("rank 16 adapters on query, value, frozen in nf4") != std::string::npos);
  CHECK(text.find("one_bit gradients") != std::string::npos);
}

TEST_CASE("what a terminal would act on is not passed on") {
  Report r = report();
  r.scenario = "a\x1b[31mb\nc\x7f";
  r.measured->source = "x\ty\r";
  const std::string text = to_text(r, false);
  CHECK(text.find("a?[31mb?c?: fits") == 0);
  for (const char c : text) CHECK((c == '\n' || (static_cast<unsigned char>(c) >= 0x20 && c != '\x7f')));
}

TEST_CASE("a step of no length divides nothing by zero") {
  Report r;
  r.memory.capacity = Bytes(1);
  const std::string text = to_text(r, false);
  CHECK(text.find("nan") == std::string::npos);
  CHECK(text.find("inf") == std::string::npos);
}

TEST_CASE("bars end on eighths of a column, and labels keep their distance") {
  TextPage page(false);
  page.bar("row", 1, Colour::kNone);
  page.bar("row", 0.5 / 95, Colour::kNone);
  page.bar("row", 0, Colour::kNone);
  page.item("a label longer than the twenty columns", "text");
  page.item("short", "text");
  const std::vector<std::string> lines = lines_of(page.text());
  CHECK(columns(lines[0]) == 100);
  CHECK(lines[1] == "row  ▌");
  CHECK(lines[2] == "row");
  CHECK(lines[3] == "a label longer than the twenty columns text");
  CHECK(lines[4] == "short               text");
}
