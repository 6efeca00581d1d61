// Interns what ops refer to, and costs each kernel shape once.
#include "workloads/step/draft.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "sim/base/error.h"

namespace orrery::step {
namespace {

// Twenty hours. No kernel that means anything lasts as long, and 60 of them in a segment stay far below 2⁶³ ps.
constexpr Duration kLongestKernel = Duration::picoseconds(std::int64_t{1} << 56U);

template <class Map, class Key, class Make>
auto intern(Map& map, const Key& key, Make make) {
  const auto found = map.find(key);
  if (found != map.end()) return found->second;
  const auto made = make();
  map.emplace(key, made);
  return made;
}

std::uint32_t index_of(const std::vector<std::string>& names, std::string_view name) {
  return static_cast<std::uint32_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

}  // namespace

Draft::Draft(const Plan& plan, const Stack& stack, const Chip& chip, bool shared_embedding)
    : stack_(&stack), chip_(&chip) {
  for (const std::string& name : plan.order) {
    program_.grid.dimensions.push_back({name, static_cast<std::uint32_t>(plan.ranks_along(name))});
  }
  const std::uint32_t tensor = index_of(plan.order, "tensor");
  const std::uint32_t data = index_of(plan.order, "data");
  pipeline_dimension_ = index_of(plan.order, "pipeline");
  program_.streams = {"host", "compute", "tensor", "send", "receive", "data"};
  if (plan.context > 1) {
    context_dimension_ = index_of(plan.order, "context");
    program_.streams.insert(program_.streams.end(), {"context", "context receive"});
  }
  program_.host_op = stack.host_per_message;

  const auto add_group = [this](GroupSpec spec) {
    program_.groups.push_back(std::move(spec));
    return GroupSpecId(program_.groups.size() - 1);
  };
  if (plan.tensor > 1) groups_.tensor = add_group({"tensor", {tensor}, {}});
  if (plan.context > 1) groups_.context = add_group({"context", {context_dimension_}, {}});
  if (plan.replicas() > 1) {
    std::vector<std::uint32_t> dimensions = {data};
    if (plan.context > 1) dimensions.insert(dimensions.begin(), context_dimension_);
    groups_.data = add_group({"data", dimensions, {}});
  }
  if (plan.tensor * plan.pipeline > 1) groups_.model = add_group({"model", {tensor, pipeline_dimension_}, {}});
  if (plan.pipeline > 1 && shared_embedding)
    groups_.embedding =
        add_group({"embedding", {pipeline_dimension_}, {0, static_cast<std::uint32_t>(plan.pipeline - 1)}});
}

std::uint32_t Draft::name(std::string_view text) {
  return intern(names_, std::string(text), [&] {
    program_.names.emplace_back(text);
    return static_cast<std::uint32_t>(program_.names.size() - 1);
  });
}

std::uint32_t Draft::algorithm(CollectiveKind kind) {
  const std::string& name = kind == CollectiveKind::kAllReduce   ? stack_->all_reduce
                            : kind == CollectiveKind::kAllGather ? stack_->all_gather
                            : kind == CollectiveKind::kAllToAll  ? stack_->all_to_all
                                                                 : stack_->reduce_scatter;
  const std::uint32_t index = index_of(program_.algorithms, name);
  if (index == program_.algorithms.size()) program_.algorithms.push_back(name);
  return index;
}

std::uint32_t Draft::collective(CollectiveKind kind, GroupSpecId group, Bytes bytes) {
  return intern(collectives_, std::tuple(kind, group.index(), bytes), [&] {
    program_.collectives.push_back({kind, group, bytes, algorithm(kind)});
    return static_cast<std::uint32_t>(program_.collectives.size() - 1);
  });
}

std::uint32_t Draft::message(const MessageOp& message) {
  return intern(messages_, std::tuple(message.dimension, message.delta, message.bytes, message.channel), [&] {
    program_.messages.push_back(message);
    return static_cast<std::uint32_t>(program_.messages.size() - 1);
  });
}

KernelCost Draft::cost_of(const Kernel& kernel) {
  const Shape shape(kernel.kind, kernel.precision, kernel.batch, kernel.m, kernel.n, kernel.k, kernel.read,
                    kernel.written, kernel.vector_flops, kernel.hardware_flops);
  return intern(costs_, shape, [&] {
    const KernelCost found = cost(kernel, *chip_);
    if (found.duration > kLongestKernel)
      throw RunError(fmt::format("the kernel '{}' would last {} on {}: nothing so long can be simulated", kernel.name,
                                 to_text(found.duration), chip_->name));
    return found;
  });
}

SegmentId Draft::segment(std::span<const Kernel> kernels) {
  Segment segment;
  segment.kernel_count = static_cast<std::uint32_t>(kernels.size());
  segment.first_kernel = static_cast<std::uint32_t>(program_.kernels.size());
  std::vector<std::int64_t> key;
  std::vector<KernelRow> rows;
  std::size_t longest = 0;
  for (const Kernel& kernel : kernels) {
    const KernelCost found = cost_of(kernel);
    segment.duration += found.duration;
    segment.hbm += found.hbm;
    segment.model_flops += kernel.model_flops;
    segment.hardware_flops += kernel.hardware_flops;
    segment.vector_flops += kernel.vector_flops;
    if (kernel.precision != stack_->compute)
      segment.other_flops[static_cast<std::size_t>(kernel.precision)] += kernel.hardware_flops.count();
    segment.matrix_seconds += found.matrix_seconds;
    rows.push_back({name(kernel.name), found.duration});
    key.push_back(rows.back().name);
    key.push_back(found.duration.ps());
    if (found.duration > rows[longest].duration) longest = rows.size() - 1;
  }
  // The host has queued kernel k after k + 1 kernels' time; from then on at least kernels k … last still have to run.
  Duration queued;
  Duration left = segment.duration;
  for (const KernelRow& row : rows) {
    queued += stack_->host_per_kernel;
    segment.host_path = std::max(segment.host_path, queued + left);
    left -= row.duration;
  }
  segment.host_time = queued;

  key.push_back(segment.hbm.count());
  key.push_back(std::bit_cast<std::int64_t>(segment.model_flops.count()));
  key.push_back(std::bit_cast<std::int64_t>(segment.hardware_flops.count()));
  key.push_back(std::bit_cast<std::int64_t>(segment.vector_flops.count()));
  for (const double flops : segment.other_flops) key.push_back(std::bit_cast<std::int64_t>(flops));
  return intern(segments_, key, [&] {
    program_.kernels.insert(program_.kernels.end(), rows.begin(), rows.end());
    longest_.push_back(longest);
    return program_.segments.add(segment);
  });
}

Program Draft::finish() {
  const std::size_t ranks = program_.grid.rank_count();
  program_.role_of_rank.reserve(ranks);
  for (std::size_t rank = 0; rank < ranks; ++rank)
    program_.role_of_rank.push_back(program_.grid.coordinate(RankId(rank), pipeline_dimension_));
  return std::move(program_);
}

}  // namespace orrery::step
