// Attention to a sequence that several ranks share out: how their queries meet all keys.
//
// Law. A sequence of s tokens is cut into 2c parts for c ranks; rank r holds parts r and 2c − 1 − r, so that under a
// causal mask every rank forms as many scores, s(s + 1)/2c.
//
// Ring: keys and values (K bytes a rank) go from rank to rank while attention to those that came before runs. To its
// own a rank attends as to a sequence of s/c tokens. Of the others', those that come before it show all queries their
// early half, those after it show its later queries both halves: half of the scores either way, and one kernel's shape
// stands for both. What each block adds to the output is merged in a pass of its own. Forward K bytes are passed on c −
// 1 times. Backward they go around again, the other way and with the gradients that they gather: K bytes first, 2K in
// between, K last, that is 2(c − 1)·K, each beside a block's kernel.
//
// All-gather: keys and values of all s tokens are gathered before attention, in both directions; their gradients are
// summed and scattered after it. (c − 1)·K bytes a rank each of three times, which nothing overlaps.
//
// All-to-all: each rank sends away its tokens of all but 1/c of the heads and gets the others' tokens of those;
// attention runs as on one rank; its output goes back the same way. Backward the same of gradients. (1 − 1/c) of the
// bytes of queries, keys, values and outputs each way.
//
// Sources: Liu et al. 2023 (arXiv 2310.01889), ring attention; Transformer Engine's attention with context parallelism
// (the balanced split, the merging of outputs, which exchange runs beside what); Llama Team 2024 (arXiv 2407.21783,
// section 3.3.2), all-gather; Jacobs et al. 2023 (arXiv 2309.14509), DeepSpeed Ulysses.
#include "workloads/decoder/core.h"
#include "workloads/decoder/flash_block.h"
#include "workloads/decoder/kernels.h"

namespace orrery::decoder {
namespace {

using step::Mark;
using step::Stream;
using step::TapeWriter;

constexpr std::int32_t kForth = 1;
constexpr std::int32_t kBack = -1;

FlashBlock own_block(const Shapes& shapes) { return whole_block(shapes, shapes.own, shapes.own); }

FlashBlock others_block(const Shapes& shapes) {
  FlashBlock block = own_block(shapes);
  if (!shapes.skips_masked) return block;
  block.keys_read = shapes.own / 2;
  block.share = 0.5;
  block.edge = 0;
  return block;
}

void ring_forward(const Shapes& shapes, TapeWriter& tape) {
  for (std::int64_t step = 0; step < shapes.context; ++step) {
    Mark next;
    if (step + 1 < shapes.context) next = tape.pass_on(shapes.keys_and_values(), kForth, "keys and values");
    tape.run(flash_forward_kernel(shapes, step == 0 ? own_block(shapes) : others_block(shapes)));
    if (step > 0)
      tape.run(pass_over("merge outputs", shapes.tokens * shapes.output_width, 2 * shapes.element, shapes.element));
    tape.wait(next);
  }
}

void ring_backward(const Shapes& shapes, TapeWriter& tape) {
  tape.run(flash_row_sums(shapes, own_block(shapes)));
  for (std::int64_t step = 0; step < shapes.context; ++step) {
    const bool first = step == 0;
    const bool last = step + 1 == shapes.context;
    const Mark passed = tape.pass_on(shapes.keys_and_values() * (first || last ? 1 : 2), kBack,
                                     first  ? "keys and values again"
                                     : last ? "key and value gradients"
                                            : "keys, values and gradients");
    tape.run(flash_backward_kernel(shapes, last ? own_block(shapes) : others_block(shapes)));
    tape.wait(passed);
    if (!first)
      tape.run(pass_over("merge gradients", shapes.tokens * shapes.qkv_width, 2 * shapes.element, shapes.element));
  }
}

void gather_keys(const Shapes& shapes, TapeWriter& tape, std::string_view name) {
  tape.wait(tape.collective(Stream::kContext, CollectiveKind::kAllGather, tape.groups().context,
                            shapes.keys_and_values() * shapes.context, name));
}

void gathered_forward(const Shapes& shapes, TapeWriter& tape) {
  gather_keys(shapes, tape, "keys and values");
  tape.run(flash_forward_kernel(shapes, whole_block(shapes, shapes.own, shapes.sequence)));
}

void gathered_backward(const Shapes& shapes, TapeWriter& tape) {
  const FlashBlock block = whole_block(shapes, shapes.own, shapes.sequence);
  gather_keys(shapes, tape, "keys and values again");
  tape.run(flash_row_sums(shapes, block));
  tape.run(flash_backward_kernel(shapes, block));
  tape.wait(tape.collective(Stream::kContext, CollectiveKind::kReduceScatter, tape.groups().context,
                            shapes.keys_and_values() * shapes.context, "key and value gradients"));
}

void exchange_heads(const Shapes& shapes, std::int64_t width, TapeWriter& tape, std::string_view name) {
  tape.wait(tape.collective(Stream::kContext, CollectiveKind::kAllToAll, tape.groups().context,
                            shapes.bytes(shapes.tokens * width), name));
}

FlashBlock shared_heads(const Shapes& shapes) {
  FlashBlock block = whole_block(shapes, shapes.sequence, shapes.sequence);
  block.heads /= shapes.context;
  block.kv_heads /= shapes.context;
  return block;
}

void exchanged_forward(const Shapes& shapes, TapeWriter& tape) {
  exchange_heads(shapes, shapes.qkv_width, tape, "heads");
  tape.run(flash_forward_kernel(shapes, shared_heads(shapes)));
  exchange_heads(shapes, shapes.output_width, tape, "outputs");
}

void exchanged_backward(const Shapes& shapes, TapeWriter& tape) {
  exchange_heads(shapes, shapes.output_width, tape, "output gradients");
  tape.run(flash_row_sums(shapes, shared_heads(shapes)));
  tape.run(flash_backward_kernel(shapes, shared_heads(shapes)));
  exchange_heads(shapes, shapes.qkv_width, tape, "head gradients");
}

}  // namespace

void context_forward(const Shapes& shapes, TapeWriter& tape) {
  switch (shapes.context_exchange) {
    case ContextExchange::kRing:
      return ring_forward(shapes, tape);
    case ContextExchange::kAllGather:
      return gathered_forward(shapes, tape);
    case ContextExchange::kAllToAll:
      return exchanged_forward(shapes, tape);
  }
}

void context_backward(const Shapes& shapes, TapeWriter& tape) {
  switch (shapes.context_exchange) {
    case ContextExchange::kRing:
      return ring_backward(shapes, tape);
    case ContextExchange::kAllGather:
      return gathered_backward(shapes, tape);
    case ContextExchange::kAllToAll:
      return exchanged_backward(shapes, tape);
  }
}

}  // namespace orrery::decoder
