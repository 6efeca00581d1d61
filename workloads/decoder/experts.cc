// The experts sub-layer: norm, a router, MLPs of which each token takes top_k, and its join with the residual stream.
//
// A rank routes the rows of its share of the residual stream (of all tensor ranks each its own part, under sequence
// parallelism). Rows are copied in order of the expert that takes them, sent over the ranks among which experts are
// dealt out, sorted by expert, and worked on by one batched product for all experts of the rank; results go the same
// way back and are summed, weighed by the router. Where tensor ranks share each expert out, rows are gathered over them
// after they arrived, and sums scattered before they leave.
//
// Law. Each of T tokens is sent to k experts: a rank sends T·k·h elements (1 − 1/EP) each way, forward and backward.
// Experts work on T·k rows a rank on average; the rank whose experts get most works on `imbalance` times as many and
// all wait for it, so every rank is given that many. What that adds counts as no FLOPs of the model. MLPs that every
// token takes run while its copies travel if the stack's plan overlaps them, which this one doesn't.
//
// Source: Lepikhin et al. 2020 (arXiv 2006.16668); Megatron Core's MoELayer with its all-to-all token dispatcher and
// grouped products, whose activation is multiplied by the router's weights (weighted_bias_swiglu).
#include "workloads/decoder/activation_function.h"
#include "workloads/decoder/kernels.h"
#include "workloads/decoder/linear.h"
#include "workloads/decoder/residual.h"
#include "workloads/decoder/sublayer.h"

namespace orrery::decoder {
namespace {

using step::Stream;
using step::TapeWriter;

const Experts& experts_of(const Shapes& shapes) { return *shapes.model.experts; }

Linear router(const Shapes& shapes) {
  return {.name = "router", .in = shapes.hidden, .out = experts_of(shapes).count, .rows = shapes.shard, .exact = true};
}
Linear expert_linear(const Shapes& shapes, std::string name, std::int64_t in, std::int64_t out) {
  return {.name = std::move(name),
          .in = in,
          .out = out,
          .rows = shapes.experts.rows,
          .batch = shapes.experts.worked,
          .fp8 = shapes.stack.fp8_products,
          .flop_share = shapes.experts.row_share,
          .experts = true};
}
Linear widen_experts(const Shapes& shapes) {
  return expert_linear(shapes, "experts in", shapes.hidden, shapes.experts.ffn_in);
}
Linear narrow_experts(const Shapes& shapes) {
  return expert_linear(shapes, "experts out", shapes.experts.ffn, shapes.hidden);
}
Linear widen_shared(const Shapes& shapes) {
  return {.name = "shared expert in",
          .in = shapes.hidden,
          .out = shapes.experts.shared_in,
          .fp8 = shapes.stack.fp8_products};
}
Linear narrow_shared(const Shapes& shapes) {
  return {
      .name = "shared expert out", .in = shapes.experts.shared, .out = shapes.hidden, .fp8 = shapes.stack.fp8_products};
}

// Between where tokens are and where their experts are, in `wire` if it is given: packed where they leave and unpacked
// where they arrive.
void travel(const Shapes& shapes, const std::optional<Format>& wire, std::string_view name, TapeWriter& tape) {
  const auto rows = static_cast<std::int64_t>(static_cast<double>(shapes.experts.met) /
                                              static_cast<double>(shapes.experts.whole ? 1 : shapes.tensor));
  const Format own = format_of(shapes.stack.compute);
  const Format& sent = wire ? *wire : own;
  const std::int64_t elements = rows * shapes.hidden;
  const bool packs = sent != own && tape.groups().expert;
  if (packs) tape.run(stream("pack rows", own.bytes(elements), sent.bytes(elements)));
  tape.wait(tape.travel(sent.bytes(elements), static_cast<std::uint32_t>(experts_of(shapes).top_k), name));
  if (packs) tape.run(stream("unpack rows", sent.bytes(elements), own.bytes(elements)));
}
// Where tensor ranks share experts out: all of them need the rows that each of them was sent.
void share_out(const Shapes& shapes, CollectiveKind kind, std::string_view name, TapeWriter& tape) {
  if (shapes.experts.whole) return;
  tape.wait(tape.collective(Stream::kTensor, kind, tape.groups().tensor,
                            shapes.bytes(shapes.experts.met * shapes.hidden), name));
}

// Copies of `rows` rows in another order.
void reorder(const Shapes& shapes, const char* name, std::int64_t rows, TapeWriter& tape) {
  tape.run(pass_over(name, rows * shapes.hidden, shapes.element, shapes.element));
}
void sort_by_expert(const Shapes& shapes, const char* name, TapeWriter& tape) {
  if (shapes.experts.held > 1 && tape.groups().expert) reorder(shapes, name, shapes.experts.met, tape);
}

// One row read, top_k written, or the other way round.
void fan_out(const Shapes& shapes, const char* name, TapeWriter& tape) {
  tape.run(
      stream(name, shapes.bytes(shapes.shard * shapes.hidden), shapes.bytes(shapes.experts.routed * shapes.hidden)));
}
void fan_in(const Shapes& shapes, const char* name, TapeWriter& tape) {
  tape.run(
      stream(name, shapes.bytes(shapes.experts.routed * shapes.hidden), shapes.bytes(shapes.shard * shapes.hidden)));
}

// A kernel an expert, where nothing does it for all at once.
Kernel for_each_expert(const Shapes& shapes, Kernel kernel) {
  kernel.launches = shapes.experts.worked;
  return kernel;
}

// Of experts whose output has a bias: it is weighed, added, and the parts are joined (Megatron Core's TEGroupedMLP).
void add_output_bias(const Shapes& shapes, TapeWriter& tape) {
  if (!experts_of(shapes).output_bias || !shapes.stack.unfused.output_bias) return;
  const std::int64_t elements = shapes.experts.worked * shapes.experts.rows * shapes.hidden;
  const std::int64_t e = shapes.element;
  tape.run(for_each_expert(shapes, pass_over("weigh bias", elements, 0, e)));
  tape.run(for_each_expert(shapes, pass_over("add bias", elements, 2 * e, e)));
  tape.run(pass_over("join experts", elements, e, e));
}

// For the bias and for its weights a product and a sum each.
void output_bias_backward(const Shapes& shapes, TapeWriter& tape) {
  if (!experts_of(shapes).output_bias || !shapes.stack.unfused.output_bias) return;
  const std::int64_t elements = shapes.experts.worked * shapes.experts.rows * shapes.hidden;
  const std::int64_t e = shapes.element;
  for (const char* of : {"bias gradient", "weights' gradient"}) {
    tape.run(for_each_expert(shapes, pass_over(of, elements, e, e)));
    tape.run(for_each_expert(shapes, pass_over(std::string(of) + " sum", elements, e, 0)));
  }
}

// Scores of all experts in fp32, the best of them, their weights.
void choose(const Shapes& shapes, const char* name, TapeWriter& tape) {
  tape.run(pass_over(name, shapes.shard * experts_of(shapes).count, kFp32Bytes, kFp32Bytes));
}

void shared_mlp(const Shapes& shapes, TapeWriter& tape) {
  column_forward(shapes, widen_shared(shapes), tape);
  activate(shapes, shapes.tokens, shapes.experts.shared, false, tape);
  row_forward(shapes, narrow_shared(shapes), tape);
}

void shared_forward(const Shapes& shapes, TapeWriter& tape) {
  if (experts_of(shapes).shared == 0) return;
  shared_mlp(shapes, tape);
  tape.run(pass_over("add shared expert", shapes.shard * shapes.hidden, 2 * shapes.element, shapes.element));
}

// Formed again by themselves: not where all that experts do is.
bool activates_again(const Shapes& shapes) { return shapes.again.mlp_activation && !shapes.again.experts; }
bool shares_again(const Shapes& shapes) {
  return shapes.again.shared_experts && !shapes.again.experts && experts_of(shapes).shared > 0;
}

void expert_activation_again(const Shapes& shapes, std::int64_t rows, std::int64_t width, TapeWriter& tape) {
  if (!activates_again(shapes) || shapes.frozen()) return;
  tape.phase(Phase::kRecompute);
  activate(shapes, rows, width, false, tape);
  tape.phase(Phase::kBackward);
}

void shared_backward(const Shapes& shapes, TapeWriter& tape) {
  if (experts_of(shapes).shared == 0) return;
  if (shares_again(shapes)) {
    tape.phase(Phase::kRecompute);
    shared_mlp(shapes, tape);
    tape.phase(Phase::kBackward);
  } else {
    expert_activation_again(shapes, shapes.tokens, shapes.experts.shared, tape);
  }
  row_backward(shapes, narrow_shared(shapes), tape);
  activate_backward(shapes, shapes.tokens, shapes.experts.shared, false, tape);
  column_backward(shapes, widen_shared(shapes), tape);
  if (experts_of(shapes).shared_gate) tape.gradients_ready(shapes.hidden);
  tape.run(pass_over("add gradients", shapes.shard * shapes.hidden, 2 * shapes.element, shapes.element));
}

void route_and_work(const Shapes& shapes, TapeWriter& tape) {
  const PrecisionRoles& roles = shapes.stack.roles;
  local_forward(shapes, router(shapes), tape);
  choose(shapes, "choose experts", tape);
  if (shapes.stack.host_sync_on_dispatch) tape.host_sync("counts of rows");
  fan_out(shapes, "copy rows to experts", tape);
  travel(shapes, roles.dispatch, "dispatch", tape);
  share_out(shapes, CollectiveKind::kAllGather, "dispatched rows", tape);
  sort_by_expert(shapes, "sort by expert", tape);
  local_forward(shapes, widen_experts(shapes), tape);
  activate(shapes, shapes.experts.worked * shapes.experts.rows, shapes.experts.ffn, false, tape);
  local_forward(shapes, narrow_experts(shapes), tape);
  add_output_bias(shapes, tape);
  sort_by_expert(shapes, "sort by origin", tape);
  share_out(shapes, CollectiveKind::kReduceScatter, "expert outputs", tape);
  travel(shapes, roles.combine, "combine", tape);
  fan_in(shapes, "weigh and sum", tape);
  shared_forward(shapes, tape);
}

void experts_forward(const Shapes& shapes, TapeWriter& tape) {
  tape.part("experts");
  norm_forward(shapes, shapes.element, tape);
  route_and_work(shapes, tape);
  join_forward(shapes, tape);
}

void route_again(const Shapes& shapes, TapeWriter& tape) {
  tape.phase(Phase::kRecompute);
  if (shapes.again.norms) norm_forward(shapes, shapes.element, tape);
  if (shapes.again.experts) route_and_work(shapes, tape);
  tape.phase(Phase::kBackward);
}

void experts_backward(const Shapes& shapes, TapeWriter& tape) {
  const PrecisionRoles& roles = shapes.stack.roles;
  tape.part("experts");
  join_backward(shapes, tape);
  route_again(shapes, tape);
  fan_out(shapes, "weigh gradients", tape);
  travel(shapes, roles.dispatch, "combine gradients", tape);
  share_out(shapes, CollectiveKind::kAllGather, "output gradients", tape);
  sort_by_expert(shapes, "sort by expert", tape);
  expert_activation_again(shapes, shapes.experts.worked * shapes.experts.rows, shapes.experts.ffn, tape);
  output_bias_backward(shapes, tape);
  local_backward(shapes, narrow_experts(shapes), tape);
  activate_backward(shapes, shapes.experts.worked * shapes.experts.rows, shapes.experts.ffn, false, tape);
  local_backward(shapes, widen_experts(shapes), tape);
  sort_by_expert(shapes, "sort by origin", tape);
  share_out(shapes, CollectiveKind::kReduceScatter, "row gradients", tape);
  travel(shapes, roles.combine, "dispatch gradients", tape);
  fan_in(shapes, "sum gradients of copies", tape);
  shared_backward(shapes, tape);
  choose(shapes, "router gradient", tape);
  local_backward(shapes, router(shapes), tape);
  norm_backward(shapes, true, tape);
}

Weights experts_weights(const Shapes& shapes) {
  const Experts& experts = experts_of(shapes);
  Weights weights;
  weights.experts = shapes.experts.held * shapes.hidden * (shapes.experts.ffn_in + shapes.experts.ffn);
  weights.split = shapes.hidden * (shapes.experts.shared_in + shapes.experts.shared);
  weights.products = weights.experts + weights.split;
  weights.replicated = norm_weights(shapes) + shapes.hidden * experts.count +
                       (experts.shared_gate ? shapes.hidden : 0) + (experts.biased ? experts.count : 0);
  return weights;
}

Bytes shared_kept(const Shapes& shapes) {
  if (experts_of(shapes).shared == 0) return Bytes(0);
  return shapes.bytes(shapes.tokens * shapes.experts.shared_in) + kept_input(shapes, narrow_shared(shapes));
}

// The norm's input and output; scores; for every row that experts met their input and what stands before and after the
// activation (where the router weighs it: their output isn't kept); of the shared expert before and after the
// activation.
Bytes experts_kept(const Shapes& shapes) {
  const ExpertShapes& experts = shapes.experts;
  const std::int64_t rows = experts.worked * experts.rows;
  Bytes bytes = shapes.bytes(2 * shapes.shard * shapes.hidden) +
                Bytes(shapes.model.dropout ? shapes.shard * shapes.hidden : 0) +
                Bytes(shapes.shard * experts_of(shapes).count * kFp32Bytes);
  bytes += kept_input(shapes, widen_experts(shapes)) + kept_input(shapes, narrow_experts(shapes)) +
           shapes.bytes(rows * experts.ffn_in);
  return bytes + shared_kept(shapes);
}

Bytes experts_formed_again(const Shapes& shapes) {
  const Bytes normed = shapes.bytes(shapes.shard * shapes.hidden);
  const Bytes norm = shapes.again.norms ? normed : Bytes(0);
  if (shapes.again.experts)
    return norm + experts_kept(shapes) - normed * 2 - Bytes(shapes.model.dropout ? shapes.shard * shapes.hidden : 0);
  Bytes bytes = norm;
  if (shapes.again.mlp_activation) bytes += kept_input(shapes, narrow_experts(shapes));
  if (experts_of(shapes).shared == 0) return bytes;
  if (shapes.again.shared_experts) return bytes + shared_kept(shapes);
  return shapes.again.mlp_activation ? bytes + kept_input(shapes, narrow_shared(shapes)) : bytes;
}

// Rows sent and received, or gradients in and out of the activation.
Bytes experts_buffers(const Shapes& shapes) {
  const ExpertShapes& experts = shapes.experts;
  return shapes.bytes(2 * experts.worked * experts.rows * std::max(shapes.hidden, experts.ffn_in));
}

std::vector<Linear> experts_linears(const Shapes& shapes) {
  std::vector<Linear> linears = {router(shapes), widen_experts(shapes), narrow_experts(shapes)};
  if (experts_of(shapes).shared > 0) linears.insert(linears.end(), {widen_shared(shapes), narrow_shared(shapes)});
  return linears;
}

const SubLayers::Entry kExperts{{"experts", "norm, a router, MLPs of which each token takes some, wherever they are",
                                 kExpertsSymbol, &experts_weights, &experts_forward, &experts_backward, &experts_kept,
                                 &experts_formed_again, &experts_buffers, &experts_linears}};

}  // namespace
}  // namespace orrery::decoder
