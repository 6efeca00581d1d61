// What ranks do in a step, per role and not per rank: streams of ops whose peers are symbolic in a rank's coordinates.
//
// Its size grows with distinct roles × ops, never with the number of ranks.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/ids.h"
#include "sim/base/units.h"
#include "sim/collective/schedule.h"
#include "topology/placement.h"

namespace orrery {

// The process grid: rank = Σ coordinate(d)·stride(d); dimension 0 varies fastest.
struct Grid {
  struct Dimension {
    std::string name;  // "tp", "dp", "pp"
    std::uint32_t size = 1;
  };
  std::vector<Dimension> dimensions;

  [[nodiscard]] std::size_t rank_count() const;
  [[nodiscard]] std::uint32_t stride(std::size_t dimension) const;
  [[nodiscard]] std::uint32_t coordinate(RankId rank, std::size_t dimension) const;
};

// A family of communicators: ranks that agree in every dimension outside `dimensions` form one. `only`: just those
// members whose coordinate in the (single) dimension is listed (the first and last stage share tied embeddings).
// `listed`: communicators that no grid describes, member by member instead; no rank is in two of them.
struct GroupSpec {
  std::string name;  // the parallel dimension it serves, as reports print it: "tensor", "data", "pipeline"
  std::vector<std::uint32_t> dimensions;  // indices into Grid::dimensions; of listed ones: in which members differ
  std::vector<std::uint32_t> only;        // empty: all
  std::vector<std::vector<RankId>> listed = {};  // positions in the order of the list; empty: as above
};
using GroupSpecId = Id<struct GroupSpecTag>;

// A stretch of kernels that run back to back on one stream, nothing waited for in between: one activity.
struct Segment {
  // Alone: `duration` is the sum over its kernels of gap + max over resources of use ÷ capacity.
  Duration duration;
  Bytes hbm;                 // moved in all
  FlopCount model_flops;     // that the model needs
  FlopCount hardware_flops;  // executed, recomputation included; not padding
  // Of hardware_flops, by precision: those that aren't at the stack's `compute`, as FP8 products under a stack of BF16.
  PerPrecision<double> other_flops{};
  FlopCount vector_flops;     // on the vector engine, beside hardware_flops
  double matrix_seconds = 0;  // of `duration`: matrix engine at work
  // The host queues kernels one after another; the device can't run what isn't queued. Max-plus pair: the segment ends
  // at max(start + duration, host begins queueing it + host_path) where host_path = max over kernels k of (queueing
  // through k) + (durations of k … last). Exact for kernels in order.
  Duration host_time;  // to queue all of it
  Duration host_path;
  std::uint32_t kernel_count = 0;
  std::uint32_t first_kernel = 0;  // into Program::kernels: what a detailed trace shows inside the segment
};
using SegmentId = Id<struct SegmentTag>;

struct KernelRow {
  std::uint32_t name = 0;  // into Program::names
  Duration duration;       // alone
};

enum class OpKind : std::uint8_t {
  kCompute,     // body: SegmentId
  kCollective,  // body: index into Program::collectives
  kSend,        // body: index into Program::messages; done when the receiver has it
  kRecv,        // body: index into Program::messages
  kDelay,       // body: index into Program::delays; draws on nothing
  kHostSync,    // the host waits for this op's waits, then goes on queueing (its stream is kHostStream)
};

// The k-th collective of a rank on a group meets the k-th of every other member; kinds and bytes must agree.
struct CollectiveOp {
  CollectiveKind kind = CollectiveKind::kAllReduce;
  GroupSpecId group;
  Bytes bytes;
  std::uint32_t algorithm = 0;  // into Program::algorithms
  std::uint32_t copies = 1;     // of each row, in what an all-to-all sends (Group::copies)
};

// Peer = the rank whose coordinate in `dimension` differs by `delta` (modulo the size). The k-th send from a to b on a
// channel meets b's k-th receive from a on it.
struct MessageOp {
  std::uint32_t dimension = 0;
  std::int32_t delta = 0;
  Bytes bytes;
  std::uint32_t channel = 0;  // tells apart messages that may overtake each other (activations, gradients)
};

// Satisfied when the rank's stream has finished its first `count` ops.
struct Wait {
  std::uint32_t stream = 0;
  std::uint32_t count = 0;
};

enum class Phase : std::uint8_t { kForward, kBackward, kRecompute, kGradients, kOptimizer, kOther };
[[nodiscard]] std::string_view to_name(Phase phase);

struct Op {
  OpKind kind = OpKind::kCompute;
  Phase phase = Phase::kOther;
  std::uint16_t stream = 0;
  std::uint32_t name = 0;  // into Program::names
  std::uint32_t body = 0;
  std::uint32_t first_wait = 0;  // into Role::waits
  std::uint16_t wait_count = 0;
  std::uint16_t chunk = 0;  // model chunk (interleaved schedules)
  std::int32_t microbatch = -1;
  std::int32_t layer = -1;
};

// Ops stand in the order in which the host queues them; each stream runs its own in that order.
struct Role {
  std::string name;  // "stage 3"
  std::vector<Op> ops;
  std::vector<Wait> waits;
};

// What was left out of a Program that is an excerpt of a larger one (excerpt.h).
struct Excerpt {
  std::uint32_t dimension = 0;  // of the grid, the last of more than one rank: it is smaller here than in the whole
  std::uint32_t whole = 0;      // its size there
  std::uint32_t share = 0;      // coordinates in it that one part of the machine holds
  // Whether something (a slow chip) tells those that are here apart. Each but the last is then like no other.
  bool singled_out = false;

  friend bool operator==(const Excerpt&, const Excerpt&) = default;
};

inline constexpr std::uint32_t kHostStream = 0;
inline constexpr std::uint32_t kComputeStream = 1;

struct Program {
  Grid grid;
  std::vector<std::string> streams;  // [kHostStream] "host", [kComputeStream] "compute", then communication streams
  std::vector<GroupSpec> groups;
  std::vector<Role> roles;
  std::vector<std::uint32_t> role_of_rank;
  Table<SegmentId, Segment> segments;
  std::vector<KernelRow> kernels;
  std::vector<CollectiveOp> collectives;
  std::vector<MessageOp> messages;
  std::vector<Duration> delays;
  std::vector<std::string> algorithms;  // collective algorithms by name, or kTunersChoice
  std::vector<std::string> names;
  Duration host_op;  // host time to queue one communication op
  // Ranks follow each other: each begins this step, and the next, as it ends the one before. Then the step lasts as
  // long as the rank that takes longest from its first segment to its last op.
  bool staggered = false;
  std::optional<Excerpt> excerpt;
  // Resolves a rank's communicator: all its members in order of rank, or as they are listed. (`of` itself isn't one if
  // `only` leaves it out; none are, if no list holds it.)
  [[nodiscard]] std::vector<RankId> members(GroupSpecId group, RankId of) const;
  [[nodiscard]] RankId peer(const MessageOp& message, RankId of) const;
};

// Everything that can be wrong with a Program before any rank has run: sizes and indices out of range, waits for ops
// that a role hasn't got, members that a group leaves out, times that don't add up. RunError names role and op.
void validate(const Program& program);

}  // namespace orrery
