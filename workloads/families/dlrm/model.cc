// Reads a recommendation model.
#include "workloads/families/dlrm/model.h"

#include <fmt/format.h>

#include "workloads/model.h"

namespace orrery::dlrm {
namespace {

constexpr std::int64_t kMostTables = 10'000;
constexpr std::int64_t kMostTableRows = std::int64_t{1} << 40U;
constexpr std::int64_t kMostPooled = 10'000;
constexpr std::int64_t kWidestLayer = std::int64_t{1} << 20U;
constexpr std::int64_t kWidestEmbedding = 1 << 16U;

Perceptron read_perceptron(std::int64_t in, const yaml::Node& node) {
  Perceptron made{{in}};
  for (const yaml::Node& width : node.items()) made.widths.push_back(width.integer(1, kWidestLayer));
  if (made.widths.size() < 2) node.fail("a perceptron has one layer at least");
  return made;
}

}  // namespace

std::int64_t Perceptron::weights() const {
  std::int64_t sum = 0;
  for (std::size_t l = 0; l + 1 < widths.size(); ++l) sum += (widths[l] + 1) * widths[l + 1];
  return sum;
}

std::int64_t Recommender::rows() const {
  std::int64_t sum = 0;
  for (const Table& table : tables) sum += table.rows;
  return sum;
}

std::int64_t Recommender::lookups() const {
  std::int64_t sum = 0;
  for (const Table& table : tables) sum += table.pooling;
  return sum;
}

Recommender read_recommender(const yaml::Node& node) {
  yaml::Map map(node, "a model of the family 'dlrm'");
  static_cast<void>(map.required("family"));
  Recommender model;
  model.name = map.required("name").text();
  model.source = map.required("source").text();
  const std::int64_t dense = map.required("dense").integer(1, kWidestLayer);
  model.dim = map.required("dim").integer(1, kWidestEmbedding);
  const yaml::Node rows = map.required("rows");
  for (const yaml::Node& row : rows.items()) model.tables.push_back({row.integer(1, kMostTableRows), 1});
  if (model.tables.empty() || static_cast<std::int64_t>(model.tables.size()) > kMostTables)
    rows.fail(fmt::format("tables are 1 to {}", kMostTables));
  if (const auto pooling = map.optional("pooling")) {
    const std::vector<yaml::Node> counts = pooling->items();
    if (counts.size() != model.tables.size())
      pooling->fail(fmt::format("{} tables, but {} counts of lookups", model.tables.size(), counts.size()));
    for (std::size_t t = 0; t < counts.size(); ++t) model.tables[t].pooling = counts[t].integer(1, kMostPooled);
  }
  const yaml::Node bottom = map.required("bottom");
  model.bottom = read_perceptron(dense, bottom);
  if (model.bottom.widths.back() != model.dim)
    bottom.fail(fmt::format("its last width, {}, interacts with embeddings of {}: they must be equal",
                            model.bottom.widths.back(), model.dim));
  const std::int64_t vectors = model.vectors();
  model.top = read_perceptron(model.dim + vectors * (vectors - 1) / 2, map.required("top"));
  map.finish();
  Int128 weights = 0;
  for (const Table& table : model.tables) weights += static_cast<Int128>(table.rows) * model.dim;
  if (weights > kMostParameters) node.fail("this model has more than 10¹⁵ parameters, the most that is possible");
  return model;
}

}  // namespace orrery::dlrm
