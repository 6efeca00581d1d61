// Divides a model by a plan.
#include "workloads/decoder/shapes.h"

#include <algorithm>
#include <cmath>

namespace orrery::decoder {
namespace {

std::int64_t up(double value) { return static_cast<std::int64_t>(std::ceil(value)); }

// Of `held` experts those that one of `rows` rows goes to, sent to all experts alike; every token takes top_k of them.
double expected_experts(const Experts& experts, std::int64_t held, double rows) {
  const double tokens = rows / static_cast<double>(experts.top_k);
  const double share = static_cast<double>(experts.top_k) / static_cast<double>(experts.count);
  return static_cast<double>(held) * (1 - std::pow(1 - share, tokens));
}

// A rank routes the rows of its share of the residual stream. Where tensor ranks share experts out, each of them meets
// the rows of all.
ExpertShapes expert_shapes(const Experts& experts, const Plan& plan, std::int64_t shard) {
  const std::int64_t shards = plan.expert_shards();
  ExpertShapes shapes;
  shapes.held = experts.count / plan.expert;
  shapes.ffn = experts.ffn / shards;
  shapes.shared = experts.shared / plan.tensor;
  shapes.routed = shard * experts.top_k;
  shapes.whole = shards == 1;
  const auto even = static_cast<double>(shapes.routed * shards);
  const auto places = static_cast<double>(plan.expert);  // whose rows the held experts are there for
  shapes.met = up(even * plan.imbalance);
  shapes.worked = std::clamp<std::int64_t>(up(expected_experts(experts, shapes.held, even * places)), 1, shapes.held);
  shapes.rows = (shapes.met + shapes.worked - 1) / shapes.worked;
  shapes.row_share = even / static_cast<double>(shapes.rows * shapes.worked);
  return shapes;
}

ScanShapes scan_shapes(const Mamba& mamba, const Plan& plan) {
  Mamba share = mamba;
  share.inner /= plan.tensor;
  share.groups /= plan.tensor;
  const std::int64_t own = plan.sequence / plan.context;
  const std::int64_t chunk = std::min(mamba.chunk, own);
  return {.inner = share.inner,
          .heads = share.heads(),
          .groups = share.groups,
          .state = mamba.state,
          .head_dim = mamba.head_dim,
          .conv = mamba.conv,
          .conv_width = share.conv_width(),
          .projected = share.projected(),
          .chunk = chunk,
          .chunks = plan.microbatch * ((own + chunk - 1) / chunk)};
}

// An encoder sees all of its tokens at once, and nothing else.
std::shared_ptr<const Shapes> source_shapes(const DecoderModel& model, const Plan& plan, const Stack& stack) {
  if (!model.encodes()) return nullptr;
  DecoderModel encoder = model;
  encoder.causal = false;
  encoder.pattern.clear();
  Plan its = plan;
  its.sequence = plan.source_sequence;
  return std::make_shared<const Shapes>(encoder, its, stack);
}

}  // namespace

Shapes::Shapes(const DecoderModel& of, const Plan& plan, const Stack& on)
    : model(of),
      stack(on),
      tensor(plan.tensor),
      tensor_rows(plan.tensor_rows),
      tensor_tiles(plan.tensor > 1 ? plan.tensor_tiles : 1),
      sharded_over(plan.sharded_over()),
      experts_sharded_over(plan.experts_sharded_over()),
      overlap_tensor(plan.overlap_tensor),
      sequence_parallel(plan.sequence_parallel && plan.tensor > 1),
      recompute(plan.recompute),
      offloads(plan.offload.activations),
      adapters(plan.adapters),
      skips_masked(on.causal_skip && of.causal),
      sequences(plan.microbatch),
      sequence(plan.sequence),
      documents(plan.documents),
      context(plan.context),
      context_exchange(plan.context_exchange),
      keys(plan.sequence),
      own(plan.sequence / plan.context),
      tokens(plan.microbatch * own),
      shard(sequence_parallel ? tokens / tensor : tokens),
      hidden(of.hidden),
      heads(of.heads / tensor),
      kv_heads(of.kv_heads / tensor),
      head_dim(of.head_dim),
      value_dim(of.value_dim()),
      query_width(heads * head_dim),
      output_width(heads * value_dim),
      kv_width(kv_heads * head_dim),
      qkv_width(kv_heads * (head_dim + value_dim) + query_width),
      ffn(of.ffn / tensor),
      ffn_in(of.ffn_in() / tensor),
      source(source_shapes(of, plan, on)),
      vocab_share(static_cast<double>(of.vocab) / static_cast<double>(tensor)),
      element(size_of(on.compute).count()),
      product_element(on.fp8_products ? on.operands : format_of(on.compute)),
      kept_element(on.roles.activations.value_or(product_element)),
      gradient_element(size_of(on.gradient).count()) {
  // A rank's rows come in multiples of vocabulary_multiple.
  const std::int64_t rows = on.vocabulary_multiple * tensor;
  vocab = (of.vocab + rows - 1) / rows * on.vocabulary_multiple;
  if (recompute == Recompute::kSelective) {
    again = plan.again;
    if (again == RecomputeModules{}) again.core_attention = true;
  }
  if (of.mamba) scan = scan_shapes(*of.mamba, plan);
  if (!of.experts) return;
  experts = expert_shapes(*of.experts, plan, shard);
  experts.ffn_in = of.columns_in(experts.ffn);
  experts.shared_in = of.columns_in(experts.shared);
}

}  // namespace orrery::decoder
