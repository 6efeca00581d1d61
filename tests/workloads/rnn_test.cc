// LSTM layers: weights as published, FLOPs, bytes and memory by the formulas, and the wavefront's critical path.
#include <algorithm>

#include "tests/workloads/families.h"
#include "workloads/compute/kernel.h"

using namespace orrery;
using test::category;
using test::sums_of;
using test::workload_of;

namespace {

constexpr std::int64_t kH = 1024;
constexpr std::int64_t kV = 32000;

// GNMT's weights by the paper: gates over (input, state) and a bias; an embedding each way, attention, the vocabulary.
std::int64_t gnmt_weights() {
  const std::int64_t plain = 4 * kH * (2 * kH + 1);
  const std::int64_t wider = 4 * kH * (3 * kH + 1);  // above both directions, or with the context beside its input
  const std::int64_t encoder = 2 * plain + wider + 6 * plain;
  return encoder + 8 * wider + 2 * kV * kH + (2 * kH * kH + kH) + (kH + 1) * kV;
}

std::string deep(int layers, int hidden = 512) {
  return fmt::format(
      "{{family: rnn, name: deep, source: none, hidden: {}, vocab: 1000, stacks: [{{name: stack, layers: {}}}]}}",
      hidden, layers);
}

// Ends of the forward cells of each rank.
class ForwardEnd : public SpanSink {
 public:
  explicit ForwardEnd(const Program& program) : program_(&program), ends_(program.role_of_rank.size()) {}
  void span(const Span& span) override {
    const Op& op = program_->roles[program_->role_of_rank[span.rank.index()]].ops[span.op];
    if (op.kind == OpKind::kCompute && op.phase == Phase::kForward && program_->names[op.name] == "stack")
      ends_[span.rank.index()] = std::max(ends_[span.rank.index()], span.end);
  }
  [[nodiscard]] double seconds(std::size_t rank) const { return (ends_[rank] - Time()).in_seconds(); }

 private:
  const Program* program_;
  std::vector<Time> ends_;
};

}  // namespace

TEST_CASE("GNMT has the weights and FLOPs of its paper") {
  const auto net = workload_of("gnmt", "{batch: 128, sequence: 50}");
  CHECK(net->parameters() == gnmt_weights());
  // 278 M in Shazeer et al. 2017 (arXiv 1701.06538), table 2.
  CHECK(static_cast<double>(net->parameters()) == doctest::Approx(278e6).epsilon(0.02));
  CHECK(net->samples() == 128 * 50);
  // Forward of a token: cells 8h(in + h), the query, its keys once, the vocabulary; training takes three times that.
  const double cells = 8.0 * kH * (2 * 2 * kH + 3 * kH + 6 * 2 * kH + 8 * 3 * kH);
  const double forward = cells + 2.0 * 2 * kH * kH + 2.0 * kH * kV;
  const Program program = net->program(test::chip_named("a100_sxm_80gb"));
  CHECK(sums_of(program).model_flops == doctest::Approx(3 * forward * 128 * 50).epsilon(1e-12));
}

TEST_CASE("stages pass on each token's output and gradient; replicas reduce each gradient once") {
  const Chip chip = test::chip_named("a100_sxm_80gb");
  for (const int chunk : {1, 4}) {
    const auto net =
        workload_of(deep(4), fmt::format("{{data: 2, pipeline: 4, batch: 64, sequence: 16, chunk: {}}}", chunk));
    CHECK(net->chips() == 8);
    const Program program = net->program(chip);
    validate(program);
    const std::int64_t output = 2 * 32 * 16 * 512;  // 16 bits, 32 sequences, 16 tokens
    CHECK(sums_of(program, "stage 0").sent.at("pipeline") == output);
    CHECK(sums_of(program, "stage 1").sent.at("pipeline") == 2 * output);
    CHECK(sums_of(program, "stage 3").sent.at("pipeline") == output);
    CHECK(sums_of(program, "stage 3").received.at("pipeline") == output);
    const std::int64_t layer = 4 * 512 * (2 * 512 + 1);
    CHECK(sums_of(program, "stage 0").reduced.at("data") == 4 * (layer + 1000 * 512));
    CHECK(sums_of(program, "stage 2").reduced.at("data") == 4 * layer);
    CHECK(sums_of(program, "stage 3").reduced.at("data") == 4 * (layer + 1000 * 513));
    static_cast<void>(test::run_of(program, chip, test::quick_stack()));
  }
}

TEST_CASE("an encoder that a decoder attends to: the whole sequence crosses where a wave ends") {
  const Chip chip = test::chip_named("a100_sxm_80gb");
  const auto net = workload_of("gnmt", "{pipeline: 16, batch: 32, sequence: 20}");
  const Program program = net->program(chip);
  validate(program);
  const std::int64_t token = 2 * 32 * kH;
  // Stage 0 holds both directions; 7 and 8 are the last of the encoder and the first of the decoder.
  CHECK(sums_of(program, "stage 0").sent.at("pipeline") == 20 * 2 * token);
  CHECK(sums_of(program, "stage 7").sent.at("pipeline") == 20 * (token + token));
  CHECK(sums_of(program, "stage 8").sent.at("pipeline") == 20 * (2 * token + token));  // output, context; gradient
  std::size_t sends = 0;
  for (const Op& op : program.roles[7].ops) sends += op.kind == OpKind::kSend ? 1 : 0;
  CHECK(sends == 1 + 20);  // the encoder's outputs at once, gradients token by token
  static_cast<void>(test::run_of(program, chip, test::quick_stack()));
}

TEST_CASE("on L stages s tokens take s + L − 1 cells, on one stage s·L") {
  const Chip chip = test::chip_named("a100_sxm_80gb");
  const Stack stack = test::quick_stack("cuda_graphs");
  const std::int64_t tokens = 64;
  const std::int64_t layers = 8;
  const auto one = workload_of(deep(8), "{batch: 64, sequence: 64}", "cuda_graphs")->program(chip);
  ForwardEnd alone(one);
  static_cast<void>(test::run_of(one, chip, stack, "ideal", &alone));
  const auto many = workload_of(deep(8), "{pipeline: 8, batch: 64, sequence: 64}", "cuda_graphs")->program(chip);
  ForwardEnd wave(many);
  static_cast<void>(test::run_of(many, chip, stack, "ideal", &wave));

  // A cell's time, by the kernels themselves.
  const Kernel gates = stream("", Bytes(2 * 5 * 64 * 512), Bytes(2 * 6 * 64 * 512));
  const double cell =
      (cost(matrix_product("", stack.compute, 1, 64, 4 * 512, 1024), chip).duration + cost(gates, chip).duration)
          .in_seconds();
  CHECK(alone.seconds(0) >= static_cast<double>(tokens * layers) * cell);
  CHECK(alone.seconds(0) < static_cast<double>(tokens * layers) * cell * 1.02);  // beside it, looking tokens up
  const double path = static_cast<double>(tokens + layers - 1) * cell;
  CHECK(wave.seconds(7) >= path);
  // Behind each message stands its latency, once a stage and once a token at most.
  CHECK(wave.seconds(7) < path * 1.1);
}

TEST_CASE("memory of a stage: its own weights, and what its cells leave for the backward pass") {
  const Chip chip = test::chip_named("a100_sxm_80gb");
  const auto net = workload_of(deep(4), "{pipeline: 2, batch: 32, sequence: 100}");
  const MemoryUse use = net->memory(chip);
  CHECK(use.stage == 1);  // with the scores
  const std::int64_t weights = 2 * 4 * 512 * (2 * 512 + 1) + 1000 * 513;
  CHECK(category(use, "weights") == 2 * weights);
  CHECK(category(use, "optimizer") == 8 * weights);
  CHECK(category(use, "activations") == 2 * 32 * 100 * 2 * 6 * 512);
}

TEST_CASE("plans that a recurrence can't follow are refused at the key") {
  const auto said = [](const std::string& plan) {
    return test::input_error([&] { return workload_of("gnmt", plan); });
  };
  CHECK(said("{pipeline: 3, batch: 64, sequence: 50}").find("16 layers can't be dealt out evenly to 3") !=
        std::string::npos);
  CHECK(said("{pipeline: 4, batch: 64, sequence: 50, chunk: 7}").find("50 tokens don't fall into chunks of 7") !=
        std::string::npos);
  CHECK(said("{batch: 64}").find("sequence") != std::string::npos);
}
