// Says what a plan asks for in words that fit a line each.
#include "sim/report/plan_parts.h"

#include <fmt/format.h>

namespace orrery {
namespace {

std::string recompute_name(Recompute recompute) {
  switch (recompute) {
    case Recompute::kNone:
      return "no recompute";
    case Recompute::kSelective:
      return "selective recompute";
    case Recompute::kFull:
      return "full recompute";
  }
  return "";
}

// Few by name, many by number, so that they stand on one line.
std::string names_or_number(const std::vector<std::string>& names, std::string_view what) {
  constexpr std::size_t kMostNamed = 3;
  if (names.size() <= kMostNamed) return fmt::format("{}", fmt::join(names, ", "));
  return fmt::format("{} {}", names.size(), what);
}

std::string recompute_text(const Plan& plan) {
  const std::vector<std::string> modules = plan.again.names();
  return modules.empty() ? recompute_name(plan.recompute) : names_or_number(modules, "modules") + " recomputed";
}

std::string adapters_text(const Adapters& adapters) {
  return fmt::format("rank {} adapters on {}{}", adapters.rank, names_or_number(adapters.names(), "matrices"),
                     adapters.nf4 ? ", frozen in nf4" : "");
}

std::string optimizer_text(const OptimizerChoice& optimizer) {
  std::string text = optimizer.name;
  if (optimizer.moments != Precision::kFp32) text += fmt::format(" with {} moments", to_name(optimizer.moments));
  if (optimizer.step != ShownStep::kAverage) text += fmt::format(" ({} step)", to_name(optimizer.step));
  return text;
}

}  // namespace

std::vector<std::string> plan_parts(const Report& report) {
  const Plan& plan = report.plan;
  std::vector<std::string> parts = {
      fmt::format("tensor {}", plan.tensor),
      fmt::format("pipeline {}", plan.pipeline),
      fmt::format("data {}", plan.data),
      report.sample == "token" ? fmt::format("{} × {} tokens", plan.batch, plan.sequence)
                               : fmt::format("{} {}s of {} tokens", plan.batch, report.sample, plan.sequence),
      fmt::format("{} microbatch{} of {}", plan.microbatches(), plan.microbatches() == 1 ? "" : "es", plan.microbatch),
      plan.schedule + (plan.interleave > 1 ? fmt::format(" × {}", plan.interleave) : ""),
      recompute_text(plan)};
  if (plan.embedding_as_layer || plan.loss_as_layer)
    parts.push_back(fmt::format("{}{}{} as a layer", plan.embedding_as_layer ? "embedding" : "",
                                plan.embedding_as_layer && plan.loss_as_layer ? " and loss each" : "",
                                plan.embedding_as_layer ? "" : "loss"));
  if (plan.context > 1)
    parts.insert(parts.begin() + 1, fmt::format("context {} ({})", plan.context, to_name(plan.context_exchange)));
  if (plan.source_sequence > 0) parts.push_back(fmt::format("sources of {} tokens", plan.source_sequence));
  if (plan.tensor_rows > 1)
    parts.push_back(fmt::format("tensor mesh of {} × {}", plan.tensor_rows, plan.tensor / plan.tensor_rows));
  if (plan.tensor > 1 && plan.tensor_tiles > 1) parts.push_back(fmt::format("{} tiles a product", plan.tensor_tiles));
  if (plan.sequence_parallel) parts.emplace_back("sequence parallel");
  if (plan.documents > 1)
    parts.push_back(fmt::format("{} documents of {} tokens in each", plan.documents, plan.sequence / plan.documents));
  if (plan.offload.any()) parts.push_back(names_or_number(plan.offload.names(), "things") + " offloaded");
  if (plan.compression.any()) parts.push_back(plan.compression.kind + " gradients");
  if (plan.adapters.any()) parts.push_back(adapters_text(plan.adapters));
  if (plan.zero > 0)
    parts.push_back(fmt::format("ZeRO-{}", plan.zero) +
                    (plan.sharded_over() < plan.replicas() ? fmt::format(" over {}", plan.sharded_over()) : ""));
  if (plan.local_sgd.sites > 1)
    parts.push_back(fmt::format("local SGD, {} sites that meet every {} steps, shown: {}", plan.local_sgd.sites,
                                plan.local_sgd.steps, to_name(plan.local_sgd.step)));
  if (plan.optimizer.name != "adam" || plan.optimizer.moments != Precision::kFp32)
    parts.push_back(optimizer_text(plan.optimizer));
  return parts;
}

}  // namespace orrery
