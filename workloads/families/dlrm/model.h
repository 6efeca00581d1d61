// A deep learning recommendation model out of its model file: embedding tables, two perceptrons and how they interact.
//
// A model file:
//
//     family: dlrm
//     name: DLRM
//     source: where the configuration is published
//     dense: 13                            # dense features
//     dim: 128                             # of an embedding
//     bottom: [512, 256, 128]              # widths over the dense features; the last one is dim
//     top: [1024, 1024, 512, 256, 1]       # widths over the interactions
//     rows: [39884406, 39043, …]           # of each table
//     pooling: [1, …]                      # lookups a sample in each table; one each when absent
//
// Interaction: the dot products of all pairs among the tables' pooled embeddings and the bottom's output, beside that
// output: tables·(tables + 1) ÷ 2 + dim wide (Naumov et al. 2019, arXiv 1906.00091).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/base/yaml.h"

namespace orrery::dlrm {

struct Table {
  std::int64_t rows = 1;
  std::int64_t pooling = 1;
};

struct Perceptron {  // widths from the input on
  std::vector<std::int64_t> widths;
  [[nodiscard]] std::int64_t weights() const;  // with biases
};

struct Recommender {
  std::string name;
  std::string source;
  std::int64_t dim = 1;
  std::vector<Table> tables;
  Perceptron bottom;
  Perceptron top;

  [[nodiscard]] std::int64_t rows() const;
  [[nodiscard]] std::int64_t lookups() const;  // of a sample
  [[nodiscard]] std::int64_t dense_weights() const { return bottom.weights() + top.weights(); }
  [[nodiscard]] std::int64_t parameters() const { return rows() * dim + dense_weights(); }
  [[nodiscard]] std::int64_t vectors() const { return static_cast<std::int64_t>(tables.size()) + 1; }  // that interact
};

// InputError at whatever is wrong.
[[nodiscard]] Recommender read_recommender(const yaml::Node& model);

}  // namespace orrery::dlrm
