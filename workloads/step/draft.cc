// Interns what ops refer to, and costs each kernel shape once.
#include "workloads/step/draft.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "sim/base/error.h"
#include "workloads/schedules/schedule.h"

namespace orrery::step {
namespace {

// Twenty hours. No kernel that means anything lasts as long, and 60 of them in a segment stay far below 2⁶³ ps.
constexpr Duration kLongestKernel = Duration::picoseconds(std::int64_t{1} << 56U);

// Of the grid, within "data"; and after all others.
constexpr const char* kExpertDimension = "expert";
constexpr const char* kShardDimension = "shard";
constexpr const char* kSiteDimension = "site";
constexpr const char* kRowDimension = "tensor row";  // before "tensor"

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

std::uint32_t Draft::dimension(std::string_view name) const {
  const auto& dimensions = program_.grid.dimensions;
  const auto found = std::find_if(dimensions.begin(), dimensions.end(), [&](const auto& d) { return d.name == name; });
  return static_cast<std::uint32_t>(found - dimensions.begin());
}

GroupSpecId Draft::add_group(GroupSpec spec) {
  program_.groups.push_back(std::move(spec));
  return GroupSpecId(program_.groups.size() - 1);
}

Draft::Draft(const Plan& plan, const Stack& stack, const Chip& chip, bool shared_embedding, bool has_experts)
    : stack_(&stack), chip_(&chip) {
  const bool parts_data = plan.expert > 1;  // into ranks that hold different experts, and those that hold the same
  const std::int64_t copies = plan.replicas() / plan.sharded_over();
  const bool hybrid = plan.sharded_over() < plan.replicas();
  const auto add = [this](const std::string& name, std::int64_t ranks) {
    program_.grid.dimensions.push_back({name, static_cast<std::uint32_t>(ranks)});
  };
  for (const std::string& name : plan.order) {
    if (name != "data") {
      const bool mesh = name == "tensor" && plan.tensor_rows > 1;
      if (mesh) add(kRowDimension, plan.tensor_rows);
      add(name, plan.ranks_along(name) / (mesh ? plan.tensor_rows : 1));
      continue;
    }
    const std::int64_t alike = plan.data / plan.local_sgd.sites / plan.expert_data_places();
    if (parts_data) add(kExpertDimension, plan.expert_data_places());
    if (hybrid) add(kShardDimension, alike / copies);
    add(name, hybrid ? copies : alike);
  }
  if (plan.local_sgd.sites > 1) add(kSiteDimension, plan.local_sgd.sites);
  std::vector<std::uint32_t> tensor = {dimension("tensor")};
  pipeline_dimension_ = dimension("pipeline");
  program_.streams = {"host", "compute", "tensor", "send", "receive", "data"};
  const PipelineSchedule& schedule = *PipelineSchedules::find(plan.schedule);
  program_.staggered = schedule.staggers && plan.pipeline > 1;
  if (plan.context > 1) context_dimension_ = dimension("context");
  // Streams are known by number: those of a later feature come after those of an earlier one, in use or not.
  const bool offloads = plan.offload.any();
  const bool apart = schedule.messages_apart() || offloads;
  if (plan.context > 1 || has_experts || apart)
    program_.streams.insert(program_.streams.end(), {"context", "context receive"});
  if (has_experts || apart) program_.streams.emplace_back("expert");
  if (apart) {
    program_.streams.insert(program_.streams.end(), {"send gradients", "receive gradients"});
    if (plan.chunks() > 1 || offloads)
      program_.streams.insert(program_.streams.end(),
                              {"send second", "receive second", "send second gradients", "receive second gradients"});
  }
  if (offloads) program_.streams.insert(program_.streams.end(), {"to host", "from host", "host update"});
  program_.host_op = stack.host_per_message;

  groups_.tensor = groups_.tensor_column = group("tensor", tensor);
  if (plan.tensor_rows > 1) {
    groups_.tensor_row = group(kRowDimension, {dimension(kRowDimension)});
    tensor.insert(tensor.begin(), dimension(kRowDimension));
    groups_.tensor = group("tensor mesh", tensor);
  }
  if (plan.context > 1) groups_.context = group("context", {context_dimension_});
  std::vector<std::uint32_t> replicas = {dimension(hybrid ? kShardDimension : "data")};
  if (parts_data) replicas.insert(replicas.begin(), dimension(kExpertDimension));
  if (plan.context > 1) replicas.insert(replicas.begin(), context_dimension_);
  groups_.data = group(hybrid ? kShardDimension : "data", std::move(replicas));
  if (hybrid) groups_.copies = group("data", {dimension("data")});
  if (has_experts) add_expert_groups(plan);
  if (plan.local_sgd.sites > 1) groups_.sites = group(kSiteDimension, {dimension(kSiteDimension)});
  std::vector<std::uint32_t> model = tensor;
  model.push_back(pipeline_dimension_);
  groups_.model = group("model", std::move(model));
  if (plan.pipeline > 1 && shared_embedding)
    groups_.embedding =
        add_group({"embedding", {pipeline_dimension_}, {0, static_cast<std::uint32_t>(plan.pipeline - 1)}});
}

// Experts are dealt out to the fastest of the ranks that could hold them: tensor ranks, unless those share experts out,
// then context ranks, then data ranks.
void Draft::add_expert_groups(const Plan& plan) {
  std::vector<std::uint32_t> places;
  if (plan.expert_shards() == 1 && plan.tensor > 1) places.push_back(dimension("tensor"));
  if (plan.context > 1) places.push_back(context_dimension_);
  std::vector<std::uint32_t> alike;
  if (plan.expert > 1) {
    places.push_back(dimension(kExpertDimension));
    groups_.expert = group("expert", std::move(places));
  } else {
    alike = std::move(places);
  }
  alike.push_back(dimension(groups_.copies ? kShardDimension : "data"));
  groups_.expert_data = group(groups_.copies ? "expert shard" : "expert data", std::move(alike));
}

Draft::Draft(Grid grid, const std::vector<std::string>& own_streams, const Stack& stack, const Chip& chip)
    : stack_(&stack), chip_(&chip) {
  program_.grid = std::move(grid);
  program_.streams = {"host", "compute", "tensor", "send", "receive", "data"};
  program_.streams.insert(program_.streams.end(), own_streams.begin(), own_streams.end());
  program_.host_op = stack.host_per_message;
}

std::optional<GroupSpecId> Draft::group(std::string name, std::vector<std::uint32_t> dimensions) {
  std::uint64_t members = 1;
  for (const std::uint32_t d : dimensions) members *= program_.grid.dimensions[d].size;
  if (members == 1) return std::nullopt;
  return add_group({std::move(name), std::move(dimensions), {}});
}

std::int64_t Draft::members(GroupSpecId group) const {
  std::int64_t members = 1;
  for (const std::uint32_t d : program_.groups[group.index()].dimensions) members *= program_.grid.dimensions[d].size;
  return members;
}

GroupSpecId Draft::mirror(std::int64_t stage, std::int64_t stages) {
  const auto near = static_cast<std::uint32_t>(std::min(stage, stages - 1 - stage));
  return intern(mirrors_, near, [&] {
    return add_group({"mirror", {pipeline_dimension_}, {near, static_cast<std::uint32_t>(stages - 1) - near}});
  });
}

std::uint32_t Draft::name(std::string_view text) {
  return intern(names_, std::string(text), [&] {
    program_.names.emplace_back(text);
    return static_cast<std::uint32_t>(program_.names.size() - 1);
  });
}

std::uint32_t Draft::algorithm(CollectiveKind kind, bool to_experts) {
  const std::string& name = to_experts                           ? stack_->dispatch
                            : kind == CollectiveKind::kAllReduce ? stack_->all_reduce
                            : kind == CollectiveKind::kAllGather ? stack_->all_gather
                            : kind == CollectiveKind::kAllToAll  ? stack_->all_to_all
                                                                 : stack_->reduce_scatter;
  const std::uint32_t index = index_of(program_.algorithms, name);
  if (index == program_.algorithms.size()) program_.algorithms.push_back(name);
  return index;
}

std::uint32_t Draft::collective(CollectiveKind kind, GroupSpecId group, Bytes bytes, std::uint32_t copies) {
  return intern(collectives_, std::tuple(kind, group.index(), bytes, copies), [&] {
    program_.collectives.push_back({kind, group, bytes, algorithm(kind, copies > 0), std::max(copies, 1U)});
    return static_cast<std::uint32_t>(program_.collectives.size() - 1);
  });
}

std::uint32_t Draft::message(const MessageOp& message) {
  return intern(messages_, std::tuple(message.dimension, message.delta, message.bytes, message.channel), [&] {
    program_.messages.push_back(message);
    return static_cast<std::uint32_t>(program_.messages.size() - 1);
  });
}

std::uint32_t Draft::delay(Duration duration) {
  return intern(delays_, duration, [&] {
    program_.delays.push_back(duration);
    return static_cast<std::uint32_t>(program_.delays.size() - 1);
  });
}

KernelCost Draft::cost_of(const Kernel& kernel) {
  const Shape shape(kernel.kind, kernel.precision, kernel.batch, kernel.m, kernel.n, kernel.k, kernel.read,
                    kernel.written, kernel.vector_flops, kernel.hardware_flops, kernel.backward);
  const KernelCost once = intern(costs_, shape, [&] {
    KernelCost found = cost(kernel, *chip_);
    if (found.duration > kLongestKernel)
      throw RunError(fmt::format("the kernel '{}' would last {} on {}: nothing so long can be simulated", kernel.name,
                                 to_text(found.duration), chip_->name));
    return found;
  });
  if (kernel.times == 1) return once;
  const double lasts = std::ceil(static_cast<double>(once.duration.ps()) * kernel.times);
  if (!(lasts < static_cast<double>(kLongestKernel.ps())))
    throw RunError(
        fmt::format("the kernel '{}' would last for hours on {}, {} times {}: nothing so long can be simulated",
                    kernel.name, chip_->name, kernel.times, to_text(once.duration)));
  return {.duration = Duration::picoseconds(static_cast<std::int64_t>(lasts)),
          .matrix_seconds = once.matrix_seconds * kernel.times,
          .hbm = Bytes(static_cast<std::int64_t>(once.hbm.as_double() * kernel.times))};
}

Duration Draft::queueing(const Kernel& kernel) const {
  const Duration once = stack_->host_per_kernel * kernel.launches;
  if (kernel.times == 1) return once;
  return Duration::picoseconds(static_cast<std::int64_t>(static_cast<double>(once.ps()) * kernel.times));
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
    segment.model_flops += kernel.model_flops * kernel.times;
    segment.hardware_flops += kernel.hardware_flops * kernel.times;
    segment.vector_flops += kernel.vector_flops * kernel.times;
    if (kernel.precision != stack_->compute)
      segment.other_flops[static_cast<std::size_t>(kernel.precision)] += kernel.hardware_flops.count() * kernel.times;
    segment.matrix_seconds += found.matrix_seconds;
    rows.push_back({name(kernel.name), found.duration});
    key.push_back(rows.back().name);
    key.push_back(found.duration.ps());
    if (found.duration > rows[longest].duration) longest = rows.size() - 1;
  }
  // The host has queued kernel k after the launches through k; from then on at least kernels k … last still have to
  // run.
  Duration queued;
  Duration left = segment.duration;
  for (std::size_t k = 0; k < rows.size(); ++k) {
    queued += queueing(kernels[k]);
    segment.host_path = std::max(segment.host_path, queued + left);
    left -= rows[k].duration;
  }
  segment.host_time = queued;

  key.push_back(segment.host_time.ps());
  key.push_back(segment.host_path.ps());
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
  return finish([this](const Grid& grid, RankId rank) { return grid.coordinate(rank, pipeline_dimension_); });
}

Program Draft::finish(const std::function<std::uint32_t(const Grid&, RankId)>& role_of) {
  const std::size_t ranks = program_.grid.rank_count();
  program_.role_of_rank.reserve(ranks);
  for (std::size_t rank = 0; rank < ranks; ++rank)
    program_.role_of_rank.push_back(role_of(program_.grid, RankId(rank)));
  return std::move(program_);
}

}  // namespace orrery::step
