// A question to many runs: which scenarios, what changes in them from point to point, and which figure answers it.
//
//     question: How far does tensor parallelism go as layers get wider?
//     scenario: base/dense.yaml           # of all lines that name none; beside this file, or a name of the library
//     along: tensor ranks
//     keys: [plan.tensor]                 # each takes the point's number; not where points say what they set
//     points: [1, 2, 4, 8]                # or [{name: FP16, set: {stack: megatron_core}}, …]
//     lines:
//       - {name: width 4096, set: {model.hidden: 4096}}      # scenario: as above, where it is the line's own
//       - {name: width 8192, by_point: {plan.batch: 4 * point, plan.microbatch: 64 / point}}   # whole numbers;
//         # of named points {FP16: {plan.microbatch: 2}, …}
//     measure: samples_per_chip           # a name of report/measures.h, which are not known here
//     relative: true                      # ÷ each line's first point; false when absent
//     least: 0.5                          # optional: how far along a line the figure stays at least this
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/library.h"
#include "sim/base/yaml.h"

namespace orrery {

struct SweepFile {
  struct Point {
    std::string label;
    double x = 0;  // its number, or its place among named points, from 1
    std::vector<yaml::Override> set;
  };
  struct Line {
    std::string name;
    std::filesystem::path scenario;
    std::vector<yaml::Override> set;
    std::vector<std::vector<yaml::Override>> by_point;  // of each point; empty: none
  };
  std::string question;
  std::string along;
  bool named_points = false;
  std::vector<Point> points;
  std::vector<Line> lines;
  std::string measure;
  bool relative = false;
  std::optional<double> least;
};

// InputError at whatever is wrong in it; the scenarios are read later, each with its changes. `file`: beside which they
// are looked for.
[[nodiscard]] SweepFile read_sweep(const Library& library, const yaml::Node& root, const std::filesystem::path& file,
                                   const std::vector<std::string>& measures);
[[nodiscard]] SweepFile load_sweep(const Library& library, const std::filesystem::path& file,
                                   const std::vector<std::string>& measures);

}  // namespace orrery
