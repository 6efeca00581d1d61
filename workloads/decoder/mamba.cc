// The Mamba-2 sub-layer: norm, a product, a causal convolution, the scan, a gated norm, a product back.
//
// Law. Each column of what is scanned has a state of N numbers, which decays from token to token at its head's rate, is
// written to by the token (B) and read by it (C). In chunk form the scan is products over chunks of Q tokens. With H
// heads of P columns in G groups, T tokens take forward
//
//     2·T·Q·N·G  C·Bᵀ within a chunk    2·T·Q·P·H  those scores times what is scanned
//     2·T·N·P·H  each chunk's own state  2·T·N·P·H  C times the state that the chunk begins with
//
// and one pass over the states hands them on from chunk to chunk. Backward each product becomes two, the states and
// C·Bᵀ are formed again, and so is the convolution: of the layer only the first product's result and the scan's are
// kept. The model is counted 7·T·inner·N forward and twice that backward, as a scan token by token needs it.
//
// Tensor ranks have a share of heads and groups each, and of the convolution, and need nothing of each other.
//
// Context ranks each scan a stretch of every sequence of their own as if nothing came before it, after the rank before
// has given its last tokens to the convolution. What did come before is one state (inner·N numbers a sequence), found
// by a prefix scan over the ranks: ⌈log2 ranks⌉ times each passes on what it has to the rank 1, 2, 4, … further on, and
// adds what it receives, decayed. Products within chunks run meanwhile. Backward gradients of states go the other way.
// Stretches lie in order here; that attention may want them dealt out otherwise costs nothing.
//
// Inference keeps a state and the convolution's last tokens of each sequence. Few new tokens (fewer than half a chunk)
// are taken one by one by one kernel, which reads and writes the state once, on the vector engine; more are scanned in
// chunks, from the state that there was to the one that is left.
//
// Sources: Dao and Gu 2024 (arXiv 2405.21060), sections 6 and 8; state-spaces/mamba, mamba_split_conv1d_scan_combined
// (its kernels, what it keeps), selective_state_update; NVIDIA Megatron-LM's num_floating_point_operations.
#include <array>
#include <bit>
#include <functional>
#include <span>
#include <utility>

#include "workloads/decoder/kernels.h"
#include "workloads/decoder/linear.h"
#include "workloads/decoder/residual.h"
#include "workloads/decoder/sublayer.h"

namespace orrery::decoder {
namespace {

using step::Mark;
using step::TapeWriter;

constexpr std::int64_t kScanFlops = 7;  // FLOPs of the model a token, column and number of its state

Linear project_in(const Shapes& shapes) {
  return {.name = "mamba in",
          .in = shapes.hidden,
          .out = shapes.scan.projected,
          .fp8 = shapes.stack.fp8_products,
          .bias = shapes.model.biases};
}
Linear project_out(const Shapes& shapes) {  // its bias belongs to the join
  return {.name = "mamba out", .in = shapes.scan.inner, .out = shapes.hidden, .fp8 = shapes.stack.fp8_products};
}

std::int64_t conv_weights(const ScanShapes& scan) { return scan.conv_width * (scan.conv + 1); }
std::int64_t head_weights(const ScanShapes& scan) { return 3 * scan.heads; }  // decays, time steps' biases, skips

// Bytes of what the scan reads and makes.
Bytes scanned(const Shapes& shapes) { return shapes.bytes(shapes.tokens * shapes.scan.inner); }
Bytes write_or_read(const Shapes& shapes) {  // B or C
  return shapes.bytes(shapes.tokens * shapes.scan.groups * shapes.scan.state);
}
Bytes states(const ScanShapes& scan) { return Bytes(scan.chunks * scan.inner * scan.state * kFp32Bytes); }
Bytes scores(const ScanShapes& scan) { return Bytes(scan.chunks * scan.groups * scan.chunk * scan.chunk * kFp32Bytes); }
Bytes last_state(const Shapes& shapes) {
  return Bytes(shapes.sequences * shapes.scan.inner * shapes.scan.state * kFp32Bytes);
}
Bytes halo(const Shapes& shapes) {
  return shapes.bytes(shapes.sequences * (shapes.scan.conv - 1) * shapes.scan.conv_width);
}

// Products of m×n×k for `batch` heads or groups of every chunk. What the model is counted stands on one of them.
Kernel chunk_product(std::string name, const Shapes& shapes, std::int64_t batch, std::array<std::int64_t, 3> mnk,
                     Bytes read, Bytes written) {
  Kernel kernel = product(std::move(name), shapes, mnk[0], mnk[1], mnk[2], shapes.scan.chunks * batch);
  kernel.read = read;
  kernel.written = written;
  kernel.model_flops = FlopCount();
  return kernel;
}
Kernel counted(const Shapes& shapes, Kernel kernel, int times) {
  kernel.model_flops = FlopCount(static_cast<double>(times * kScanFlops) * static_cast<double>(shapes.tokens) *
                                 static_cast<double>(shapes.scan.inner) * static_cast<double>(shapes.scan.state));
  return kernel;
}

Kernel chunk_scores(const Shapes& shapes, const char* name) {
  const ScanShapes& scan = shapes.scan;
  return chunk_product(name, shapes, scan.groups, {scan.chunk, scan.chunk, scan.state}, write_or_read(shapes) * 2,
                       scores(scan));
}

void convolve(const Shapes& shapes, const char* name, TapeWriter& tape) {
  const std::int64_t elements = shapes.tokens * shapes.scan.conv_width;
  Kernel kernel = pass_over(name, elements, shapes.element, shapes.element);
  kernel.vector_flops = FlopCount(2.0 * static_cast<double>(elements) * static_cast<double>(shapes.scan.conv));
  tape.run(kernel);
  tape.run(pass_over("time steps", shapes.tokens * shapes.scan.heads, shapes.element, 2 * kFp32Bytes));
}

// The states that chunks begin with, as if nothing came before this rank's tokens.
void chunk_states(const Shapes& shapes, bool again, TapeWriter& tape) {
  const ScanShapes& scan = shapes.scan;
  tape.run(chunk_product(again ? "chunk states again" : "chunk states", shapes, scan.heads,
                         {scan.head_dim, scan.state, scan.chunk}, scanned(shapes) + write_or_read(shapes),
                         states(scan)));
  tape.run(stream("hand states on", states(scan), states(scan)));
}

using Work = std::function<void()>;

// A prefix scan of states over context ranks, beside work that needs none of it, in order: a piece beside each hop, all
// that are left beside the last.
void scan_over_ranks(const Shapes& shapes, std::int32_t direction, const char* name, std::span<const Work> beside,
                     TapeWriter& tape) {
  std::size_t done = 0;
  const auto hops = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(shapes.context - 1)));
  for (int hop = 0; hop < hops; ++hop) {
    const Mark passed = tape.pass_on(last_state(shapes), direction * (1 << hop), name);
    const std::size_t until = hop + 1 == hops ? beside.size() : std::min(done + 1, beside.size());
    for (; done < until; ++done) beside[done]();
    tape.wait(passed);
    tape.run(stream("add states", last_state(shapes) * 2, last_state(shapes)));
  }
  for (; done < beside.size(); ++done) beside[done]();
  if (hops > 0) tape.run(stream("begin with a state", states(shapes.scan), states(shapes.scan)));
}

void scan_forward(const Shapes& shapes, TapeWriter& tape) {
  const ScanShapes& scan = shapes.scan;
  const auto within = [&](std::string name, std::int64_t depth, Bytes read) {
    return chunk_product(std::move(name), shapes, scan.heads, {scan.chunk, scan.head_dim, depth}, read,
                         scanned(shapes));
  };
  chunk_states(shapes, false, tape);
  const Bytes by_scores = scores(scan) + scanned(shapes);
  const Bytes by_states = states(scan) + write_or_read(shapes);
  if (shapes.context == 1) {
    tape.run(chunk_scores(shapes, "chunk scores"));
    tape.run(counted(shapes, within("chunk scan", scan.chunk + scan.state, by_scores + by_states), 1));
    return;
  }
  const std::array<Work, 2> beside = {[&] { tape.run(chunk_scores(shapes, "chunk scores")); },
                                      [&] { tape.run(within("chunk scan", scan.chunk, by_scores)); }};
  scan_over_ranks(shapes, 1, "states", beside, tape);
  tape.run(counted(shapes, within("read states", scan.state, by_states + scanned(shapes)), 1));
}

void scan_backward(const Shapes& shapes, TapeWriter& tape) {
  const ScanShapes& scan = shapes.scan;
  const Bytes x = scanned(shapes);
  const Bytes b = write_or_read(shapes);
  const std::array<std::int64_t, 3> of_states{scan.chunk, scan.state, scan.head_dim};
  const std::array<std::int64_t, 3> of_scores{scan.chunk, scan.state, scan.chunk};
  const auto of_heads = [&](std::string name, std::array<std::int64_t, 3> mnk, Bytes read, Bytes written) {
    return chunk_product(std::move(name), shapes, scan.heads, mnk, read, written);
  };
  const auto of_groups = [&](std::string name) {
    return chunk_product(std::move(name), shapes, scan.groups, of_scores, scores(scan) + b * 2, b);
  };
  chunk_states(shapes, true, tape);
  if (shapes.context > 1) tape.run(stream("begin with a state", states(scan), states(scan)));
  tape.run(chunk_scores(shapes, "chunk scores again"));
  tape.run(of_heads("state gradients", {scan.head_dim, scan.state, scan.chunk}, x + b, states(scan)));
  tape.run(stream("hand state gradients on", states(scan) * 2, states(scan)));
  const std::array<Work, 3> beside = {
      [&] {
        tape.run(of_heads("chunk score gradients", {scan.chunk, scan.chunk, scan.head_dim}, x * 2, scores(scan)));
      },
      [&] {
        tape.run(of_groups("writing gradient of scores"));
        tape.run(of_groups("reading gradient of scores"));
      },
      [&] { tape.run(of_heads("reading gradient of states", of_states, x + states(scan), b)); }};
  scan_over_ranks(shapes, -1, "state gradients", beside, tape);
  tape.run(of_heads("writing gradient of states", of_states, x + states(scan), b));
  tape.run(counted(shapes,
                   of_heads("chunk scan gradient", {scan.chunk, scan.head_dim, scan.chunk + scan.state},
                            scores(scan) + x + states(scan) + b, x),
                   2));
  tape.run(pass_over("time step gradients", shapes.tokens * scan.heads, 3 * kFp32Bytes, shapes.element));
  tape.gradients_ready(head_weights(scan));
}

void convolve_backward(const Shapes& shapes, TapeWriter& tape) {
  const std::int64_t elements = shapes.tokens * shapes.scan.conv_width;
  tape.run(pass_over("convolution gradient", elements, 2 * shapes.element, shapes.element));
  Mark passed;
  if (shapes.context > 1) passed = tape.pass_on(halo(shapes), -1, "convolution halo gradient");
  if (!tape.frozen()) tape.run(pass_over("convolution weight gradient", elements, 2 * shapes.element, 0));
  tape.gradients_ready(conv_weights(shapes.scan));
  if (!passed) return;
  tape.wait(passed);
  tape.run(stream("add halo gradient", halo(shapes) * 2, halo(shapes)));
}

// New tokens behind those that the state stands for.
void scan_cached(const Shapes& shapes, TapeWriter& tape) {
  const ScanShapes& scan = shapes.scan;
  if (scan.conv > 1) tape.run(stream("keep last tokens", halo(shapes), halo(shapes)));
  if (2 * shapes.sequence >= shapes.model.mamba->chunk) {
    scan_forward(shapes, tape);
    if (shapes.cache->tokens > 0)
      tape.run(stream("begin with a state", states(scan) + last_state(shapes), states(scan)));
    tape.run(stream("keep state", last_state(shapes), last_state(shapes)));
    return;
  }
  Kernel kernel = stream("update state", last_state(shapes) + scanned(shapes) + write_or_read(shapes) * 2,
                         last_state(shapes) + scanned(shapes));
  kernel = counted(shapes, std::move(kernel), 1);
  kernel.precision = Precision::kFp32;
  kernel.vector_flops = kernel.hardware_flops = kernel.model_flops;
  tape.run(kernel);
}

void mamba_forward(const Shapes& shapes, TapeWriter& tape) {
  tape.part("mamba");
  norm_forward(shapes, shapes.product_element, tape);
  column_forward(shapes, project_in(shapes), tape);
  if (shapes.context > 1 && shapes.scan.conv > 1) tape.wait(tape.pass_on(halo(shapes), 1, "convolution halo"));
  convolve(shapes, "convolution", tape);
  if (shapes.cache) {
    scan_cached(shapes, tape);
  } else {
    scan_forward(shapes, tape);
  }
  tape.run(pass_over("gated norm", shapes.tokens * shapes.scan.inner, 2 * shapes.element, shapes.element));
  row_forward(shapes, project_out(shapes), tape);
  join_forward(shapes, tape);
}

void mamba_backward(const Shapes& shapes, TapeWriter& tape) {
  const std::int64_t inner = shapes.tokens * shapes.scan.inner;
  tape.part("mamba");
  join_backward(shapes, tape);
  row_backward(shapes, project_out(shapes), tape);
  tape.run(pass_over("gated norm gradient", inner, 3 * shapes.element, 2 * shapes.element));
  if (!tape.frozen()) tape.run(pass_over("gated norm weight gradient", inner, 2 * shapes.element, 0));
  tape.gradients_ready(shapes.scan.inner);
  convolve(shapes, "convolution again", tape);
  scan_backward(shapes, tape);
  convolve_backward(shapes, tape);
  norm_again(shapes, project_in(shapes), tape);
  column_backward(shapes, project_in(shapes), tape);
  norm_backward(shapes, true, tape);
}

Weights mamba_weights(const Shapes& shapes) {
  const ScanShapes& scan = shapes.scan;
  const std::int64_t bias = shapes.model.biases ? 1 : 0;
  Weights weights;
  weights.products = shapes.hidden * (scan.projected + scan.inner);
  weights.split = weights.products + bias * scan.projected + conv_weights(scan) + head_weights(scan) + scan.inner;
  weights.replicated = norm_weights(shapes) + bias * shapes.hidden;
  return weights;
}

// The first product's result, the scan's, and what the last product reads; what came from other context ranks.
Bytes mamba_kept(const Shapes& shapes) {
  Bytes bytes = kept_at_ends(shapes, project_in(shapes)) + shapes.bytes(shapes.tokens * shapes.scan.projected) +
                scanned(shapes) + kept_input(shapes, project_out(shapes));
  if (shapes.context > 1) bytes += last_state(shapes) + halo(shapes);
  return bytes;
}

Bytes mamba_formed_again(const Shapes& shapes) { return norm_formed_again(shapes, project_in(shapes)); }

// States and scores with their gradients.
Bytes mamba_buffers(const Shapes& shapes) {
  return shapes.bytes(2 * shapes.tokens * shapes.scan.projected) + (states(shapes.scan) + scores(shapes.scan)) * 2;
}

// However long the sequences are: a state, in fp32, and the last tokens that the convolution sees.
Bytes mamba_cached(const Shapes& shapes, std::int64_t) { return last_state(shapes) + halo(shapes); }

std::vector<Linear> mamba_linears(const Shapes& shapes) { return {project_in(shapes), project_out(shapes)}; }

const SubLayers::Entry kMamba{{"mamba",
                               "norm, a product, a causal convolution, Mamba-2's scan in chunks, a product back",
                               kMambaSymbol, &mamba_weights, &mamba_forward, &mamba_backward, &mamba_kept,
                               &mamba_formed_again, &mamba_buffers, &mamba_linears, &mamba_cached}};

}  // namespace
}  // namespace orrery::decoder
