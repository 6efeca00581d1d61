// A Program while it is written: every distinct name, segment, collective and message stands in it once.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "sim/kernel/program.h"
#include "workloads/compute/kernel.h"
#include "workloads/plan.h"
#include "workloads/stack.h"

namespace orrery::step {

// What ops of a training step run on. Sends and receives have streams of their own, so that stages can exchange in both
// directions at once; so have those of a context group, where there is one, and what goes to experts and back. Where
// backward passes are split, gradients and a second chunk's messages have streams of their own too: in one they could
// wait for each other in a circle.
enum class Stream : std::uint16_t {
  kHost = kHostStream,
  kCompute = kComputeStream,
  kTensor,
  kSend,
  kReceive,
  kData,
  kContext,
  kContextReceive,
  kExpert,
  kSendGradients,
  kReceiveGradients,
  kSendSecond,
  kReceiveSecond,
  kSendSecondGradients,
  kReceiveSecondGradients,
  kToHost,
  kFromHost,
  kHostUpdate,  // what the host's processor does for the rank
};
// A family's own streams stand behind `data` instead of the context group's.
[[nodiscard]] constexpr Stream own_stream(std::size_t index) {
  return static_cast<Stream>(static_cast<std::size_t>(Stream::kData) + 1 + index);
}
inline constexpr std::size_t kMostOwnStreams = 12;  // both directions to both neighbours along three dimensions
inline constexpr std::size_t kStreamCount = 6 + kMostOwnStreams;

// Channels of messages: what may overtake each other has different ones.
inline constexpr std::uint32_t kActivationChannel = 0;
inline constexpr std::uint32_t kGradientChannel = 1;
inline constexpr std::uint32_t kContextChannel = 2;

// The communicators of a step; those that would have one member are absent, and so is what they would do.
struct Groups {
  std::optional<GroupSpecId> tensor;
  std::optional<GroupSpecId> tensor_row;     // of a mesh of tensor ranks: those that share out a weight's first side
  std::optional<GroupSpecId> tensor_column;  // its second side; without a mesh all of them
  std::optional<GroupSpecId> data;  // all that hold the same weights, or with hybrid sharding that share them out
  std::optional<GroupSpecId> context;
  std::optional<GroupSpecId> expert;       // ranks among which experts are dealt out
  std::optional<GroupSpecId> expert_data;  // the same of experts
  std::optional<GroupSpecId> copies;       // with hybrid sharding: ranks that hold the same share
  std::optional<GroupSpecId> sites;        // of local SGD: ranks that do the same at each site
  std::optional<GroupSpecId> model;        // all ranks of one replica: tensor × pipeline
  std::optional<GroupSpecId> embedding;    // first and last stage, where they share a weight
};

class Draft {
 public:
  // Writes the grid, the streams and the groups. `shared_embedding`: first and last stage share a weight.
  Draft(const Plan& plan, const Stack& stack, const Chip& chip, bool shared_embedding, bool has_experts = false);
  // On any grid, with own streams of these names; without groups so far.
  Draft(Grid grid, const std::vector<std::string>& own_streams, const Stack& stack, const Chip& chip);

  [[nodiscard]] const Groups& groups() const { return groups_; }
  [[nodiscard]] const Stack& stack() const { return *stack_; }
  [[nodiscard]] const Chip& chip() const { return *chip_; }
  [[nodiscard]] std::uint32_t pipeline_dimension() const { return pipeline_dimension_; }
  [[nodiscard]] std::uint32_t context_dimension() const { return context_dimension_; }  // where there is a group
  // Of a stage and the one as far from the other end.
  [[nodiscard]] GroupSpecId mirror(std::int64_t stage, std::int64_t stages);

  [[nodiscard]] std::int64_t members(GroupSpecId group) const;  // of one communicator of a group over grid dimensions
  // One more family of communicators, over grid dimensions; nothing where each would have one member.
  std::optional<GroupSpecId> group(std::string name, std::vector<std::uint32_t> dimensions);
  void reduce_buckets_over(std::optional<GroupSpecId> group) { groups_.data = group; }

  std::uint32_t name(std::string_view text);
  // `copies` of each row, in an all-to-all to experts; 0: it goes to none.
  std::uint32_t collective(CollectiveKind kind, GroupSpecId group, Bytes bytes, std::uint32_t copies = 0);
  std::uint32_t message(const MessageOp& message);
  std::uint32_t delay(Duration duration);
  // Kernels that run back to back; at least one. RunError if one of them lasts absurdly long.
  SegmentId segment(std::span<const Kernel> kernels);
  // Which of a segment's kernels lasts longest, the first of them in a tie.
  [[nodiscard]] std::size_t longest_kernel(SegmentId segment) const { return longest_[segment.index()]; }

  void add(Role role) { program_.roles.push_back(std::move(role)); }
  // Gives each rank the role of its pipeline stage (roles stand in order of stage).
  [[nodiscard]] Program finish();
  // Gives each rank the role that `role_of` says.
  [[nodiscard]] Program finish(const std::function<std::uint32_t(const Grid&, RankId)>& role_of);

 private:
  void add_expert_groups(const Plan& plan);
  [[nodiscard]] std::uint32_t dimension(std::string_view name) const;
  GroupSpecId add_group(GroupSpec spec);
  [[nodiscard]] KernelCost cost_of(const Kernel& kernel);       // of all times that it runs
  [[nodiscard]] Duration queueing(const Kernel& kernel) const;  // by the host
  std::uint32_t algorithm(CollectiveKind kind, bool to_experts);

  const Stack* stack_;
  const Chip* chip_;
  Program program_;
  Groups groups_;
  std::uint32_t pipeline_dimension_ = 0;
  std::uint32_t context_dimension_ = 0;
  std::vector<std::size_t> longest_;  // by SegmentId

  using Shape = std::tuple<KernelKind, Precision, std::int64_t, std::int64_t, std::int64_t, std::int64_t, Bytes, Bytes,
                           FlopCount, FlopCount, bool>;
  std::map<std::uint32_t, GroupSpecId> mirrors_;  // by the nearer stage
  std::map<std::string, std::uint32_t, std::less<>> names_;
  std::map<Shape, KernelCost> costs_;
  std::map<std::vector<std::int64_t>, SegmentId> segments_;
  std::map<std::tuple<CollectiveKind, std::uint32_t, Bytes, std::uint32_t>, std::uint32_t> collectives_;
  std::map<std::tuple<std::uint32_t, std::int32_t, Bytes, std::uint32_t>, std::uint32_t> messages_;
  std::map<Duration, std::uint32_t> delays_;
};

}  // namespace orrery::step
