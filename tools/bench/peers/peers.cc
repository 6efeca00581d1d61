// Times Orrery's fluid network beside SimGrid's on the same flows: agreement, CPU seconds of both, and their ratio.
//
// The two run by turns, quick cases many times: a machine that others use changes its speed by half from one second to
// the next, and neighbours in time mostly meet it in one mood. Said are the medians, of the ratio too.
//
// Prints a line a case as CSV. The exit status is 1 where a flow ends at another time than in SimGrid, or a collective
// at another time than is known, by more than 0.1 %; how fast either was doesn't count.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>

#include "sim/report/chart.h"
#include "tools/bench/peers/simulator.h"

namespace {

using namespace orrery::peers;
using orrery::Chart, orrery::ChartAxis, orrery::ChartPage;

constexpr double kAgreement = 1e-3;
constexpr double kMiB = 1 << 20;

struct Measured {
  Workload work;
  double ours = 0;
  double theirs = 0;  // 0: not run
  double ratio = 0;
  bool agrees = true;
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

int runs_of(double cpu) { return cpu < 0.2 ? 21 : cpu < 2 ? 5 : 1; }

std::vector<Workload> table(double most_load) {
  std::vector<Workload> cases;
  const auto expect = [&cases](Workload work, double end) {
    work.expected_end = end;
    cases.push_back(std::move(work));
  };
  // Simulated seconds of SimGrid 3.32 as measured elsewhere: these cases leave nothing to chance.
  expect(ring_all_reduce(64, 1024 * kMiB), 0.043034584);
  expect(ring_all_reduce(256, 1024 * kMiB), 0.045841901);
  expect(ring_all_reduce(1024, 1024 * kMiB), 0.055183730);
  for (const std::uint32_t hosts : {256U, 1024U, 4096U}) cases.push_back(permutation(hosts, 64 * kMiB));
  expect(all_to_all(64, kMiB), 0.001323206);
  expect(all_to_all(128, kMiB), 0.002665383);
  expect(all_to_all(256, kMiB), 0.005349738);
  cases.push_back(random_pairs(1024, 100'000, 0.1, 16 * kMiB));
  for (const double load : {0.1, 0.2, 0.3, 0.4, 0.5})
    if (load <= most_load) cases.push_back(random_pairs(1024, 10'000, load, 16 * kMiB));
  return cases;
}

// What the cost grows with: flows, hosts, load.
std::vector<Workload> growing() {
  std::vector<Workload> cases;
  for (const std::uint32_t flows : {1'000U, 3'000U, 10'000U, 30'000U, 100'000U, 300'000U})
    cases.push_back(random_pairs(1024, flows, 0.1, 16 * kMiB));
  for (const std::uint32_t hosts : {64U, 128U, 256U, 512U, 1024U, 2048U, 4096U})
    cases.push_back(random_pairs(hosts, 10'000, 0.2, 16 * kMiB));
  for (const double load : {0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.8})
    cases.push_back(random_pairs(1024, 10'000, load, 16 * kMiB));
  return cases;
}

Measured measure(const Workload& work, bool beside) {
  Measured measured{.work = work};
  const Outcome ours = run_apart(run_orrery, work);
  std::vector<double> all_ours = {ours.cpu};
  const auto differs = [](double a, double b) { return std::abs(a - b) > kAgreement * b; };
  if (work.expected_end > 0 && differs(ours.end, work.expected_end)) measured.agrees = false;
  double worst = 0;
  if (beside) {
    const Outcome theirs = run_apart(run_simgrid, work);
    std::vector<double> all_theirs = {theirs.cpu};
    std::vector<double> ratios = {theirs.cpu / ours.cpu};
    for (int again = 1; again < runs_of(theirs.cpu); ++again) {
      all_ours.push_back(run_apart(run_orrery, work).cpu);
      all_theirs.push_back(run_apart(run_simgrid, work).cpu);
      ratios.push_back(all_theirs.back() / all_ours.back());
    }
    measured.theirs = median(all_theirs);
    measured.ratio = median(ratios);
    if (differs(ours.end, theirs.end)) measured.agrees = false;
    for (std::size_t f = 0; f < ours.ends.size(); ++f)
      worst = std::max(worst, std::abs(ours.ends[f] - theirs.ends[f]) / theirs.ends[f]);
    if (!(worst <= kAgreement)) measured.agrees = false;
  } else {
    for (int again = 1; again < runs_of(ours.cpu); ++again) all_ours.push_back(run_apart(run_orrery, work).cpu);
  }
  measured.ours = median(all_ours);
  fmt::print("{},{},{},{:g},{:.9f},{:.4f}", work.name, work.hosts, work.flows(), work.load, ours.end, measured.ours);
  if (beside) {
    fmt::print(",{:.4f},{:.1f},{:.1e}", measured.theirs, measured.ratio, worst);
  } else {
    fmt::print(",,,");
  }
  fmt::print(",{}\n", measured.agrees ? "agrees" : "DIFFERS");
  std::fflush(stdout);
  return measured;
}

void draw(const std::vector<Measured>& all, const std::string& path) {
  ChartPage page;
  const ChartAxis cost{"CPU seconds"};
  page.charts = {{"load 0.1, 1,024 hosts", {"flows"}, cost, {}, {}},
                 {"load 0.2, 10,000 flows", {"hosts"}, cost, {}, {}},
                 {"1,024 hosts, 10,000 flows", {"load"}, cost, {}, {}}};
  std::vector<Chart>& charts = page.charts;
  for (Chart& chart : charts) chart.lines = {{"Orrery", "#1f6feb", {}}, {"SimGrid", "#d1242f", {}}};
  const auto plot = [](Chart& chart, double x, const Measured& one) {
    chart.lines[0].points.emplace_back(x, one.ours);
    if (one.theirs > 0) chart.lines[1].points.emplace_back(x, one.theirs);
  };
  for (std::size_t k = 0; k < all.size(); ++k) {
    const Workload& work = all[k].work;
    if (k < 6) {
      plot(charts[0], static_cast<double>(work.flows()), all[k]);
    } else if (k < 13) {
      plot(charts[1], work.hosts, all[k]);
    } else {
      plot(charts[2], work.load, all[k]);
    }
  }
  std::ofstream(path) << to_svg(page);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Orrery's fluid network beside SimGrid's kernel on the same flows: agreement and CPU seconds");
  std::string plot;
  double most_load = 0.5;
  app.add_option("--growth", plot, "measure how cost grows with flows, hosts and load instead, and draw it: FILE.svg");
  app.add_option("--most-load", most_load,
                 "leave out random pairs above this load (SimGrid takes minutes from 0.4 on)");
  CLI11_PARSE(app, argc, argv);

  fmt::print("case,hosts,flows,load,end s,orrery CPU s,simgrid CPU s,ratio,worst difference,\n");
  std::vector<Measured> all;
  for (const Workload& work : plot.empty() ? table(most_load) : growing())
    all.push_back(measure(work, plot.empty() || work.load <= std::min(most_load, 0.3)));
  if (!plot.empty()) draw(all, plot);
  return std::all_of(all.begin(), all.end(), [](const Measured& one) { return one.agrees; }) ? 0 : 1;
}
