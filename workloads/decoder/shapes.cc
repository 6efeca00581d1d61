// Divides a model by a plan.
#include "workloads/decoder/shapes.h"

namespace orrery::decoder {

Shapes::Shapes(const DecoderModel& of, const Plan& plan, const Stack& on)
    : model(of),
      stack(on),
      tensor(plan.tensor),
      overlap_tensor(plan.overlap_tensor),
      sequence_parallel(plan.sequence_parallel && plan.tensor > 1),
      recompute(plan.recompute),
      sequences(plan.microbatch),
      sequence(plan.sequence),
      context(plan.context),
      context_exchange(plan.context_exchange),
      own(plan.sequence / plan.context),
      tokens(plan.microbatch * own),
      shard(sequence_parallel ? tokens / tensor : tokens),
      hidden(of.hidden),
      heads(of.heads / tensor),
      kv_heads(of.kv_heads / tensor),
      head_dim(of.head_dim),
      query_width(heads * head_dim),
      kv_width(kv_heads * head_dim),
      qkv_width(query_width + 2 * kv_width),
      ffn(of.ffn / tensor),
      ffn_in(of.ffn_in() / tensor),
      vocab_share(static_cast<double>(of.vocab) / static_cast<double>(tensor)),
      element(size_of(on.compute).count()),
      product_element(size_of(on.products()).count()),
      gradient_element(size_of(on.gradient).count()) {
  // A rank's rows come in multiples of vocabulary_multiple.
  const std::int64_t rows = on.vocabulary_multiple * tensor;
  vocab = (of.vocab + rows - 1) / rows * on.vocabulary_multiple;
}

}  // namespace orrery::decoder
